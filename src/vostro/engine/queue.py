"""Queue 待处理队列: which events do the online portraits not know yet, and who takes them in?

Whatever appends an event puts its sequence into ``pending`` in the same transaction; taking it
in deletes that row in the same transaction that writes the portrait. So an event is applied
exactly once whoever is killed when. Sequence numbers are given before they are committed: a
lower one may become visible after a higher one, and only ``pending`` says what is missing.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

if TYPE_CHECKING:
    import psycopg

__all__ = [
    "CHANNEL",
    "LoggedEvent",
    "Look",
    "StoredRecord",
    "announce",
    "claim",
    "customers_about",
    "events_of",
    "lake_pulse",
    "last_sequence",
    "live_partitions",
    "look",
    "own_events",
    "read_records",
    "replace_records",
    "settle_pending",
    "versions_of",
    "write_records",
]

CHANNEL = "vostro_pending"

# The time as whole microseconds, whatever the session's zone is.
_EVENT = """e.sequence, e.customer, e.kind, (extract(epoch FROM e.event_time) * 1000000)::bigint,
    (extract(epoch FROM e.load_time) * 1000000)::bigint, e.operation, e.event_id, coalesce(e.load_id, 0), e.body::text"""
_CONTESTED = """EXISTS (SELECT FROM event c
    WHERE c.kind = e.kind AND c.event_id = e.event_id AND c.operation <> 'new')"""
_CLAIM = f"""
WITH taken AS (
    DELETE FROM pending WHERE sequence = ANY (ARRAY({{chosen}})) RETURNING sequence
) SELECT {_EVENT}, {_CONTESTED} FROM taken JOIN event e USING (sequence) ORDER BY e.sequence
"""  # noqa: S608 - of constants only
_FIRST = "SELECT sequence FROM pending ORDER BY sequence LIMIT %(limit)s"
_SLICE = """SELECT p.sequence FROM pending p JOIN event o USING (sequence)
    WHERE (hashtextextended(coalesce((SELECT i.person FROM identity_customer i WHERE i.customer = o.customer),
        o.customer), 0) & 2147483647) %% %(slices)s = %(slice)s
    ORDER BY p.sequence LIMIT %(limit)s"""
# The rows of a customer that count: no later version of the same event, and no deletion. What is still
# pending is not known yet: it will come. Scalar subqueries are looked up row by row, by index, always: an
# EXISTS may be turned into a join with the whole queue or the whole log.
_QUEUED = "(SELECT true FROM pending p WHERE p.sequence = {0}.sequence)"
_KNOWN = f"""(%(loaded_by)s::timestamptz IS NULL OR {{0}}.load_time <= %(loaded_by)s)
    AND (%(pending)s OR {_QUEUED} IS NULL)"""
_LATER = "(coalesce({0}.load_id, 0), {0}.sequence) > (coalesce(e.load_id, 0), e.sequence)"
_HISTORY = f"""
SELECT {_EVENT}, false FROM event e JOIN unnest(%(kinds)s::text[], %(contracts)s::text[]) AS k (kind, contract)
    ON k.kind = e.kind
WHERE e.customer = ANY (%(customers)s) AND e.operation <> 'delete' AND {_KNOWN.format("e")}
  AND (SELECT true FROM event c WHERE c.kind = e.kind AND c.event_id = e.event_id
    AND c.operation <> 'new' AND {_LATER.format("c")} AND {_KNOWN.format("c")} LIMIT 1) IS NULL
  AND (e.operation = 'new' OR (SELECT true FROM event n
    WHERE n.idempotency_key = k.contract || ':' || e.event_id AND n.operation = 'new'
    AND {_LATER.format("n")} AND {_KNOWN.format("n")} LIMIT 1) IS NULL)
"""  # noqa: S608 - of constants only
_ABOUT = """
WITH asked AS (SELECT * FROM unnest(%s::text[], %s::text[], %s::text[]) AS a (kind, contract, event_id))
SELECT e.customer FROM asked JOIN event e ON e.kind = asked.kind AND e.event_id = asked.event_id
    WHERE e.operation <> 'new'
UNION SELECT e.customer FROM asked JOIN event e ON e.idempotency_key = asked.contract || ':' || asked.event_id
"""
_READ = "SELECT customer, sequence, version, record FROM portrait WHERE customer = ANY (%s)"
_WRITE = """
INSERT INTO portrait (customer, sequence, version, record, updated)
SELECT customer, sequence, %s, record, %s
FROM unnest(%s::text[], %s::bigint[], %b::bytea[]) AS r (customer, sequence, record)
ON CONFLICT (customer) DO UPDATE SET sequence = greatest(portrait.sequence, excluded.sequence),
    version = excluded.version, record = excluded.record, updated = excluded.updated
