"""People 归属: under whose record does an event go, and whose record must be made anew?

Identity says which identifiers are one person (``identity_customer``); the online record of a
person holds the events of all of them. Whatever moves an identifier from one person to another
puts both people into ``moved`` in the same transaction; making their records anew takes them out in
the transaction that writes the records. So a record is right however it came to be, whoever is
killed when.
"""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    import psycopg

__all__ = [
    "claim_moved",
    "delete_records",
    "follow_customers",
    "forget_moved",
    "identifiers_of",
    "is_moved",
    "note_moves",
    "persons_of",
]

# Nobody makes records anew where there are none: the row of no customer stands for all of them.
_IN_USE = "EXISTS (SELECT FROM portrait r WHERE r.customer = '')"
_NOTE = f"""
INSERT INTO moved (person) SELECT who FROM (
    SELECT f.person AS now, coalesce(k.person, f.customer) AS before
    FROM unnest(CAST(:customers AS text[]), CAST(:people AS text[])) AS f (customer, person)
    LEFT JOIN identity_customer k ON k.customer = f.customer
) AS m CROSS JOIN LATERAL (VALUES (m.before), (m.now)) AS v (who)
WHERE m.before <> m.now AND {_IN_USE} GROUP BY who
"""  # noqa: S608 - of constants only
_LATE = f"""
WITH late AS (
    SELECT v.customer, v.person AS before, k.person AS now
    FROM identity_customer k JOIN identity_customer v ON v.via = k.customer
    WHERE v.person <> k.person AND {{about}}
), noted AS (
    INSERT INTO moved (person) SELECT before FROM late WHERE {_IN_USE}
    UNION SELECT now FROM late WHERE {_IN_USE}
)
UPDATE identity_customer v SET person = late.now FROM late WHERE v.customer = late.customer
"""  # noqa: S608 - of constants only
_CLAIM = """
DELETE FROM moved WHERE id = ANY (ARRAY(SELECT id FROM moved ORDER BY id LIMIT %s)) RETURNING person
"""
_NAMED = "SELECT customer, person FROM identity_customer WHERE customer = ANY (%s) AND customer <> person"
_NAMES = """
SELECT p.person, ARRAY(SELECT i.customer FROM identity_customer i
    WHERE i.person = p.person AND i.customer <> p.person ORDER BY i.customer)
FROM unnest(%s::text[]) AS p (person)
WHERE NOT EXISTS (SELECT FROM identity_customer i WHERE i.customer = p.person AND i.person <> p.person)
"""


def note_moves(connection: sa.Connection, customers: Sequence[str], people: Sequence[str]) -> None:
    """Note whose records must be made anew, before customers are given to people in the same transaction.

    Args:
        connection: of ``Store.begin``.
        customers: shape (n,).
        people: shape (n,); whose they will be.
    """
    values = {"customers": list(customers), "people": list(people)}
    connection.execute(sa.text(_NOTE), values)


def follow_customers(connection: "sa.Connection | psycopg.Cursor[Any]", people: Collection[str] = ()) -> None:
    """Let visitors follow the customers whom they turned out to be, and note whose records change.

    Args:
        connection: of ``Store.begin``, or a cursor inside a transaction.
        people: only visitors of customers of these; none: of all.
    """
    if isinstance(connection, sa.Connection):
        connection.execute(sa.text(_LATE.format(about="true")))
    else:
        connection.execute(_LATE.format(about="k.person = ANY (%s)"), [list(people)])


def is_moved(cursor: "psycopg.Cursor[Any]", at_least: int = 1) -> bool:
    """Tell whether so many people wait for their records to be made anew."""
    found = cursor.execute("SELECT count(*) FROM (SELECT FROM moved LIMIT %s) AS m", [at_least]).fetchone()
    return found is not None and found[0] >= at_least


def claim_moved(cursor: "psycopg.Cursor[Any]", limit: int) -> list[str]:
    """Take people out of the queue, each once; undone with the transaction."""
    return sorted({row[0] for row in cursor.execute(_CLAIM, [limit]).fetchall()})


def forget_moved(cursor: "psycopg.Cursor[Any]") -> None:
    """Empty the queue, as this transaction sees it: all records are made anew."""
    cursor.execute("DELETE FROM moved")


def persons_of(cursor: "psycopg.Cursor[Any]", customers: Collection[str]) -> dict[str, str]:
    """Return the person of each customer who has another's name; the others are left out."""
    return dict(cursor.execute(_NAMED, [list(customers)]).fetchall())


def identifiers_of(cursor: "psycopg.Cursor[Any]", people: Collection[str]) -> dict[str, list[str]]:
    """Return all identifiers of some people, the person's own first; who is somebody else now is left out."""
    rows = cursor.execute(_NAMES, [list(people)]).fetchall()
    return {person: [person, *others] for person, others in rows}


def delete_records(cursor: "psycopg.Cursor[Any]", customers: Sequence[str]) -> None:
    """Delete the records of some customers."""
    cursor.execute("DELETE FROM portrait WHERE customer = ANY (%s)", [list(customers)])
