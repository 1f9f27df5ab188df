"""Folds keep apart, share out, and repeat."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vostro.insight.folds import stratified_folds, time_folds


@given(st.integers(0, 200), st.integers(0, 200), st.integers(2, 7), st.integers(0, 9))
def test_every_row_is_in_one_fold_and_outcomes_are_shared_evenly(
    no: int, yes: int, folds: int, seed: int
) -> None:
    observed = np.repeat([0.0, 1.0], [no, yes])
    parts = stratified_folds(observed, folds, seed)
    assert sorted(np.concatenate(parts)) == list(range(no + yes))
    hits = [observed[part].sum() for part in parts]
    assert max(hits) - min(hits) <= 1
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    again = stratified_folds(observed, folds, seed)
    assert all(np.array_equal(a, b) for a, b in zip(parts, again, strict=True))


def test_blocks_of_time_do_not_interleave() -> None:
    order = np.array([5.0, 1.0, 4.0, 2.0, 3.0, 0.0])
    assert [sorted(order[part]) for part in time_folds(order, 3)] == [[0, 1], [2, 3], [4, 5]]
