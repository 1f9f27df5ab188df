"""Hearing 识别消息: who said, through a channel, that a visitor is a customer?

``identity`` events come from websites and apps (Segment's ``identify`` and ``alias``), from files or
by hand. Each visitor in them who is not known yet becomes the customer's, as ``identify`` says: the
first word counts, and who was taken away from a customer by a person stays away. What is said of
two known customers is left to evidence and to people; nobody is merged by a message.
"""

from collections.abc import Sequence
from typing import Any

from vostro.portrait.identity.book import LINKED
from vostro.portrait.identity.updating import VISITOR

__all__ = ["SAID", "hear_visitors"]

SAID = "identity"  # the kind of the event; ``previous`` in its body is the visitor
_HEAR = """
WITH said AS (
    SELECT DISTINCT ON (e.body->>'previous') e.body->>'previous' AS visitor, e.customer, e.sequence, e.load_time
    FROM event e
    WHERE e.kind = %(said)s AND e.operation <> 'delete' AND {which}
      AND starts_with(e.body->>'previous', %(visitor)s) AND NOT starts_with(e.customer, %(visitor)s)
      AND NOT EXISTS (SELECT FROM identity_customer k WHERE k.customer = e.body->>'previous')
    ORDER BY e.body->>'previous', e.sequence
), added AS (
    INSERT INTO identity_customer (customer, person, since, via)
    SELECT s.visitor, coalesce(k.person, s.customer), 0, s.customer
    FROM said s LEFT JOIN identity_customer k ON k.customer = s.customer
    ON CONFLICT (customer) DO NOTHING RETURNING customer, person, via
), noted AS (
    INSERT INTO moved (person) SELECT who FROM (
        SELECT customer AS who FROM added UNION SELECT person FROM added
    ) AS a WHERE EXISTS (SELECT FROM portrait r WHERE r.customer = '')
)
INSERT INTO event (customer, kind, event_time, load_time, idempotency_key, body)
SELECT a.customer, %(linked)s, s.load_time, s.load_time,
    %(linked)s || ':' || a.customer || ':' || s.sequence,
    jsonb_build_object('before', a.customer, 'to', a.person, 'visitor', true, 'customer', a.via)
FROM added a JOIN said s ON s.visitor = a.customer ORDER BY s.sequence
"""


def hear_visitors(cursor: Any, sequences: Sequence[int] | None = None) -> int:
    """Let the visitors of ``identity`` events be customers, and return how many became known.

    Args:
        cursor: of the store; all of it is one statement.
        sequences: only these events of the log; None: all.
    """
    which = "true" if sequences is None else "e.sequence = ANY (%(sequences)s::bigint[])"
    values = {"said": SAID, "linked": LINKED, "visitor": VISITOR}
    if sequences is not None:
        values["sequences"] = list(sequences)  # type: ignore[assignment]
    return int(cursor.execute(_HEAR.format(which=which), values).rowcount)
