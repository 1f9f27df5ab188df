"""Batch states 批量状态: which states would folding every event give, without a loop over events?

The engine resolves the versions of events and asks the filters; the states of each group are then
grouped by customer and tile in columns. Only packing them into records, customer by customer, is
left for ``packing``.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from vostro.capture import history_relation
from vostro.engine import Lake
from vostro.portrait.aggregate import compile as engine
from vostro.portrait.online.plan import AttributeBlock, Group, Plan, Slot, SourcePlan

if TYPE_CHECKING:
    from vostro.capture import Contract

__all__ = ["CUSTOMER", "TILE", "block_frame", "group_frame", "source_rows"]

CUSTOMER, TIME, TILE, HERE = "customer", "_time", "_tile", "_here"


def source_rows(
    plan: Plan,
    source: SourcePlan,
    contract: "Contract",
    lake: Lake,
    share: tuple[int, int] = (0, 1),
    people: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the events of a source that count, with what the plan reads of them.

    Args:
        plan: of the records.
        source: which rows.
        contract: of the source.
        lake: with the source's table.
        share: ``(number, of)``: only that share of the customers.
        people: ``customer`` and ``person`` of those who have another's name.

    Returns:
        ``customer`` (the person), ``_time`` (microseconds; the load time where the contract has no event time), ``_load``,
        ``_line``, each column of the plan as it is, ``p_COLUMN`` in plain form and ``f_NUMBER`` for the
        filter of each group. One row an event.
    """
    relation = history_relation(lake, contract, store=lake.store)
    table = relation.table if relation.unique else engine.latest(relation.table)
    whose = "customer"
    if people is not None:
        table, whose = engine.of_people(table, people), engine.PERSON
    if share[1] > 1:
        table = table.filter(table[whose].hash().abs() % share[1] == share[0])
    timed = "event_time" in table.columns
    columns: dict[str, Any] = {CUSTOMER: table[whose], "_load": table["_load"], "_line": table["_line"]}
    columns[TIME] = table["event_time"] if timed else table["load_time"]
    columns |= {name: table[name] for name in source.columns if name not in columns}
    for number in source.groups:
        group = plan.groups[number]
        columns |= {
            f"p_{name}": engine.plain_column(table, measure) for name, measure in group.measures.items()
        }
        if group.where is not None:
            columns[f"f_{number}"] = group.where.predicate(table)
    rows: pl.DataFrame = table.filter(table[whose].notnull()).select(**columns).to_polars()
    return rows.with_columns(
        _micros(TIME), *(_whole(rows, name) for name in rows.columns if name[:2] == "p_")
    )


