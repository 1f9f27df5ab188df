"""Events 事件: the append-only log of what happened and when we learned of it.

An event is written once: the same ``idempotency_key`` again adds nothing, and the database
refuses to change or remove a row. All else can be rebuilt from here.
"""

import io
from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl
import sqlalchemy as sa
from sqlalchemy.exc import DataError

from vostro.engine.errors import EventInvalidError

if TYPE_CHECKING:
    import psycopg

__all__ = ["DRAIN_LOCK", "EVENT_COLUMNS", "append_events", "is_contested", "latest_versions", "read_events"]

EVENT_COLUMNS = ("customer", "kind", "event_time", "load_time", "idempotency_key", "body")
DRAIN_LOCK = 0x766F6471  # "vodq": shared by who appends arrivals, taken whole for the moment of a drain
_VERSION_COLUMNS = ("event_id", "operation", "load_id", "origin")
_MOMENTS = ("event_time", "load_time")
_ROWS_A_CHUNK = 50_000
_MOMENT_FORMAT = "%Y-%m-%d %H:%M:%S%.6f+00"
_COLUMNS = (
    "customer, kind, event_time, load_time, idempotency_key, body, event_id, operation, load_id, origin"
)
_COPY = f"COPY _event_new ({_COLUMNS}) FROM STDIN (FORMAT csv)"
_STAGE = """
CREATE TEMP TABLE IF NOT EXISTS _event_new (
    place bigint GENERATED ALWAYS AS IDENTITY, customer text, kind text, event_time timestamptz,
    load_time timestamptz, idempotency_key text, body jsonb, event_id text, operation text,
    load_id bigint, origin text
) ON COMMIT DELETE ROWS
"""
# A known event that comes with other content is a correction: a version of its own.
_REVISE = """
UPDATE _event_new AS fresh
SET operation = 'correct', idempotency_key = fresh.idempotency_key || '@' || fresh.load_id
FROM event AS known
WHERE fresh.operation = 'new' AND known.idempotency_key = fresh.idempotency_key
  AND known.load_id IS DISTINCT FROM fresh.load_id
  AND (fresh.customer, fresh.event_time, fresh.body) IS DISTINCT FROM (
    SELECT (last.customer, last.event_time, last.body) FROM (
        SELECT known.customer, known.event_time, known.body, known.load_id, known.sequence, 'new' AS operation
        UNION ALL
        SELECT customer, event_time, body, load_id, sequence, operation FROM event
        WHERE kind = known.kind AND event_id = known.event_id AND operation <> 'new'
    ) AS last ORDER BY last.load_id DESC, last.sequence DESC LIMIT 1)
"""
# The anti-join keeps a repeated load from using up sequence numbers; ON CONFLICT decides races.
_INSERT = f"""
INSERT INTO event ({_COLUMNS})
SELECT {_COLUMNS} FROM _event_new AS fresh
WHERE NOT EXISTS (SELECT FROM event WHERE event.idempotency_key = fresh.idempotency_key)
ORDER BY place
ON CONFLICT (idempotency_key) DO NOTHING
"""  # noqa: S608 - of constants only
_INSERT_QUEUED = f"""
WITH added AS ({_INSERT} RETURNING sequence) INSERT INTO pending SELECT sequence FROM added
"""  # noqa: S608 - of constants only
_SELECT = """
SELECT sequence, customer, kind, (extract(epoch FROM event_time) * 1000000)::bigint AS event_time,
    (extract(epoch FROM load_time) * 1000000)::bigint AS load_time, idempotency_key, body,
    event_id, operation, load_id
FROM event WHERE {where} ORDER BY sequence
"""


