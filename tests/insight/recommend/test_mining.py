"""Itemsets are those of an oracle that counts every subset of every basket."""

from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vostro.insight.recommend.coding import read_pairs, sparse_rows
from vostro.insight.recommend.errors import ItemsetsManyError
from vostro.insight.recommend.mining import mine_itemsets

BASKETS = st.lists(st.sets(st.integers(0, 7), min_size=1), min_size=1, max_size=40)


def mined(baskets, least, most, **more):
    pairs = [(row, item) for row, basket in enumerate(baskets) for item in basket]
    coded = read_pairs(pl.DataFrame(pairs, schema=["basket", "item"], orient="row"), "basket", "item")
    return mine_itemsets(sparse_rows(coded), count_least=least, size_most=most, **more), coded.names


def as_dict(found):
    sets, names = found
    counted = {}
    for size in range(1, int(sets.sizes.max(initial=0)) + 1):
        for node, row in zip(*sets.members(size), strict=True):
            key = frozenset(names[item] for item in row)
            assert len(key) == size
            assert key not in counted
            counted[key] = int(sets.counts[node])
    return counted


def oracle(baskets, least, most):
    counts: dict[frozenset[str], int] = {}
    for basket in baskets:
        for size in range(1, most + 1):
            for subset in combinations(sorted(basket), size):
                key = frozenset(map(str, subset))
                counts[key] = counts.get(key, 0) + 1
    return {key: count for key, count in counts.items() if count >= least}


@settings(max_examples=120, deadline=None)
@given(BASKETS, st.integers(1, 5), st.integers(1, 8))
@example([set(range(8))] * 3, 3, 8)
def test_itemsets_are_those_of_the_oracle(baskets, least, most):
    assert as_dict(mined(baskets, least, most)) == oracle(baskets, least, most)


@pytest.mark.parametrize("room", [(1, 1), (30, 4), (1 << 23, 1 << 25)])
def test_blocks_change_nothing(room):
    """More than 64 baskets an item, in one block and in many."""
    draw = np.random.default_rng(2)
    baskets = [set(np.flatnonzero(draw.random(12) < 0.35).tolist()) | {12} for _ in range(300)]
    assert as_dict(mined(baskets, 20, 4, room=room)) == oracle(baskets, 20, 4)


def test_many_items_few_of_them_together():
    draw = np.random.default_rng(3)
    baskets = [set(draw.integers(0, 4_000, 5).tolist()) for _ in range(3_000)]
    assert as_dict(mined(baskets, 2, 3)) == oracle(baskets, 2, 3)


def test_every_part_of_a_set_is_found_in_the_tree():
    draw = np.random.default_rng(4)
    baskets = [set(np.flatnonzero(draw.random(8) < 0.5).tolist()) or {0} for _ in range(200)]
    sets, names = mined(baskets, 10, 4)
    counted = as_dict((sets, names))
    nodes, members = sets.members(3)
    for places in combinations(range(3), 2):
        first = sets.child(np.full(len(nodes), -1), members[:, places[0]])
        pair = sets.child(first, members[:, places[1]])
        wanted = [counted[frozenset(names[row[i]] for i in places)] for row in members]
        assert sets.counts[pair].tolist() == wanted


def test_too_many_are_refused():
    with pytest.raises(ItemsetsManyError) as caught:
        mined([set(range(8))] * 2, 1, 8, sets_most=100)
    assert caught.value.data == {"limit": "100", "least": 1, "size_most": 8}


def test_nothing_is_frequent():
    assert as_dict(mined([{1}, {2}], 2, 3)) == {}