"""
_OWN = f"""
SELECT {_EVENT}, false FROM event e WHERE e.customer = %(customer)s AND e.event_id IS NULL
  AND (%(loaded_by)s::timestamptz IS NULL OR e.load_time <= %(loaded_by)s) ORDER BY e.sequence
"""  # noqa: S608 - of constants only
_PULSE = "SELECT count(*), coalesce(max(sequence), 0), coalesce(sum(sequence), 0)::bigint FROM partition WHERE live"
_COPY_RECORDS = "COPY portrait (customer, sequence, version, record, updated) FROM STDIN (FORMAT binary)"
# What came with a file is in the lake since the same transaction, what arrived alone since it was drained.
_SETTLE = """
DELETE FROM pending p USING event e WHERE e.sequence = p.sequence AND e.kind = ANY (%s)
  AND (e.origin <> 'api' OR e.sequence <= (SELECT d.sequence FROM drain d WHERE d.kind = e.kind))
"""
# One look at some customers, all in one snapshot: their records (left out where it is the one that the asker
# has: a row's xmin changes with every write) and which events they lack. A customer whom identity knows under
# another name has that person's record, and lacks the events of all the person's names.
_LOOK = f"""
SELECT a.customer, r.sequence, r.version, r.xmin::text::bigint,
    CASE WHEN r.xmin::text::bigint = a.seen THEN NULL ELSE r.record END,
    ARRAY(SELECT e.sequence FROM event e WHERE e.customer = ANY (n.names)
        AND e.sequence >= (SELECT min(sequence) FROM pending) AND {_QUEUED.format("e")} ORDER BY e.sequence),
    n.names, coalesce((SELECT true FROM moved m WHERE m.person = n.names[1] LIMIT 1), false)
FROM unnest(%s::text[], %s::bigint[]) AS a (customer, seen)
CROSS JOIN LATERAL (SELECT coalesce((SELECT i.person FROM identity_customer i WHERE i.customer = a.customer),
    a.customer) AS person OFFSET 0) AS p
CROSS JOIN LATERAL (SELECT p.person || ARRAY(SELECT i.customer FROM identity_customer i
    WHERE i.person = p.person AND i.customer <> p.person ORDER BY i.customer) AS names OFFSET 0) AS n
LEFT JOIN portrait r ON r.customer = p.person
"""  # noqa: S608 - of constants only
_EVENTS = f"SELECT {_EVENT}, {_CONTESTED} FROM event e WHERE e.sequence = ANY (%s) ORDER BY e.sequence"  # noqa: S608


class LoggedEvent(NamedTuple):
    """One version of an event of the log."""

    sequence: int
    customer: str
    kind: str
    time_us: int  # when it happened, microseconds
    load_us: int  # when it became known, microseconds
    operation: str  # new, correct or delete
    event_id: str | None
    load_id: int
    body: str  # JSON
    contested: bool  # the event has other versions


class StoredRecord(NamedTuple):
    """A row of the table ``portrait``."""

    customer: str
    sequence: int  # the last event that was taken in
    version: str  # of the layout
    record: bytes


class Look(NamedTuple):
    """What the store says of one customer in one snapshot."""

    customer: str
    sequence: int | None  # None: there is no record
    version: str | None
    mark: int | None  # of this very writing of the record
    record: bytes | None  # None: none, or the one that was seen already
    missing: list[int]  # events that the record lacks
    names: list[str]  # of the person whose record it is; the person's own first
    moved: bool  # names came or went since the record was made: it must be made anew


def announce(connection: sa.Connection) -> None:
    """Wake whoever waits for events, once the caller's transaction commits."""
    connection.execute(sa.text(f"NOTIFY {CHANNEL}"))


def claim(
    cursor: "psycopg.Cursor[Any]", limit: int, *, slice_number: int = 0, slices: int = 1
) -> list[LoggedEvent]:
    """Take the first pending events out of the queue; undone with the transaction.

    Args:
        cursor: inside a transaction.
        limit: how many at most.
        slice_number: only customers of this slice, 0 to ``slices`` - 1.
        slices: how many slices there are.
    """
    query = _CLAIM.format(chosen=_SLICE if slices > 1 else _FIRST)
    cursor.execute(query, {"limit": limit, "slice": slice_number, "slices": slices})
    return [LoggedEvent(*row) for row in cursor.fetchall()]


