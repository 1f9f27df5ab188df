"""History 事件历史: which versions of which events does a table hold, and which of them counted at a moment?

An event may come again with other content (a correction) or be undone (a deletion, or a row
that reverses it). Nothing is overwritten: every version stays, with the moment at which we
learned of it. What was known at a moment is the last version, by load and line, of those
loaded by then; an event whose last version is a deletion is gone.
"""

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import polars as pl
import sqlalchemy as sa

from vostro.capture.contracts import ROW_NUMBER, Contract
from vostro.capture.latest import lake_schema
from vostro.engine import DRAIN_LOCK, Lake, LakeTableMissingError, Store, is_contested
from vostro.engine import drain as drain_table
from vostro.engine import event as event_table

if TYPE_CHECKING:
    import ibis

__all__ = [
    "HISTORY_COLUMNS",
    "HistoryRelation",
    "drain",
    "event_key",
    "event_version",
    "has_event_key",
    "history",
    "history_relation",
    "known_versions",
]

HISTORY_COLUMNS = ("customer", "event_time", "load_time", "event_id", "_load", "_line", "_deleted")
_ARRIVED = {"_event_id": pl.String(), "_deleted": pl.Boolean()}  # only in what was drained from the log
_DRAIN_ROWS = 200_000


class HistoryRelation(msgspec.Struct, frozen=True):
    """All versions of the events of a source, for the engine."""

    table: "ibis.Table"  # the contract's columns and HISTORY_COLUMNS
    unique: bool  # no event has a second version: nothing has to be ranked


def has_event_key(contract: Contract) -> bool:
    """Tell whether a record's key names its event; a row number does not, outside of its file."""
    numbered = any(contract.columns[name].from_ == ROW_NUMBER for name in contract.key)
    return bool(contract.key) and not numbered


def event_key(contract: Contract) -> pl.Expr:
    """Return the record's key as one text: parts joined by ``/``, a ``/`` inside a part doubled."""
    parts = [pl.col(name).cast(pl.String).str.replace_all("/", "//", literal=True) for name in contract.key]
    return pl.concat_str(parts, separator="/", ignore_nulls=False)


def event_version(contract: Contract) -> tuple[pl.Expr, pl.Expr]:
    """Return which event a row is a version of (text), and whether it undoes that event (boolean)."""
    in_file = pl.concat_str(pl.col("_load"), pl.lit(":"), pl.col("_line"))
    own = event_key(contract) if has_event_key(contract) else in_file
    if contract.reverses is None:
        return own, pl.lit(value=False)
    undone = pl.col(contract.reverses).cast(pl.String).str.replace_all("/", "//", literal=True)
    return pl.coalesce(undone, own), undone.is_not_null()


def history(lake: Lake, contract: Contract, *, loaded_by: datetime | None = None) -> pl.LazyFrame:
    """Return the events of a source as they were known at a moment.

    Args:
        lake: where the source's table is.
        contract: with ``customer`` and ``event_time``.
        loaded_by: only what was loaded by then; None: all.

    Returns:
        The contract's columns and ``HISTORY_COLUMNS``, one row an event; unordered.

    Raises:
        LakeTableMissingError: nothing of this contract is loaded.
    """
    rows = _versions(lake, contract)
    if loaded_by is not None:
        rows = rows.filter(pl.col("load_time") <= loaded_by)
    return known_versions(rows)


