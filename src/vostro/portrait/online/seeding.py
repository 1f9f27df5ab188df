"""Seeding 建立在线画像: how does every customer get a record, while events keep arriving?

All records are built from the lake in columns and written in one transaction that sees one state
of the store: which partitions are live, up to where arrivals were copied into the lake, and which
events are pending. What is in the lake leaves the queue in that transaction, everything else
stays in it and is taken in afterwards. Workers pause meanwhile; readers go on with the old
records and fold what is pending. Killed anywhere, the old records stand.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from vostro.capture import drain
from vostro.engine import (
    Lake,
    QueueSession,
    StoredRecord,
    forget_moved,
    last_sequence,
    live_partitions,
    replace_records,
    settle_pending,
)
from vostro.portrait.identity.over_time import known_people
from vostro.portrait.online.attributes import held_form
from vostro.portrait.online.batch import CUSTOMER, TIME, block_frame, group_frame, source_rows
from vostro.portrait.online.held import SETTING_KINDS
from vostro.portrait.online.packing import pack_records
from vostro.portrait.online.pinned import PinnedLake
from vostro.portrait.online.record import MARK
from vostro.portrait.online.rows import microseconds
from vostro.portrait.online.tiles import SourceEvent, Tiles

if TYPE_CHECKING:
    from vostro.capture import Contract
    from vostro.portrait.tags import Tag

__all__ = ["held_states", "seed", "seed_session"]

_ROWS_A_SHARE = 20_000_000


def seed(
    lake: Lake,
    tags: "Mapping[str, Tag]",
    contracts: "Mapping[str, Contract]",
    *,
    now: datetime,
    given: pl.DataFrame | None = None,
) -> int:
    """Build the record of every customer anew, and return how many there are.

    Args:
        lake: of the bank; its store keeps the records.
        tags: of the bank.
        contracts: of the bank.
        now: the moment of the records.
        given: ``customer`` and values of tags that only a build over all customers knows (households).
    """
    with QueueSession(lake.store) as session:
        return seed_session(session, lake, Tiles(tags, contracts), contracts, now=now, given=given)


def seed_session(
    session: QueueSession,
    lake: Lake,
    tiles: Tiles,
    contracts: "Mapping[str, Contract]",
    *,
    now: datetime,
    given: pl.DataFrame | None = None,
) -> int:
    """Build all records through a session; see ``seed``."""
    with session.alone():
        for source in tiles.plan.kinds.values():
            drain(lake.store, lake, contracts[source.contract])
        with session.transaction() as cursor:
            live = live_partitions(cursor)
            pinned = PinnedLake(lake, [each for each in lake.partitions() if each.sequence in live])
            sequence = last_sequence(cursor)
            people = known_people(lake)
            version = tiles.plan.version
            mark = StoredRecord(MARK, sequence, version, b"")

            def records() -> Iterator[StoredRecord]:
                yield mark
                for customer, record in _records(tiles, contracts, pinned, now, given, people):
                    yield StoredRecord(customer, sequence, version, record)

            count = replace_records(cursor, records(), now) - 1
            settle_pending(cursor, [*tiles.kinds, *SETTING_KINDS])
            forget_moved(cursor)  # who moves from here on is noted anew
    return count


def _records(
    tiles: Tiles,
    contracts: "Mapping[str, Contract]",
    lake: PinnedLake,
    now: datetime,
    given: pl.DataFrame | None,
    people: pl.DataFrame | None,
) -> Iterator[tuple[str, bytes]]:
    """Yield the record of every customer, one a person; in shares when there are very many rows."""
    most = max((sum(p.rows for p in lake.partitions(name)) for name in tiles.plan.sources), default=0)
    shares = most // _ROWS_A_SHARE + 1
    held = held_states(tiles.tags, lake, now, people=people)
    _give(held, tiles.tags, given, now)
    now_us = microseconds(now)
    for share in range(shares):
        groups: dict[int, pl.DataFrame] = {}
        blocks: dict[int, pl.DataFrame] = {}
        waiting: dict[str, list[SourceEvent]] = defaultdict(list)
        seen: list[pl.Series] = []
        for name, source in tiles.plan.sources.items():
            if not lake.partitions(name):
                continue
            rows = source_rows(tiles.plan, source, contracts[name], lake, (share, shares), people)
            seen.append(rows[CUSTOMER].unique())
            for number in source.groups:
                offset = tiles.plan.clock.offset_us
                groups[number] = group_frame(tiles.plan.groups[number], number, rows, now, offset)
            if source.block is not None:
                blocks[source.block] = block_frame(
                    tiles.plan.blocks[source.block], contracts[name], rows, now
                )
            if contracts[name].event_time is not None:
                _wait(waiting, name, list(source.columns), rows.filter(pl.col(TIME) >= now_us))
        if seen:
            customers = pl.concat(seen).unique().sort()
            yield from pack_records(
                tiles, customers, groups, blocks, held=held, waiting=waiting, now_us=now_us
            )


def _wait(
    waiting: dict[str, list[SourceEvent]], contract: str, columns: list[str], rows: pl.DataFrame
) -> None:
    """Note the few events that are dated after the moment of the records."""
    for row in rows.select(CUSTOMER, TIME, "_load", "_line", *columns).iter_rows():
        customer, time_us, load_id, place, *values = row
        event = SourceEvent(contract, time_us, load_id, place, dict(zip(columns, values, strict=True)))
        waiting[customer].append(event)


def held_states(
    tags: "Mapping[str, Tag]",
    lake: Lake,
    now: datetime,
    *,
    customer: Collection[str] | None = None,
    people: pl.DataFrame | None = None,
) -> dict[str, dict[str, list[Any]]]:
    """Return the values of manual, model and identity tags as records hold them: customer -> tag -> state.

    Args:
        tags: of the bank; other kinds are left out.
        lake: of the bank.
        now: the moment of the records.
        customer: only these; None: everybody.
        people: ``customer`` and ``person`` of those who have another's name.
    """
    from vostro.portrait.catalogue.held import held_history

    found: dict[str, dict[str, list[Any]]] = defaultdict(dict)
    for code, rows in held_history(lake, tags, customer=customer, people=people).items():
        holds = rows.filter((pl.col("since") <= now) & (pl.col("end").is_null() | (pl.col("end") > now)))
        write = held_form(tags[code]).write
        for who, value, since, end in holds.select("customer", "value", "since", "end").iter_rows():
            if value is not None:
                end_us = None if end is None else microseconds(end)
                found[who][code] = [write(value), end_us, microseconds(since)]
    return found


def _give(
    held: dict[str, dict[str, list[Any]]],
    tags: "Mapping[str, Tag]",
    given: pl.DataFrame | None,
    now: datetime,
) -> None:
    """Add values that only a build over all customers knows."""
    for code in [] if given is None else [each for each in given.columns if each in tags]:
        write = held_form(tags[code]).write
        for customer, value in given.select("customer", code).drop_nulls().iter_rows():  # type: ignore[union-attr]
            held[customer][code] = [write(value), None, microseconds(now)]
