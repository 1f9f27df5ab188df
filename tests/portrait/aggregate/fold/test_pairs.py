"""Pairs: how many values a customer has, and which come most often, against a plain counter."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.portrait.aggregate.fold import pairs as module
from vostro.portrait.aggregate.fold.pairs import Pairs

CUSTOMERS, CODES = 4, 6
BATCHES = st.lists(st.lists(st.tuples(st.integers(0, CUSTOMERS - 1), st.integers(0, CODES - 1))), max_size=8)


def counted(batches, ranks, k):
    found = Pairs()
    for batch in batches:
        found.add(np.array([who << 32 | code for who, code in batch], dtype=np.int64))
    return found.counted(np.array(ranks, dtype=np.int64), CUSTOMERS, k)


@pytest.mark.parametrize("pending_max", [1, 5, 1 << 25])  # put together after each batch, sometimes, never
@given(BATCHES, st.permutations(range(CODES)), st.integers(1, 4))
def test_a_counter_says_the_same(pending_max, batches, ranks, k):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_PENDING_MAX", pending_max)
        distinct, top = counted(batches, ranks, k)
    for who in range(CUSTOMERS):
        own = Counter(ranks[code] for batch in batches for one, code in batch if one == who)
        most = sorted(own.items(), key=lambda each: (-each[1], each[0]))[:k]
        assert distinct[who] == len(own)
        expected = [number for rank, count in most for number in (count, rank)]
        assert top[who].tolist() == expected + [0] * (2 * k - len(expected))
