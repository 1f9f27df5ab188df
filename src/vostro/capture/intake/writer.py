"""Writer 消息写入: how do the messages of many requests become events and rejects in one transaction?

Whoever sent a message learns what became of it only when the transaction is on the disk. An
event that is known already adds nothing and is acknowledged all the same, so that a request
whose answer was lost can be sent again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
import sqlalchemy as sa

from vostro.capture.contracts import Contract
from vostro.capture.intake.check import EVENT_SCHEMA, KindCheck
from vostro.capture.intake.contested import settle, spread
from vostro.capture.intake.kept import keep_rejects
from vostro.capture.intake.messages import Broken, Message
from vostro.capture.intake.reasons import Reason, hint, message_reason
from vostro.capture.intake.references import References
from vostro.capture.intake.view import message_contracts
from vostro.engine import Lake, Store, announce, append_events
from vostro.words import suggest

__all__ = ["ACCEPTED", "DUPLICATE", "REJECTED", "Writer", "Written", "append_fresh"]

ACCEPTED, DUPLICATE, REJECTED = 0, 1, 2
_OPERATIONS = frozenset({"new", "correct", "delete"})
# the number of this load, and the kinds of which any event was ever corrected or deleted: one question
_BEGIN = sa.text(
    "SELECT nextval(pg_get_serial_sequence('load', 'id')), ARRAY(SELECT kind FROM unnest(:kinds) AS asked (kind) "
    "WHERE EXISTS (SELECT FROM event WHERE event.kind = asked.kind AND operation <> 'new'))"
).bindparams(sa.bindparam("kinds", type_=sa.ARRAY(sa.Text)))
# rows that this very transaction has not written
_KNOWN = sa.text(
    "SELECT idempotency_key FROM event WHERE idempotency_key = ANY(:keys) "
    "AND xmin::text <> (pg_current_xact_id()::text::bigint & 4294967295)::text"
)
_DURABLE = sa.text("SET LOCAL synchronous_commit = on")
_CAREFUL = frozenset({"on", "remote_write", "remote_apply"})


@dataclass(frozen=True)
class Written:
    """What became of the messages of one transaction, each at its place."""

    states: "np.ndarray[Any, np.dtype[np.uint8]]"  # shape (n,): ACCEPTED, DUPLICATE or REJECTED
    ids: list[str | None]  # shape (n,): the event's id; None for a reject that has none
    reasons: dict[int, Reason]  # of the rejected, by place


class Writer:
    """Checks messages and writes them down; used by one thread."""

    def __init__(self, store: Store, lake: Lake, contracts: Mapping[str, Contract]) -> None:
        self._store = store
        self._checks: dict[str, KindCheck] = {}
        references = References(lake)
        self._sources: dict[str, str] = {}
        for kind, view in message_contracts(contracts).items():
            self._checks[kind] = KindCheck(view, references)
            self._sources[kind] = view.contract.contract
        self._durable: bool | None = None  # whether the database waits for its disk without being told

    def write(self, messages: Sequence[Message | Broken], load_time: datetime) -> Written:
        """Check messages, and write events and rejects in one transaction.

        Args:
            messages: shape (n,), in the order in which they came.
            load_time: with a zone; when they came.

        Raises:
            StoreLostError, DiskFullError: nothing was written, or it was in the moment of the commit.
        """
        with self._store.begin() as connection:
            self._wait_for_disk(connection)
            load_id, contested = connection.execute(_BEGIN, {"kinds": list(self._checks)}).one()
            events, reasons = self.check(messages, load_id, load_time)
            events, known, moved = settle(connection, events, contested)
            reasons |= moved
            known |= append_fresh(connection, events, known)
            announce(connection)
            keep_rejects(
                connection, messages, reasons, load_id=load_id, load_time=load_time, sources=self._sources
            )
        return _written(messages, events, known, reasons)

    def _wait_for_disk(self, connection: sa.Connection) -> None:
        if self._durable is None:
            self._durable = connection.scalar(sa.text("SHOW synchronous_commit")) in _CAREFUL
        if not self._durable:
            connection.execute(_DURABLE)

    def check(
        self, messages: Sequence[Message | Broken], load_id: int, load_time: datetime
    ) -> tuple[pl.DataFrame, dict[int, Reason]]:
        """Return the events of messages (as ``EVENT_SCHEMA``) and the reasons of the others, by place."""
        groups, reasons = self._by_kind(messages)
        frames = []
        for kind, lines in groups.items():
            mine = messages if len(lines) == len(messages) else [messages[line] for line in lines]
            checked = self._checks[kind].check(
                mine,  # type: ignore[arg-type]  # _by_kind has left the broken ones out
                np.fromiter(lines, dtype=np.int64, count=len(lines)),
                load_id=load_id,
                load_time=load_time,
            )
            frames.append(checked.events)
            reasons |= checked.reasons
        if not frames:
            return pl.DataFrame(schema=EVENT_SCHEMA), reasons
        return (frames[0] if len(frames) == 1 else pl.concat(frames).sort("line")), reasons

    def _by_kind(
        self, messages: Sequence[Message | Broken]
    ) -> tuple[dict[str, Sequence[int]], dict[int, Reason]]:
        """Return the places of the messages of each kind, and the reasons of those that belong to none."""
        kinds = {each.kind if type(each) is Message and type(each.kind) is str else None for each in messages}
        operations = {
            each.operation if type(each) is Message and type(each.operation) is str else None
            for each in messages
        }
        if len(kinds) == 1 and kinds <= self._checks.keys() and operations <= _OPERATIONS:
            return {kinds.pop() or "": range(len(messages))}, {}
        groups: dict[str, list[int]] = {}
        reasons: dict[int, Reason] = {}
        for place, message in enumerate(messages):
            reason = self._strange(message)
            if reason is None:
                groups.setdefault(message.kind, []).append(place)  # type: ignore[union-attr]
            else:
                reasons[place] = reason
        return dict(groups), reasons

    def _strange(self, message: Message | Broken) -> Reason | None:
        """Return why no contract can be asked about a message."""
        if isinstance(message, Broken):
            return message.reason
        if message.kind is None or message.kind == "":
            return message_reason("message_required", "kind")
        if not isinstance(message.kind, str):
            return message_reason("message_type", "kind", wanted="a text", wanted_zh="文本")
        if message.kind not in self._checks:
            close = hint(suggest(message.kind[:100], set(self._checks)))
            return message_reason("kind_unknown", "kind", kind=message.kind[:100], **close)
        if not (isinstance(message.operation, str) and message.operation in _OPERATIONS):
            return message_reason("operation_unknown", "operation")
        return None


def append_fresh(connection: sa.Connection, events: pl.DataFrame, passed: set[int]) -> set[int]:
    """Append events but those of the passed lines, and return the lines of others that were known already."""
    if passed:
        events = events.filter(~pl.col("line").is_in(list(passed)))
    if events.is_empty():
        return set()
    again = ~events["idempotency_key"].is_first_distinct()
    fresh = events.filter(~again) if again.any() else events
    known = set(events["line"].filter(again).to_list())
    if append_events(connection, fresh.drop("line"), queue=True) < fresh.height:
        keys = fresh["idempotency_key"].to_list()
        found = list(connection.scalars(_KNOWN, {"keys": keys}))
        known |= set(fresh["line"].filter(fresh["idempotency_key"].is_in(found)).to_list())
    return known


def _written(
    messages: Sequence[Message | Broken], events: pl.DataFrame, known: set[int], reasons: dict[int, Reason]
) -> Written:
    states = np.full(len(messages), ACCEPTED, dtype=np.uint8)
    whole = events.height == len(messages)
    ids: list[str | None] = events["event_id"].to_list() if whole else spread(events, len(messages))
    for line in known:
        states[line] = DUPLICATE
    for line in reasons:
        states[line] = REJECTED
        own = getattr(messages[line], "id", None)
        ids[line] = own if isinstance(own, str) else None
    return Written(states, ids, reasons)
