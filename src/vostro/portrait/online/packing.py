"""Packing 打包记录: how do columns of states become one record for each customer?

This is where columns end: a record is bytes, one for each customer, so one loop over customers is
all that is left. Blocks of customers at a time, so that memory does not grow with the bank.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from vostro.portrait.aggregate.sketch import EXACT_MAX
from vostro.portrait.online.plan import Group, Plan
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
    plan = tiles.plan
    for at in range(0, len(customers), _CUSTOMERS_A_BLOCK):
        some = customers.slice(at, _CUSTOMERS_A_BLOCK)
        of_groups = [_group_lists(plan, i, some, groups.get(i)) for i in range(len(plan.groups))]
        of_blocks = [_block_lists(some, blocks.get(i)) for i in range(len(plan.blocks))]
        states = list(zip(*of_groups, strict=True)) or [()] * len(some)
        rows = list(zip(*of_blocks, strict=True)) or [()] * len(some)
        for customer, state, row in zip(some.to_list(), states, rows, strict=True):
            record = [now_us, list(state), [], list(row), held.get(customer, {})]
            for event in waiting.get(customer, ()):
                tiles.fold(record, event, now_us)
            yield customer, pack(record)


def _group_lists(plan: Plan, number: int, customers: pl.Series, frame: pl.DataFrame | None) -> list[Any]:
    """Return the states of one group for each of some customers; None where nothing came."""
    if frame is None or not frame.height:
        return [None] * len(customers)
    group = plan.groups[number]
    here, *columns = _aligned(customers, frame)
    lists = [_slot_list(group, i, column) for i, column in enumerate(columns)]
    rows = zip(here.to_list(), zip(*lists, strict=True), strict=True)
    return [list(row) if some else None for some, row in rows]


def _slot_list(group: Group, column: int, values: pl.Series) -> list[Any]:
    """Return one column of a group as plain values; sets too large to keep become registers."""
    slot = next((each for each in group.slots if group.column(each) == column), None)
    tiled = group.hop_us is not None
    found = values.to_list()
    change = {"top": _pair, "distinct": _set}.get(slot.kind if slot is not None else "")
    return found if change is None else [_each(row, change, tiled=tiled) for row in found]


def _each(row: Any, change: Any, *, tiled: bool) -> Any:
    if row is None or not tiled:
        return None if row is None else change(row)
    return [None if each is None else change(each) for each in row]


def _pair(counted: list[dict[str, Any]]) -> list[list[Any]] | None:
    return [[each["v"] for each in counted], [each["c"] for each in counted]] if counted else None


def _set(values: list[Any]) -> Any:
    return sketch(values) if len(values) > EXACT_MAX else values or None


def _block_lists(customers: pl.Series, frame: pl.DataFrame | None) -> list[Any]:
    if frame is None or not frame.height:
        return [None] * len(customers)
    lists = [column.to_list() for column in _aligned(customers, frame)]
    return [None if row[2] is None else list(row) for row in zip(*lists, strict=True)]


def _aligned(customers: pl.Series, frame: pl.DataFrame) -> list[pl.Series]:
    """Return the frame's columns for just these customers, in their order."""
    mine = customers.to_frame("customer").join(frame, on="customer", how="left", maintain_order="left")
    return mine.drop("customer").get_columns()
