"""Clocks 时钟列: does a column tell the time rather than the customer?

Euribor, an index of prices or a date are the same for everybody who is called that day. Over the
years such a *level* runs through values that never return, so what was learnt at one level says
nothing of the next one; it only lets a model remember when a row was. A month or a weekday is
also the same for all, but it *returns*. Customers' own columns differ from row to row.

Rows in order of time tell them apart, without any outcome: how different are two neighbours,
measured against two rows drawn from the same stretch of time? The ratio is von Neumann's (1941,
Annals of Mathematical Statistics 12), with absolute differences of ranks so that no scale and
no outlier matters, and taken within stretches so that a slow change of the customers who are
called does not count as a clock.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.columns import Kind, read_kind

__all__ = ["CLOCK", "Role", "role_of", "roughness"]

Role = Literal["customer", "season", "level", "constant"]

# Neighbours that differ less than a quarter as much as strangers share a clock. A column of
# customers stands near 1, a column that changes once a day near (days / rows), so near 0.
CLOCK = 0.25


def role_of(frame: pl.DataFrame, name: str, kind: Kind, *, stretch: int) -> Role:
    """Return what a column tells: ``customer``, ``season`` (returns), ``level`` (does not), or nothing.

    Args:
        frame: shape (n, columns), rows in order of time.
        name: of the column.
        kind: of the column; numbers and moments are levels when they tell the time, texts and
            booleans are seasons.
        stretch: rows; neighbours are measured against rows within so many.
    """
    values = _places(read_kind(frame, name, kind))
    if len(values) == 0 or (values == values[0]).all():
        return "constant"
    if roughness(values, stretch=stretch, ordered=kind in ("number", "moment")) >= CLOCK:
        return "customer"
    return "level" if kind in ("number", "moment") else "season"


def roughness(values: npt.NDArray[np.float64], *, stretch: int, ordered: bool) -> float:
    """Return how different neighbours are, relative to two rows of the same stretch of time.

    Args:
        values: shape (n,), finite, in order of time.
        stretch: rows in a stretch, at least 2.
        ordered: differences count by size; otherwise only whether two values differ.

    Returns:
        About 1 when neighbours are strangers, 0 when they are alike; 0 when nothing varies within
        any stretch.

    >>> round(roughness(np.repeat([1.0, 2.0, 3.0], 100), stretch=300, ordered=True), 2)
    0.01
    """
    near, far = 0.0, 0.0
    for start in range(0, len(values), stretch):
        part = values[start : start + stretch]
        if ordered:
            near += float(np.abs(np.diff(part)).sum())
            far += len(part) * _mean_difference(part)
        else:
            near += float(np.count_nonzero(np.diff(part)))
            shares = np.unique(part, return_counts=True)[1] / len(part)
            far += len(part) * float(1 - (shares**2).sum())
    return near / far if far > 0 else 0.0


def _mean_difference(part: npt.NDArray[np.float64]) -> float:
    """Mean absolute difference of two rows drawn with replacement (Gini)."""
    count = len(part)
    places = 2 * np.arange(1, count + 1) - count - 1
    return float(2 * (places * np.sort(part)).sum() / count**2)


def _places(series: pl.Series) -> npt.NDArray[np.float64]:
    """Mid-ranks; a missing value has the place of its own, below all."""
    known = series.fill_nan(None) if series.dtype.is_float() else series
    ranked = known.rank("average").to_numpy()
    return np.where(np.isnan(ranked), 0.0, ranked).astype(np.float64)
