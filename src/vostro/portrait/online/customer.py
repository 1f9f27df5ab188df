"""One customer at any moment 任意时点单客画像: what were all his tags then, and what had happened by then?

His events are read from the log (by its index) and from the lake (by copies that are sorted by
customer), as they were known at the moment, and folded by the very code that keeps the live records.
Whoever was known to be one person at the moment is one: every identifier gives the person's portrait.
"""

import contextlib
import threading
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl

from vostro.engine import Lake, QueueSession, StoreLostError, lake_pulse, own_events, versions_of
from vostro.portrait.identity.over_time import PeopleThen
from vostro.portrait.online.apply import source_event
from vostro.portrait.online.copies import copied_contracts
from vostro.portrait.online.held import hold_value
from vostro.portrait.online.lookup import CustomerRows
from vostro.portrait.online.portrait import OnlinePortrait
from vostro.portrait.online.record import Record
from vostro.portrait.online.rows import microseconds, moment_of
from vostro.portrait.online.tiles import SourceEvent, Tiles

if TYPE_CHECKING:
    from vostro.capture import Contract
    from vostro.portrait.tags import Tag

__all__ = ["CustomerEvent", "PastReader", "customer_as_of"]


class CustomerEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a customer's timeline, in the version that counted."""

    kind: str  # of the log, or the contract's code where the log has it not
    event_time: datetime  # when it happened, UTC
    load_time: datetime  # when it became known, UTC
    event_id: str | None
    body: dict[str, Any]  # the row


