"""Contested events 有争议的事件: what do corrections and deletions change, and whose event are they about?

Most transactions have none of them and ask next to nothing. A correction or deletion that says what
the last version of the event says already adds nothing; one that names another customer is refused.
An event that arrives after its own correction or deletion adds nothing either: the later word stands.
"""

from collections.abc import Collection

import polars as pl
import sqlalchemy as sa

from vostro.capture.intake.reasons import Reason, message_reason

__all__ = ["contested_kinds", "settle", "spread"]

# The last version of each event: the new one by its idempotency key, the others by the index of contested events.
_LAST = sa.text("""
SELECT asked.line, last.customer, last.operation,
    last.operation = asked.operation OR (last.operation = 'new' AND asked.operation = 'correct') AS alike,
    (last.customer, last.event_time, last.body) IS NOT DISTINCT FROM
        (asked.customer, asked.event_time, asked.body::jsonb) AS same
FROM unnest(:lines, :kinds, :ids, :keys, :operations, :customers, :times, :bodies)
    AS asked (line, kind, event_id, key, operation, customer, event_time, body)
CROSS JOIN LATERAL (
    SELECT * FROM (
        SELECT customer, event_time, body, operation, load_id, sequence FROM event
        WHERE idempotency_key = asked.key
        UNION ALL
        SELECT customer, event_time, body, operation, load_id, sequence FROM event
        WHERE kind = asked.kind AND event_id = asked.event_id AND operation <> 'new'
    ) AS version ORDER BY load_id DESC NULLS LAST, sequence DESC LIMIT 1
) AS last
""").bindparams(
    sa.bindparam("lines", type_=sa.ARRAY(sa.BigInteger)),
    sa.bindparam("times", type_=sa.ARRAY(sa.DateTime(timezone=True))),
    *(
        sa.bindparam(name, type_=sa.ARRAY(sa.Text))
        for name in ("kinds", "ids", "keys", "operations", "customers", "bodies")
    ),
)

_CONTESTED = sa.text(
    "SELECT event_id FROM event WHERE kind = :kind AND operation <> 'new' AND event_id = ANY(:ids)"
).bindparams(sa.bindparam("ids", type_=sa.ARRAY(sa.Text)))
_KINDS = sa.text(
    "SELECT kind FROM unnest(:kinds) AS asked (kind) WHERE EXISTS "
    "(SELECT FROM event WHERE event.kind = asked.kind AND operation <> 'new')"
).bindparams(sa.bindparam("kinds", type_=sa.ARRAY(sa.Text)))


def settle(
    connection: sa.Connection, events: pl.DataFrame, contested: Collection[str]
) -> tuple[pl.DataFrame, set[int], dict[int, Reason]]:
    """Compare corrections and deletions with what is known.

    Args:
        connection: in whose transaction the events are going to be written.
        events: as ``EVENT_SCHEMA``; the customer of a deletion may be null.
        contested: the kinds of which any event was ever corrected or deleted.

    Returns:
        The events that remain to be written, the lines of those that add nothing, and the reasons of
        those that are refused, by line. What adds nothing stays among the events.
    """
    known = _overtaken(connection, events, contested) if contested else set()
    if "correct" not in events["operation"] and "delete" not in events["operation"]:
        return events, known, {}
    late = events.filter(pl.col("operation") != "new")
    versions = _last_versions(connection, late)
    joined = late.join(versions, on="line", how="left", maintain_order="left")
    moved = joined.filter(pl.col("customer") != pl.col("_customer"))
    lost = joined.filter(pl.col("customer").is_null() & pl.col("_customer").is_null())
    reasons = {line: message_reason("other_customer", "customer") for line in moved["line"]}
    reasons |= {line: message_reason("event_unknown", "customer") for line in lost["line"]}
    deletes = pl.col("operation") == "delete"
    again = joined.filter(pl.col("_alike") & (deletes | pl.col("_same")))
    known |= set(again["line"].to_list()) | _repeated(late)
    owners = joined.select("line", pl.col("_customer").alias("_owner"))
    whole = events.join(owners, on="line", how="left", maintain_order="left")
    whole = whole.with_columns(pl.coalesce("customer", "_owner").alias("customer")).drop("_owner")
    if reasons:
        whole = whole.filter(~pl.col("line").is_in(list(reasons)))
    return whole, known - reasons.keys(), reasons


def contested_kinds(connection: sa.Connection, kinds: Collection[str]) -> set[str]:
    """Return those of the kinds of which any event was ever corrected or deleted."""
    return set(connection.scalars(_KINDS, {"kinds": list(kinds)}))


def spread(events: pl.DataFrame, height: int) -> list[str | None]:
    """Return the ids of events at their lines, None elsewhere; shape (height,)."""
    places = pl.DataFrame({"line": pl.int_range(height, eager=True)})
    joined = places.join(events.select("line", "event_id"), on="line", how="left", maintain_order="left")
    return joined["event_id"].to_list()


def _overtaken(connection: sa.Connection, events: pl.DataFrame, contested: Collection[str]) -> set[int]:
    """Return the lines of new events that were corrected or deleted before they came."""
    found: set[int] = set()
    for kind in contested:
        mine = events.filter((pl.col("kind") == kind) & (pl.col("operation") == "new"))
        if mine.height:
            ids = list(connection.scalars(_CONTESTED, {"kind": kind, "ids": mine["event_id"].to_list()}))
            found |= set(mine["line"].filter(mine["event_id"].is_in(ids)).to_list())
    return found


def _last_versions(connection: sa.Connection, late: pl.DataFrame) -> pl.DataFrame:
    values = {
        "lines": late["line"].to_list(),
        "kinds": late["kind"].to_list(),
        "ids": late["event_id"].to_list(),
        "keys": (late["idempotency_key"].str.extract(r"^([^:]*:)") + late["event_id"]).to_list(),
        "operations": late["operation"].to_list(),
        "customers": late["customer"].to_list(),
        "times": late["event_time"].to_list(),
        "bodies": late["body"].to_list(),
    }
    schema = {
        "line": pl.Int64,
        "_customer": pl.String,
        "_operation": pl.String,
        "_alike": pl.Boolean,
        "_same": pl.Boolean,
    }
    rows = connection.execute(_LAST, values).all()
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


def _repeated(late: pl.DataFrame) -> set[int]:
    """Return the lines that say the same as the line before them about the same event."""
    said = pl.struct(
        "operation", "customer", "body", pl.when(pl.col("operation") != "delete").then("event_time")
    )
    before = late.select(
        "line", (said == said.shift()).over("kind", "event_id").fill_null(False).alias("again")
    )
    return set(before.filter("again")["line"].to_list())
