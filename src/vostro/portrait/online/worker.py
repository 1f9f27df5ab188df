"""Worker 画像更新进程: how does an event get into its customer's record exactly once?

One step is one transaction: take events out of the queue, read the records of their customers,
fold, write the records. Killed anywhere, either all of it happened or nothing. Two workers of one
slice could do no harm either (the second one's transaction is refused); the lock only spares the
waste. The order of events does not matter to the states; versions of one event do, and a customer
with any is folded anew from his history. An event goes into the record of the person whom identity
knows behind its customer; records of people whose identifiers came or went are made anew.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from vostro.engine import (
    Lake,
    LoggedEvent,
    QueueSession,
    Store,
    StoredRecord,
    StoreLostError,
    claim,
    customers_about,
    identifiers_of,
    is_conflict,
    is_moved,
    persons_of,
    read_records,
    write_records,
)
from vostro.portrait.identity.hearing import SAID, hear_visitors
from vostro.portrait.online.apply import apply_events
from vostro.portrait.online.customer import PastReader
from vostro.portrait.online.errors import DefinitionsChangedError
from vostro.portrait.online.record import MARK
from vostro.portrait.online.rows import microseconds
from vostro.portrait.online.tiles import Tiles

if TYPE_CHECKING:
    from vostro.capture import Contract
    from vostro.portrait.tags import Tag

__all__ = ["Worker"]

_BATCH = 4_000  # events a transaction: a fraction of a second
_TIDY_EVENTS = 20_000
_MANY = 20_000  # people: rather all records are made anew
_POLL_SECONDS = 0.1  # when nobody announces
_RETRY_SECONDS = 0.25
Clock = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(UTC)


class Worker:
    """Keeps the records of one slice of the customers up to date."""

    def __init__(
        self,
        store: Store,
        lake: Lake,
        tags: "Mapping[str, Tag]",
        contracts: "Mapping[str, Contract]",
        *,
        slice_number: int = 0,
        slices: int = 1,
        batch: int = _BATCH,
        clock: Clock = _now,
    ) -> None:
        """Prepare; ``run`` works.

        Args:
            store: with the log, the queue and the records.
            lake: for the first record of everyone.
            tags: of the bank.
            contracts: of the bank.
            slice_number: which customers are this worker's, 0 to ``slices`` - 1.
            slices: how many slices there are; the same for all workers.
            batch: events a transaction, at most.
            clock: what time it is.
        """
        self.visitors = (
            False  # whether `identity` events let visitors be customers: set where identity is asked for
        )
        self.store, self.lake, self.tags, self.contracts = store, lake, tags, contracts
        self.tiles = Tiles(tags, contracts)
        self.slice_number, self.slices, self.batch, self.clock = slice_number, slices, batch, clock
        self.applied = 0  # events since the start
        self._past = PastReader(lake, tags, contracts)
        self._tidied = 0

    def run(self, stop: threading.Event) -> None:
        """Work until told to stop; lives through the death of PostgreSQL.

        Raises:
            DefinitionsChangedError: the records were rebuilt for other definitions: start again with those.
        """
        while not stop.is_set():
            try:
                with QueueSession(self.store) as session:
                    self._serve(session, stop)
            except StoreLostError:
                stop.wait(_RETRY_SECONDS)

    def drain(self) -> int:
        """Take in all that is pending now, and return how many events."""
        before = self.applied
        with QueueSession(self.store) as session:
            self.prepare(session)
            while self.step(session):
                pass
        return self.applied - before

    def prepare(self, session: QueueSession) -> None:
        """Make the records of everyone, when there are none of these definitions yet."""
        with session.glance() as cursor:
            mark = read_records(cursor, [MARK]).get(MARK)
        if mark is None or mark.version != self.tiles.plan.version:
            from vostro.portrait.online.seeding import seed_session  # half a second of imports, seldom needed

            seed_session(session, self.lake, self.tiles, self.contracts, now=self.clock())

    def step(self, session: QueueSession) -> int:
        """Take in one batch, and return how many events it had, and people who changed.

        0: there are none, or try again.
        """
        try:
            people = self._remake(session)
            with session.batch() as cursor:
                events = claim(cursor, self.batch, slice_number=self.slice_number, slices=self.slices)
                if events:
                    self._apply(cursor, events)
        except Exception as error:
            if is_conflict(error):
                return 0
            raise
        self.applied += len(events)
        if self.applied - self._tidied >= _TIDY_EVENTS:
            session.tidy()
            self._tidied = self.applied
        return len(events) + people

    def _remake(self, session: QueueSession) -> int:
        """Make records of people anew whose identifiers came or went, and return how many."""
        with session.glance() as cursor:
            if not is_moved(cursor):
                return 0
            many = is_moved(cursor, _MANY)
        from vostro.portrait.online.people import remake_records
        from vostro.portrait.online.seeding import seed_session

        if many:
            return seed_session(session, self.lake, self.tiles, self.contracts, now=self.clock())
        return remake_records(session, self.tiles, self._past, self.clock())

    def _serve(self, session: QueueSession, stop: threading.Event) -> None:
        while not session.take_slice(self.slice_number):
            if stop.wait(_RETRY_SECONDS):
                return
        self.prepare(session)
        while not stop.is_set():
            if not self.step(session):
                session.wait(_POLL_SECONDS)

    def _apply(self, cursor: Any, events: Sequence[LoggedEvent]) -> None:
        """Fold events into records inside the transaction that took them out of the queue."""
        now = self.clock()
        if self.visitors and any(event.kind == SAID for event in events):
            hear_visitors(cursor, [event.sequence for event in events if event.kind == SAID])
        people = persons_of(cursor, {event.customer for event in events})
        histories = self._histories(cursor, events)
        customers = {people.get(event.customer, event.customer) for event in events} | histories.keys()
        stored = read_records(cursor, [MARK, *customers])
        version = self.tiles.plan.version
        if MARK not in stored or stored.pop(MARK).version != version:
            raise DefinitionsChangedError(version=version)
        packed = {customer: each.record for customer, each in stored.items()}
        changed = apply_events(self.tiles, packed, events, histories, microseconds(now), people)
        last = {people.get(event.customer, event.customer): event.sequence for event in events}
        rows = [
            StoredRecord(who, last.get(who, 0), version, record) for who, record in sorted(changed.items())
        ]
        write_records(cursor, rows, now)

    def _histories(self, cursor: Any, events: Sequence[LoggedEvent]) -> dict[str, list[LoggedEvent]]:
        """Return the events of every person whom an event with several versions is about."""
        kinds = self.tiles.kinds
        asked = {
            (event.kind, kinds[event.kind], event.event_id)
            for event in events
            if event.contested and event.kind in kinds and event.event_id is not None
        }
        if not asked:
            return {}
        from vostro.portrait.online.people import histories_of

        about = customers_about(cursor, sorted(asked))
        people = persons_of(cursor, about)
        names = identifiers_of(cursor, {people.get(each, each) for each in about})
        return histories_of(cursor, names, kinds)
