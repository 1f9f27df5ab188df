"""Fairness 公平性: does the estimate serve some groups worse than others, or tell less of the truth about them?

Two questions of every protected group. Are its customers *chosen* as often: the share of the group in
the best fifth, over the share of the largest group, with an interval. And is the estimate *true* of
it: what happened over what was said. A ratio far from 1 is a question for people, not yet an answer:
groups may differ in need. It is measured on rows that the estimator had not seen.

Sources: Katz et al. (1978), Biometrics 34 (interval of a ratio of shares); Uniform Guidelines on Employee
Selection Procedures (1978), 29 CFR 1607.4 (four fifths).
"""

from itertools import pairwise
from statistics import NormalDist
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.columns import declared_kind, read_kind
from vostro.words import Text

__all__ = ["GroupFairness", "GroupRow", "Ratio", "group_fairness", "rate_ratio"]

Floats = npt.NDArray[np.float64]

BEST = 0.2  # share of the rows that count as chosen
ROWS_LEAST = 30  # of a group, to be judged
FOUR_FIFTHS = 0.8
GROUPS_MOST = 12  # the smaller ones are one group
BANDS = 4  # of a number
UNKNOWN = "–"
_Z = NormalDist().inv_cdf(0.975)


class Ratio(msgspec.Struct, frozen=True):
    """A ratio with its 95 % interval; None where nothing can be said."""

    value: float | None
    low: float | None = None
    high: float | None = None


class GroupRow(msgspec.Struct, frozen=True, kw_only=True):
    """One group."""

    group: str
    rows: int
    chosen: float  # share in the best fifth
    ratio: Ratio  # of that share to the reference group's
    predicted: float  # mean of what was said
    observed: float | None  # mean of what happened
    calibration: Ratio  # observed / predicted


class GroupFairness(msgspec.Struct, frozen=True, kw_only=True):
    """The groups of one protected tag."""

    tag: str
    name: Text
    reference: str  # the largest group
    parity: float | None  # least share chosen over greatest, of groups that can be judged
    verdict: Literal["ok", "look", "too_few"]
    groups: tuple[GroupRow, ...]  # largest first


def group_fairness(
    observed: Floats | None, predicted: Floats, groups: pl.Series, *, name: Text | None = None
) -> GroupFairness:
    """Compare how groups are chosen, and how true the estimate is of each.

    Args:
        observed: shape (n,), 0 or 1 (or an amount); None where no row alone shows it, as of uplift.
        predicted: shape (n,), finite.
        groups: shape (n,), the protected tag: words and yes-or-no as they are, numbers in four bands of
            equal count; unknown is a group of its own.
        name: the tag's.

    >>> happened = np.tile([1.0, 0.0], 50)
    >>> found = group_fairness(happened, np.linspace(0, 1, 100), pl.Series("g", ["a"] * 50 + ["b"] * 50))
    >>> found.groups[0].chosen, found.groups[1].chosen, found.parity, found.verdict
    (0.0, 0.4, 0.0, 'look')
    """
    chosen = chosen_best(predicted)
    labels = _labels(groups)
    sizes = labels.value_counts(sort=False, name="count").sort(
        ["count", labels.name], descending=[True, False]
    )
    order = sizes[labels.name].to_list()
    masks = {label: (labels == label).to_numpy() for label in order}
    reference = order[0] if order else UNKNOWN
    rows = tuple(_row(label, masks[label], masks[reference], chosen, observed, predicted) for label in order)
    judged = [row for row in rows if row.rows >= ROWS_LEAST]
    return GroupFairness(
        tag=groups.name,
        name=name or Text(groups.name, groups.name),
        reference=reference,
        parity=_parity([row.chosen for row in judged]),
        verdict=_verdict(judged),
        groups=rows,
    )


