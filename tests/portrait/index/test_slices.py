"""Ranges over bit slices agree with the numbers themselves."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.portrait.index.bits import as_flags, pack, words_for
from vostro.portrait.index.plan import Plan
from vostro.portrait.index.program import evaluate
from vostro.portrait.index.slices import inside


def apart(ends):
    """Ascending ranges that do not touch."""
    ends = sorted(set(ends))
    return list(zip(ends[::2], ends[1::2], strict=False))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.integers(0, 200), min_size=1, max_size=40),
    st.lists(st.integers(-5, 260), max_size=14).map(apart),
)
def test_ranges(numbers, intervals):
    values, top = np.array(numbers), max(numbers)
    bits = top.bit_length()
    bitmaps = [pack(values >> j & 1 == 1, words_for(len(values))) for j in range(bits)]
    plan = Plan()
    node = inside(plan, [plan.bit(j) for j in range(bits)], top, intervals)
    expected = [any(low <= value <= high for low, high in intervals) for value in numbers]
    assert as_flags(evaluate(plan, node, bitmaps, len(values)), len(values)).tolist() == expected


def test_a_comparison_reads_each_slice_at_most_once():
    plan = Plan()
    inside(plan, [plan.bit(j) for j in range(7)], 127, [(64, 127)])
    assert [node for node in plan.nodes if node[0] in ("and", "or", "not")] == []  # the highest bit alone
