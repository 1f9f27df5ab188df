"""View of a customer 客户视图: how the terminal shows one person's portrait, holdings and events."""

from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from vostro.console.codes import CODES
from vostro.console.terminal import Terminal
from vostro.words import Text

if TYPE_CHECKING:
    from vostro.portrait import CustomerView

__all__ = ["show_customer"]

_FIELDS_MAX = 6  # of a record or event, in a cell of a table; JSON shows all


def show_customer(
    found: "CustomerView", terminal: Terminal, *, zone: str, page: int = 1, limit: int = 20
) -> None:
    """Print a customer: sources, segments, tags by dimension, records and one page of events.

    Args:
        found: what is known of him.
        terminal: prints; a quiet one gives JSON.
        zone: IANA name of the bank's zone, in which moments are written.
        page: which page of events it is, from 1.
        limit: events a page.
    """
    if terminal.quiet:
        terminal.print_json(msgspec.to_builtins(found))
        return
    known = ", ".join(f"{name} {rows:,}" for name, rows in found.sources.items()) or "–"
    segments = ", ".join(terminal.words(name) for name in found.segments.values()) or "–"
    holds = ", ".join(terminal.words(name) for name in found.holds) or "–"
    rows = [
        (terminal.words(Text("as known at", "时点")), f"{_clock(found.as_of, zone)} {zone}"),
        (terminal.words(Text("records by source", "各来源记录数")), known),
        (terminal.words(Text("holds", "产品持有")), holds),
        (terminal.words(Text("segments", "所属客群")), segments),
    ]
    title = Text(f"Customer {found.customer}", f"客户 {found.customer}")
    terminal.table(title, (Text("what", "项目"), Text("value", "内容")), rows)
    _show_identity(found, terminal, zone)
    _show_tags(found, terminal, zone)
    _show_records(found, terminal, zone)
    _show_events(found, terminal, zone, (page - 1) * limit + 1)


def _show_identity(found: "CustomerView", terminal: Terminal, zone: str) -> None:
    """Print the person's identifiers, what survives of the records, and how it came to be."""
    identity = found.identity
    if identity is None:
        return
    household = ", ".join(identity.household_people) or "–"
    rows = [
        (terminal.words(Text("person", "客户")), identity.person),
        (terminal.words(Text("identifiers", "标识")), ", ".join(identity.identifiers)),
        (terminal.words(Text("household", "家庭")), household),
        *(
            (field, f"{value.value} ({value.source} {value.customer})")
            for field, value in identity.golden.items()
        ),
    ]
    heads = (Text("what", "项目"), Text("value", "内容"))
    terminal.table(Text("Identity", "客户识别"), heads, rows)
    steps = [
        (
            _clock(each.moment, zone),
            each.customer,
            terminal.words(each.what),
            each.other or "–",
            "–" if each.probability is None else f"{100 * each.probability:.1f} %",
            ", ".join(terminal.words(level) for level in each.levels) or each.reason or "–",
        )
        for each in identity.steps
    ]
    if steps:
        columns = (
            Text("when", "时间"),
            Text("identifier", "标识"),
            Text("what", "事项"),
            Text("with", "对象"),
            Text("chance", "概率"),
            Text("because", "依据"),
        )
        terminal.table(Text("How it was matched", "匹配过程"), columns, steps)


def _show_tags(found: "CustomerView", terminal: Terminal, zone: str) -> None:
    heads = (Text("tag", "标签"), Text("value", "取值"), Text("since", "起始"), Text("from", "来源"))
    shown = len(heads) if terminal.wide else len(heads) - 1  # --json and 'vostro tags show' tell it, too
    order = {code: i for i, code in enumerate(CODES)}
    tags = sorted(found.tags, key=lambda each: order[f"dimension.{each.dimension}"])
    for dimension, of in groupby(tags, key=lambda each: each.dimension):
        rows = [
            (
                terminal.words(tag.name),
                terminal.words(tag.said),
                _clock(tag.since, zone),
                terminal.words(tag.source),
            )
            for tag in of
        ]
        terminal.table(CODES[f"dimension.{dimension}"], heads[:shown], [row[:shown] for row in rows])


def _show_records(found: "CustomerView", terminal: Terminal, zone: str) -> None:
    heads = (Text("record", "记录"), Text("since", "起始"), Text("what it says", "内容"))
    rows = [
        (terminal.words(each.meaning), _clock(each.since, zone), _fields(each.fields))
        for each in found.records
    ]
    if rows:
        terminal.table(Text("What sources say", "来源记录"), heads, rows)


def _show_events(found: "CustomerView", terminal: Terminal, zone: str, first: int) -> None:
    heads = (Text("when", "时间"), Text("event", "事件"), Text("what it says", "内容"))
    rows = [
        (_clock(each.event_time, zone), terminal.words(each.meaning), _fields(each.fields))
        for each in found.events
    ]
    if not rows:
        terminal.say("No events on this page.", "本页没有事件。")
        return
    last = first + len(rows) - 1
    title = Text(
        f"Events {first:,} to {last:,} of {found.events_known:,}, newest first",
        f"事件第 {first:,}–{last:,} 条，共 {found.events_known:,} 条，新的在前",
    )
    terminal.table(title, heads, rows)


def _fields(fields: dict[str, str]) -> str:
    shown = [f"{name} {value}" for name, value in list(fields.items())[:_FIELDS_MAX]]
    return ", ".join(shown) + (", …" if len(fields) > _FIELDS_MAX else "")


def _clock(moment: str | None, zone: str) -> str:
    """Write an ISO 8601 moment by the bank's clock, without its seconds; midnight as a day alone."""
    if moment is None:
        return "–"
    there = datetime.fromisoformat(moment).astimezone(ZoneInfo(zone))
    return f"{there:%Y-%m-%d}" if (there.hour, there.minute) == (0, 0) else f"{there:%Y-%m-%d %H:%M}"
