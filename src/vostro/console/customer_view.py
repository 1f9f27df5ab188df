"""View of a customer 客户视图: how the terminal shows one person's portrait, holdings and events."""

from itertools import groupby
from typing import TYPE_CHECKING

import msgspec

from vostro.console.codes import CODES
from vostro.console.terminal import Terminal
from vostro.words import Text

if TYPE_CHECKING:
    from vostro.portrait import CustomerView

__all__ = ["show_customer"]

_FIELDS_MAX = 6  # of a record or event, in a cell of a table; JSON shows all


def show_customer(found: "CustomerView", terminal: Terminal, *, page: int = 1, limit: int = 20) -> None:
    """Print a customer: sources, segments, tags by dimension, holdings and one page of events."""
    if terminal.quiet:
        terminal.print_json(msgspec.to_builtins(found))
        return
    known = ", ".join(f"{name} {rows:,}" for name, rows in found.sources.items()) or "–"
    segments = ", ".join(terminal.words(name) for name in found.segments.values()) or "–"
    rows = [
        (terminal.words(Text("as known at", "时点")), found.as_of),
        (terminal.words(Text("records by source", "各来源记录数")), known),
        (terminal.words(Text("segments", "所属客群")), segments),
    ]
    title = Text(f"Customer {found.customer}", f"客户 {found.customer}")
    terminal.table(title, (Text("what", "项目"), Text("value", "内容")), rows)
    _show_tags(found, terminal)
    _show_records(found, terminal)
    _show_events(found, terminal, page, limit)


def _show_tags(found: "CustomerView", terminal: Terminal) -> None:
    heads = (Text("tag", "标签"), Text("value", "取值"), Text("since", "起始"), Text("from", "来源"))
    order = {code: i for i, code in enumerate(CODES)}
    tags = sorted(found.tags, key=lambda each: order[f"dimension.{each.dimension}"])
    for dimension, of in groupby(tags, key=lambda each: each.dimension):
        rows = [
            (terminal.words(tag.name), terminal.words(tag.said), tag.since or "–", terminal.words(tag.source))
            for tag in of
        ]
        terminal.table(CODES[f"dimension.{dimension}"], heads, rows)


def _show_records(found: "CustomerView", terminal: Terminal) -> None:
    heads = (Text("holding", "持有"), Text("since", "起始"), Text("what it says", "内容"))
    rows = [
        (terminal.words(each.meaning), each.since or "–", _fields(each.fields)) for each in found.holdings
    ]
    if rows:
        terminal.table(Text("Holdings", "产品持有"), heads, rows)


def _show_events(found: "CustomerView", terminal: Terminal, page: int, limit: int) -> None:
    heads = (Text("when", "时间"), Text("event", "事件"), Text("what it says", "内容"))
    rows = [(each.event_time, terminal.words(each.meaning), _fields(each.fields)) for each in found.events]
    if not rows:
        terminal.say("No events on this page.", "本页没有事件。")
        return
    first = (page - 1) * limit + 1
    last = first + len(rows) - 1
    title = Text(
        f"Events {first:,} to {last:,} of {found.events_known:,}, newest first",
        f"事件第 {first:,}–{last:,} 条，共 {found.events_known:,} 条，新的在前",
    )
    terminal.table(title, heads, rows)


def _fields(fields: dict[str, str]) -> str:
    shown = [f"{name} {value}" for name, value in list(fields.items())[:_FIELDS_MAX]]
    return ", ".join(shown) + (", …" if len(fields) > _FIELDS_MAX else "")
