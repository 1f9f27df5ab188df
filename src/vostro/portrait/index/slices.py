"""Bit slices 位切片: which customers' number lies in a range, without reading one number?

Slice ``j`` of a number is the bitmap of its bit ``2**j``. A comparison with a constant walks the
slices once, lowest first, with one AND or OR each. A set of many ranges is a decision diagram
over the bits: equal parts of it are one part.

Source: O'Neil and Quass (1997), "Improved Query Performance with Variant Indexes", SIGMOD 26(2).
"""

from collections.abc import Sequence

from vostro.portrait.index.plan import ALL, NONE, Plan

__all__ = ["Interval", "inside"]

Interval = tuple[int, int]  # both ends belong to it
_RANGES_MAX = 2  # above it, a decision diagram shares more than ranges one by one


def inside(plan: Plan, slices: Sequence[int], top: int, intervals: Sequence[Interval]) -> int:
    """Return the customers whose number lies in one of some ranges.

    Args:
        plan: where the expression is made.
        slices: nodes of the bits, lowest first.
        top: the largest number that anybody has.
        intervals: ascending and apart from each other; ends beyond 0 and ``top`` are cut.
    """
    cut = [
        (max(low, 0), min(high, top)) for low, high in intervals if low <= top and high >= 0 and low <= high
    ]
    if cut == [(0, top)]:
        return ALL
    if len(cut) <= _RANGES_MAX:
        return plan.or_(*[_range(plan, slices, top, low, high) for low, high in cut])
    if cut[-1][1] == top:  # nobody is above the top: a range up to the end is cheaper
        cut[-1] = (cut[-1][0], (1 << len(slices)) - 1)
    return _diagram(plan, slices, len(slices), tuple(cut), {})


def _range(plan: Plan, slices: Sequence[int], top: int, low: int, high: int) -> int:
    if low == high:
        ones = [bit for j, bit in enumerate(slices) if low >> j & 1]
        zeros = [plan.not_(bit) for j, bit in enumerate(slices) if not low >> j & 1]
        return plan.and_(*ones, *zeros)
    above_low = ALL if low == 0 else _above(plan, slices, low - 1)
    return plan.and_(above_low, ALL if high == top else plan.not_(_above(plan, slices, high)))


def _above(plan: Plan, slices: Sequence[int], limit: int) -> int:
    """Return the customers whose number is greater than the limit."""
    node = NONE
    for j, bit in enumerate(slices):
        node = plan.and_(bit, node) if limit >> j & 1 else plan.or_(bit, node)
    return node


def _diagram(
    plan: Plan, slices: Sequence[int], bits: int, intervals: tuple[Interval, ...], seen: dict[object, int]
) -> int:
    """Return the customers whose lowest ``bits`` bits lie in the intervals."""
    if not intervals:
        return NONE
    if intervals[0] == (0, (1 << bits) - 1):
        return ALL
    key = (bits, intervals)
    if key not in seen:
        half = 1 << (bits - 1)
        lower = tuple((low, min(high, half - 1)) for low, high in intervals if low < half)
        upper = tuple((max(low, half) - half, high - half) for low, high in intervals if high >= half)
        low = _diagram(plan, slices, bits - 1, lower, seen)
        high = _diagram(plan, slices, bits - 1, upper, seen)
        seen[key] = _either(plan, slices[bits - 1], low, high)
    return seen[key]


def _either(plan: Plan, bit: int, low: int, high: int) -> int:
    if low == high:
        return low
    if low == NONE:
        return plan.and_(bit, high)
    if high == ALL:
        return plan.or_(bit, low)
    if high == NONE:
        return plan.and_(plan.not_(bit), low)
    if low == ALL:
        return plan.or_(plan.not_(bit), high)
    return plan.or_(plan.and_(bit, high), plan.and_(plan.not_(bit), low))
