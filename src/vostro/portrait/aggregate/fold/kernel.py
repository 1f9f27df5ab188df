"""Kernels 折叠内核: compiled loops over rows of whole numbers.

They hold no state and raise no errors: arrays in, arrays out.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from vostro.portrait.aggregate.fold.slots import (
    COUNT,
    COUNT_KNOWN,
    LAST,
    MAX,
    MIN,
    NOTHING,
    SUM,
    TIME_MAX,
    TIME_MIN,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Naturals = NDArray[np.uint64]

__all__ = ["accumulate", "chosen", "place_keys", "runs"]

tools: Any = cgutils
_AHEAD = 12  # rows
_LINES_MAX = 12  # of 64 bytes, of a record
F = TypeVar("F", bound=Callable[..., object])


def _compiled(function: F) -> F:
    return cast(F, njit(cache=True, nogil=True)(function))


def _prefetch(_: Any, records: Any, row: Any, line: Any) -> Any:
    """Ask the processor to bring a part of a record into its cache; nothing waits for it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        row_bytes = builder.extract_value(array.strides, 0)
        word, pointer = ir.IntType(32), ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer, word, word, word])
        function = tools.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
        start = builder.bitcast(array.data, pointer)
        offset = builder.add(
            builder.mul(arguments[1], row_bytes), builder.mul(arguments[2], ir.Constant(ir.IntType(64), 64))
        )
        builder.call(function, [builder.gep(start, [offset]), word(1), word(3), word(1)])  # to write, data
        return context.get_dummy_value()

    return types.void(records, row, line), generate


prefetch: Any = intrinsic(_prefetch)


@_compiled
def _precedes(one: int, other: int, ranks: "Integers", base: int) -> bool:
    """Tell whether a value comes before another, by rank where texts have ranks."""
    return one < other if base < 0 else ranks[base + one] < ranks[base + other]


@_compiled
def place_keys(
    keys: "Integers", table: "Integers", places: "Integers", names: "Integers", known: int, found: "Integers"
) -> int:
    """Number keys in the order in which they first come; returns how many are known now.

    Args:
        keys: shape (n,).
        table: places by hash, -1 where empty; shape (a power of two,), at most half full afterwards.
        places: unused beyond its length; shape as ``table``: the keys themselves.
        names: shape (at least known + n,): the key of each number.
        known: numbers given so far.
        found: shape (n,); gets each key's number.
    """
    mask = len(table) - 1
    for i in range(len(keys)):
        key = keys[i]
        mixed = key * np.int64(-7046029254386353131)  # 2**64 / the golden ratio
        at = (mixed ^ (mixed >> 32)) & mask
        while True:
            number = table[at]
            if number < 0:
                table[at] = known
                places[at] = key
                names[known] = key
                number = known
                known += 1
                break
            if places[at] == key:
                break
            at = (at + 1) & mask
        found[i] = number
    return known


@_compiled
def _end(
    record: "Integers", operation: int, place: Any, at: int, value: int, ranks: "Integers", base: int
) -> None:
    """Keep the value of the first or last moment, and that moment."""
    other = place + np.uint64(1)
    if operation == LAST:
        better = at > record[place] or (at == record[place] and _precedes(record[other], value, ranks, base))
    else:
        better = at < record[place] or (at == record[place] and _precedes(value, record[other], ranks, base))
    if better:
        record[place] = at
        record[other] = value


