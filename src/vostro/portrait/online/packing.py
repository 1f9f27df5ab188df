"""Packing 打包记录: how do columns of states become one record for each customer?

This is where columns end: a record is bytes, one for each customer, so one loop over customers is
all that is left. Blocks of customers at a time, so that memory does not grow with the bank.
"""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import polars as pl

from vostro.portrait.aggregate.sketch import EXACT_MAX
from vostro.portrait.online.plan import Group, Slot
from vostro.portrait.online.record import pack
from vostro.portrait.online.states import sketch
from vostro.portrait.online.tiles import SourceEvent, Tiles

__all__ = ["pack_records"]

_CUSTOMERS_A_BLOCK = 25_000


def pack_records(
    tiles: Tiles,
    customers: pl.Series,
    groups: Mapping[int, pl.DataFrame],
    blocks: Mapping[int, pl.DataFrame],
    *,
    held: Mapping[str, dict[str, list[Any]]],
    waiting: Mapping[str, list[SourceEvent]],
    now_us: int,
) -> Iterator[tuple[str, bytes]]:
    """Yield ``(customer, record)`` of every customer, in the order given.

    Args:
        tiles: of the bank's tags.
        customers: ordered, each once.
        groups: number -> states, as ``batch.group_frame`` returns them.
        blocks: number -> latest rows, as ``batch.block_frame`` returns them.
        held: customer -> tag -> value, end and since.
        waiting: customer -> events that are still to come.
        now_us: the moment of the records.
    """
    for at in range(0, len(customers), _CUSTOMERS_A_BLOCK):
        some = customers.slice(at, _CUSTOMERS_A_BLOCK)
        with _without_collector():
            packed = list(_block(tiles, some, groups, blocks, held, waiting, now_us))
        yield from packed


def _block(
    tiles: Tiles,
    customers: pl.Series,
    groups: Mapping[int, pl.DataFrame],
    blocks: Mapping[int, pl.DataFrame],
    held: Mapping[str, dict[str, list[Any]]],
    waiting: Mapping[str, list[SourceEvent]],
    now_us: int,
) -> Iterator[tuple[str, bytes]]:
    """Yield the records of some customers."""
    plan = tiles.plan
    none = [()] * len(customers)
    of_groups = [_group_lists(plan.groups[i], customers, groups.get(i)) for i in range(len(plan.groups))]
    of_blocks = [_block_lists(customers, blocks.get(i)) for i in range(len(plan.blocks))]
    states = zip(*of_groups, strict=True) if of_groups else none
    rows = zip(*of_blocks, strict=True) if of_blocks else none
    for customer, state, row in zip(customers.to_list(), states, rows, strict=True):
        record = [now_us, state, [], row, held.get(customer, {})]
        if customer in waiting:
            record[1], record[3] = list(state), list(row)
            for event in waiting[customer]:
                tiles.fold(record, event, now_us)
        yield customer, pack(record)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep Python from searching millions of fresh lists for circles that are not there."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _group_lists(group: Group, customers: pl.Series, frame: pl.DataFrame | None) -> list[Any]:
    """Return the states of one group for each of some customers; None where nothing came."""
    if frame is None or not frame.height:
        return [None] * len(customers)
    here, *columns = (column.to_list() for column in _aligned(customers, frame))
    tiled = group.hop_us is not None
    lists = [columns.pop(0)] if tiled else []
    for slot in group.slots:
        lists += _slot_lists(slot, [columns.pop(0) for _ in range(_columns(slot))], tiled=tiled)
    rows = zip(*lists, strict=True)
    return [row if some else None for some, row in zip(here, rows, strict=True)]


def _columns(slot: Slot) -> int:
    return 2 if slot.kind == "top" else slot.width


def _slot_lists(slot: Slot, columns: list[list[Any]], *, tiled: bool) -> list[list[Any]]:
    """Return the columns of a slot as the record has them: large sets become registers, counts stand by values."""
    if slot.kind == "top":
        values, counts = columns
        if not tiled:
            return [[_pair(*each) for each in zip(values, counts, strict=True)]]
        rows = zip(values, counts, strict=True)
        return [[None if row[0] is None else list(map(_pair, *row)) for row in rows]]
    if slot.kind == "distinct":
        values = columns[0]
        if not tiled:
            return [[_set(each) for each in values]]
        return [[None if row is None else list(map(_set, row)) for row in values]]
    return columns


def _pair(values: list[Any] | None, counts: list[int] | None) -> tuple[list[Any], list[int]] | None:
    return (values, counts) if values and counts else None


def _set(values: list[Any] | None) -> Any:
    if not values:
        return None
    return sketch(values) if len(values) > EXACT_MAX else values


def _block_lists(customers: pl.Series, frame: pl.DataFrame | None) -> list[Any]:
    if frame is None or not frame.height:
        return [None] * len(customers)
    lists = [column.to_list() for column in _aligned(customers, frame)]
    return [None if row[2] is None else row for row in zip(*lists, strict=True)]


def _aligned(customers: pl.Series, frame: pl.DataFrame) -> list[pl.Series]:
    """Return the frame's columns for just these customers, in their order."""
    mine = customers.to_frame("customer").join(frame, on="customer", how="left", maintain_order="left")
    return mine.drop("customer").get_columns()
