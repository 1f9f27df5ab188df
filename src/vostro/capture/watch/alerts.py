"""Alerts 质量告警: which checks went wrong when, and which of them are well again?

An alert is an event of the log: one for each check, source and load, however often it is
looked at. When the check is well again, a second event says so. Nothing is changed or removed.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

import msgspec
import polars as pl
import sqlalchemy as sa

from vostro.capture.watch.check import Check, CheckKind
from vostro.engine import Store, append_events, read_events
from vostro.words import Text

__all__ = ["ALERT", "RESOLVED", "Alert", "raise_alerts", "read_alerts"]

ALERT = "vostro.alert.quality"
RESOLVED = "vostro.alert.quality.resolved"
NOBODY = ""  # an alert is about a source, not about a customer
_MOMENT = pl.Datetime("us", "UTC")


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """A check that went wrong, and what became of it."""

    source: str
    check: CheckKind
    subject: str
    words: Text
    load_id: int | None  # the load at which it was seen first
    since: datetime  # with a zone
    last_load_id: int | None  # the last load at which it was still wrong
    last_seen: datetime
    state: Literal["open", "resolved"]
    resolved: datetime | None = None
    times: int = 1  # loads at which it was wrong


class _Body(msgspec.Struct, frozen=True, kw_only=True):
    """What the log keeps of a check; no value of the data is in it."""

    source: str
    check: CheckKind
    subject: str
    load_id: int | None
    value: float | None
    low: float | None
    high: float | None
    words: Text


def raise_alerts(store: Store, checks: Sequence[Check], moment: datetime) -> tuple[int, int]:
    """Write the alerts that are new, and those that are well again, into the log.

    Args:
        store: where the log is.
        checks: verdict ``alert`` raises, ``ok`` and ``watch`` resolve, ``too_little_history`` changes nothing.
        moment: when they were measured, with a zone.

    Returns:
        How many alerts were raised, and how many resolved; none of either the second time.
    """
    with store.begin() as connection:
        written = _written(connection)
        raised, resolved = _new_events(checks, written)
        rows = [
            (NOBODY, kind, moment, moment, key, msgspec.json.encode(body).decode())
            for kind, key, body in (*raised, *resolved)
        ]
        if not rows:
            return 0, 0
        names = ("customer", "kind", "event_time", "load_time", "idempotency_key", "body")
        types = (pl.String(), pl.String(), _MOMENT, _MOMENT, pl.String(), pl.String())
        frame = pl.DataFrame(rows, schema=dict(zip(names, types, strict=True)), orient="row")
        append_events(connection, frame.with_columns(origin=pl.lit("vostro")))
    return len(raised), len(resolved)


def read_alerts(store: Store, *, as_of: datetime | None = None, resolved: bool = False) -> list[Alert]:
    """Return the alerts that are open, the oldest first.

    Args:
        store: where the log is.
        as_of: as they stood at that moment; None: now.
        resolved: also those that are well again.
    """
    with store.begin() as connection:
        written = _written(connection, as_of)
    found = [alert for each in written.values() for alert in _spells(each)]
    chosen = [each for each in found if resolved or each.state == "open"]
    return sorted(chosen, key=lambda each: (each.since, each.source, each.check, each.subject))


_Event = tuple[str, datetime, _Body]  # kind, load time, body
_Key = tuple[str, str, str]


def _written(connection: sa.Connection, as_of: datetime | None = None) -> dict[_Key, list[_Event]]:
    """Return what the log says of each check, in its order."""
    frames = [read_events(connection, kind=kind, loaded_by=as_of) for kind in (ALERT, RESOLVED)]
    events = pl.concat(frames).sort("sequence")
    found: dict[_Key, list[_Event]] = {}
    for kind, time, text in events.select("kind", "load_time", "body").iter_rows():
        body = msgspec.json.decode(text, type=_Body)
        found.setdefault((body.source, body.check, body.subject), []).append((kind, time, body))
    return found


def _new_events(
    checks: Sequence[Check], written: dict[_Key, list[_Event]]
) -> tuple[list[tuple[str, str, _Body]], list[tuple[str, str, _Body]]]:
    raised, resolved = [], []
    for each in checks:
        so_far = written.get(each.key, [])
        last = so_far[-1] if so_far else None
        is_open = last is not None and last[0] == ALERT
        body = _Body(
            source=each.source,
            check=each.check,
            subject=each.subject,
            load_id=each.load_id,
            value=each.value,
            low=each.low,
            high=each.high,
            words=each.words,
        )
        # the same load again: well in between only where its limits were changed
        round_ = sum(kind == RESOLVED and of.load_id == each.load_id for kind, _, of in so_far)
        key = f"{'/'.join(each.key)}:{each.load_id or 0}:{round_}"
        known = is_open and last is not None and last[2].load_id == each.load_id
        if each.verdict == "alert" and not known:
            raised.append((ALERT, f"{ALERT}:{key}", body))
        if each.verdict in ("ok", "watch") and is_open:
            resolved.append((RESOLVED, f"{RESOLVED}:{key}", body))
    return raised, resolved


def _spells(events: list[_Event]) -> list[Alert]:
    """Join the events of one check into spells, each from its first alert until it was well again."""
    found: list[Alert] = []
    for kind, time, body in events:
        is_open = bool(found) and found[-1].state == "open"
        if kind == ALERT and not is_open:
            found.append(
                Alert(
                    source=body.source,
                    check=body.check,
                    subject=body.subject,
                    words=body.words,
                    load_id=body.load_id,
                    since=time,
                    last_load_id=body.load_id,
                    last_seen=time,
                    state="open",
                )
            )
        elif is_open:
            change: dict[str, Any] = (
                {
                    "words": body.words,
                    "last_load_id": body.load_id,
                    "last_seen": time,
                    "times": found[-1].times + 1,
                }
                if kind == ALERT
                else {"state": "resolved", "resolved": time}
            )
            found[-1] = msgspec.structs.replace(found[-1], **change)
    return found
