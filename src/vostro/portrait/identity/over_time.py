"""People over time 归属的时间线: under which person did an identifier stand, as it was known at a moment?

The book says who is one person now; the log's events say it of any moment: an event counts from
when it was known (``load_time``). Visitors follow the customer whom they turned out to be.
"""

from datetime import UTC, datetime
from typing import Any

import polars as pl
import sqlalchemy as sa

from vostro.engine import Lake, event, identifiers_of, identity_customer, persons_of, read_events
from vostro.portrait.identity.book import LINKED, MERGED, UNMERGED

__all__ = [
    "ALWAYS",
    "PeopleThen",
    "everyone_at",
    "known_people",
    "last_step",
    "people_at",
    "people_over_time",
    "person_at",
]

ALWAYS = datetime(1, 1, 1, tzinfo=UTC)
_MOMENT = pl.Datetime("us", "UTC")
_KINDS = (LINKED, MERGED, UNMERGED)
# the last step of all, and whether there is one that was known only after a moment
_STEPS = """
SELECT max(s.last), max(s.later) FROM unnest(%s::text[]) AS k (kind) CROSS JOIN LATERAL (
    SELECT (SELECT max(e.sequence) FROM event e WHERE e.kind = k.kind) AS last,
        (SELECT e.sequence FROM event e WHERE e.kind = k.kind AND e.load_time > %s
         ORDER BY e.sequence DESC LIMIT 1) AS later
) AS s
"""
_LINK = pl.Struct({"to": pl.String(), "visitor": pl.Boolean(), "customer": pl.String()})
_MOVES = pl.Struct({"moves": pl.List(pl.List(pl.String()))})


def known_people(lake: Lake, as_of: datetime | None = None) -> pl.DataFrame | None:
    """Return ``customer`` and ``person`` of everybody who has another's name, as it was known at a moment.

    Args:
        lake: of the bank; its store has the book and the log.
        as_of: the moment; None: now.

    Returns:
        One row a customer, ordered; whoever is not in it is a person of their own. None: nobody is in it.
    """
    with lake.store.begin() as connection:
        if last_step(connection) == 0:
            return None
        if as_of is None or not _later(connection, as_of):
            table = identity_customer.c
            query = sa.select(table.customer, table.person).where(table.customer != table.person)
            rows = [tuple(row) for row in connection.execute(query)]
            schema = {"customer": pl.String, "person": pl.String}
            found = pl.DataFrame(rows, schema=schema, orient="row").sort("customer")
        else:
            found = people_at(people_over_time(connection), as_of)
    return found if found.height else None


def person_at(lake: Lake, customer: str, as_of: datetime) -> str:
    """Return the person behind an identifier as it was known at a moment."""
    people = known_people(lake, as_of)
    own = None if people is None else people.filter(pl.col("customer") == customer)
    return customer if own is None or not own.height else str(own["person"][0])


