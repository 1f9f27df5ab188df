"""Customers 客户归属: whose record is it, when only another table knows?

A transaction names an account, and another source says whose account it is. The customer of
each record is looked up while it is loaded, with one join a block, and kept beside it; a
record without a customer, or with several, is a reject. A reference may bring columns of the
record that it refers to in the same way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from vostro.capture.contracts import (
    Contract,
    ContractColumn,
    CustomerVia,
    LookedUpColumn,
    Reference,
    WrittenContract,
)
from vostro.capture.expressions import kept
from vostro.capture.faults import BlockFaults
from vostro.capture.keys import KeySet
from vostro.capture.parsing import dtype_of
from vostro.capture.reasons import reason
from vostro.engine import Lake, Located
from vostro.words import Text

__all__ = [
    "BroughtMap",
    "CustomerMap",
    "assign_customers",
    "bring_columns",
    "brought",
    "customer_map",
    "resolve",
]

_KEY, _CUSTOMER, _SEVERAL = "_key", "_customer", "_several"


@dataclass
class CustomerMap(KeySet):
    """The customer of each key; columns ``_key``, ``_customer`` and ``_several`` (more than one)."""

    frame: pl.DataFrame = field(default_factory=pl.DataFrame)


@dataclass
class BroughtMap(KeySet):
    """The keys that a reference may name, and what each brings; columns ``_key`` and those brought."""

    frame: pl.DataFrame = field(default_factory=pl.DataFrame)


def resolve(located: Mapping[str, Located[WrittenContract]]) -> dict[str, Located[Contract]]:
    """Turn contracts as written into contracts whose ``customer`` is a column, looked up or not.

    What is wrong with ``customer: {via: ...}`` is told by ``contract_faults``; a column that cannot be
    looked up is text here.
    """
    written = {name: each.value for name, each in located.items()}
    return {
        name: Located(_resolved(each.value, written), each.file, each.lines) for name, each in located.items()
    }


def customer_map(column: LookedUpColumn, lake: Lake) -> CustomerMap | None:
    """Return whose each key is, by the latest record of each of the table's own keys.

    None when the table has no data yet.
    """
    files = lake.files(column.table)
    if not files:
        return None
    rows = _latest(files, column.table_key)
    if column.where is not None:
        rows = kept(rows, column.where)
    found = (
        rows.select(pl.col(column.key).alias(_KEY), pl.col(column.value).alias(_CUSTOMER))
        .drop_nulls()
        .group_by(_KEY)
        .agg(pl.col(_CUSTOMER).min(), (pl.col(_CUSTOMER).n_unique() > 1).alias(_SEVERAL))
    )
    return CustomerMap(frame=found.collect())


def bring_columns(contract: Contract, reference: Reference, lake: Lake) -> BroughtMap:
    """Return what the records of a table bring to those that refer to them; the table is not empty."""
    rows = _latest(lake.files(reference.table), [reference.key])
    wanted = {name: dtype_of(contract.columns[name]) for name in reference.brings}
    held = rows.collect_schema()
    return BroughtMap(
        frame=rows.select(
            pl.col(reference.key).alias(_KEY),
            *(
                (pl.col(name) if name in held else pl.lit(None)).cast(dtype, strict=False).alias(name)
                for name, dtype in wanted.items()
            ),
        )
        .drop_nulls(_KEY)
        .collect()
    )


def brought(typed: pl.DataFrame, column: str, table: BroughtMap) -> pl.DataFrame:
    """Return the block with what its reference brings; null where there is nothing to refer to."""
    found = typed.select(pl.col(column).alias(_KEY)).join(
        table.frame, on=_KEY, how="left", maintain_order="left"
    )
    return typed.with_columns(found.drop(_KEY))


def assign_customers(
    contract: Contract, customers: CustomerMap, typed: pl.DataFrame, faults: BlockFaults
) -> pl.DataFrame:
    """Return the block with its customers; records without exactly one customer are faults."""
    column = contract.looked_up
    assert column is not None
    assert contract.customer is not None
    keys = typed.select(pl.col(column.via).alias(_KEY))
    found = keys.join(customers.frame, on=_KEY, how="left", maintain_order="left")
    several = found[_SEVERAL].fill_null(False)
    lost = found[_CUSTOMER].is_null() & keys[_KEY].is_not_null()
    header = contract.headers.get(column.via, column.via)
    for code, rows in (("customer_unknown", lost), ("customer_ambiguous", several)):
        broken = np.flatnonzero(faults.good & rows.to_numpy()).astype(np.uint32)
        say = reason(code, field=header, to=f"{column.table}.{column.key}")
        faults.add(broken, header, code, say, keys[_KEY].gather(broken))
    return typed.with_columns(found[_CUSTOMER].cast(typed.schema[contract.customer]).alias(contract.customer))


def _latest(files: Sequence[Path], key: list[str]) -> pl.LazyFrame:
    """Return the latest record of each key, or all records of a table without one."""
    rows = pl.concat([pl.scan_parquet(path) for path in files], how="diagonal_relaxed")
    rows = rows.sort("_load", "_line", maintain_order=True)
    return rows.unique(key, keep="last", maintain_order=True) if key else rows


def _resolved(contract: WrittenContract, written: Mapping[str, WrittenContract]) -> Contract:
    plain = {name: getattr(contract, name) for name in Contract.__struct_fields__}
    via = plain["customer"]
    if isinstance(via, CustomerVia):
        plain["customer"] = via.is_
        plain["columns"] = contract.columns | {via.is_: _column(via, written)}
    for reference in contract.references:
        for name in reference.brings:
            way = CustomerVia(via=reference.column, to=reference.to, is_=name)
            plain["columns"] = plain["columns"] | {name: _column(way, written)}
    return Contract(**plain)


def _column(via: CustomerVia, written: Mapping[str, WrittenContract]) -> LookedUpColumn:
    """Return a looked-up column, with type and meaning that it has in the table that knows it."""
    target = written.get(via.table)
    nothing = ContractColumn(type="text", meaning=Text(en=via.is_, zh=via.is_), personal_data="identity")
    there = target.columns.get(via.is_, nothing) if target else nothing
    return LookedUpColumn(
        via=via.via,
        table=via.table,
        table_key=list(target.key) if target else [],
        key=via.key,
        value=via.is_,
        where=via.where,
        type=there.type,
        meaning=there.meaning,
        decimal=there.decimal,
        allowed=there.allowed,
        zone=there.zone,
        personal_data=there.personal_data,
    )
