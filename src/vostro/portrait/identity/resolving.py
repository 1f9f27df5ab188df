"""Resolving 标识归一: under which person does this identifier stand, and which are a person's identifiers?"""

from collections.abc import Iterable

import polars as pl
import sqlalchemy as sa

from vostro.engine import identity_customer, read_events
from vostro.portrait.identity.book import read_book

__all__ = ["aliases", "identity_map", "person_history", "person_of", "resolve"]


def person_of(connection: sa.Connection, ids: Iterable[str]) -> dict[str, str]:
    """Return the person of each identifier; whoever is not in the book is a person of their own."""
    wanted = list(ids)
    table = identity_customer.c
    query = sa.select(table.customer, table.person).where(table.customer.in_(wanted))
    known: dict[str, str] = {row.customer: row.person for row in connection.execute(query)}
    return {each: known.get(each, each) for each in wanted}


def identity_map(connection: sa.Connection) -> pl.DataFrame:
    """Return ``customer`` and ``person`` of everybody in the book, visitors too, ordered by customer."""
    return read_book(connection).select("customer", "person")


def resolve(frame: pl.DataFrame | pl.LazyFrame, column: str, known: pl.DataFrame) -> pl.LazyFrame:
    """Return the frame with the identifiers of a column replaced by people; rows and order stay.

    Args:
        frame: with a text column of customers.
        column: its name.
        known: of ``identity_map``; whoever is not in it keeps the identifier.
    """
    people = known.filter(pl.col("customer") != pl.col("person")).lazy()
    people = people.select(pl.col("customer").alias(column), pl.col("person").alias("_person"))
    found = frame.lazy().join(people, on=column, how="left", maintain_order="left")
    return found.with_columns(pl.coalesce("_person", column).alias(column)).drop("_person")


def aliases(connection: sa.Connection, id: str) -> list[str]:
    """Return all identifiers of the person of this one, the person's own name first."""
    person = person_of(connection, [id])[id]
    table = identity_customer.c
    found = connection.scalars(
        sa.select(table.customer).where(table.person == person).order_by(table.customer)
    )
    return [person, *(each for each in found if each != person)]


def person_history(connection: sa.Connection, id: str) -> pl.DataFrame:
    """Return the events of a person under all identifiers, in order of time; columns as of ``read_events``."""
    frames = [read_events(connection, customer=each) for each in aliases(connection, id)]
    return pl.concat(frames).sort("event_time", "sequence")
