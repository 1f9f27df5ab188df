"""Factors 隐因子: implicit alternating least squares, whose customers are solved when they are asked for.

Item factors are learnt by the library ``implicit`` from a sample of customers; any customer's factors
follow from his holdings by one small linear system, so that the file keeps no customer.

Source: Hu, Koren and Volinsky (2008), "Collaborative Filtering for Implicit Feedback Datasets", ICDM.
"""

import os
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt

from vostro.insight.recommend.coding import Sparse
from vostro.insight.recommend.errors import ExtraMissingError
from vostro.insight.recommend.kernels import compiled

__all__ = ["can_factor", "customer_scores", "learn_factors", "some_rows"]

Floats = npt.NDArray[np.float64]
Weights = npt.NDArray[np.float32]
BLOCK_ROWS = 8_192
ROUNDS = 15


def can_factor() -> bool:
    """Tell whether the extra is installed."""
    return find_spec("implicit") is not None


def learn_factors(held: Sparse, *, factors: int, penalty: float, confidence: float, seed: int) -> Weights:
    """Return item factors, shape (items, factors), the same for the same seed.

    Args:
        held: the holdings of the customers to learn from.
        factors: how many.
        penalty: of the squares of all factors.
        confidence: how much more a holding counts than none.
        seed: of the start.

    Raises:
        ExtraMissingError: ``implicit`` is not installed.
    """
    if not can_factor():
        raise ExtraMissingError(what="als", library="implicit", extra="recommend")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # implicit has threads of its own
    from implicit.cpu.als import AlternatingLeastSquares  # type: ignore[import-untyped]
    from scipy.sparse import csr_matrix

    data = held.weights if len(held.weights) else np.ones(len(held.items), dtype=np.float32)
    matrix = csr_matrix((data, held.items, held.starts), shape=(held.rows, held.columns))
    model = AlternatingLeastSquares(
        factors=factors,
        regularization=penalty,
        alpha=confidence,
        iterations=ROUNDS,
        random_state=seed,
        num_threads=1,
    )
    model.fit(matrix, show_progress=False)
    return np.asarray(model.item_factors, dtype=np.float32)


def customer_scores(held: Sparse, items: Weights, *, penalty: float, confidence: float) -> Weights:
    """Return the score of every item for each customer, shape (customers, items)."""
    base = items.T.astype(np.float64) @ items + penalty * np.eye(items.shape[1])
    scores = np.empty((held.rows, held.columns), dtype=np.float32)
    for begin in range(0, held.rows, BLOCK_ROWS):
        end = min(held.rows, begin + BLOCK_ROWS)
        left, right = _normal(
            held.starts[begin : end + 1], held.items, held.weights, items.astype(np.float64), base, confidence
        )
        scores[begin:end] = np.linalg.solve(left, right[:, :, None])[:, :, 0] @ items.T
    return scores


def some_rows(held: Sparse, rows: npt.NDArray[np.int64]) -> Sparse:
    """Return the holdings of some customers, in the order of ``rows``."""
    sizes = held.starts[rows + 1] - held.starts[rows]
    starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)])
    places = np.repeat(held.starts[rows] - starts[:-1], sizes) + np.arange(starts[-1])
    weights = held.weights[places] if len(held.weights) else held.weights
    return Sparse(starts, held.items[places], weights, held.columns)


@compiled
def _normal(starts: Any, items: Any, weights: Any, factors: Any, base: Any, confidence: float) -> Any:
    """The normal equations of each customer."""
    rows, width = len(starts) - 1, factors.shape[1]
    left = np.empty((rows, width, width))
    right = np.zeros((rows, width))
    for row in range(rows):
        left[row] = base
        for i in range(starts[row], starts[row + 1]):
            held = confidence * (weights[i] if len(weights) else 1.0)
            line = factors[items[i]]
            for a in range(width):
                right[row, a] += held * line[a]
                for b in range(width):
                    left[row, a, b] += (held - 1.0) * line[a] * line[b]
    return left, right