def group_frame(group: Group, number: int, rows: pl.DataFrame, now: datetime, offset_us: int) -> pl.DataFrame:
    """Return the states of a group: one row a customer, ordered, each slot's columns as the record has them.

    Args:
        group: of the plan.
        number: its number.
        rows: of ``source_rows``; only those before ``now`` count.
        now: the moment of the records.
        offset_us: of the bank's clock.

    Returns:
        ``customer``, ``_here`` (true) and ``s0``, ``s1``...: with windows lists over tiles, the tiles first; else
        values. A top slot has two columns, its values and how often each came.
    """
    now_us = int(pl.Series([now]).cast(pl.Datetime("us", "UTC")).to_physical()[0])
    kept = rows.filter(pl.col(TIME) < now_us)
    if group.where is not None:
        kept = kept.filter(pl.col(f"f_{number}"))
    keys = [CUSTOMER]
    if group.hop_us is not None:
        kept = kept.with_columns(((pl.col(TIME) + offset_us) // group.hop_us).alias(TILE))
        kept = kept.filter(pl.col(TILE) >= (now_us - group.keep_us + offset_us) // group.hop_us)
        keys.append(TILE)
    if any(slot.width > 1 for slot in group.slots):
        kept = kept.sort(TIME, maintain_order=True)
    states: list[pl.Expr] = []
    tops = [slot for slot in group.slots if slot.kind == "top"]
    names: list[str] = []
    for i, slot in enumerate(group.slots):
        states += _states(slot, i) if slot.kind != "top" else []
        names += [f"g{i}_{j}" for j in range(slot.width)] + ([f"g{i}_0c"] if slot.kind == "top" else [])
    found = kept.group_by(keys).agg(pl.len().alias("_n"), *states)
    for slot in tops:
        i = group.slots.index(slot)
        found = found.join(_top(kept, keys, slot, f"g{i}_0"), on=keys, how="left")
    found = found.sort(keys).with_columns(_narrow(found, name) for name in names)
    if group.hop_us is not None:
        found = found.group_by(CUSTOMER, maintain_order=True).agg(
            pl.col(TILE), *(pl.col(name) for name in names)
        )
        names = [TILE, *names]
    columns = [pl.col(name).alias(f"s{i}") for i, name in enumerate(names)]
    return found.select(CUSTOMER, pl.lit(True).alias(HERE), *columns)


def block_frame(
    block: AttributeBlock, contract: "Contract", rows: pl.DataFrame, now: datetime
) -> pl.DataFrame:
    """Return the latest row of each customer: ``customer``, the order columns, and each column's form."""
    now_us = int(pl.Series([now]).cast(pl.Datetime("us", "UTC")).to_physical()[0])
    known = rows.filter(pl.col(TIME) <= now_us) if contract.event_time is not None else rows
    first = pl.lit(0, pl.Int64) if block.by_load or contract.event_time is None else pl.col(TIME)
    known = known.with_columns(first.alias("_first")).sort("_first", "_load", "_line")
    last = known.unique(CUSTOMER, keep="last", maintain_order=True).sort(CUSTOMER)
    values = [_form(last, name, contract) for name in block.columns]
    return last.select(CUSTOMER, TIME, "_first", "_load", "_line", *values)


def _states(slot: Slot, i: int) -> list[pl.Expr]:
    """Return the expressions of a slot's columns within one customer and tile."""
    value = pl.col(f"p_{slot.column}") if slot.column else pl.col(TIME)
    if slot.width > 1:
        return _edges(value, i, early=slot.kind == "first")
    state = {
        "rows": pl.len().cast(pl.Int64),
        "known": value.count().cast(pl.Int64),
        "sum": value.cast(pl.Int128).sum() if slot.kind == "sum" else None,
        "min": value.min(),
        "earliest": value.min(),
        "max": value.max(),
        "latest": value.max(),
        "distinct": value.drop_nulls().unique().sort(),
    }[slot.kind]
    assert state is not None
    return [state.alias(f"g{i}_0")]


def _edges(value: pl.Expr, i: int, *, early: bool) -> list[pl.Expr]:
    """Return time and value of the first or last event that has a value; of equal times the smaller or larger."""
    time = pl.col(TIME).filter(value.is_not_null())
    best = time.min() if early else time.max()
    tied = value.filter(value.is_not_null() & (pl.col(TIME) == best))
    return [best.alias(f"g{i}_0"), (tied.min() if early else tied.max()).alias(f"g{i}_1")]


def _top(rows: pl.DataFrame, keys: list[str], slot: Slot, name: str) -> pl.DataFrame:
    """Return the counted values of each customer and tile: a list of values and one of counts."""
    value = f"p_{slot.column}"
    counted = (
        rows.filter(pl.col(value).is_not_null())
        .group_by([*keys, value])
        .agg(pl.len().cast(pl.Int64).alias("_c"))
    )
    pairs = counted.sort([*keys, value]).group_by(keys, maintain_order=True)
    return pairs.agg(pl.col(value).alias(name), pl.col("_c").alias(f"{name}c"))


def _narrow(frame: pl.DataFrame, name: str) -> pl.Expr:
    """Return a column of 128 bits with 64 where they hold it: reading it out is faster."""
    if frame.schema[name] != pl.Int128 or not frame.height:
        return pl.col(name)
    low, high = frame[name].min(), frame[name].max()
    fits = low is None or (low >= -(2**63) and high < 2**63)  # type: ignore[operator]
    return pl.col(name).cast(pl.Int64) if fits else pl.col(name)


def _micros(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Datetime("us", "UTC")).to_physical().alias(name)


def _whole(rows: pl.DataFrame, name: str) -> pl.Expr:
    """Return a plain form as the record keeps it: a whole number or a text."""
    dtype = rows.schema[name]
    if isinstance(dtype, pl.Decimal):
        return pl.col(name).cast(pl.String).str.replace(".", "", literal=True).cast(pl.Int128).alias(name)
    if isinstance(dtype, pl.Datetime):
        return _micros(name)
    if dtype == pl.Date:
        return pl.col(name).to_physical().cast(pl.Int64).alias(name)
    return pl.col(name).cast(pl.Int64).alias(name) if dtype == pl.Boolean else pl.col(name)


def _form(rows: pl.DataFrame, name: str, contract: "Contract") -> pl.Expr:
    """Return an attribute as the record keeps it; see ``attributes.form_of``."""
    column = contract.columns[name]
    if column.type in ("decimal", "date", "moment"):
        return _whole(rows, name)
    return pl.col(name)
