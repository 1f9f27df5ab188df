"""Every number has its place, whether the numbers lie close together or far apart; others have none."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vostro.portrait.index.ranks import Ranks


@given(st.sets(st.integers(0, 900), max_size=200), st.sampled_from([1, 3, 10**6]))
def test_places(some, apart):
    numbers = [apart * number for number in sorted(some)]
    ranks = Ranks(np.array(numbers, dtype=np.uint64))
    assert [ranks.row(number) for number in numbers] == list(range(len(numbers)))
    others = {number + 1 for number in numbers} | {number - 1 for number in numbers if number} | {0, 10**12}
    assert all(ranks.row(other) is None for other in others - set(numbers))


def test_far_apart_takes_no_more_memory():
    assert Ranks(np.array([1, 10**9], dtype=np.uint32)).nbytes == 0
    assert Ranks(np.arange(6400, dtype=np.uint32)).nbytes == 100 * (8 + 4)
