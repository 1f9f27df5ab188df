"""The book of people 客户识别簿: which customers are one person now, and how did it come to be?

The table says who is who; the event log says why, and the table can be made anew from it. A
person is called by its oldest customer, so the name stays when others join. Visitors who became
known (``anon:...``) follow the customer whom they turned out to be, and never name a person.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec
import polars as pl
import sqlalchemy as sa

from vostro.engine import (
    announce,
    append_events,
    event,
    follow_customers,
    identity_customer,
    note_moves,
    read_events,
)
from vostro.words import canonical_json

__all__ = [
    "LINKED",
    "MERGED",
    "UNMERGED",
    "Decisions",
    "append",
    "lock",
    "read_book",
    "read_decisions",
    "rebuild",
    "state_dump",
    "write_people",
]

LINKED, MERGED, UNMERGED = "vostro.identity.linked", "vostro.identity.merged", "vostro.identity.unmerged"
_LOCK = 0x766F6964  # "void": one writer of the book at a time
_MOMENT = pl.Datetime("us", "UTC")
_SCHEMA = {"customer": pl.String, "person": pl.String, "since": pl.Int64, "via": pl.String}
_UPSERT = """
INSERT INTO identity_customer (customer, person, since, via)
SELECT * FROM unnest(CAST(:customers AS text[]), CAST(:people AS text[]), CAST(:since AS bigint[]), CAST(:via AS text[]))
ON CONFLICT (customer) DO UPDATE SET person = excluded.person, since = excluded.since, via = excluded.via
"""
Pair = tuple[str, str]


class Decisions(msgspec.Struct):
    """What people have decided, and what of it is in force; pairs in alphabetical order."""

    together: list[Pair]  # oldest first
    apart: set[Pair]


def lock(connection: sa.Connection) -> None:
    """Wait until nobody else writes the book, in the caller's transaction."""
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def read_book(connection: sa.Connection) -> pl.DataFrame:
    """Return ``customer``, ``person``, ``since`` and ``via``, ordered by customer."""
    rows = connection.execute(sa.select(identity_customer)).all()
    frame = pl.DataFrame([tuple(row) for row in rows], schema=_SCHEMA, orient="row")
    return frame.sort("customer")


def read_decisions(connection: sa.Connection) -> Decisions:
    """Return the decisions in force: the last one on each pair."""
    kinds = event.c.kind.in_((MERGED, UNMERGED))
    query = sa.select(event.c.kind, event.c.body).where(kinds).order_by(event.c.sequence)
    together: dict[Pair, None] = {}
    apart: set[Pair] = set()
    for kind, body in connection.execute(query):
        if kind == MERGED:
            pair = _pair(body["a"], body["b"])
            together[pair] = None
            apart.discard(pair)
            continue
        for lifted in body["lifted"]:
            together.pop(_pair(*lifted), None)
        apart.update(_pair(*each) for each in body["apart"])
    return Decisions(list(together), apart)


def append(
    connection: sa.Connection, kind: str, customers: pl.Series, bodies: pl.Series, moment: datetime
) -> None:
    """Append one event of a kind for each customer.

    Args:
        connection: of ``Store.begin``.
        kind: of identity's.
        customers: text, shape (n,).
        bodies: text, JSON, shape (n,).
        moment: when it was decided.
    """
    if customers.is_empty():
        return
    when = pl.lit(moment.astimezone(UTC)).cast(_MOMENT)
    number = connection.scalar(sa.select(sa.func.coalesce(sa.func.max(event.c.sequence), 0)))
    rows = pl.DataFrame({"customer": customers, "body": bodies}).with_columns(
        pl.lit(kind).alias("kind"),
        when.alias("event_time"),
        when.alias("load_time"),
        pl.format("{}:{}:{}", pl.lit(kind), pl.col("customer"), pl.lit(number)).alias("idempotency_key"),
    )
    append_events(connection, rows)


def write_people(connection: sa.Connection, people: pl.DataFrame, *, follow: bool = True) -> None:
    """Enter or change customers in the book; visitors follow their customers, online records are made anew.

    Args:
        connection: of ``Store.begin``.
        people: ``customer``, ``person``, ``since`` and ``via``.
        follow: False when no customer with visitors can be among them.
    """
    if people.is_empty():
        return
    values = {
        "customers": people["customer"].to_list(),
        "people": people["person"].to_list(),
        "since": people["since"].to_list(),
        "via": people["via"].to_list(),
    }
    note_moves(connection, values["customers"], values["people"])
    connection.execute(sa.text(_UPSERT), values)
    if follow:
        follow_customers(connection)
    announce(connection)


def state_dump(connection: sa.Connection) -> bytes:
    """Return the whole book as bytes: equal bytes are equal states."""
    return b"\n".join(canonical_json(row) for row in read_book(connection).to_dicts())


def rebuild(connection: sa.Connection, *, loaded_by: datetime | None = None) -> pl.DataFrame:
    """Return ``customer`` and ``person`` as the events alone tell them: now, or by a moment."""
    linked = read_events(connection, kind=LINKED, loaded_by=loaded_by)
    to = linked["body"].str.json_decode(pl.Struct({"to": pl.String})).struct.field("to")
    one = linked.select("sequence", "customer", to.alias("person"))
    kinds = (MERGED, UNMERGED)
    decided = pl.concat([read_events(connection, kind=kind, loaded_by=loaded_by) for kind in kinds])
    moves = decided["body"].str.json_decode(pl.Struct({"moves": pl.List(pl.List(pl.String))}))
    many = decided.select("sequence", moves.struct.field("moves").alias("move")).explode("move").drop_nulls()
    customer, person = pl.col("move").list.first(), pl.col("move").list.last()
    last = pl.concat([one, many.select("sequence", customer.alias("customer"), person.alias("person"))])
    last = last.sort("sequence").select("customer", "person")
    return last.unique("customer", keep="last", maintain_order=True).sort("customer")


def body_of(**facts: Any) -> str:
    """Return the body of an event."""
    return canonical_json(facts).decode()


def _pair(a: str, b: str) -> Pair:
    return (a, b) if a <= b else (b, a)