def append_events(
    connection: sa.Connection, events: pl.DataFrame, *, queue: bool = False, revise: bool = False
) -> int:
    """Append events in the order of the frame, in the caller's transaction.

    Args:
        connection: of ``Store.begin``.
        events: columns ``customer``, ``kind``, ``idempotency_key`` (text), ``event_time``,
            ``load_time`` (moments with a zone) and ``body`` (text, JSON); none may be null. Optional:
            ``event_id`` (text), ``operation`` (``new``, ``correct`` or ``delete``), ``load_id``
            (integer) and ``origin`` (``file``, ``api`` or ``vostro``).
        queue: let the online portraits take in what is new.
        revise: a known event that comes with another customer, time or body is a correction.

    Returns:
        How many were new. Of several with one ``idempotency_key``, the first is kept.

    Raises:
        EventInvalidError: a column is missing, has another type, a null, or a body that is no JSON.
    """
    clean = _checked(events)
    if "api" in clean["origin"]:
        connection.execute(sa.text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": DRAIN_LOCK})
    connection.execute(sa.text(_STAGE))
    connection.execute(sa.text("TRUNCATE _event_new"))
    try:
        with _driver(connection).cursor() as cursor, cursor.copy(_COPY) as copy:
            for chunk in clean.iter_slices(_ROWS_A_CHUNK):
                buffer = io.BytesIO()
                chunk.write_csv(
                    buffer, include_header=False, datetime_format=_MOMENT_FORMAT, quote_style="non_numeric"
                )
                copy.write(buffer.getbuffer())
    except _data_errors() as error:
        raise EventInvalidError(
            column="body", reason_en="is not JSON", reason_zh="不是合法的 JSON"
        ) from error
    if revise:
        connection.execute(sa.text(_REVISE))
    added = connection.execute(sa.text(_INSERT_QUEUED if queue else _INSERT)).rowcount
    connection.execute(sa.text("TRUNCATE _event_new"))
    return added


def read_events(
    connection: sa.Connection,
    *,
    kind: str | None = None,
    customer: str | None = None,
    loaded_by: datetime | None = None,
    versions: bool = False,
) -> pl.DataFrame:
    """Read events in the order in which they were appended.

    Args:
        connection: of ``Store.begin``.
        kind: only events of this kind.
        customer: only events of this customer.
        loaded_by: only events that we knew by this moment (``load_time <= loaded_by``).
        versions: every version of every event; otherwise the last of each, and none that was deleted.

    Returns:
        Columns ``sequence`` (integer), ``customer``, ``kind``, ``event_time``, ``load_time``
        (UTC), ``idempotency_key`` and ``body`` (text, JSON); with ``versions`` also ``event_id``,
        ``operation`` (text) and ``load_id`` (integer).
    """
    from psycopg import sql

    terms: list[sql.Composable] = [sql.SQL("true")]
    for column, operator, value in (
        ("kind", "=", kind),
        ("customer", "=", customer),
        ("load_time", "<=", loaded_by),
    ):
        if value is not None:
            terms.append(sql.SQL(f"{column} {operator} {{}}").format(sql.Literal(value)))
    query = sql.SQL(_SELECT).format(where=sql.SQL(" AND ").join(terms))
    command = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(query)
    buffer = io.BytesIO()
    with _driver(connection).cursor() as cursor, cursor.copy(command) as copy:
        for block in copy:
            buffer.write(block)
    found = _parsed(buffer)
    return found if versions else latest_versions(found).drop("event_id", "operation", "load_id")


def latest_versions(events: pl.DataFrame) -> pl.DataFrame:
    """Keep the last version of each event, and none that was deleted; the order stays."""
    if (events["operation"] == "new").all():
        return events
    last = pl.struct("load_id", "sequence").rank("ordinal", descending=True).over("kind", "event_id")
    # events without an id are Vostro's own: each stands for itself
    kept = events.with_columns(_rank=last).filter(pl.col("event_id").is_null() | (pl.col("_rank") == 1))
    return kept.filter(pl.col("operation") != "delete").drop("_rank")


def is_contested(connection: sa.Connection, kind: str) -> bool:
    """Tell whether any event of a kind was ever corrected or deleted."""
    query = "SELECT EXISTS (SELECT FROM event WHERE kind = :kind AND operation <> 'new')"
    return bool(connection.scalar(sa.text(query), {"kind": kind}))


def _checked(events: pl.DataFrame) -> pl.DataFrame:
    for column in EVENT_COLUMNS:
        if column not in events.columns:
            _refuse(column, "is missing", "缺失")
        dtype = events.schema[column]
        if column in _MOMENTS and not (isinstance(dtype, pl.Datetime) and dtype.time_zone):
            _refuse(column, "is not a moment with a zone", "不是带时区的时间")
        if column not in _MOMENTS and dtype != pl.String:
            _refuse(column, "is not text", "不是文本")
        if events[column].null_count():
            _refuse(column, "has a null", "含有空值")
        if dtype == pl.String and events[column].str.contains("\x00", literal=True).any():
            _refuse(column, "has a NUL byte", "含有 NUL 字节")
    moments = [pl.col(name).dt.convert_time_zone("UTC").dt.cast_time_unit("us") for name in _MOMENTS]
    defaults = {"event_id": None, "operation": "new", "load_id": None, "origin": "vostro"}
    missing = [
        pl.lit(value, pl.Int64 if name == "load_id" else pl.String).alias(name)
        for name, value in defaults.items()
        if name not in events.columns
    ]
    return events.with_columns(missing).select(EVENT_COLUMNS + _VERSION_COLUMNS).with_columns(moments)


def _refuse(column: str, reason_en: str, reason_zh: str) -> None:
    raise EventInvalidError(column=column, reason_en=reason_en, reason_zh=reason_zh)


def _driver(connection: sa.Connection) -> "psycopg.Connection[Any]":
    driver: Any = connection.connection.driver_connection
    assert driver is not None
    return driver  # type: ignore[no-any-return]


def _data_errors() -> tuple[type[Exception], ...]:
    import psycopg

    return (psycopg.DataError, DataError)


def _parsed(buffer: io.BytesIO) -> pl.DataFrame:
    schema = {"sequence": pl.Int64(), "customer": pl.String(), "kind": pl.String(), "event_time": pl.Int64()}
    schema |= {"load_time": pl.Int64(), "idempotency_key": pl.String(), "body": pl.String()}
    schema |= {"event_id": pl.String(), "operation": pl.String(), "load_id": pl.Int64()}
    if buffer.tell() == 0:
        frame = pl.DataFrame(schema=schema)
    else:
        buffer.seek(0)
        frame = pl.read_csv(buffer, has_header=False, schema=schema)
        # of the texts only event_id may be NULL, and no event has an empty one; CSV cannot tell
        frame = frame.with_columns(pl.col("customer", "kind", "idempotency_key", "body").fill_null(""))
    return frame.with_columns(
        pl.from_epoch(pl.col(name), "us").dt.replace_time_zone("UTC") for name in _MOMENTS
    )
