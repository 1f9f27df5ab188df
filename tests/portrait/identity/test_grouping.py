"""Groups: components by hand, average linkage against scipy's, and locality."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from vostro.portrait.identity.grouping import (
    APART,
    SIZE_MAX,
    TOGETHER,
    average_groups,
    components,
    inner_pairs,
)


def as_sets(label: np.ndarray) -> set[frozenset[int]]:
    return {frozenset(np.flatnonzero(label == each)) for each in np.unique(label)}


@given(st.integers(2, 9), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_average_linkage_equals_scipys(n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    left, right = np.triu_indices(n, 1)
    weight = rng.normal(0, 5, len(left))
    distance = np.zeros((n, n))
    distance[left, right] = distance[right, left] = 100 - weight
    theirs = fcluster(linkage(squareform(distance), "average"), 100, "distance")
    assert as_sets(average_groups(n, left, right, weight)) == as_sets(theirs)


def test_one_false_pair_does_not_merge_two_families() -> None:
    left, right = np.triu_indices(6, 1)
    family = (left < 3) == (right < 3)
    weight = np.where(family, 8.0, -9.0)
    weight[(left == 2) & (right == 3)] = 7.0  # the false pair
    label = components(6, left, right, weight, least=4.0)
    assert as_sets(label) == {frozenset(range(6))}
    assert as_sets(average_groups(6, left, right, weight)) == {frozenset({0, 1, 2}), frozenset({3, 4, 5})}


def test_decisions_are_stronger_than_evidence() -> None:
    left, right = np.triu_indices(3, 1)
    weight = np.array([TOGETHER, APART, 10.0])  # 0-1 by a key, 0-2 taken apart, 1-2 likely
    assert as_sets(average_groups(3, left, right, weight)) == {frozenset({0, 1}), frozenset({2})}


def test_a_component_that_is_too_large_loses_its_weakest_pairs() -> None:
    n = SIZE_MAX + 10
    left = np.arange(n - 1)
    weight = np.full(n - 1, 8.0)
    weight[n // 2] = 5.5
    label = components(n, left, left + 1, weight, least=5.0)
    assert sorted(len(each) for each in as_sets(label)) == sorted([n // 2 + 1, n - n // 2 - 1])


@given(st.integers(0, 10_000))
@settings(max_examples=30, deadline=None)
def test_groups_of_one_component_do_not_depend_on_another(seed: int) -> None:
    rng = np.random.default_rng(seed)
    left, right = np.triu_indices(5, 1)
    a, b = rng.normal(0, 5, 10), rng.normal(0, 5, 10)
    alone = average_groups(5, left, right, a)
    both = average_groups(10, np.r_[left, left + 5], np.r_[right, right + 5], np.r_[a, b])
    assert as_sets(both[:5]) == as_sets(alone)


def test_inner_pairs() -> None:
    assert inner_pairs(np.array([0, 1, 0, 0])).rows() == [(0, 2), (0, 3), (2, 3)]


def test_nothing_to_group() -> None:
    none = np.empty(0, dtype=np.int64)
    assert components(0, none, none, np.empty(0), 1.0).tolist() == []
    assert average_groups(2, none, none, np.empty(0)).tolist() == [0, 1]
