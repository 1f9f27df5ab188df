"""States 部分状态: how do partial results of one customer take in a value, and how are several joined?

Distinct values are kept themselves, sorted, up to 1,024 a state; beyond it only the registers
of a HyperLogLog remain (4,096 bytes). Both halves agree: whatever way the values are spread
over tiles, the union decides which answer is given, and registers are the largest of each.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from vostro.portrait.aggregate.exact import Plain, canonical
from vostro.portrait.aggregate.sketch import EXACT_MAX, RANK_MAX, REGISTERS, estimate, registers

__all__ = ["Distinct", "Top", "add_distinct", "add_top", "count_distinct", "place", "sketch", "top_values"]

Distinct = list[Any] | bytes  # sorted plain forms, or registers
Top = list[list[Any]]  # [plain forms in order, how often each came]


def place(group: list[list[Any]], tile: int, fresh: Sequence[Any]) -> int:
    """Return where a tile is among the tiles of a group, in order; a missing one is put in.

    Args:
        group: tiles in order, then one list for each column of the slots.
        tile: number of the hop.
        fresh: what each column begins with.

    >>> group = [[3, 7], [1, 2]]
    >>> place(group, 5, (0,)), group
    (1, [[3, 5, 7], [1, 0, 2]])
    >>> place(group, 7, (0,))
    -1
    """
    tiles = group[0]
    if tiles and tiles[-1] >= tile:
        if tiles[-1] == tile:
            return -1
        at = bisect_left(tiles, tile)
        if tiles[at] != tile:
            for column, value in zip(group, (tile, *fresh), strict=True):
                column.insert(at, value)
        return at
    for column, value in zip(group, (tile, *fresh), strict=True):
        column.append(value)
    return -1


def add_distinct(state: Distinct | None, value: Plain) -> Distinct:
    """Return a state of distinct values that has seen one more."""
    if state is None:
        return [value]
    if isinstance(state, bytes):
        return _larger([state, sketch([value])])
    at = bisect_left(state, value)
    if at == len(state) or state[at] != value:
        state.insert(at, value)
        if len(state) > EXACT_MAX:
            return sketch(state)
    return state


def count_distinct(states: Iterable[Distinct | None]) -> int:
    """Return how many distinct values several states have seen together.

    Exact up to 1,024; above it the estimate of the HyperLogLog.
    """
    lists: list[list[Plain]] = []
    sketches: list[bytes] = []
    for state in states:
        if isinstance(state, bytes):
            sketches.append(state)
        elif state is not None:
            lists.append(state)
    values = lists[0] if len(lists) == 1 else set(chain.from_iterable(lists))
    if not sketches and len(values) <= EXACT_MAX:
        return len(values)
    ranks = _larger([*sketches, sketch(values)])
    return estimate(REGISTERS - ranks.count(0), sum(1 << RANK_MAX - rank for rank in ranks if rank))


def sketch(values: Iterable[Plain]) -> bytes:
    """Return the registers that have seen these values."""
    found = bytearray(REGISTERS)
    for register, rank in registers(map(canonical, values)).items():
        found[register] = rank
    return bytes(found)


def add_top(state: Top | None, value: Plain) -> Top:
    """Return a state of counted values that has seen one more."""
    if state is None:
        return [[value], [1]]
    values, counts = state
    at = bisect_left(values, value)
    if at < len(values) and values[at] == value:
        counts[at] += 1
    else:
        values.insert(at, value)
        counts.insert(at, 1)
    return state


def top_values(states: Iterable[Top | None], k: int) -> list[Plain]:
    """Return the ``k`` values that came most often; of equally frequent ones the smaller first."""
    counted: dict[Plain, int] = {}
    for state in states:
        if state is not None:
            for value, count in zip(*state, strict=True):
                counted[value] = counted.get(value, 0) + count
    return sorted(counted, key=lambda value: (-counted[value], value))[:k]


def _larger(sketches: Sequence[bytes]) -> bytes:
    """Return the registers of the union: the largest of each."""
    return bytes(map(max, zip(*sketches, strict=True))) if len(sketches) > 1 else sketches[0]
