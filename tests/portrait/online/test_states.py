"""Partial states joined over tiles are the state of all values at once."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from vostro.portrait.online.states import add_distinct, add_top, count_distinct, place, top_values

from ..aggregate.oracle import size

plain = st.integers(-5, 40) | st.integers(-(2**70), 2**70)


@given(st.lists(st.lists(plain, max_size=30), max_size=5))
def test_distinct_over_tiles_is_the_size_of_the_union(tiles):
    states = []
    for values in tiles:
        state = None
        for value in values:
            state = add_distinct(state, value)
        states.append(state)
    assert count_distinct(states) == len({value for values in tiles for value in values})
    assert all(state is None or state == sorted(set(state)) for state in states)


def test_beyond_the_bound_any_split_gives_one_estimate():
    """1,025 values are one too many to keep; the registers of the halves and of the whole say the same."""
    values = [f"shop {i}" for i in range(3000)]
    whole, parts = None, [None] * 7
    for i, value in enumerate(values):
        whole = add_distinct(whole, value)
        parts[i % 7] = add_distinct(parts[i % 7], value)
    assert isinstance(whole, bytes)
    assert all(isinstance(part, list) for part in parts)
    assert (
        count_distinct([whole])
        == count_distinct(parts)
        == count_distinct([whole, *parts])
        == size(set(values))
    )
    assert abs(count_distinct(parts) / 3000 - 1) < 4 * 0.016


def test_the_bound_itself_is_exact():
    state = None
    for i in range(1024):
        state = add_distinct(state, i)
    assert count_distinct([state, [0, 1], None]) == 1024
    assert isinstance(add_distinct(state, 1024), bytes)


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=20), max_size=4), st.integers(1, 3))
def test_top_over_tiles_is_top_of_all(tiles, k):
    states = []
    for values in tiles:
        state = None
        for value in values:
            state = add_top(state, value)
        states.append(state)
    counted = Counter(value for values in tiles for value in values)
    assert (
        top_values(states, k)
        == [v for v, _ in sorted(counted.items(), key=lambda each: (-each[1], each[0]))][:k]
    )


@given(st.lists(st.integers(-3, 12)))
def test_tiles_stay_in_order_each_once(tiles):
    group = [[], []]
    for tile in tiles:
        group[1][place(group, tile, (0,))] += 1
    assert group[0] == sorted(set(tiles))
    assert dict(zip(*group, strict=True)) == Counter(tiles)
