"""Slots 折叠布局: which whole numbers of a customer's record does each row change, and when?"""

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from vostro.portrait.aggregate.definition import Part
from vostro.portrait.aggregate.errors import UnsuitedError
from vostro.portrait.aggregate.plan import Plan, Span, Sum

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "COUNT",
    "COUNT_KNOWN",
    "FIRST",
    "LAST",
    "MAX",
    "MIN",
    "NOTHING",
    "SUM",
    "TIME_MAX",
    "TIME_MIN",
    "Layout",
    "Slot",
    "layout",
    "pair_of",
]

COUNT, COUNT_KNOWN, SUM, MIN, MAX, FIRST, LAST, TIME_MIN, TIME_MAX = range(9)
NOTHING = -(2**63)  # stands for NULL in a column of whole numbers
_MOST = 2**63 - 1
_BITS = 62  # spans and filters are bits of one word
_OPERATIONS = {
    "sum": SUM,
    "min": MIN,
    "max": MAX,
    "first": FIRST,
    "last": LAST,
    "since_first": TIME_MIN,
    "since_last": TIME_MAX,
}
_BEFORE = {COUNT: 0, COUNT_KNOWN: 0, SUM: 0, MIN: _MOST, MAX: NOTHING, TIME_MIN: _MOST, TIME_MAX: NOTHING}
_ORDERED = ("integer", "decimal", "number", "boolean", "date", "moment")  # their codes are in order


class Slot(msgspec.Struct, frozen=True):
    """One number of a record, or two: first and last keep the moment, then the value."""

    operation: int
    span: int  # number of the span
    filter: int  # 0: none; else 1 + the filter's place
    column: int  # number of the column; -1: none
    place: int  # in the record

    @property
    def width(self) -> int:
        """Return how many numbers it takes."""
        return 2 if self.operation in (FIRST, LAST) else 1


class Layout(msgspec.Struct, frozen=True):
    """What a record holds. Place 0 counts the customer's rows.

    Slots that are filled under the same conditions lie side by side, the widest windows first: most rows
    are old, and touch the head of the record only.
    """

    slots: tuple[Slot, ...]  # in the order of their places
    sums: dict[str, Slot]  # name in the plan's answer -> slot
    columns: dict[str, int]  # source column -> number
    pairs: dict[tuple[str, int, int], int]  # column, span and filter whose values are counted -> number
    spans: tuple[Span, ...]
    width: int

    @property
    def empty(self) -> "NDArray[np.int64]":
        """Return the record of a customer without rows, shape (width,)."""
        found = np.zeros(self.width, dtype=np.int64)
        for slot in self.slots:
            if slot.width == 2:  # the latest moment so far, or the earliest; the value does not matter
                found[slot.place] = NOTHING if slot.operation == LAST else _MOST
            else:
                found[slot.place] = _BEFORE[slot.operation]
        return found

    @property
    def codes(self) -> "NDArray[np.uint64]":
        """Return column and place of each slot, shape (slots, 2); a slot without a column names the first."""
        rows = [(max(each.column, 0), each.place) for each in self.slots]
        return np.array(rows, dtype=np.uint64).reshape(-1, 2)

    @property
    def operations(self) -> "NDArray[np.int64]":
        """Return the operation of each slot, shape (slots,)."""
        return np.array([each.operation for each in self.slots], dtype=np.int64)

    def groups(self, filters: int) -> "tuple[NDArray[np.uint64], NDArray[np.uint64]]":
        """Return which slots are filled under the same conditions.

        Returns:
            Span, first slot and last slot + 1 of each group, shape (groups, 3), by filter; and where the
            groups of each filter begin and the last end, shape (filters + 2,); 0 is no filter.
        """
        rows: list[list[int]] = []
        owners: list[int] = []
        for i, slot in enumerate(self.slots):
            if i and (slot.filter, slot.span) == (self.slots[i - 1].filter, self.slots[i - 1].span):
                rows[-1][2] = i + 1
            else:
                rows.append([slot.span, i, i + 1])
                owners.append(slot.filter)
        starts = np.searchsorted(np.array(owners, dtype=np.int64), np.arange(filters + 2))
        return np.array(rows, dtype=np.uint64).reshape(-1, 3), starts.astype(np.uint64)


def layout(plan: Plan) -> Layout:
    """Return the record of a plan.

    Raises:
        UnsuitedError: a column is wider than 64 bits, or texts are compared, or there are too many spans.
    """
    spans, filters = tuple(plan.spans), list(plan.filters)
    if len(spans) > _BITS or len(filters) > _BITS:
        raise UnsuitedError
    columns: dict[str, int] = {}
    for each in plan.sums:
        if each.measure.column is not None:
            _check(each)
            columns.setdefault(each.measure.column, len(columns))
    for column in plan.tables:
        columns.setdefault(column, len(columns))
    pairs: dict[tuple[str, int, int], int] = {}
    for column, parts in plan.tables.items():
        for part in parts:
            pairs.setdefault(pair_of(column, part, spans, filters), len(pairs))
    slots = _placed(plan, spans, filters, columns)
    return Layout(
        slots=tuple(slots.values()),
        sums=slots,
        columns=columns,
        pairs=pairs,
        spans=spans,
        width=1 + sum(slot.width for slot in slots.values()),
    )


def _placed(
    plan: Plan, spans: tuple[Span, ...], filters: list[str], columns: dict[str, int]
) -> dict[str, Slot]:
    """Return the slot of each sum, in the order of their places."""
    slots, place = {}, 1
    for each in sorted(
        plan.sums, key=lambda each: (filters.index(each.where) if each.where else -1, _age(each.span))
    ):
        slot = Slot(
            _operation(each),
            spans.index(each.span),
            filters.index(each.where) + 1 if each.where else 0,
            -1 if each.measure.column is None else columns[each.measure.column],
            place,
        )
        slots[plan.sums[each]] = slot
        place += slot.width
    return slots


def _age(span: Span) -> tuple[int, int]:
    """Return what orders windows, the widest first."""
    return (0, 0) if span.window is None else (1, -span.window.length_us * (1 + span.back))


def pair_of(column: str, part: Part, spans: tuple[Span, ...], filters: list[str]) -> tuple[str, int, int]:
    """Return which values a part counts: of a column, in a span, under a filter."""
    where = filters.index(part.where.text) + 1 if part.where else 0
    return column, spans.index(Span(part.window, part.back)), where


def _operation(each: Sum) -> int:
    if each.kind == "count":
        return COUNT if each.measure.column is None else COUNT_KNOWN
    return _OPERATIONS[each.kind]


def _check(each: Sum) -> Any:
    measure = each.measure
    if measure.type == "decimal" and measure.digits > 18:
        raise UnsuitedError
    if each.kind in ("sum", "min", "max") and measure.type not in _ORDERED:
        raise UnsuitedError