def chosen_best(predicted: Floats) -> Floats:
    """Return how much of each row is in the best fifth, shape (n,): rows with one prediction share it."""
    size = len(predicted)
    if not size:
        return np.zeros(0)
    _, place, counts = np.unique(-predicted, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    inside = np.clip(BEST * size - (ends - counts), 0, counts) / counts
    return np.asarray(inside[place], dtype=np.float64)


def rate_ratio(hits: float, rows: float, hits_reference: float, rows_reference: float) -> Ratio:
    """Return the ratio of two shares with its interval on the logarithm (Katz); counts may be parts.

    >>> found = rate_ratio(20, 100, 40, 100)
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
    (0.5, 0.316, 0.792)
    """
    if not rows or not rows_reference or not hits_reference:
        return Ratio(None)
    share, other = hits / rows, hits_reference / rows_reference
    if not hits:
        return Ratio(0.0, 0.0, min(1.0, 3 / rows) / other)  # rule of three
    error = np.sqrt(max(0.0, 1 / hits - 1 / rows + 1 / hits_reference - 1 / rows_reference))
    value = share / other
    return Ratio(float(value), float(value * np.exp(-_Z * error)), float(value * np.exp(_Z * error)))


def _row(
    label: str,
    mask: npt.NDArray[np.bool_],
    reference: npt.NDArray[np.bool_],
    chosen: Floats,
    observed: Floats | None,
    predicted: Floats,
) -> GroupRow:
    rows, hits = int(mask.sum()), float(chosen[mask].sum())
    ratio = rate_ratio(hits, rows, float(chosen[reference].sum()), int(reference.sum()))
    return GroupRow(
        group=label,
        rows=rows,
        chosen=hits / rows,
        ratio=Ratio(1.0) if (mask == reference).all() else ratio,
        predicted=float(predicted[mask].mean()),
        observed=None if observed is None else float(observed[mask].mean()),
        calibration=Ratio(None) if observed is None else _calibration(observed[mask], predicted[mask]),
    )


def _calibration(observed: Floats, predicted: Floats) -> Ratio:
    """Return what happened over what was said; the interval takes what was said as given."""
    said = float(predicted.sum())
    if said <= 0 or len(observed) < 2:
        return Ratio(None)
    error = float(np.sqrt(len(observed) * np.var(observed - predicted, ddof=1)))
    value = float(observed.sum()) / said
    return Ratio(value, max(0.0, value - _Z * error / said), value + _Z * error / said)


def _parity(shares: list[float]) -> float | None:
    return min(shares) / max(shares) if shares and max(shares) > 0 else None


def _verdict(rows: list[GroupRow]) -> Literal["ok", "look", "too_few"]:
    """Look where a ratio is surely beyond four fifths, or an estimate surely untrue of a group by a fifth."""
    if len(rows) < 2:
        return "too_few"
    for row in rows:
        for ratio in (row.ratio, row.calibration):
            if ratio.low is None or ratio.high is None:
                continue
            if ratio.high < FOUR_FIFTHS or ratio.low > 1 / FOUR_FIFTHS:
                return "look"
    return "ok"


def _labels(groups: pl.Series) -> pl.Series:
    """Return each row's group as text: numbers and moments in bands, small levels together."""
    kind = declared_kind(groups)
    if kind in ("number", "moment"):
        return _bands(read_kind(groups.to_frame(), groups.name, kind).fill_nan(None))
    words = groups.cast(pl.String).fill_null(UNKNOWN)
    counts = words.value_counts(sort=True, name="count")
    if counts.height <= GROUPS_MOST:
        return words
    kept = counts[words.name].head(GROUPS_MOST - 1)
    return words.set(~words.is_in(kept.implode()), "…")


def _bands(values: pl.Series) -> pl.Series:
    known = values.drop_nulls().to_numpy()
    cuts = (
        np.unique(np.quantile(known, np.linspace(0, 1, BANDS + 1)[1:-1], method="lower"))
        if len(known)
        else known
    )
    edges = [f"{cut:g}" for cut in cuts]
    between = [f"{low} – {high}" for low, high in pairwise(edges)]
    words = [f"≤ {edges[0]}", *between, f"> {edges[-1]}"] if edges else ["*"]
    band = np.searchsorted(cuts, values.fill_null(0.0).to_numpy(), side="left")
    named = pl.Series(values.name, np.array(words, dtype=object)[band].tolist(), dtype=pl.String)
    return named.set(values.is_null(), UNKNOWN)
