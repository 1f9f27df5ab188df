"""The plan 计算计划: what must be summed up, once, so that all aggregates of a source can be finished?

Aggregates share parts and parts share *sums*: a mean, a share and a trend of the same amount over
the same window need one sum. Distinct and top need the values themselves: they are *tables*, one a
column, grouped by customer and value.
"""

from collections.abc import Iterable
from typing import Literal as OneOfThese

import msgspec

from vostro.portrait.aggregate.definition import Aggregate, Measure, Part, Window
from vostro.portrait.rule import Rule

__all__ = ["Plan", "Span", "Sum", "plan", "sums_of"]

SumKind = OneOfThese["count", "sum", "min", "max", "first", "last", "since_first", "since_last"]
_SUMS: dict[str, tuple[SumKind, ...]] = {
    "count": ("count",),
    "sum": ("sum",),
    "mean": ("sum", "count"),
    "min": ("min",),
    "max": ("max",),
    "first": ("first",),
    "last": ("last",),
    "days_since_first": ("since_first",),
    "days_since_last": ("since_last",),
}


class Span(msgspec.Struct, frozen=True):
    """Which moments a sum looks at."""

    window: Window | None
    back: int = 0


class Sum(msgspec.Struct, frozen=True):
    """One number a customer that the engine computes; ``measure`` only tells the column and its type."""

    kind: SumKind
    measure: Measure
    where: str  # the filter's text; "" for none
    span: Span


class Plan(msgspec.Struct, frozen=True):
    """All that one source must be asked."""

    sums: dict[Sum, str]  # name of the column in the answer
    tables: dict[str, dict[Part, str]]  # column -> parts that count its values, and their names
    filters: dict[str, Rule]  # text -> filter

    @property
    def moments(self) -> dict[Sum, str]:
        """Return the names of the moments of first and last values, which need a second look at the rows."""
        return {each: f"_m{name}" for each, name in self.sums.items() if each.kind in ("first", "last")}

    @property
    def spans(self) -> list[Span]:
        """Return all spans of time, each once."""
        parts = [part for table in self.tables.values() for part in table]
        found = [each.span for each in self.sums] + [Span(part.window, part.back) for part in parts]
        return list(dict.fromkeys(found))


def sums_of(part: Part) -> tuple[Sum, ...]:
    """Return the sums that a part is finished from; none for distinct and top."""
    kinds = _SUMS.get(part.measure.name, ())
    column = Measure("sum", part.measure.column, part.measure.type, part.measure.scale, part.measure.digits)
    where = part.where.text if part.where else ""
    return tuple(Sum(kind, column, where, Span(part.window, part.back)) for kind in kinds)


def plan(aggregates: Iterable[Aggregate]) -> Plan:
    """Return what must be asked for these aggregates, which are all of one source."""
    sums: dict[Sum, str] = {}
    tables: dict[str, dict[Part, str]] = {}
    filters: dict[str, Rule] = {}
    for part in (part for aggregate in aggregates for part in aggregate.parts):
        if part.where is not None:
            filters[part.where.text] = part.where
        for each in sums_of(part):
            sums.setdefault(each, f"s{len(sums)}")
        if part.measure.name in ("distinct", "top") and part.measure.column is not None:
            table = tables.setdefault(part.measure.column, {})
            table.setdefault(part, f"t{sum(map(len, tables.values()))}")
    return Plan(sums, tables, filters)
