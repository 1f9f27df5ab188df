"""Bins 分箱: into which few ranges, with edges one can read, do numbers fall?"""

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from vostro.words import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BINS_MAX", "numeric_bins"]

BINS_MAX = 8


def numeric_bins(
    numbers: "NDArray[np.float64]", *, whole: bool
) -> "tuple[list[str | Text], NDArray[np.intp]]":
    """Put numbers into at most eight bins of about equal size.

    Args:
        numbers: shape (n,), finite, n > 0.
        whole: whether they are whole numbers: then a range is said with both its ends.

    Returns:
        The labels in order, and the index of each number's bin, shape (n,). A bin holds its lower edge.

    >>> numeric_bins(np.array([1.0, 2.0, 2.0]), whole=True)
    (['1', '2'], array([0, 1, 1]))
    """
    distinct = np.unique(numbers)
    if len(distinct) <= BINS_MAX and (whole or len(distinct) <= 3):
        return [_say(float(value)) for value in distinct], np.searchsorted(distinct, numbers)
    edges = _edges(numbers, distinct)
    return _labels(edges, whole), np.searchsorted(edges, numbers, side="right")


def _edges(numbers: "NDArray[np.float64]", distinct: "NDArray[np.float64]") -> "NDArray[np.float64]":
    """Return inner edges near the quantiles, rounded as far as keeps the bins apart."""
    quantiles = np.quantile(numbers, np.arange(1, BINS_MAX) / BINS_MAX, method="nearest")
    low, high = np.quantile(numbers, [0.05, 0.95], method="nearest")
    spread = float(high - low) or float(distinct[-1] - distinct[0])
    rounded = np.unique([_rounded(float(value), spread) for value in quantiles])
    inner = rounded[(rounded > distinct[0]) & (rounded <= distinct[-1])]
    # Many equal numbers (a pile at zero) leave no edge inside: split the lowest value from the rest.
    return inner if len(inner) else distinct[1:2]


def _rounded(value: float, spread: float) -> float:
    """Round to a step of 1, 2 or 5 times a power of ten, about a twentieth of the spread."""
    aim = spread / 20
    power = math.floor(math.log10(aim))
    factor = max(step for step in (1, 2, 5) if step * 10.0**power <= aim * 1.0000001)
    # In whole steps first: 3 x 0.1 is not 0.3, but 3 / 10 is.
    if power < 0:
        return round(value * 10.0**-power / factor) * factor / 10.0**-power
    return float(round(value / (factor * 10**power)) * factor * 10**power)


def _labels(edges: "NDArray[np.float64]", whole: bool) -> "list[str | Text]":
    first, last = _say(float(edges[0])), _say(float(edges[-1]))
    labels: list[str | Text] = [Text(en=f"under {first}", zh=f"{first} 以下")]
    for low, high in pairwise(edges):
        if whole and high - 1 == low:
            labels.append(_say(float(low)))
        else:
            labels.append(f"{_say(float(low))} – {_say(float(high - 1 if whole else high))}")
    return [*labels, Text(en=f"{last} and over", zh=f"{last} 及以上")]


def _say(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.10g}"
