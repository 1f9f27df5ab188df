"""Held values in a record 记录中的既有取值: what was said of a customer from outside of his events?

A person says it (manual tags) or an estimator does (model tags); households are counted over all
customers. A record keeps of each tag the value, until when it holds, and since when.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from vostro.engine import LoggedEvent
from vostro.portrait.online.attributes import held_form
from vostro.portrait.online.record import HELD, Record
from vostro.portrait.online.rows import microseconds

if TYPE_CHECKING:
    from vostro.portrait.tags import Tag

__all__ = ["CLEARED", "SET", "SETTING_KINDS", "hold", "hold_value"]

SET, CLEARED = "vostro.tag.set", "vostro.tag.cleared"
SETTING_KINDS = frozenset({SET, CLEARED})
_TICK = timedelta(microseconds=1)


class _Setting(msgspec.Struct):
    tag: str
    value: str | None = None
    until: datetime | None = None


_decoder = msgspec.json.Decoder(_Setting)
_READ: dict[str, Callable[[str], object]] = {
    "text": str,
    "integer": int,
    "number": float,
    "decimal": Decimal,
    "boolean": lambda text: text == "true",
    "date": date.fromisoformat,
    "moment": datetime.fromisoformat,
}


def hold(tags: "Mapping[str, Tag]", record: Record, event: LoggedEvent) -> None:
    """Take what a person said of a customer into his record, unless it holds something later."""
    setting = _decoder.decode(event.body)
    tag = tags.get(setting.tag)
    if tag is None or tag.kind != "manual":
        return
    value = _READ[tag.type](setting.value) if event.kind == SET and setting.value is not None else None
    ends = [microseconds(setting.until)] if setting.until else []
    if tag.expires_span is not None:
        ends.append(event.time_us + tag.expires_span // _TICK)
    hold_value(tag, record, value, since_us=event.time_us, end_us=min(ends, default=None))


def hold_value(tag: "Tag", record: Record, value: object, *, since_us: int, end_us: int | None) -> None:
    """Put the value of a tag into a record; None clears it."""
    held = record[HELD].get(tag.tag)
    if held is None or held[2] <= since_us:
        form = None if value is None else held_form(tag).write(value)
        record[HELD][tag.tag] = [form, end_us, since_us]