def events_of(cursor: "psycopg.Cursor[Any]", sequences: Sequence[int]) -> list[LoggedEvent]:
    """Return these rows of the log in their order."""
    return [LoggedEvent(*row) for row in cursor.execute(_EVENTS, [list(sequences)]).fetchall()]


def versions_of(
    cursor: "psycopg.Cursor[Any]",
    customers: Sequence[str],
    kinds: Mapping[str, str],
    *,
    loaded_by: datetime | None = None,
    pending: bool = False,
) -> list[LoggedEvent]:
    """Return the events of some customers in their last version; deleted ones are left out.

    Args:
        cursor: what it sees is what counts.
        customers: whose events.
        kinds: ``{kind: contract}``.
        loaded_by: only what was known by then; None: all.
        pending: count events that the portraits have not taken in yet.
    """
    values = {"customers": list(customers), "kinds": list(kinds), "contracts": list(kinds.values())}
    cursor.execute(_HISTORY, values | {"loaded_by": loaded_by, "pending": pending or loaded_by is not None})
    return [LoggedEvent(*row) for row in cursor.fetchall()]


def customers_about(cursor: "psycopg.Cursor[Any]", events: Sequence[tuple[str, str, str]]) -> set[str]:
    """Return every customer of any version of these events: ``(kind, contract, event_id)``."""
    columns = [list(column) for column in zip(*events, strict=True)] if events else [[], [], []]
    return {row[0] for row in cursor.execute(_ABOUT, columns).fetchall()}


def read_records(cursor: "psycopg.Cursor[Any]", customers: Sequence[str]) -> dict[str, StoredRecord]:
    """Return the records of some customers, as far as there are any."""
    rows = cursor.execute(_READ, [list(customers)]).fetchall()
    return {row[0]: StoredRecord(*row) for row in rows}


def write_records(cursor: "psycopg.Cursor[Any]", records: Sequence[StoredRecord], updated: datetime) -> None:
    """Write records of one layout in one statement; those that are there are replaced."""
    if records:
        customers, sequences, _, bodies = (list(column) for column in zip(*records, strict=True))
        cursor.execute(_WRITE, [records[0].version, updated, customers, sequences, bodies])


def look(cursor: "psycopg.Cursor[Any]", customers: Sequence[str], seen: Sequence[int]) -> list[Look]:
    """Look at some customers in one snapshot.

    Args:
        cursor: outside of a transaction, to see what is committed now.
        customers: whom.
        seen: the ``mark`` of the record that the asker has of each; 0: none.
    """
    return [Look(*row) for row in cursor.execute(_LOOK, [list(customers), list(seen)]).fetchall()]


def own_events(
    cursor: "psycopg.Cursor[Any]", customer: str, *, loaded_by: datetime | None = None
) -> list[LoggedEvent]:
    """Return what Vostro itself wrote about a customer: decisions, messages, tags that were set."""
    rows = cursor.execute(_OWN, {"customer": customer, "loaded_by": loaded_by}).fetchall()
    return [LoggedEvent(*row) for row in rows]


def lake_pulse(cursor: "psycopg.Cursor[Any]") -> tuple[int, ...]:
    """Return numbers that change whenever a partition of the lake comes or goes."""
    found = cursor.execute(_PULSE).fetchone()
    assert found is not None
    return tuple(found)


def live_partitions(cursor: "psycopg.Cursor[Any]") -> set[int]:
    """Return the sequence of every live partition of the lake."""
    return {row[0] for row in cursor.execute("SELECT sequence FROM partition WHERE live").fetchall()}


def replace_records(cursor: "psycopg.Cursor[Any]", records: Iterable[StoredRecord], updated: datetime) -> int:
    """Let these be all records there are, and return how many; in the caller's transaction."""
    cursor.execute("DELETE FROM portrait")
    count = 0
    with cursor.copy(_COPY_RECORDS) as copy:
        copy.set_types(["text", "int8", "text", "bytea", "timestamptz"])
        for record in records:
            copy.write_row((*record, updated))
            count += 1
    return count


def settle_pending(cursor: "psycopg.Cursor[Any]", kinds: Sequence[str]) -> int:
    """Take what the lake holds already out of the queue, and return how many events.

    Args:
        cursor: in a transaction whose state of the lake is what the records were made from.
        kinds: whose events the records hold.
    """
    return cursor.execute(_SETTLE, [list(kinds)]).rowcount


def last_sequence(cursor: "psycopg.Cursor[Any]") -> int:
    """Return the last sequence that the log shows; 0 when it is empty."""
    found = cursor.execute("SELECT coalesce(max(sequence), 0) FROM event").fetchone()
    return int(found[0]) if found else 0
