"""Estimates as tags 模型标签: what did an estimator say of each customer, and when?

Insight estimates, portrait only reads: the build stage keeps every estimator's answers in the
lake table ``estimate``, one partition a moment. So a model tag is known as of any moment
since the first build, and a rule may read it like any other tag.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import sqlalchemy as sa

from vostro.engine import Lake, Partition
from vostro.portrait.catalogue.naming import last_word, names_of

if TYPE_CHECKING:
    from vostro.portrait.tags import Tag

__all__ = ["ESTIMATES", "estimate_history", "keep_estimates", "tenths"]

ESTIMATES = "estimate"  # lake table: one partition an estimator and moment
_TENTHS = 10
_MOMENT = pl.Datetime("us", "UTC")


def keep_estimates(
    lake: Lake,
    estimator: str,
    estimates: pl.DataFrame,
    *,
    as_of: datetime,
    connection: sa.Connection | None = None,
) -> Partition:
    """Keep an estimator's answers of one moment; those of earlier moments stay.

    Args:
        lake: of the bank.
        estimator: its code.
        estimates: ``customer`` (text) and ``value`` (a probability, 0 to 1, or the number of a cluster), one row a
            customer.
        as_of: what was known at this moment made the estimates; they hold from here on.
        connection: write in this transaction.
    """
    moment = as_of.astimezone(UTC)
    rows = estimates.select("customer", pl.col("value").cast(pl.Float64)).sort("customer")
    rows = rows.with_columns(tenth=tenths(rows["value"]), as_of=pl.lit(moment, _MOMENT))
    return lake.write(ESTIMATES, f"{estimator}={moment:%Y%m%dT%H%M%S%f}", rows, connection)


def tenths(values: pl.Series) -> pl.Series:
    """Return the tenth of each value: 1 holds the largest tenth of the values, 10 the smallest.

    Equal values share the tenth of their first; null and NaN have none.

    >>> tenths(pl.Series([0.9, 0.1, None, 0.5])).to_list()
    [1, 7, None, 4]
    """
    known = values.fill_nan(None)
    rank = known.rank("min", descending=True).cast(pl.Int64) - 1
    return rank * _TENTHS // max(known.count(), 1) + 1


def estimate_history(
    lake: Lake,
    tags: "Mapping[str, Tag]",
    *,
    customer: str | Collection[str] | None = None,
    people: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:
    """Return what model tags were when.

    Args:
        lake: of the bank.
        tags: of the bank; other kinds are left out.
        customer: only this one, or these.
        people: ``customer`` and ``person`` of those who have another's name.

    Returns:
        For each model tag ``customer``, ``value`` (the tag's type), ``since`` and ``end`` (moments; end
        null: still). An estimate holds until the next one of the customer, or until it expires.
    """
    from vostro.portrait.rule import polars_type

    found = {}
    read: dict[str, pl.DataFrame] = {}
    for code, tag in tags.items():
        if tag.model is None:
            continue
        estimator = tag.model.estimator
        if estimator not in read:
            read[estimator] = _read(lake, estimator, customer, people)
        value = pl.col("tenth") if tag.model.value == "tenth" else pl.col("value").cast(polars_type(tag))
        end = (
            pl.min_horizontal("next", pl.col("since") + tag.expires_span)
            if tag.expires_span
            else pl.col("next")
        )
        found[code] = read[estimator].select("customer", value.alias("value"), "since", end.alias("end"))
    return found


def _read(
    lake: Lake, estimator: str, customer: str | Collection[str] | None, people: pl.DataFrame | None
) -> pl.DataFrame:
    parts = [p for p in lake.partitions(ESTIMATES) if p.partition.partition("=")[0] == estimator]
    schema = {"customer": pl.String(), "value": pl.Float64(), "tenth": pl.Int64(), "as_of": _MOMENT}
    rows = pl.DataFrame(schema=schema).lazy()
    if parts:
        rows = pl.concat([_aligned(pl.scan_parquet(p.path / "*.parquet")) for p in parts])
    names = names_of(customer)
    if names is not None:
        rows = rows.filter(pl.col("customer").is_in(names))
    rows = rows.filter(pl.col("value").is_not_null() & pl.col("value").is_finite())
    held = rows.unique(["customer", "as_of"], keep="last", maintain_order=True).sort("customer", "as_of")
    return last_word(held.collect(), people).select(
        "customer", "value", "tenth", since="as_of", next=pl.col("as_of").shift(-1).over("customer")
    )


def _aligned(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return a partition with its tenths, also where whoever wrote it left them out."""
    if "tenth" not in rows.collect_schema():
        rows = rows.with_columns(tenth=pl.col("value").map_batches(tenths, return_dtype=pl.Int64))
    return rows.select("customer", "value", "tenth", pl.col("as_of").cast(_MOMENT))
