"""Aggregates in portraits 画像中的聚合标签: the aggregates of all sources, joined on the customer."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import reduce
from typing import TYPE_CHECKING

import polars as pl
from msgspec.structs import replace

from vostro.capture import Contract, history_relation
from vostro.engine import Lake, LakeTableMissingError
from vostro.portrait.aggregate.batch import (
    Asked,
    aggregate_customers,
    aggregate_moments,
    moment_us,
    replayed,
)
from vostro.portrait.aggregate.compile import of_people
from vostro.portrait.aggregate.definition import MeasureName
from vostro.portrait.rule import polars_type
from vostro.portrait.types import TagInfo

if TYPE_CHECKING:
    from vostro.portrait.tags import Tag

__all__ = ["aggregates_at", "aggregates_of", "last_known", "sources", "zero_filled"]

_ZERO: tuple[MeasureName, ...] = ("count", "sum", "distinct")


def sources(tags: "Mapping[str, Tag]") -> dict[str, Asked]:
    """Return the aggregates of each contract: contract -> tag -> definition and type."""
    found: dict[str, dict[str, tuple[object, TagInfo]]] = defaultdict(dict)
    for code, tag in tags.items():
        if tag.aggregate is not None:
            found[tag.aggregate.of][code] = (tag.aggregate, tag)
    return dict(found)  # type: ignore[arg-type]


def aggregates_of(
    tags: "Mapping[str, Tag]",
    contracts: Mapping[str, Contract],
    lake: Lake,
    as_of: datetime | None,
    people: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the aggregates of every customer with an event in any of their sources.

    Args:
        tags: of the bank; other kinds are left out.
        contracts: that the aggregates are of.
        lake: where their tables are.
        as_of: the moment after which nothing may be known; None: right after the last load of these sources.
        people: ``customer`` and ``person`` of those who have another's name.

    Returns:
        ``customer`` (the person) and one column an aggregate, unordered. A source that has no table yet has no events.
    """
    asked = sources(tags)
    moment = as_of or last_known(lake, [contracts[name] for name in asked])
    frames = [pl.DataFrame(schema={"customer": pl.String})]
    for name, aggregates in asked.items():
        if moment is None or not lake.partitions(name):
            continue
        relation = history_relation(lake, contracts[name])
        if people is not None:
            relation = replace(relation, table=of_people(relation.table, people))
        frames.append(aggregate_customers(aggregates, contracts[name], relation, moment_us(moment)))
    return reduce(lambda one, other: one.join(other, on="customer", how="full", coalesce=True), frames)


def aggregates_at(
    tags: "Mapping[str, Tag]",
    contracts: Mapping[str, Contract],
    lake: Lake,
    moments: pl.DataFrame,
    loaded_by: datetime | None = None,
) -> pl.DataFrame:
    """Return the aggregates of customers at moments of their own.

    Args:
        tags, contracts, lake: as for ``aggregates_of``.
        moments: ``row`` (int64), ``customer`` and ``as_of``; a row may stand once for each identifier.
        loaded_by: replay by event time what was loaded by then; None: what was known at each moment.

    Returns:
        ``row`` and one column an aggregate; rows without any event are not in it.
    """
    found = moments.select("row").unique(maintain_order=True)
    for name, aggregates in sources(tags).items():
        if not lake.partitions(name):
            continue
        relation = history_relation(lake, contracts[name])
        if loaded_by is not None:
            relation = replayed(relation, moment_us(loaded_by))
        found = found.join(
            aggregate_moments(aggregates, contracts[name], relation, moments), on="row", how="left"
        )
    return found


def zero_filled(frame: pl.DataFrame, tags: "Mapping[str, Tag]") -> pl.DataFrame:
    """Return the frame with a column for every aggregate: 0 where nothing is in the window, else unknown."""
    columns = []
    for code, tag in tags.items():
        if tag.aggregate is None:
            continue
        column = pl.col(code) if code in frame.columns else pl.lit(None)
        zero = tag.aggregate.base is None and tag.aggregate.measure.name in _ZERO
        column = column.cast(polars_type(tag))
        columns.append((column.fill_null(0) if zero else column).alias(code))
    return frame.with_columns(columns)


def last_known(lake: Lake, contracts: list[Contract]) -> datetime | None:
    """Return the moment right after the last load of these sources, or None when there is none."""
    loads = []
    for contract in contracts:
        try:
            loads.append(lake.scan(contract.contract).select(pl.col("load_time").max()).collect().item())
        except LakeTableMissingError:
            continue
    known = [each for each in loads if each is not None]
    return max(known) + timedelta(microseconds=1) if known else None
