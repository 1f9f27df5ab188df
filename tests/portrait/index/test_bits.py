"""Packed bits come back as they went in, from flags and from boolean columns, sliced ones too."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from vostro.portrait.index.bits import (
    as_flags,
    as_series,
    cells_of,
    count,
    pack,
    pack_series,
    rows_of,
    words_for,
)

FLAGS = st.lists(st.booleans(), max_size=300)


@given(FLAGS, st.integers(0, 3))
def test_flags_there_and_back(flags, spare):
    words = pack(np.array(flags, dtype=bool), words_for(len(flags)) + spare)
    assert as_flags(words, len(flags)).tolist() == flags
    assert as_series(words, len(flags)).to_list() == flags
    assert rows_of(words).tolist() == [i for i, flag in enumerate(flags) if flag]
    assert count(words) == sum(flags)


@given(st.lists(st.none() | st.booleans(), min_size=1, max_size=300), st.integers(0, 70))
def test_boolean_columns_with_nulls_and_offsets(truths, start):
    column = pl.Series(truths, dtype=pl.Boolean).slice(start)
    words = pack_series(column, words_for(len(column)) + 1)
    assert as_flags(words, len(column)).tolist() == [bool(each) for each in column.to_list()]
    assert count(words) == sum(bool(each) for each in column.to_list())  # nothing beyond the last row


def test_cells_are_the_bitmap_itself():
    words = pack(np.zeros(100, dtype=bool), 2)
    cells_of(words)[9] |= 1 << 3
    assert rows_of(words).tolist() == [75]