class PastReader:
    """Reads the past of single customers; may be used by many threads, one at a time."""

    def __init__(self, lake: Lake, tags: "Mapping[str, Tag]", contracts: "Mapping[str, Contract]") -> None:
        """Prepare; connections and copies are opened at the first question."""
        self.lake, self._contracts = lake, contracts
        self._people = PeopleThen(lake)
        self.tiles = Tiles(tags, contracts)
        self._copied = copied_contracts(contracts)
        self._session: QueueSession | None = None
        self._rows: dict[str, CustomerRows] = {}
        self._pulse: tuple[int, ...] | None = None
        self._lock = threading.Lock()

    def read(self, customer: str, as_of: datetime) -> OnlinePortrait | None:
        """Return all tags of a customer as they were known at a moment; None: nobody knew him.

        Household tags are counted over all customers: they are unknown here. The portrait's ``customer`` is
        the person who was known behind the identifier.
        """
        with self._lock, self._opened() as cursor:
            now_us = microseconds(as_of)
            names = self._people.names(cursor, customer, as_of)
            logged = versions_of(cursor, names, self.tiles.kinds, loaded_by=as_of)
            events = [source_event(self.tiles, each) for each in logged if each.time_us <= now_us]
            for name, source in self.tiles.plan.sources.items():
                if source.kind is None and name in self._rows:
                    events += [each for own in names for each in self._from_lake(name, own, as_of)]
        if not events and not logged:
            return None
        record = self.tiles.record_of(events, now_us)
        self._hold(record, names, as_of)
        tags = self.tiles.read(record, now_us)
        last = max((each.sequence for each in logged), default=0)
        return OnlinePortrait(customer=names[0], as_of=as_of, tags=tags, sequence=last)

    def lake_events(self, customers: Iterable[str]) -> dict[str, list[SourceEvent]]:
        """Return what only the lake knows of some identifiers now: identifier -> rows of all such sources."""
        found: dict[str, list[SourceEvent]] = {}
        names = [name for name, source in self.tiles.plan.sources.items() if source.kind is None]
        with self._lock, self._opened():
            for name in (each for each in names if each in self._rows):
                for customer in customers:
                    found.setdefault(customer, []).extend(self._from_lake(name, customer, None))
        return found

    def events(self, customer: str, as_of: datetime, *, limit: int = 200) -> list[CustomerEvent]:
        """Return what had happened to a customer by a moment, over all sources, the latest first.

        Events of every contract with an event time, and what Vostro itself wrote about the customer.
        """
        kinds = {each.event: name for name, each in self._contracts.items() if each.event}
        with self._lock, self._opened() as cursor:
            names = self._people.names(cursor, customer, as_of)
            logged = versions_of(cursor, names, kinds, loaded_by=as_of)
            logged += [each for own in names for each in own_events(cursor, own, loaded_by=as_of)]
            found = [
                CustomerEvent(
                    kind=each.kind,
                    event_time=moment_of(each.time_us),
                    load_time=moment_of(each.load_us),
                    event_id=each.event_id,
                    body=msgspec.json.decode(each.body),
                )
                for each in logged
            ]
            for name, rows in self._rows.items():
                if self._contracts[name].event_time is not None:
                    found += [
                        _event(name, self._contracts[name], row)
                        for own in names
                        for row in rows.rows(own, loaded_by=as_of)
                    ]
        past = [each for each in found if each.event_time < as_of]
        return sorted(past, key=lambda each: (each.event_time, each.kind), reverse=True)[:limit]

    def close(self) -> None:
        """End the connection."""
        with self._lock:
            self._close()

    @contextlib.contextmanager
    def _opened(self) -> Iterator[Any]:
        """Yield a cursor, with the copies of the lake's present state open."""
        try:
            if self._session is None:
                self._session = QueueSession(self.lake.store)
            with self._session.glance() as cursor:
                pulse = lake_pulse(cursor)
                if pulse != self._pulse:
                    self._open_rows()
                    self._pulse = pulse
                yield cursor
        except StoreLostError:
            self._close()
            raise

    def _open_rows(self) -> None:
        partitions = self.lake.partitions()
        tables = {each.table for each in partitions}
        self._rows = {
            name: CustomerRows(self.lake, contract, partitions)
            for name, contract in self._copied.items()
            if name in tables
        }

    def _from_lake(self, name: str, customer: str, as_of: datetime | None) -> list[SourceEvent]:
        source = self.tiles.plan.sources[name]
        rows = self._rows[name].rows(customer, columns=list(source.columns), loaded_by=as_of)
        timed = self._contracts[name].event_time is not None
        clock = "event_time" if timed else "load_time"
        return [
            SourceEvent(name, microseconds(row[clock]), row["_load"], row["_line"], row)
            for row in rows
            if not timed or as_of is None or row[clock] <= as_of
        ]

    def _hold(self, record: Record, names: list[str], as_of: datetime) -> None:
        """Put what was said of the person then, under any of his identifiers, into the record."""
        from vostro.portrait.catalogue.held import HELD_KINDS, held_values

        tags = {code: tag for code, tag in self.tiles.tags.items() if tag.kind in HELD_KINDS}
        if not tags:
            return

        since_us = microseconds(as_of)
        known = (
            None
            if len(names) == 1
            else pl.DataFrame({"customer": names[1:]}).with_columns(person=pl.lit(names[0]))
        )
        held = held_values(self.lake, tags, as_of=as_of, customer=names, people=known)
        for row in held.iter_rows(named=True):
            for code, value in row.items():
                if code in tags and value is not None:
                    hold_value(tags[code], record, value, since_us=since_us, end_us=None)

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()
        self._session, self._pulse = None, None


def customer_as_of(
    lake: Lake,
    tags: "Mapping[str, Tag]",
    contracts: "Mapping[str, Contract]",
    customer: str,
    as_of: datetime,
) -> OnlinePortrait | None:
    """Return all tags of one customer as they were known at a moment; None: nobody knew him.

    For many questions keep one ``PastReader``: compiling the tags takes longer than an answer.
    """
    reader = PastReader(lake, tags, contracts)
    try:
        return reader.read(customer, as_of)
    finally:
        reader.close()


def _event(name: str, contract: "Contract", row: dict[str, Any]) -> CustomerEvent:
    return CustomerEvent(
        kind=name,
        event_time=row["event_time"],
        load_time=row["load_time"],
        event_id=row["event_id"],
        body={column: row[column] for column in contract.columns},
    )
