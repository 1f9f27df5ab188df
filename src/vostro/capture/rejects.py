"""Rejects 拒收记录: which records broke their contract, and how do people get at them?"""

import csv
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on

from vostro.capture.intake.messages import Message
from vostro.capture.masking import mask
from vostro.engine import Store, disk_guard
from vostro.engine import reject as reject_table
from vostro.words import Text

__all__ = [
    "API_FILE",
    "EXPORT_COLUMNS",
    "MESSAGE_COLUMNS",
    "KeptRecord",
    "Reject",
    "export_rejects",
    "list_rejects",
    "open_rejects",
    "reject_sources",
]

EXPORT_COLUMNS = ("_reject_id", "_file", "_line", "_field", "_reason", "_record")
API_FILE = "api"  # what stands where a file's name would, for messages
MESSAGE_COLUMNS = ("_kind", "_customer", "_event_time", "_id", "_operation")
_FETCH_ROWS = 5_000


class KeptRecord(msgspec.Struct, frozen=True):
    """A record as it was kept: its texts by header, or its raw text when it could not be split."""

    number: int
    values: dict[str, str | None] | None = None
    raw: str | None = None
    header: list[str] | None = None  # of the file, when there are no values
    personal: bool = True  # the field at fault is about a person
    moment: str | None = None  # the event time at its place in the file (months in order)
    message: Message | None = None  # what was sent, where it did not come in a file

    @property
    def cells(self) -> dict[str, str | None]:
        """Return the texts by column, as they are mended; a message's own fields begin with ``_``."""
        return (self.values or {}) if self.message is None else _message_cells(self.message)


class Reject(msgspec.Struct, frozen=True):
    """A record that broke its contract, as it is shown."""

    id: int
    source: str
    file: str
    line: int
    field: str | None
    value: str | None  # masked unless asked otherwise
    code: str
    reason: Text
    state: str


def list_rejects(
    store: Store,
    *,
    source: str | None = None,
    unmask: bool = False,
    limit: int | None = None,
    state: str = "open",
) -> list[Reject]:
    """Return rejects in the order of loads and lines.

    Args:
        store: where they are kept.
        source: one contract only.
        unmask: show personal values as they are.
        limit: at most this many.
        state: open, replayed or dropped.
    """
    table = reject_table.c
    query = sa.select(reject_table).where(table.state == state).order_by(table.load_id, table.id)
    if source is not None:
        query = query.where(table.source == source)
    if limit is not None:
        query = query.limit(limit)
    with store.begin() as connection:
        rows = connection.execute(query).mappings().all()
    return [_shown(dict(row), unmask) for row in rows]


def export_rejects(store: Store, path: Path, source: str) -> int:
    """Write a source's open rejects as CSV, to be mended and replayed; returns how many.

    The first columns name the reject and the reason, the others are the columns of the file.
    A record that could not be split into fields has its text in ``_record``: fill in the columns.
    The file is UTF-8 with a byte order mark, as spreadsheets want it, readable by its owner only:
    it holds personal data as they are.

    Raises:
        DiskFullError: no space is left.
    """
    headers = _headers(store, source)
    count = 0
    aside = path.with_name(path.name + ".part")
    with disk_guard(path.parent):
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(handle, "w", encoding="utf-8-sig", newline="") as file:  # noqa: PTH123 - a handle, not a path
            writer = csv.writer(file)
            writer.writerow([*EXPORT_COLUMNS, *headers])
            for count, (row, kept) in enumerate(open_rejects(store, source), start=1):  # noqa: B007
                values = kept.cells
                writer.writerow(
                    [
                        row["id"],
                        row["file"],
                        row["line"],
                        row["field"] or "",
                        row["message_en"],
                        kept.raw or "",
                    ]
                    + [values.get(name) or "" for name in headers]
                )
        try:
            aside.replace(path)
        except OSError:
            aside.unlink()  # it holds personal data, and nobody knows of it
            raise
    return count


def open_rejects(store: Store, source: str) -> Iterator[tuple[Mapping[str, Any], KeptRecord]]:
    """Yield a source's open rejects with their records, in the order of loads and lines."""
    table = reject_table.c
    query = sa.select(reject_table).where(table.source == source, table.state == "open")
    query = query.order_by(table.load_id, table.id)
    with store.begin() as connection:
        result = connection.execution_options(yield_per=_FETCH_ROWS).execute(query)
        for row in result.mappings():
            yield dict(row), msgspec.json.decode(row["record"], type=KeptRecord)


def reject_sources(store: Store) -> set[str]:
    """Return what open rejects name as their source: contracts, and kinds of messages that no contract has."""
    table = reject_table.c
    with store.begin() as connection:
        return set(connection.scalars(sa.select(table.source).where(table.state == "open").distinct()))


def _headers(store: Store, source: str) -> list[str]:
    """Return the columns that a source's open rejects have: all of one file have the same, messages may not."""
    table = reject_table.c
    mine = sa.select(table.record).where(table.source == source, table.state == "open")
    first = (
        mine.where(table.file != API_FILE).ext(distinct_on(table.load_id)).order_by(table.load_id, table.id)
    )
    sent = mine.where(table.file == API_FILE).order_by(table.load_id, table.id)
    with store.begin() as connection:
        records = [*connection.scalars(first), *connection.scalars(sent)]
    kept = [msgspec.json.decode(record, type=KeptRecord) for record in records]
    found = dict.fromkeys(name for each in kept for name in (each.cells or each.header or ()))
    return [
        *(name for name in MESSAGE_COLUMNS if name in found),
        *(n for n in found if n not in MESSAGE_COLUMNS),
    ]


def _message_cells(message: Message) -> dict[str, str | None]:
    own = {name: getattr(message, name[1:]) for name in MESSAGE_COLUMNS}
    inside = message.properties if isinstance(message.properties, dict) else {}
    return {name: _cell(value) for name, value in (own | inside).items()}


def _cell(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()


def _shown(row: Mapping[str, Any], unmask: bool) -> Reject:
    personal = msgspec.json.decode(row["record"], type=KeptRecord).personal
    return Reject(
        id=row["id"],
        source=row["source"],
        file=row["file"],
        line=row["line"],
        field=row["field"],
        value=mask(row["value"]) if personal and not unmask else row["value"],
        code=row["code"],
        reason=Text(en=row["message_en"], zh=row["message_zh"]),
        state=row["state"],
    )