@_compiled
def accumulate(  # noqa: PLR0912 - one loop; a call for each number would take longer than the rest
    rows: "tuple[Integers, Integers, Integers, Integers]",
    spans: "tuple[Integers, Integers]",
    slots: "tuple[Integers, Naturals, Naturals, Naturals]",
    texts: "tuple[Integers, Integers]",
    records: "Integers",
) -> None:
    """Add rows to the records of their customers.

    Args:
        rows: each row's record, shape (n,); its time, shape (n,), microseconds; its flags, shape (n,), bit
            ``i`` tells whether filter ``i`` holds; its values, shape (columns, n), ``NOTHING`` for NULL.
        spans: low and high ends, shape (spans,), microseconds; a row is inside when ``low <= time < high``.
        slots: operations, codes, groups and starts, see ``Layout``; unsigned indices need no test.
        texts: the order of codes, and where each column's begins; -1 when its values are in order.
        records: shape (customers, width).
    """
    who, time, flags, values = rows
    lows, highs = spans
    operations, codes, groups, starts = slots
    ranks, rank_starts = texts
    one = np.uint64(1)
    last, lines = len(who) - 1, min(records.shape[1] // 8 + 1, _LINES_MAX)
    for i in range(len(who)):
        for line in range(lines):  # a record that is not in the cache would be waited for
            prefetch(records, who[min(i + _AHEAD, last)], line)
        record = records[who[i]]
        record[0] += 1
        at = time[i]
        held = (np.uint64(flags[i]) << one) | one  # no filter always holds
        inside = np.uint64(0)
        for s in range(len(lows)):
            if lows[s] <= at < highs[s]:
                inside |= one << np.uint64(s)
        for f in range(len(starts) - 1):
            if not (held >> np.uint64(f)) & one:
                continue
            for g in range(starts[f], starts[f + 1]):
                if not (inside >> groups[g, 0]) & one:
                    continue
                for j in range(groups[g, 1], groups[g, 2]):
                    operation, column, place = operations[j], codes[j, 0], codes[j, 1]
                    if operation == COUNT:
                        record[place] += 1
                    elif operation == TIME_MIN:
                        record[place] = min(record[place], at)
                    elif operation == TIME_MAX:
                        record[place] = max(record[place], at)
                    elif values[column, i] != NOTHING:
                        value = values[column, i]
                        if operation == SUM:
                            record[place] += value
                        elif operation == COUNT_KNOWN:
                            record[place] += 1
                        elif operation == MIN:
                            record[place] = min(record[place], value)
                        elif operation == MAX:
                            record[place] = max(record[place], value)
                        else:
                            _end(record, operation, place, at, value, ranks, rank_starts[column])


@_compiled
def chosen(
    who: "Integers",
    time: "Integers",
    flags: "Integers",
    codes: "Integers",
    bounds: tuple[int, int],
    group: int,
    found: "Integers",
) -> int:
    """Write customer and value code of the rows in a span and under a filter as one number; returns how many.

    Args:
        who, time, flags: as for ``accumulate``.
        codes: shape (n,), below 2**31; ``NOTHING`` for NULL.
        bounds: of the span.
        group: 0 for no filter, else 1 + the filter's place.
        found: shape (n,); gets ``who << 32 | code``.
    """
    low, high = bounds
    count = 0
    for i in range(len(who)):
        if codes[i] == NOTHING or time[i] < low or time[i] >= high:
            continue
        if group > 0 and not (flags[i] >> (group - 1)) & 1:
            continue
        found[count] = (who[i] << 32) | codes[i]
        count += 1
    return count


@_compiled
def runs(
    pairs: "Integers", weights: "Integers", customers: int, k: int, distinct: "Integers", top: "Integers"
) -> None:
    """Count each customer's values: how many there are, and the ``k`` most frequent.

    Args:
        pairs: shape (n,), ascending ``who << 32 | rank``.
        weights: shape (n,), how often each pair stands; shape (0,) when each stands once.
        customers: how many records.
        k: how many values are kept.
        distinct: shape (customers,); gets the number of different values.
        top: shape (customers, 2 * k), zeros; gets count and rank, most frequent first, the smaller rank first.
    """
    i, n = 0, len(pairs)
    weighted = len(weights) > 0
    while i < n:
        pair, count = pairs[i], 0
        while i < n and pairs[i] == pair:
            count += weights[i] if weighted else 1
            i += 1
        who, rank = pair >> 32, pair & 0xFFFFFFFF
        distinct[who] += 1
        for place in range(k):
            if count > top[who, 2 * place]:
                for later in range(k - 1, place, -1):
                    top[who, 2 * later] = top[who, 2 * later - 2]
                    top[who, 2 * later + 1] = top[who, 2 * later - 1]
                top[who, 2 * place] = count
                top[who, 2 * place + 1] = rank
                break
