"""Tiles 时间片: how does a record take in events, and what does it say as of a moment?

``fold`` adds one event, ``settle`` takes in those whose time has come and forgets tiles that no
window reaches any more, ``read`` gives the value of every tag. All three are pure: time and
rows are arguments, nothing is looked up. A correction or a deletion cannot be taken out of a
state such as a minimum; that customer's record is folded anew from his history.
"""

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from vostro.portrait.online.attributes import block_put, block_read, held_form
from vostro.portrait.online.folding import fold_function
from vostro.portrait.online.plan import Plan, plan_records
from vostro.portrait.online.reading import read_function
from vostro.portrait.online.record import AT, BLOCKS, GROUPS, HELD, WAITING, Record, empty_record
from vostro.portrait.online.rows import Row, RowReader, write_row
from vostro.portrait.online.ruletags import rule_tags_function

if TYPE_CHECKING:
    from vostro.capture import Contract
    from vostro.portrait.tags import Tag

__all__ = ["SourceEvent", "Tiles"]


class SourceEvent(NamedTuple):
    """One event of a customer, in its last version."""

    contract: str
    time_us: int  # when it happened, microseconds
    load_id: int  # with ``place`` the order in which it became known
    place: int
    row: Row


class Tiles:
    """The records of a bank's tags: compiled once, used for every customer."""

    def __init__(self, tags: "Mapping[str, Tag]", contracts: "Mapping[str, Contract]") -> None:
        """Compile.

        Args:
            tags: each after the tags that it reads, as ``read_tags`` returns them.
            contracts: what the tags are made from.
        """
        self.tags = tags
        self.plan: Plan = plan_records(tags, contracts)
        self.kinds = {kind: source.contract for kind, source in self.plan.kinds.items()}
        self.readers = {name: RowReader(each, contracts[name]) for name, each in self.plan.sources.items()}
        self.aggregates = {code: tag.aggregate for code, tag in tags.items() if tag.aggregate is not None}
        self._folds = {name: fold_function(self.plan, each) for name, each in self.plan.sources.items()}
        self._read = read_function(self.plan, self.aggregates)
        self._rows = {
            name: block_put(self.plan, each.block, contracts[name])
            for name, each in self.plan.sources.items()
            if each.block is not None
        }
        self._attributes = block_read(self.plan, tags, contracts)
        self._held = {code: held_form(tag).read for code, tag in tags.items()}
        self._rule_tags = rule_tags_function(tags)
        self._kept = [
            (i, each.keep_us, each.hop_us) for i, each in enumerate(self.plan.groups) if each.hop_us
        ]

    def empty(self, at_us: int = 0) -> Record:
        """Return the record of a customer of whom nothing is known."""
        return empty_record(self.plan, at_us)

    def record_of(self, events: Iterable[SourceEvent], now_us: int) -> Record:
        """Return the record of a customer with these events, in any order."""
        record = self.empty(now_us)
        for event in events:
            self.fold(record, event, now_us)
        self.settle(record, now_us)
        return record

    def fold(self, record: Record, event: SourceEvent, now_us: int) -> None:
        """Add an event to a record; one that is still to come waits in it.

        Args:
            record: changed in place.
            event: not in the record yet, and the only version of its event.
            now_us: the moment of folding, microseconds.
        """
        if event.time_us >= now_us:
            insort(
                record[WAITING],
                [event.time_us, event.contract, event.load_id, event.place, write_row(event.row)],
            )
        else:
            self._add(record, event)

    def settle(self, record: Record, now_us: int) -> None:
        """Take in what has waited until now, and forget what no window reaches any more."""
        waiting = record[WAITING]
        while waiting and waiting[0][0] < now_us:
            time_us, contract, load_id, place, row = waiting.pop(0)
            read = self.readers[contract].read(row, "", time_us)
            self._add(record, SourceEvent(contract, time_us, load_id, place, read))
        record[AT] = max(record[AT], now_us)
        self._prune(record)

    def read(self, record: Record, as_of_us: int) -> dict[str, object]:
        """Return the value of every tag, in the order of the tags.

        Args:
            record: what has waited until ``as_of_us`` is taken into it.
            as_of_us: microseconds; a record only goes forward, so that a moment before its last event is
                read as that moment.

        Returns:
            ``{tag: value}`` in the types of the tags; None where it is unknown.
        """
        as_of_us = max(as_of_us, record[AT])
        if record[WAITING] and record[WAITING][0][0] < as_of_us:
            self.settle(record, as_of_us)
        found: dict[str, object] = dict.fromkeys(self.tags)
        found.update(zip(self.aggregates, self._read(record[GROUPS], as_of_us), strict=True))
        self._attributes(self._blocks_at(record, as_of_us), found, as_of_us)
        for code, (value, end_us, _) in record[HELD].items():
            if code in found and value is not None and (end_us is None or end_us > as_of_us):
                found[code] = self._held[code](value)
        self._rule_tags(found)
        return found

    def _blocks_at(self, record: Record, as_of_us: int) -> list[Any]:
        """Return the latest rows: an attribute knows what happens at the moment itself, a window does not."""
        now = [each for each in record[WAITING] if each[0] == as_of_us and each[1] in self._rows]
        blocks: list[Any] = list(record[BLOCKS]) if now else record[BLOCKS]
        for time_us, contract, load_id, place, row in now:
            read = self.readers[contract].read(row, "", time_us)
            self._rows[contract](blocks, SourceEvent(contract, time_us, load_id, place, read))
        return blocks

    def _add(self, record: Record, event: SourceEvent) -> None:
        contract = event.contract
        self._folds[contract](record[GROUPS], event.time_us, event.row)
        block = self._rows.get(contract)
        if block is not None:
            block(record[BLOCKS], event)

    def _prune(self, record: Record) -> None:
        groups, at, offset = record[GROUPS], record[AT], self.plan.clock.offset_us
        for number, keep, hop in self._kept:
            group = groups[number]
            if group is not None:
                oldest = (at - keep + offset) // hop
                if group[0][0] < oldest:
                    cut = bisect_left(group[0], oldest)
                    if cut == len(group[0]):
                        groups[number] = None
                    else:
                        for column in group:
                            del column[:cut]
