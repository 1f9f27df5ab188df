"""Bins 分箱: into which few ranges, with edges one can read, do numbers fall?"""

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from vostro.words import Text

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BINS_MAX", "bins_of_counts", "numeric_bins"]

BINS_MAX = 8
_SLACK = 1 / 40  # of the customers: how far an edge may be from its quantile to be rounder
_POWER_MAX = 300


def numeric_bins(
    numbers: "NDArray[np.float64]", *, whole: bool, thousands: str = ","
) -> "tuple[list[str | Text], NDArray[np.intp]]":
    """Put numbers into at most eight bins of about equal size.

    Args:
        numbers: shape (n,), finite, n > 0.
        whole: whether they are whole numbers: then a range is said with both its ends.
        thousands: what groups digits in labels; "" for years.

    Returns:
        The labels in order, and the index of each number's bin, shape (n,). A bin holds its lower edge.

    >>> numeric_bins(np.array([1.0, 2.0, 2.0]), whole=True)
    (['1', '2'], array([0, 1, 1]))
    """
    distinct, counts = np.unique(numbers, return_counts=True)
    labels, starts = bins_of_counts(distinct, counts, whole=whole, thousands=thousands)
    return labels, np.searchsorted(starts, numbers, side="right")


def bins_of_counts(
    distinct: "NDArray[np.float64]", counts: "NDArray[np.int64]", *, whole: bool, thousands: str = ","
) -> "tuple[list[str | Text], NDArray[np.float64]]":
    """Make the bins of ``numeric_bins`` from how often each number occurs.

    Args:
        distinct: shape (k,), finite, ascending, k > 0.
        counts: shape (k,), above 0.
        whole: see ``numeric_bins``.
        thousands: see ``numeric_bins``.

    Returns:
        The labels in order, and where each bin but the first begins, shape (bins - 1,).
    """
    if len(distinct) <= BINS_MAX and (whole or len(distinct) <= 3):
        return [_say(float(value), thousands) for value in distinct], distinct[1:]
    edges = _edges(distinct, counts)
    return _labels(edges, whole, thousands), edges


def _edges(distinct: "NDArray[np.float64]", counts: "NDArray[np.int64]") -> "NDArray[np.float64]":
    """Return inner edges near the quantiles: the roundest number that splits about as well.

    An edge may lie anywhere in the gap below a quantile's value and split the same; and it may be one
    fortieth of the customers away.
    """
    shares = np.arange(1, BINS_MAX) / BINS_MAX
    below_or_at = np.cumsum(counts)
    places = [
        np.searchsorted(below_or_at, np.rint((below_or_at[-1] - 1) * each), side="right")
        for each in (shares - _SLACK, shares + _SLACK)
    ]
    lows, highs = distinct[places[0]], distinct[places[1]]
    below = distinct[np.maximum(np.searchsorted(distinct, lows) - 1, 0)]
    pairs = zip(below.tolist(), highs.tolist(), strict=True)
    edges = np.unique([_roundest(low, high) for low, high in pairs if low < high])
    # Many equal numbers (a pile at zero) leave no edge inside: split the lowest value from the rest.
    return edges if len(edges) else distinct[1:2]


def _roundest(low: float, high: float) -> float:
    """Return the number above ``low`` and up to ``high`` that is a multiple of the largest round step.

    >>> _roundest(29.0, 31.0), _roundest(4.76, 4.957)
    (30.0, 4.8)
    """
    if low < 0 <= high:
        return 0.0
    power = math.floor(math.log10(max(abs(low), abs(high)))) + 1
    while power >= -_POWER_MAX:
        for factor in (10, 5, 2):
            # Below 1, divide by a whole number: 3 x 0.1 is not 0.3, but 3 / 10 is.
            times, parts = (factor * 10.0 ** (power - 1), 1.0) if power > 0 else (factor, 10.0 ** (1 - power))
            edge = math.floor(high * parts / times) * times / parts
            if low < edge <= high:
                return edge
        power -= 1
    return high


def _labels(edges: "NDArray[np.float64]", whole: bool, thousands: str) -> "list[str | Text]":
    first, last = _say(float(edges[0]), thousands), _say(float(edges[-1]), thousands)
    labels: list[str | Text] = [Text(en=f"under {first}", zh=f"低于 {first}")]
    for low, high in pairwise(edges):
        if whole and high - 1 == low:
            labels.append(_say(float(low), thousands))
        else:
            labels.append(
                f"{_say(float(low), thousands)} – {_say(float(high - 1 if whole else high), thousands)}"
            )
    return [*labels, Text(en=f"{last} and over", zh=f"{last} 及以上")]


def _say(value: float, thousands: str) -> str:
    said = f"{int(value):,}" if value == int(value) and abs(value) < 1e15 else f"{value:,.10g}"
    return said.replace(",", thousands)
