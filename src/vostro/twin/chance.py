"""Chance 随机: how does all randomness of the twin come from one seed?

Every subject (people, luck, dirt ...) has a stream of its own, named by a word. A later
version that adds a subject does not change the draws of the others.
"""

import zlib
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["BoolArray", "FloatArray", "IntArray", "pick", "pick_by_row", "sigmoid", "stream"]

BoolArray = npt.NDArray[np.bool_]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


def stream(seed: int, subject: str, *draw: int) -> np.random.Generator:
    """Return the generator of one subject; ``draw`` numbers repeated goes at it.

    >>> first, again = stream(7, "luck", 0), stream(7, "luck", 0)
    >>> bool(first.random() == again.random())
    True
    """
    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(subject.encode()), *draw]))


def sigmoid(log_odds: npt.NDArray[Any]) -> FloatArray:
    """Return probabilities for log-odds, of the same shape.

    >>> float(sigmoid(np.array([0.0]))[0])
    0.5
    """
    probability: FloatArray = 1.0 / (1.0 + np.exp(-log_odds))
    return probability


def pick(generator: np.random.Generator, shares: tuple[float, ...], count: int) -> IntArray:
    """Draw ``count`` codes 0..len(shares)-1, code i with a chance in proportion to ``shares[i]``."""
    edges = np.cumsum(shares) / np.sum(shares)
    return np.minimum(np.searchsorted(edges, generator.random(count)), len(shares) - 1)


def pick_by_row(generator: np.random.Generator, shares: FloatArray, row: IntArray) -> IntArray:
    """Draw one code for each customer, with the shares of that customer's row.

    Args:
        generator: where the chance comes from.
        shares: shape (n_rows, n_codes), not negative; each row has a positive sum.
        row: shape (n_customers,), 0..n_rows-1.
    """
    edges = np.cumsum(shares, axis=1) / np.sum(shares, axis=1, keepdims=True)
    draw = generator.random(row.size)
    codes = np.zeros(row.size, dtype=np.int64)
    for code in range(shares.shape[1] - 1):  # over the few codes, never over customers
        codes += draw > edges[row, code]
    return codes