def people_at(history: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Return ``customer`` and ``person`` as they were known at a moment, of ``people_over_time``."""
    then = (pl.col("since") <= as_of) & (pl.col("until").is_null() | (pl.col("until") > as_of))
    return history.filter(then).select("customer", "person").sort("customer")


def everyone_at(moments: pl.DataFrame, history: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the person behind each identifier at its moment, and all identifiers of that person then.

    Args:
        moments: ``row`` (unique), ``customer`` and ``as_of``.
        history: of ``people_over_time``.

    Returns:
        ``moments`` with the person as ``customer``; and ``row``, ``customer`` and ``as_of`` with one row for each
        identifier, the persons' own names first.
    """
    then = (pl.col("since") <= pl.col("as_of")) & ~(pl.col("until") <= pl.col("as_of")).fill_null(False)
    named = moments.select("row", "customer", "as_of").join(history, on="customer", how="inner").filter(then)
    people = moments.join(named.select("row", "person"), on="row", how="left", maintain_order="left")
    people = people.with_columns(pl.coalesce("person", "customer").alias("customer")).drop("person")
    asked = people.select("row", "as_of", person="customer")
    others = asked.join(history, on="person", how="inner").filter(then).select("row", "customer", "as_of")
    return people, pl.concat([people.select("row", "customer", "as_of"), others])


class PeopleThen:
    """Tells all identifiers of single people at any moment; keeps the time line until somebody moves."""

    def __init__(self, lake: Lake) -> None:
        """Prepare; the time line is read when the past is first asked about."""
        self._lake = lake
        self._read: tuple[int, pl.DataFrame] | None = None

    def names(self, cursor: Any, customer: str, as_of: datetime) -> list[str]:
        """Return the identifiers of the person behind one, as they were known at a moment.

        Args:
            cursor: of the store.
            customer: any identifier.
            as_of: the moment.

        Returns:
            The person's own name first; somebody who is not in the book has his own name alone.
        """
        found = cursor.execute(_STEPS, [list(_KINDS), as_of]).fetchone()
        last, later = found if found is not None else (None, None)
        if last is None:
            return [customer]
        if later is None:
            person = persons_of(cursor, [customer]).get(customer, customer)
            return identifiers_of(cursor, [person])[person]
        if self._read is None or self._read[0] != last:
            with self._lake.store.begin() as connection:
                self._read = (last, people_over_time(connection))
        people = people_at(self._read[1], as_of)
        own = people.filter(pl.col("customer") == customer)
        person = own["person"][0] if own.height else customer
        return [person, *people.filter(pl.col("person") == person)["customer"]]


def last_step(connection: sa.Connection) -> int:
    """Return the sequence of the last event that said who is who; 0: there is none."""
    last = [sa.select(sa.func.max(event.c.sequence)).where(event.c.kind == kind) for kind in _KINDS]
    found = [connection.scalar(each) for each in last]
    return max((each for each in found if each is not None), default=0)


def people_over_time(connection: sa.Connection) -> pl.DataFrame:
    """Return since when it was known that an identifier is another's.

    Returns:
        ``customer``, ``person``, ``since`` and ``until`` (moments; null: still), ordered; at a moment in
        [since, until) the customer was known as the person, at any other as himself.
    """
    steps = _steps(connection)
    own = _intervals(steps.filter(pl.col("via").is_null()))
    visits = _intervals(
        steps.filter(pl.col("via").is_not_null() | pl.col("customer").str.starts_with("anon:"))
    )
    known = own.join(visits.select("customer").unique(), on="customer", how="anti").drop("via")
    found = pl.concat([known, _following(visits, own)])
    return found.filter(pl.col("customer") != pl.col("person")).sort("customer", "since")


def _later(connection: sa.Connection, as_of: datetime) -> bool:
    """Tell whether anything was said of people after a moment: else the book is right for it."""
    query = sa.select(event.c.sequence).where(event.c.kind.in_(_KINDS), event.c.load_time > as_of).limit(1)
    return connection.scalar(query) is not None


def _steps(connection: sa.Connection) -> pl.DataFrame:
    """Return every move in order: ``sequence``, ``load_time``, ``customer``, ``person``, ``via`` of a visitor."""
    linked = read_events(connection, kind=LINKED)
    body = linked.select(_body=pl.col("body").str.json_decode(_LINK))
    said = body.select(
        person=pl.col("_body").struct.field("to"),
        via=pl.when(pl.col("_body").struct.field("visitor")).then(pl.col("_body").struct.field("customer")),
    )
    one = linked.select("sequence", "load_time", "customer").hstack(said)
    decided = pl.concat([read_events(connection, kind=kind) for kind in (MERGED, UNMERGED)])
    moves = decided["body"].str.json_decode(_MOVES).struct.field("moves").alias("move")
    many = decided.select("sequence", "load_time", moves).explode("move").drop_nulls("move")
    first, last = pl.col("move").list.first(), pl.col("move").list.last()
    rows = many.select(
        "sequence", "load_time", first.alias("customer"), last.alias("person"), via=pl.lit(None, pl.String)
    )
    return pl.concat([one, rows]).sort("sequence")


def _intervals(steps: pl.DataFrame) -> pl.DataFrame:
    """Return when each step held: until the next of the same customer that was known no later."""
    later = pl.col("load_time").shift(-1).reverse().cum_min().reverse().over("customer")
    held = steps.select("customer", "person", "via", since="load_time", until=later)
    return held.filter(pl.col("until").is_null() | (pl.col("until") > pl.col("since")))


def _following(visits: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Return the people of visitors: those of their customers, whoever these were at the time."""
    before = own.group_by("customer").agg(until=pl.col("since").min())
    himself = before.select("customer", person="customer", since=pl.lit(ALWAYS, _MOMENT), until="until")
    whole = pl.concat([himself, own.select("customer", "person", "since", "until")])
    joined = visits.with_columns(via=pl.coalesce("via", "person")).join(
        whole, left_on="via", right_on="customer", how="left", suffix="_of"
    )
    since = pl.max_horizontal("since", "since_of")
    until = pl.min_horizontal("until", "until_of")
    found = joined.select(
        "customer", pl.coalesce("person_of", "via").alias("person"), since=since, until=until
    )
    return found.filter(pl.col("until").is_null() | (pl.col("until") > pl.col("since")))
