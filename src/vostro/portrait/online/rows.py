"""Rows 事件行: what did an event say, in the types that filters and measures ask for?

The log keeps rows as JSON, the lake as columns. Both become one plain mapping from column to
value; a column that the row lacks is None. The customer and the event's own clock are not in
the JSON: they stand beside it.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypedDict

import msgspec

from vostro.portrait.online.plan import SourcePlan
from vostro.words import zone

if TYPE_CHECKING:
    from vostro.capture import Contract

__all__ = ["EPOCH", "Row", "RowReader", "microseconds", "moment_of", "write_row"]

Row = Mapping[str, object]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_TYPES: dict[str, Any] = {
    "text": str,
    "integer": int,
    "number": float,
    "decimal": Decimal,
    "boolean": bool,
    "date": date,
    "moment": datetime,
}


def microseconds(moment: datetime) -> int:
    """Return a moment as whole microseconds since 1970 in UTC."""
    return (moment - EPOCH) // _TICK


def moment_of(number: int) -> datetime:
    """Return the moment of a number of microseconds since 1970, in UTC."""
    return EPOCH + number * _TICK


def write_row(row: Row) -> str:
    """Return a row as JSON that ``RowReader.read`` reads back to the same values."""
    return msgspec.json.encode(row).decode()


class RowReader:
    """Reads the rows of one source; made once, used for every event."""

    def __init__(self, source: SourcePlan, contract: "Contract") -> None:
        fields = {name: _TYPES[kind] | None for name, kind in source.columns.items()}
        make: Any = TypedDict  # its fields are known only now
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(make("shape", fields, total=False))
        self._none: dict[str, object] = dict.fromkeys(fields)
        self._beside = _beside(source, contract)

    def read(self, body: str | bytes, customer: str, time_us: int) -> dict[str, object]:
        """Return the row of an event of the log.

        Args:
            body: JSON as the log keeps it.
            customer: of the event.
            time_us: when it happened, microseconds.
        """
        found: dict[str, object] = self._decoder.decode(body)
        if len(found) != len(self._none):
            found = self._none | found
        for name, value in self._beside:
            if found[name] is None:
                found[name] = value(customer, time_us)
        return found


def _beside(source: SourcePlan, contract: "Contract") -> list[tuple[str, Callable[[str, int], object]]]:
    """Return how to make the columns that the log keeps beside the JSON."""
    found: list[tuple[str, Callable[[str, int], object]]] = []
    if contract.customer in source.columns:
        number = source.columns[contract.customer] == "integer"
        found.append((contract.customer, (lambda customer, _: int(customer)) if number else (lambda c, _: c)))
    clock = contract.event_time.column if contract.event_time else None
    if clock in source.columns:
        assert contract.event_time is not None
        assert clock is not None
        name = contract.event_time.zone or contract.zone or "UTC"
        found.append((clock, _day_in(name) if source.columns[clock] == "date" else _moment))
    return found


def _moment(_: str, time_us: int) -> datetime:
    return moment_of(time_us)


def _day_in(name: str) -> Callable[[str, int], date]:
    there = zone(name)
    return lambda _, time_us: moment_of(time_us).astimezone(there).date()
