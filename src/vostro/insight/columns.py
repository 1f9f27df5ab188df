"""Columns 特征列: how does a column of any kind become a number that trees can split?

Numbers and booleans stay as they are; missing stays missing (trees learn where to send it).
A date or moment becomes an age in days. A text becomes the rank of its level's response
rate: rare and unseen levels share one place, so that a level of a few rows cannot tell its
own outcome. Source of the shrunken rate: Micci-Barreca (2001), SIGKDD Explorations 3(1).
"""

from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.errors import FeatureTypeError
from vostro.insight.outcomes import require

__all__ = ["Column", "Kind", "declared_kind", "encode", "kind_of", "learn_column", "read_kind"]

Floats = npt.NDArray[np.float64]
Kind = Literal["number", "boolean", "text", "moment"]

LEVELS_MOST = 64  # levels of a text that get a place of their own
LEVEL_ROWS_LEAST = 20  # rows; a level with fewer is rare (in frames under 400 rows: a twentieth of the rows)
SHRINK_ROWS = 20.0  # rows; a level's rate is drawn to the average as by so many average rows
DAY_SECONDS = 86_400.0
_FITS: dict[Kind, tuple[Kind, ...]] = {
    "number": ("number", "boolean"),
    "boolean": ("boolean", "number"),
    "text": ("text",),
    "moment": ("moment",),
}


class Column(msgspec.Struct, frozen=True):
    """A source column and how it becomes a number."""

    name: str
    kind: Kind
    levels: dict[str, float] = {}  # text: level -> rank of its rate, 0 is the lowest
    rare: float = 0.0  # text: the place of rare and unseen levels


def kind_of(series: pl.Series) -> Kind | None:
    """Return the kind of a column, or None when it holds no value at all and fits any kind.

    Raises:
        FeatureTypeError: lists, structs, bytes and objects are no features.
    """
    if len(series) > 0 and series.null_count() == len(series):
        return None
    return declared_kind(series)


def declared_kind(series: pl.Series) -> Kind | None:
    """Return the kind that a column's type names, even where it holds no value; None for the null type.

    Raises:
        FeatureTypeError: lists, structs, bytes and objects are no features.
    """
    dtype = series.dtype
    if dtype == pl.Null:
        return None
    if dtype == pl.Boolean:
        return "boolean"
    if dtype.is_numeric() or dtype in (pl.Duration, pl.Time):
        return "number"
    if dtype in (pl.String, pl.Categorical, pl.Enum):
        return "text"
    if dtype in (pl.Date, pl.Datetime):
        return "moment"
    wanted = "number | boolean | text | date | moment"
    raise FeatureTypeError(column=series.name, found=str(dtype), wanted=wanted)


def read_kind(frame: pl.DataFrame, name: str, wanted: Kind) -> pl.Series:
    """Return a column as text (kind text) or as Float64; moments are days since 1970.

    Raises:
        FeatureMissingError: the column is not there.
        FeatureTypeError: it holds another kind.
    """
    series = require(frame, name)
    found = kind_of(series)
    if found is not None and found not in _FITS[wanted]:
        raise FeatureTypeError(column=name, found=str(series.dtype), wanted=wanted)
    if wanted == "text":
        return series.cast(pl.String)
    if found is None:
        return pl.Series(name, [None] * len(series), dtype=pl.Float64)
    if found == "moment":
        # days since 1970, so that a date and a moment in any unit or zone are one axis
        return series.cast(pl.Datetime("us")).to_physical().cast(pl.Float64) / (DAY_SECONDS * 1e6)
    if series.dtype == pl.Duration:
        return series.dt.total_microseconds().cast(pl.Float64) / 1e6
    if series.dtype == pl.Time:
        return series.to_physical().cast(pl.Float64) / 1e9
    return series.cast(pl.Float64)


def learn_column(frame: pl.DataFrame, name: str, observed: Floats, weight: Floats | None) -> Column:
    """Learn how a column becomes a number; the outcomes are used for texts only.

    Raises:
        FeatureTypeError: the column's kind is no feature.
    """
    kind = declared_kind(require(frame, name)) or "number"  # a column may be empty today and filled later
    if kind != "text":
        return Column(name, kind)
    levels, rare = _rank_levels(read_kind(frame, name, "text"), observed, weight)
    return Column(name, kind, levels, rare)


def encode(frame: pl.DataFrame, column: Column, *, reference: Floats | float) -> Floats:
    """Return a column as numbers, shape (n,); missing is NaN, and so is infinite.

    Args:
        frame: shape (n, columns).
        column: as learnt.
        reference: days since 1970, one or shape (n,); moments become days before it.
    """
    series = read_kind(frame, column.name, column.kind)
    if column.kind == "text":
        place = series.replace_strict(column.levels, default=column.rare, return_dtype=pl.Float64)
        return np.where(series.is_null().to_numpy(), np.nan, place.to_numpy())
    values = series.to_numpy()
    values = np.where(np.isfinite(values), values, np.nan)
    return np.asarray(reference - values if column.kind == "moment" else values, dtype=np.float64)


def _rank_levels(texts: pl.Series, observed: Floats, weight: Floats | None) -> tuple[dict[str, float], float]:
    """Rank the frequent levels by shrunken response rate; the rare ones together get the place between."""
    size = np.ones(len(texts)) if weight is None else weight
    average = float(np.average(observed, weights=size)) if len(texts) else 0.0
    table = (
        pl.DataFrame({"level": texts, "size": size, "hits": size * observed})
        .drop_nulls("level")
        .group_by("level")
        .agg(pl.len().alias("rows"), pl.col("size", "hits").sum())
        .sort(["rows", "level"], descending=[True, False])
    )
    least = min(LEVEL_ROWS_LEAST, max(2, len(texts) // 20))
    frequent = table.filter(pl.col("rows") >= least).head(LEVELS_MOST)
    rest = table.join(frequent, on="level", how="anti").select(pl.col("size", "hits").sum()).row(0)
    rate = (pl.col("hits") + SHRINK_ROWS * average) / (pl.col("size") + SHRINK_ROWS)
    ranked = frequent.with_columns(rate.round(12).alias("rate")).sort(["rate", "level"])
    rest_rate = (rest[1] + SHRINK_ROWS * average) / (rest[0] + SHRINK_ROWS)
    levels = {level: float(place) for place, level in enumerate(ranked["level"])}
    return levels, float((ranked["rate"] < rest_rate).sum()) - 0.5
