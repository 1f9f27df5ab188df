"""Visitors 匿名访客: somebody we did not know turns out to be a customer.

From then on what the visitor did belongs to the customer's person: events keep the identifier
under which they came in, and readers find them by the person's other names.
"""

from datetime import datetime

import polars as pl
import sqlalchemy as sa

from vostro.engine import identity_customer
from vostro.portrait.identity.book import LINKED, append, body_of, write_people
from vostro.portrait.identity.updating import VISITOR

__all__ = ["identify"]


def identify(connection: sa.Connection, anonymous: str, customer: str, *, moment: datetime) -> str:
    """Let a visitor be a customer.

    A visitor who was identified stays with the first customer: two people may share a device. One whom
    a person took away from a customer (``unmerge``) is not identified again.

    Args:
        connection: of ``Store.begin``.
        anonymous: the visitor's identifier, with or without ``anon:``.
        customer: who it is.
        moment: now; of the event.

    Returns:
        The person under whom the visitor's history is from now on.
    """
    visitor = anonymous if anonymous.startswith(VISITOR) else VISITOR + anonymous
    table = identity_customer.c
    query = sa.select(table.customer, table.person).where(table.customer.in_((visitor, customer)))
    known: dict[str, str] = {row.customer: row.person for row in connection.execute(query)}
    if visitor in known:
        return known[visitor]
    person = known.get(customer, customer)
    row = {"customer": visitor, "person": person, "since": 0, "via": customer}
    write_people(connection, pl.DataFrame([row]), follow=False)
    body = body_of(before=visitor, to=person, visitor=True, customer=customer)
    append(connection, LINKED, pl.Series([visitor]), pl.Series([body]), moment)
    return person
