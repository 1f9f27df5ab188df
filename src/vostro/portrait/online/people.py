"""Records of people 归属变更后的重建: what does the record look like of somebody who gained or lost identifiers?

A state such as a minimum cannot be taken out of a record: it is made anew from the history of all the
person's identifiers in the log and in the lake. Meanwhile no worker folds anything: whoever began
with the people of before has committed by then, so that nothing that he took in is missed.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from vostro.engine import (
    LoggedEvent,
    QueueSession,
    StoredRecord,
    claim_moved,
    delete_records,
    follow_customers,
    identifiers_of,
    read_records,
    versions_of,
    write_records,
)
from vostro.portrait.online.apply import take_in
from vostro.portrait.online.errors import DefinitionsChangedError
from vostro.portrait.online.held import SETTING_KINDS
from vostro.portrait.online.record import HELD, MARK, Record, pack, unpack
from vostro.portrait.online.rows import microseconds
from vostro.portrait.online.seeding import held_states
from vostro.portrait.online.tiles import Tiles

if TYPE_CHECKING:
    from vostro.portrait.online.customer import PastReader

__all__ = ["histories_of", "remake_records"]

_PEOPLE = 250  # a transaction: the workers wait for it


def remake_records(session: QueueSession, tiles: Tiles, past: "PastReader", now: datetime) -> int:
    """Make the records of some people anew whose identifiers came or went, and return how many.

    Args:
        session: of the worker.
        tiles: of the bank's tags.
        past: finds rows of the lake.
        now: the moment of the records.

    Raises:
        DefinitionsChangedError: the records are of other definitions.
    """
    with session.alone(), session.transaction() as cursor:
        people = claim_moved(cursor, _PEOPLE)
        if people:
            follow_customers(cursor, people)
            _remake(cursor, tiles, past, people, now)
    return len(people)


def histories_of(
    cursor: Any, names: Mapping[str, Sequence[str]], kinds: Mapping[str, str]
) -> dict[str, list[LoggedEvent]]:
    """Return the events of the log that are in the records of some people: person -> events in order.

    Args:
        cursor: inside the transaction that writes the records.
        names: person -> identifiers.
        kinds: ``{kind: contract}``.
    """
    owner = {name: person for person, own in names.items() for name in own}
    found: dict[str, list[LoggedEvent]] = defaultdict(list)
    for event in sorted(versions_of(cursor, sorted(owner), kinds)):
        found[owner[event.customer]].append(event)
    return {person: found[person] for person in names}


def _remake(cursor: Any, tiles: Tiles, past: "PastReader", people: list[str], now: datetime) -> None:
    stored = read_records(cursor, [MARK, *people])
    version = tiles.plan.version
    if MARK not in stored or stored[MARK].version != version:
        raise DefinitionsChangedError(version=version)
    names = identifiers_of(cursor, people)
    logged = histories_of(cursor, names, {**tiles.kinds, **dict.fromkeys(SETTING_KINDS, "")})
    rows = past.lake_events([each for own in names.values() for each in own])
    said = _said(tiles, past, names, now)
    made, gone = [], sorted(set(people) - names.keys())
    for person, own in names.items():
        old = stored.get(person)
        mine = [event for name in own for event in rows.get(name, ())]
        if not (mine or logged[person] or said.get(person) or old):
            continue
        record = tiles.record_of(mine, microseconds(now))
        record[HELD] = _counted(tiles, old) | said.get(person, {})
        take_in(tiles, record, logged[person], microseconds(now))
        last = max((event.sequence for event in logged[person]), default=0)
        made.append(StoredRecord(person, last, version, pack(record)))
    delete_records(cursor, gone)
    write_records(cursor, made, now)


def _said(
    tiles: Tiles, past: "PastReader", names: Mapping[str, Sequence[str]], now: datetime
) -> dict[str, dict[str, list[Any]]]:
    """Return what estimators and identity said of people; what persons said is in the log."""
    tags = {code: tag for code, tag in tiles.tags.items() if tag.kind in ("model", "identity")}
    if not tags:
        return {}
    pairs = [(name, person) for person, own in names.items() for name in own[1:]]
    known = pl.DataFrame(pairs, schema={"customer": pl.String, "person": pl.String}, orient="row")
    everyone = [name for own in names.values() for name in own]
    return held_states(tags, past.lake, now, customer=everyone, people=known)


def _counted(tiles: Tiles, old: StoredRecord | None) -> dict[str, list[Any]]:
    """Return what only a build over all customers knows; it is as of the last one."""
    held: Record = [] if old is None else unpack(old.record)
    if not held:
        return {}
    return {
        code: state
        for code, state in held[HELD].items()
        if code in tiles.tags and tiles.tags[code].kind == "household"
    }
