"""Random plans, evaluated block by block, agree with numpy's flags; registers never get in each other's way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.portrait.index import program
from vostro.portrait.index.bits import as_flags, pack, words_for
from vostro.portrait.index.plan import ALL, NONE, Plan

BITMAPS = 5
TREES = st.recursive(
    st.integers(0, BITMAPS - 1) | st.sampled_from(["all", "none"]),
    lambda inner: (
        st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=1, max_size=4))
        | st.tuples(st.just("not"), inner)
    ),
    max_leaves=25,
)


def node_of(plan, tree):
    if isinstance(tree, int):
        return plan.bit(tree)
    if isinstance(tree, str):
        return ALL if tree == "all" else NONE
    if tree[0] == "not":
        return plan.not_(node_of(plan, tree[1]))
    return (plan.and_ if tree[0] == "and" else plan.or_)(*[node_of(plan, part) for part in tree[1]])


def flags_of(flags, tree):
    if isinstance(tree, int):
        return flags[tree]
    if isinstance(tree, str):
        return np.full(flags.shape[1], tree == "all")
    if tree[0] == "not":
        return ~flags_of(flags, tree[1])
    join = np.logical_and if tree[0] == "and" else np.logical_or
    return join.reduce([flags_of(flags, part) for part in tree[1]])


@pytest.fixture(autouse=True, scope="module")
def _small_blocks():
    before, program.BLOCK = program.BLOCK, 2
    yield
    program.BLOCK = before


@settings(max_examples=300, deadline=None)
@given(st.lists(TREES, min_size=1, max_size=4), st.sampled_from([1, 63, 64, 65, 128, 500]), st.integers(0, 9))
def test_plans_agree_with_flags(trees, rows, seed):
    flags = np.random.default_rng(seed).random((BITMAPS, rows)) < 0.5
    bitmaps = [pack(each, words_for(rows) + 1) for each in flags]
    kept = [each.copy() for each in bitmaps]
    plan = Plan()
    nodes = [node_of(plan, tree) for tree in trees]
    expected = [flags_of(flags, tree) for tree in trees]
    assert program.counts(plan, nodes, bitmaps, rows) == [int(each.sum()) for each in expected]
    for node, each in zip(nodes, expected, strict=True):
        found = program.evaluate(plan, node, bitmaps, rows)
        assert as_flags(found, rows).tolist() == each.tolist()
        assert as_flags(found, 64 * len(found))[rows:].sum() == 0
    assert all((a == b).all() for a, b in zip(kept, bitmaps, strict=True))
