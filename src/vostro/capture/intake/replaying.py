"""Replaying messages 消息重放: which rejected messages keep their contract now?

They are checked again exactly as when they came, mended or under a changed contract, some
thousands at a time. What passes is an event of the log, ordered among the versions of its event
by the moment at which it first came.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec
import polars as pl
import sqlalchemy as sa

from vostro.capture.contracts import Contract
from vostro.capture.intake.contested import contested_kinds, settle
from vostro.capture.intake.kept import shown_reason
from vostro.capture.intake.messages import Broken, Message
from vostro.capture.intake.reasons import Reason, message_reason
from vostro.capture.intake.view import message_contracts
from vostro.capture.intake.writer import Writer, append_fresh
from vostro.capture.register import next_load_id
from vostro.capture.rejects import API_FILE, MESSAGE_COLUMNS, KeptRecord
from vostro.engine import Lake, Store
from vostro.engine import load as load_table
from vostro.engine import reject as reject_table
from vostro.words import digest

__all__ = ["Replayed", "replay_messages"]

_CHUNK_ROWS = 10_000
_PLACE = "line"


@dataclass
class Replayed:
    """What became of rejected messages."""

    sources: list[str] = field(default_factory=list)
    accepted: int = 0
    still_open: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Kept:
    """A rejected message as it was kept."""

    id: int
    load_id: int
    source: str
    message: Message | Broken


def replay_messages(
    store: Store,
    lake: Lake,
    contracts: Mapping[str, Contract],
    *,
    source: str | None,
    mended: pl.DataFrame | None,
    load_time: datetime,
) -> Replayed:
    """Check rejected messages again and append those that pass to the log.

    Args:
        store: where rejects and events are kept.
        lake: where tables that are referred to are.
        contracts: the present ones, by name.
        source: one contract only.
        mended: columns ``_reject_id``, those of a message and its properties; only these rejects are
            checked, as they stand here. None: all, as they were kept.
        load_time: with a zone; the moment at which the events become known.
    """
    outcome = Replayed()
    chosen = contracts if source is None else {source: contracts[source]}
    names = {*chosen, *message_contracts(chosen)}
    writer = Writer(store, lake, contracts)
    for chunk in _chunks(store, None if mended is not None else names):
        messages = chunk if mended is None else _mended(chunk, mended)
        if messages:
            _replay(store, writer, messages, load_time, outcome)
    return outcome


def _chunks(store: Store, sources: set[str] | None) -> Iterator[list[_Kept]]:
    """Yield open rejects of messages in the order in which they came."""
    table = reject_table.c
    query = sa.select(table.id, table.load_id, table.source, table.record)
    query = query.where(table.file == API_FILE, table.state == "open").order_by(table.id).limit(_CHUNK_ROWS)
    if sources is not None:
        query = query.where(table.source.in_(sorted(sources)))
    last = 0
    while True:
        with store.begin() as connection:
            rows = connection.execute(query.where(table.id > last)).all()
        if not rows:
            return
        last = rows[-1][0]
        yield [_Kept(id_, load_id, source, _message(record)) for id_, load_id, source, record in rows]


def _message(record: str) -> Message | Broken:
    kept = msgspec.json.decode(record, type=KeptRecord)
    if kept.message is not None:
        return kept.message
    return Broken(kept.raw or "", message_reason("message_shape", None, found="no message"))


def _mended(chunk: Sequence[_Kept], mended: pl.DataFrame) -> list[_Kept]:
    """Return those that a person has mended, as they are now."""
    rows = {row["_reject_id"]: row for row in mended.to_dicts()}
    return [
        _Kept(kept.id, kept.load_id, kept.source, _with_cells(kept.message, rows[kept.id]))
        for kept in chunk
        if kept.id in rows
    ]


def _with_cells(message: Message | Broken, row: dict[str, Any]) -> Message | Broken:
    own = {name[1:]: row[name] for name in MESSAGE_COLUMNS if row.get(name) is not None}
    inside = {name: text for name, text in row.items() if text is not None and not name.startswith("_")}
    if isinstance(message, Broken) and not own:
        return message
    context = None if isinstance(message, Broken) else message.context
    return Message(**own, properties=inside, context=context)


def _replay(store: Store, writer: Writer, kept: list[_Kept], load_time: datetime, outcome: Replayed) -> None:
    """Check messages again; events, marks and new reasons are one transaction."""
    load_id = next_load_id(store)
    events, reasons = writer.check([each.message for each in kept], load_id, load_time)
    came = pl.DataFrame({_PLACE: range(len(kept)), "_came": [each.load_id for each in kept]})
    events = events.join(came, on=_PLACE, how="left", maintain_order="left")
    events = events.with_columns(pl.col("_came").alias("load_id")).drop("_came")
    with store.begin() as connection:
        contested = contested_kinds(connection, events["kind"].unique().to_list())
        events, known, refused = settle(connection, events, contested)
        reasons |= refused
        append_fresh(connection, events, known)
        passed = [each.id for place, each in enumerate(kept) if place not in reasons]
        _mark(connection, passed, load_id, load_time, rows=len(kept))
        _tell(connection, kept, reasons)
    outcome.accepted += len(passed)
    outcome.still_open += len(reasons)
    for reason in reasons.values():
        outcome.reasons[reason.code] = outcome.reasons.get(reason.code, 0) + 1
    outcome.sources.extend(sorted({each.source for each in kept} - set(outcome.sources)))


def _mark(connection: sa.Connection, ids: list[int], load_id: int, load_time: datetime, *, rows: int) -> None:
    if not ids:
        return
    connection.execute(
        sa.insert(load_table).values(
            id=load_id,
            source=API_FILE,
            file=API_FILE,
            file_digest="replay " + digest(*(str(each) for each in ids)),
            contract_digest="",
            state="done",
            started=load_time,
            finished=load_time,
            rows_read=rows,
            rows_loaded=len(ids),
            rows_rejected=rows - len(ids),
        )
    )
    wanted = sa.bindparam("ids", ids, type_=sa.ARRAY(sa.BigInteger))
    connection.execute(
        sa.update(reject_table)
        .where(reject_table.c.id == sa.func.any(wanted))
        .values(state="replayed", mended_load_id=load_id)
    )


def _tell(connection: sa.Connection, kept: list[_Kept], reasons: dict[int, Reason]) -> None:
    """Say why the messages that are still broken are so now."""
    if not reasons:
        return
    rows = [{"reject_id": kept[place].id} | _named(reason) for place, reason in reasons.items()]
    names = [name for name in rows[0] if name != "reject_id"]
    statement = (
        sa.update(reject_table)
        .where(reject_table.c.id == sa.bindparam("reject_id"))
        .values({name.removeprefix("new_"): sa.bindparam(name) for name in names})
    )
    connection.execute(statement, rows)


def _named(reason: Reason) -> dict[str, str | None]:
    return {f"new_{name}": text for name, text in shown_reason(reason).items()}