def known_versions(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Keep the last version of each event by load and line, and no event that was undone."""
    last = rows.sort("_load", "_line").unique("event_id", keep="last")
    return last.filter(~pl.col("_deleted"))


def history_relation(lake: Lake, contract: Contract, *, store: Store | None = None) -> HistoryRelation:
    """Return all versions of the events of a source, for the engine (DuckDB through Ibis).

    Args:
        lake: where the source's table is.
        contract: with ``customer`` and ``event_time``.
        store: its log tells at once whether any event has a second version; without it the keys are counted.

    Raises:
        LakeTableMissingError: nothing of this contract is loaded.
    """
    import ibis

    table = lake.relation(contract.contract)
    held = set(table.columns)
    wanted = lake_schema(contract)
    types = pl.DataFrame(schema=pl.Schema(wanted | _ARRIVED)).to_arrow().schema
    dtypes = ibis.Schema.from_pyarrow(types)
    columns = {
        name: (table[name].cast(dtypes[name]) if name in held else ibis.null(dtypes[name])).name(name)
        for name in dtypes
    }
    table = table.select(**columns)
    own, undone = _keys_for_engine(table, contract)
    table = table.mutate(
        customer=table[contract.customer].cast("string"),
        event_id=ibis.coalesce(table["_event_id"], own),
        _deleted=ibis.coalesce(table["_deleted"], undone),
    ).drop("_event_id")
    return HistoryRelation(table, _is_unique(lake, contract, store))


def drain(store: Store, lake: Lake, contract: Contract) -> int:
    """Copy events that arrived one by one from the log into the lake, and return how many.

    The copy and the mark up to where it went are one transaction: killed, nothing has happened.
    """
    if contract.event is None:
        return 0
    copied = 0
    while True:
        with store.begin() as connection:
            # whoever is appending arrivals holds this lock shared until his commit: what is missed is later
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": DRAIN_LOCK})
            rows = _arrivals(connection, contract.event)
            if rows.is_empty():
                return copied
            first, last = int(rows["sequence"][0]), int(rows["sequence"][-1])
            with lake.stage(contract.contract, f"log-{first:012d}-{last:012d}") as stage:
                stage.write(_lake_rows(rows, contract))
                lake.publish(connection, stage)
            connection.execute(
                sa.text(
                    "INSERT INTO drain VALUES (:kind, :last) ON CONFLICT (kind) DO UPDATE SET sequence = :last"
                ),
                {"kind": contract.event, "last": last},
            )
        copied += rows.height


def _arrivals(connection: sa.Connection, kind: str) -> pl.DataFrame:
    event = event_table.c
    done = connection.scalar(sa.select(drain_table.c.sequence).where(drain_table.c.kind == kind)) or 0
    columns = ("sequence", "customer", "event_time", "load_time", "event_id", "operation", "load_id")
    query = (
        sa.select(*(event[name] for name in columns), sa.cast(event.body, sa.Text).label("body"))
        .where(event.kind == kind, event.origin == "api", event.sequence > done)
        .order_by(event.sequence)
        .limit(_DRAIN_ROWS)
    )
    found = connection.execute(query).all()
    moment = pl.Datetime("us", "UTC")
    types = (pl.Int64(), pl.String(), moment, moment, pl.String(), pl.String(), pl.Int64(), pl.String())
    schema = pl.Schema(dict(zip((*columns, "body"), types, strict=True)))
    return pl.DataFrame([tuple(row) for row in found], schema=schema, orient="row")


def _lake_rows(events: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """Return events of the log as rows of the source's table, typed as its files' rows are."""
    wanted = lake_schema(contract)
    clock = contract.event_time.source_column if contract.event_time else ""
    inside = [name for name in contract.columns if name not in (contract.customer, clock)]
    plain = (pl.Int64, pl.Float64, pl.Boolean)  # JSON has these types; the others are written as text
    shape = {name: wanted[name] if wanted[name] in plain else pl.String() for name in inside}
    body = events["body"].str.json_decode(pl.Struct(shape)).struct.unnest()
    columns = [_typed(body[name], wanted[name]) for name in inside]
    frame = events.select(
        "event_time",
        "load_time",
        pl.col("customer").cast(wanted[contract.customer or ""]).alias(contract.customer or ""),
        pl.col("load_id").alias("_load"),
        pl.col("sequence").alias("_line"),
        pl.col("event_id").alias("_event_id"),
        (pl.col("operation") == "delete").alias("_deleted"),
    ).with_columns(columns)
    if clock and clock in wanted:
        frame = frame.with_columns(_clock(events["event_time"], wanted[clock], contract).alias(clock))
    return frame.select(*wanted, *_ARRIVED)


def _typed(values: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Return values of a body in the type of their column."""
    if isinstance(dtype, pl.Datetime):
        return values.str.to_datetime(time_unit="us", time_zone="UTC", strict=False)
    if dtype == pl.Date:
        return values.str.to_date("%Y-%m-%d", strict=False)
    return values.cast(dtype, strict=False)


def _clock(moments: pl.Series, dtype: pl.DataType, contract: Contract) -> pl.Series:
    """Return the event time as the column that it was read from."""
    zone = (contract.event_time.zone if contract.event_time else None) or contract.zone or "UTC"
    local = moments.dt.convert_time_zone(zone)
    if dtype == pl.Date:
        return local.dt.date()
    return moments.cast(dtype) if dtype != pl.String else local.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f%:z")


def _versions(lake: Lake, contract: Contract) -> pl.LazyFrame:
    """Return every version of every event of a source."""
    partitions = lake.partitions(contract.contract)
    if not partitions:
        raise LakeTableMissingError(table=contract.contract, hint_en="", hint_zh="")
    wanted = pl.Schema(lake_schema(contract) | _ARRIVED)
    own, undone = event_version(contract)
    frames = []
    for each in partitions:
        frame = pl.scan_parquet(each.path / "*.parquet")
        held = frame.collect_schema()
        frames.append(
            frame.select(
                (pl.col(name) if name in held else pl.lit(None)).cast(dtype, strict=False).alias(name)
                for name, dtype in wanted.items()
            )
        )
    return (
        pl.concat(frames)
        .with_columns(
            pl.col(contract.customer or "").cast(pl.String).alias("customer"),
            pl.coalesce("_event_id", own).alias("event_id"),
            pl.coalesce("_deleted", undone),
        )
        .drop("_event_id")
    )


def _keys_for_engine(table: "ibis.Table", contract: Contract) -> "tuple[ibis.Value, ibis.Value]":
    """Return the same two expressions as ``event_version``, for the engine."""
    import ibis

    if has_event_key(contract):
        parts = [table[name].cast("string").replace("/", "//") for name in contract.key]
        own = ibis.literal("/").join(parts)
    else:
        own = table["_load"].cast("string") + ":" + table["_line"].cast("string")
    if contract.reverses is None:
        return own, ibis.literal(False)
    undone = table[contract.reverses].cast("string").replace("/", "//")
    return ibis.coalesce(undone, own), undone.notnull()


def _is_unique(lake: Lake, contract: Contract, store: Store | None) -> bool:
    if contract.event is not None and store is not None:
        with store.begin() as connection:
            return not is_contested(connection, contract.event)
    if contract.reverses is None and not has_event_key(contract):
        return True
    if contract.reverses is None and len(lake.partitions(contract.contract)) == 1:
        return True  # a key does not repeat inside a file
    counted = _versions(lake, contract).select(
        pl.len(), pl.col("event_id").n_unique().alias("ids"), pl.col("_deleted").any()
    )
    rows, ids, deleted = counted.collect().row(0)
    return bool(rows == ids and not deleted)
