"""A set of keys remembers exactly what it was given."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from vostro.capture.keys import KeySet, key_hashes, repeated

blocks = st.lists(st.lists(st.integers(0, 60), max_size=25), max_size=12)


@given(blocks)
def test_repeated_is_what_a_python_set_says(given_blocks):
    seen, keys = set(), KeySet()
    for block in given_blocks:
        expected = []
        for value in block:
            expected.append(value in seen)
            seen.add(value)
        assert repeated(np.array(block, dtype=np.uint64), keys).tolist() == expected
    assert len(keys) == len(seen)
    assert keys.has(np.arange(70, dtype=np.uint64)).tolist() == [value in seen for value in range(70)]


def test_whole_numbers_are_compared_exactly():
    extremes = pl.DataFrame({"k": [-1, 2**63 - 1, -(2**63), 0, 1]})
    assert len(set(key_hashes(extremes).tolist())) == 5


def test_texts_and_pairs():
    frame = pl.DataFrame({"a": ["x", "x", "xy", "x"], "b": ["y", "z", "", "y"]})
    hashes = key_hashes(frame).tolist()
    assert hashes[0] == hashes[3]
    assert len(set(hashes)) == 3
    assert key_hashes(frame.clone()[1:]).tolist() == hashes[1:]


def test_memory_is_eight_bytes_a_key_and_runs_stay_few():
    keys = KeySet()
    for start in range(0, 200_000, 1_000):
        keys.add(np.arange(start, start + 1_000, dtype=np.uint64))
    assert sum(run.nbytes for run in keys._runs) == 8 * 200_000
    assert len(keys._runs) < 12
