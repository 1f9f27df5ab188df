"""Read cache 读缓存: what is known of a customer now, including every event that was acknowledged?

**The guarantee.** A portrait that is returned holds every event of the customer that was
committed before the read began, whichever process wrote it and whether or not the worker has
taken it in. One statement asks the store, in one snapshot, for the mark of the customer's record
(it changes with every writing), for the record where the mark is not the cached one, and for the
events of the customer that are still pending. Those few are folded on top of the record here,
without being written. So the cache saves reading and unpacking, and never the question whether
it is still true.

Any identifier of a person is answered with the person's portrait. While the record of a person whose
identifiers came or went is being made anew, the portrait is read from the history instead.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from vostro.engine import Lake, LoggedEvent, Look, QueueSession, StoreLostError, events_of, look, versions_of
from vostro.portrait.online.apply import rebuild, take_in
from vostro.portrait.online.customer import PastReader
from vostro.portrait.online.errors import EventUnseenError
from vostro.portrait.online.portrait import OnlinePortrait
from vostro.portrait.online.record import MARK, Record, unpack
from vostro.portrait.online.rows import microseconds, moment_of
from vostro.portrait.online.tiles import Tiles

if TYPE_CHECKING:
    from vostro.capture import Contract
    from vostro.portrait.tags import Tag

__all__ = ["PortraitReader"]

_SIZE = 10_000  # customers
_WAIT_SECONDS = 2.0
_POLL_SECONDS = 0.005


class _Entry:
    """A cached record: with which mark it was read, and which pending events were folded on top."""

    __slots__ = ("extra", "mark", "moved", "record", "sequence")

    def __init__(
        self, mark: int, sequence: int, extra: tuple[int, ...], record: Record, *, moved: bool = False
    ) -> None:
        self.mark, self.sequence, self.extra, self.record = mark, sequence, extra, record
        self.moved = moved  # the record is to be made anew: there is none to keep


class PortraitReader:
    """Reads live portraits; may be used by many threads."""

    def __init__(
        self,
        lake: Lake,
        tags: "Mapping[str, Tag]",
        contracts: "Mapping[str, Contract]",
        *,
        size: int = _SIZE,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Prepare; the connection is made at the first read.

        Args:
            lake: of the bank; its store has the records.
            tags: of the bank.
            contracts: of the bank.
            size: how many customers are cached.
            clock: what time it is.
        """
        self._lake, self._size, self._clock = lake, size, clock
        self._tags, self._contracts = tags, contracts
        self.tiles = Tiles(tags, contracts)
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._session: QueueSession | None = None
        self._past: PastReader | None = None
        self._lock = threading.Lock()
        self.hits = self.misses = 0

    def read(
        self, customer: str, *, as_of: datetime | None = None, at_least: int | None = None
    ) -> OnlinePortrait | None:
        """Return the portrait of one customer, or None when nobody knows him; see ``read_many``."""
        return self.read_many([customer], as_of=as_of, at_least=at_least).get(customer)

    def read_many(
        self, customers: Sequence[str], *, as_of: datetime | None = None, at_least: int | None = None
    ) -> dict[str, OnlinePortrait]:
        """Return the portraits of some customers, all of one snapshot of the store.

        Args:
            customers: those whom nobody knows are left out of the answer.
            as_of: the moment; None: now. A live portrait only goes forward: a moment before its last
                event is answered as of that event. For the past there is ``customer_as_of``.
            at_least: an event of the log that must be in; waits until it is committed.

        Raises:
            EventUnseenError: ``at_least`` was not committed in time.
            StoreLostError: PostgreSQL is away; try again.
        """
        with self._lock:
            try:
                return self._read(list(dict.fromkeys(customers)), as_of, at_least)
            except StoreLostError:
                self._close()
                raise

    def forget(self, customer: str | None = None) -> None:
        """Drop what is cached, of one customer or of all; never needed for correctness."""
        with self._lock:
            if customer is None:
                self._entries.clear()
            else:
                self._entries.pop(customer, None)

    def close(self) -> None:
        """End the connection."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()
        self._session = None

    def _read(
        self, customers: list[str], as_of: datetime | None, at_least: int | None
    ) -> dict[str, OnlinePortrait]:
        if self._session is None:
            self._session = QueueSession(self._lake.store)
        with self._session.glance() as cursor:
            if at_least is not None:
                _await(cursor, at_least)
            seen = [entry.mark if (entry := self._entries.get(each)) else 0 for each in customers]
            looks = {each.customer: each for each in look(cursor, [*customers, MARK], [*seen, 0])}
            mark = looks.pop(MARK)
            as_of = as_of or self._clock()
            if mark.version != self.tiles.plan.version:
                return self._from_history(customers, as_of)
            found: dict[str, OnlinePortrait] = {}
            for each in looks.values():
                entry = None if each.moved else self._entry(cursor, each, microseconds(as_of))
                if each.moved or (entry is not None and entry.moved):
                    found |= self._from_history([each.customer], as_of)
                elif entry is not None:
                    found[each.customer] = self._portrait(each.names[0], entry, microseconds(as_of))
        return found

    def _entry(self, cursor: Any, seen: Look, now_us: int) -> _Entry | None:
        """Return the record of a customer with all his pending events, from the cache where it is true."""
        extra = tuple(seen.missing)
        cached = self._entries.get(seen.customer)
        if seen.mark is None and not extra:
            return None
        if cached is not None and cached.mark == (seen.mark or 0) and cached.extra == extra:
            self._entries.move_to_end(seen.customer)
            self.hits += 1
            return cached
        self.misses += 1
        if seen.mark is not None and seen.record is None:  # only the pending events changed: read it again
            seen = look(cursor, [seen.customer], [0])[0]
            extra = tuple(seen.missing)
            if seen.moved:
                return _Entry(0, 0, (), [], moved=True)
        record = self.tiles.empty() if seen.record is None else unpack(seen.record)
        if extra:
            self._fold(cursor, record, seen.names, events_of(cursor, extra), now_us)
        entry = _Entry(seen.mark or 0, max((seen.sequence or 0, *extra)), extra, record)
        self._entries[seen.customer] = entry
        self._entries.move_to_end(seen.customer)
        while len(self._entries) > self._size:
            self._entries.popitem(last=False)
        return entry

    def _fold(
        self, cursor: Any, record: Record, names: Sequence[str], events: Sequence[LoggedEvent], now_us: int
    ) -> None:
        """Fold pending events; where one has several versions, fold the person's whole history."""
        if any(event.contested and event.kind in self.tiles.kinds for event in events):
            whole = versions_of(cursor, names, self.tiles.kinds, pending=True)
            rebuild(self.tiles, record, whole, now_us)
            events = [event for event in events if event.kind not in self.tiles.kinds]
        take_in(self.tiles, record, events, now_us)

    def _portrait(self, customer: str, entry: _Entry, as_of_us: int) -> OnlinePortrait:
        tags = self.tiles.read(entry.record, as_of_us)
        at = moment_of(max(as_of_us, entry.record[0]))
        return OnlinePortrait(customer=customer, as_of=at, tags=tags, sequence=entry.sequence)

    def _from_history(self, customers: list[str], as_of: datetime) -> dict[str, OnlinePortrait]:
        """Read without records: there are none yet, or they are of other definitions."""
        if self._past is None:
            self._past = PastReader(self._lake, self._tags, self._contracts)
        found = {each: self._past.read(each, as_of) for each in customers}
        return {customer: each for customer, each in found.items() if each is not None}


def _await(cursor: Any, sequence: int) -> None:
    """Wait until an event of the log is committed."""
    end = time.monotonic() + _WAIT_SECONDS
    while not events_of(cursor, [sequence]):
        if time.monotonic() > end:
            raise EventUnseenError(sequence=sequence, seconds=_WAIT_SECONDS)
        time.sleep(_POLL_SECONDS)
