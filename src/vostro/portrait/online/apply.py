"""Applying events 应用事件: what do the records of some customers look like once these events are in?

Pure: records and events in, records out. Events whose event has several versions are not folded:
the customer's states of all sources of the log are folded anew from his history there; what came
only through files of the lake stays as it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from vostro.engine import LoggedEvent
from vostro.portrait.online.held import SETTING_KINDS, hold
from vostro.portrait.online.record import BLOCKS, GROUPS, WAITING, Record, pack, unpack
from vostro.portrait.online.tiles import SourceEvent, Tiles

__all__ = ["apply_events", "rebuild", "source_event", "take_in"]

_NOBODY: Mapping[str, str] = MappingProxyType({})


def source_event(tiles: Tiles, event: LoggedEvent) -> SourceEvent:
    """Return an event of the log as the tiles take it in; its kind is one of the plan."""
    contract = tiles.kinds[event.kind]
    row = tiles.readers[contract].read(event.body, event.customer, event.time_us)
    return SourceEvent(contract, event.time_us, event.load_id, event.sequence, row)


def apply_events(
    tiles: Tiles,
    records: Mapping[str, bytes],
    events: Sequence[LoggedEvent],
    histories: Mapping[str, Sequence[LoggedEvent]],
    now_us: int,
    people: Mapping[str, str] = _NOBODY,
) -> dict[str, bytes]:
    """Return the records that these events change.

    Args:
        tiles: of the bank's tags.
        records: of the customers, as far as they have one.
        events: not in the records yet, in any order.
        histories: whose records are folded anew, with all their events of the log that count.
        now_us: the moment of folding, microseconds.
        people: customer -> person, of those who have another's name; records and histories are the person's.
    """
    by_customer: dict[str, list[LoggedEvent]] = defaultdict(list)
    for event in events:
        by_customer[people.get(event.customer, event.customer)].append(event)
    changed: dict[str, bytes] = {}
    for customer in {**by_customer, **histories}:
        mine, packed = by_customer[customer], records.get(customer)
        if packed is not None and customer not in histories and not _matter(tiles, mine):
            continue
        record = tiles.empty(now_us) if packed is None else unpack(packed)
        if customer in histories:
            rebuild(tiles, record, histories[customer], now_us)
        take_in(
            tiles, record, [e for e in mine if customer not in histories or e.kind in SETTING_KINDS], now_us
        )
        changed[customer] = pack(record)
    return changed


def rebuild(tiles: Tiles, record: Record, history: Iterable[LoggedEvent], now_us: int) -> None:
    """Fold the states of every source of the log anew."""
    for source in tiles.plan.kinds.values():
        for number in source.groups:
            record[GROUPS][number] = None
        if source.block is not None:
            record[BLOCKS][source.block] = None
    logged = {source.contract for source in tiles.plan.kinds.values()}
    record[WAITING] = [each for each in record[WAITING] if each[1] not in logged]
    take_in(tiles, record, history, now_us)


def _matter(tiles: Tiles, events: Iterable[LoggedEvent]) -> bool:
    return any(event.kind in tiles.kinds or event.kind in SETTING_KINDS for event in events)


def take_in(tiles: Tiles, record: Record, events: Iterable[LoggedEvent], now_us: int) -> None:
    """Add events of the log to a record; those that no tag reads change nothing."""
    for event in events:
        if event.kind in tiles.kinds:
            tiles.fold(record, source_event(tiles, event), now_us)
        elif event.kind in SETTING_KINDS:
            hold(tiles.tags, record, event)
    tiles.settle(record, now_us)
