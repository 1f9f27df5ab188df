"""Bins of a scorecard 评分卡分箱: which attributes of a column carry points, and what is each worth?

Code 0 is a missing value and code 1 a rare or never seen text: bins of their own. Then come the special
values that were declared (such as -999, "no bureau file"), each its own bin, then the ordered bins of the
numbers or of the levels sorted by bad rate. The weight of evidence (WOE) of a bin is the logarithm of its
share of the good customers over its share of the bad ones: above 0 is safer than all customers.
A bin is drawn to 0 as if 20 average customers stood in it, so that a handful of rows says little.

Source: Siddiqi (2017), "Intelligent Credit Scoring", 2nd edition, chapter 10.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.columns import Kind, declared_kind, read_kind
from vostro.insight.outcomes import require
from vostro.insight.scorecard.errors import ScorecardChoiceError

__all__ = ["FIRST", "MISSING", "OTHER", "BinnedFeature", "Limits", "Special", "Trend", "learn_feature"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
Special = float | str
Trend = Literal["auto", "increasing", "decreasing", "peak", "valley", "none"]

MISSING, OTHER, FIRST = 0, 1, 2
PREBINS = 64  # of a number: more add little information and cost the cube of their count
LEVELS_MOST = 64  # of a text that may have a place of their own
LEVEL_ROWS_LEAST = 20  # rows; a level with fewer is rare (in frames under 400 rows: a twentieth of the rows)
SHRINK_ROWS = 20.0  # rows
TINY = 1e-300  # rows; keeps an empty bin from dividing by 0


class Limits(msgspec.Struct, frozen=True):
    """What a bin, and a column, must be to stand in a scorecard."""

    share_least: float = 0.02  # of all rows, in an ordered bin
    bins_most: int = 12  # ordered bins of a column
    z_least: float = 2.0  # standard errors by which neighbouring bad rates differ
    iv_least: float = 0.005  # nats; a column with less says too little
    p_most: float = 0.05  # of a column beside the others


class BinnedFeature(msgspec.Struct, frozen=True):
    """A source column, its bins, and what was counted in them when they were learnt."""

    name: str
    kind: Kind
    trend: str
    edges: tuple[float, ...] = ()  # a number's bin ends with its edge, which belongs to it
    levels: dict[str, int] = {}  # level of a text -> code
    special: tuple[Special, ...] = ()
    rows: tuple[float, ...] = ()  # by code; sums of weights
    bads: tuple[float, ...] = ()  # by code
    woe: tuple[float, ...] = ()  # by code; 0 where there were no rows
    iv: tuple[float, ...] = ()  # by code, nats

    @property
    def information(self) -> float:
        """Information value of all bins, in nats."""
        return float(sum(self.iv))

    @property
    def noise(self) -> float:
        """Information value that a column of no use has in 1 of 20 samples of this size, in nats.

        The information value times goods x bads / rows is about a chi-square. A number whose cuts were chosen
        for it counts as 4 free choices (the best of all cuts exceeds 9.5 in 1 of 20: Miller and Siegmund 1982,
        Biometrics 38), a text as many as it has further levels, every bin of its own as one.
        """
        from scipy.stats import chi2

        own = FIRST + len(self.special)
        free = 4 if self.kind != "text" else max(len(self.levels) - len(self.special) - 1, 1)
        free += sum(size > 0 for size in self.rows[:own])
        rows, bads = sum(self.rows), sum(self.bads)
        return float(chi2.ppf(0.95, free)) * rows / max(bads * (rows - bads), TINY)

    def codes(self, frame: pl.DataFrame) -> Codes:
        """Return the bin of each row, shape (n,), in 0 .. len(woe) - 1.

        Raises:
            FeatureMissingError, FeatureTypeError: the column is not there, or is of another kind.
        """
        if self.kind == "text":
            return _text_codes(read_kind(frame, self.name, "text"), self.levels)
        return _number_codes(_numbers(frame, self.name, self.kind), self.edges, self.special)


def learn_feature(
    frame: pl.DataFrame,
    name: str,
    bad: Floats,
    weight: Floats,
    *,
    limits: Limits,
    trend: Trend = "auto",
    special: Sequence[Special] = (),
) -> BinnedFeature:
    """Learn the bins of a column.

    Args:
        frame: shape (n, columns).
        name: of the column.
        bad: shape (n,), 0 or 1.
        weight: shape (n,), rows that a row stands for.
        limits: of the bins.
        trend: of the bad rate along a number; texts are sorted by it.
        special: values that are bins of their own.

    Raises:
        FeatureTypeError: the column's kind is no feature.
    """
    kind = declared_kind(require(frame, name)) or "number"
    if kind == "text":
        words = tuple(str(each) for each in special)
        texts = read_kind(frame, name, "text")
        levels = _learn_levels(texts, bad, weight, limits, words)
        size = max([*levels.values(), FIRST + len(words) - 1]) + 1
        rows, bads = _count(_text_codes(texts, levels), bad, weight, size)
        return _described(BinnedFeature(name, kind, "by rate", levels=levels, special=words), rows, bads)
    own = _special_numbers(name, special)
    values = _numbers(frame, name, kind)
    edges = _learn_edges(values, bad, weight, limits, trend, own)
    rows, bads = _count(_number_codes(values, edges, own), bad, weight, FIRST + len(own) + len(edges) + 1)
    said = _direction((bads / np.maximum(rows, TINY))[FIRST + len(own) :]) if trend == "auto" else trend
    return _described(BinnedFeature(name, kind, said, edges=edges, special=own), rows, bads)


def _described(feature: BinnedFeature, rows: Floats, bads: Floats) -> BinnedFeature:
    """Return the feature with what was counted in its bins."""
    woe, iv = _evidence(rows, bads)
    rows_, bads_, woe_, iv_ = (tuple(each.tolist()) for each in (rows, bads, woe, iv))
    return msgspec.structs.replace(feature, rows=rows_, bads=bads_, woe=woe_, iv=iv_)


def _learn_edges(
    values: Floats, bad: Floats, weight: Floats, limits: Limits, trend: Trend, special: tuple[float, ...]
) -> tuple[float, ...]:
    """Return the upper edges of all ordered bins but the last, ascending."""
    from vostro.insight.scorecard.optimal import best_bins

    known = ~(np.isnan(values) | np.isin(values, special))
    if not known.any():
        return ()
    sorted_values = np.sort(values[known])
    cuts = _prebin_edges(sorted_values)
    place = np.searchsorted(cuts, values[known], side="left")
    rows, bads = _count(place, bad[known], weight[known], len(cuts) + 1)
    ends = best_bins(
        rows - bads,
        bads,
        trend=trend,
        rows_least=limits.share_least * float(weight.sum()),
        bins_most=limits.bins_most,
        z_least=limits.z_least,
        totals=_totals(bad, weight),
    )
    return tuple(cuts[ends[:-1]].tolist())


def _prebin_edges(ordered: Floats) -> Floats:
    """Return where prebins end: every distinct value when they are few, else the 64 quantiles."""
    places = np.linspace(0, len(ordered) - 1, PREBINS + 1).round().astype(np.intp)[1:]
    distinct = np.unique(ordered[:: max(1, len(ordered) // 5000)])  # a look before the full count
    if len(distinct) <= PREBINS:
        distinct = np.unique(ordered)
    edges = distinct if len(distinct) <= PREBINS else np.unique(ordered[places])
    return np.asarray(edges[edges < ordered[-1]], dtype=np.float64)


def _learn_levels(
    texts: pl.Series, bad: Floats, weight: Floats, limits: Limits, special: tuple[str, ...]
) -> dict[str, int]:
    """Return the code of each frequent level; the rare ones have none."""
    from vostro.insight.scorecard.optimal import best_bins

    least = min(LEVEL_ROWS_LEAST, max(2, len(texts) // 20))
    table = (
        pl.DataFrame({"level": texts, "rows": weight, "bads": weight * bad})
        .filter(pl.col("level").is_not_null() & ~pl.col("level").is_in(list(special)))
        .group_by("level")
        .agg(pl.len().alias("count"), pl.col("rows", "bads").sum())
        .filter(pl.col("count") >= least)
        .sort(["count", "level"], descending=[True, False])
        .head(LEVELS_MOST)
    )
    average = float(np.average(bad, weights=weight))
    shrunk = (pl.col("bads") + SHRINK_ROWS * average) / (pl.col("rows") + SHRINK_ROWS)
    ranked = table.with_columns(shrunk.round(12).alias("rate")).sort(["rate", "level"])
    levels = {level: FIRST + i for i, level in enumerate(special)}
    if ranked.is_empty():
        return levels
    rows, bads = (ranked[name].to_numpy().astype(np.float64) for name in ("rows", "bads"))
    ends = best_bins(
        rows - bads,
        bads,
        trend="increasing",
        rows_least=limits.share_least * float(weight.sum()),
        bins_most=limits.bins_most,
        z_least=limits.z_least,
        totals=_totals(bad, weight),
    )
    place = np.searchsorted(ends, np.arange(len(rows)), side="left") + FIRST + len(special)
    return levels | dict(zip(ranked["level"].to_list(), place.tolist(), strict=True))


def _evidence(rows: Floats, bads: Floats) -> tuple[Floats, Floats]:
    """Return WOE and information of each bin, shapes (bins,); empty bins have 0."""
    good, bad = float((rows - bads).sum()), float(bads.sum())
    rate = bad / (good + bad)
    share_good = (rows - bads + SHRINK_ROWS * (1 - rate)) / good
    share_bad = (bads + SHRINK_ROWS * rate) / bad
    woe = np.log(share_good / share_bad)
    woe = np.where(rows > 0, woe, 0.0)
    return woe, ((rows - bads) / good - bads / bad) * woe


def _count(codes: Codes, bad: Floats, weight: Floats, size: int) -> tuple[Floats, Floats]:
    """Return rows and bad rows of each bin, shapes (size,)."""
    rows = np.bincount(codes, weights=weight, minlength=size)
    bads = np.bincount(codes, weights=weight * bad, minlength=size)
    return rows.astype(np.float64), bads.astype(np.float64)


def _totals(bad: Floats, weight: Floats) -> tuple[float, float]:
    bads = float(weight @ bad)
    return float(weight.sum()) - bads, bads


def _direction(rate: Floats) -> str:
    if len(rate) < 2:
        return "flat"
    return "increasing" if rate[-1] > rate[0] else "decreasing"


def _special_numbers(name: str, special: Sequence[Special]) -> tuple[float, ...]:
    try:
        return tuple(float(each) for each in special)
    except (TypeError, ValueError) as error:
        setting = f"special['{name}']"
        raise ScorecardChoiceError(setting=setting, found=list(special), wanted="numbers") from error


def _numbers(frame: pl.DataFrame, name: str, kind: Kind) -> Floats:
    """Return a column that is no text, shape (n,); missing and infinite are NaN."""
    values = read_kind(frame, name, kind).to_numpy()
    return np.where(np.isfinite(values), values, np.nan).astype(np.float64)


def _number_codes(values: Floats, edges: Sequence[float], special: Sequence[Special]) -> Codes:
    codes = FIRST + len(special) + np.searchsorted(np.asarray(edges), values, side="left")
    for i, each in enumerate(special):
        codes = np.where(values == each, FIRST + i, codes)
    return np.where(np.isnan(values), MISSING, codes).astype(np.intp)


def _text_codes(texts: pl.Series, levels: dict[str, int]) -> Codes:
    if not levels:
        return np.where(texts.is_null().to_numpy(), MISSING, OTHER).astype(np.intp)
    found = texts.replace_strict(levels, default=OTHER, return_dtype=pl.Int64)
    return np.where(texts.is_null().to_numpy(), MISSING, found.to_numpy()).astype(np.intp)
