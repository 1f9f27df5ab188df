"""Numbers for keys: dense, the same for equal keys, in order when asked."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.portrait.aggregate.fold.numbering import Numbers, Texts, whole
from vostro.portrait.aggregate.fold.slots import NOTHING

KEYS = st.lists(st.lists(st.one_of(st.none(), st.integers(-(2**63) + 1, 2**63 - 1) | st.integers(0, 9))))
TEXTS = st.lists(st.lists(st.one_of(st.none(), st.text(max_size=3))))


def check(numbering, batches, dtype):
    given_numbers = [numbering.number(pl.Series(batch, dtype=dtype)) for batch in batches]
    keys = [key for batch in batches for key in batch]
    numbers = [int(number) for found in given_numbers for number in found]
    named = dict(zip(keys, numbers, strict=True)) if keys else {}
    known = [key for key in dict.fromkeys(keys) if key is not None]
    assert numbers == [named[key] for key in keys]
    assert [named[key] for key in known] == list(range(len(known)))
    assert None not in named or named[None] == NOTHING
    assert numbering.known == len(known)
    return known


@given(KEYS)
def test_whole_numbers(batches):
    numbering = Numbers()
    known = check(numbering, batches, pl.Int64)
    assert numbering.names.tolist() == known
    assert [sorted(known)[rank] for rank in numbering.ranks()] == known


@given(TEXTS)
def test_texts(batches):
    numbering = Texts()
    known = check(numbering, batches, pl.String)
    if known:
        assert numbering.texts.to_list() == known
        in_order = sorted(known, key=lambda text: text.encode())
        assert [in_order[rank] for rank in numbering.ranks()] == known


def test_many_keys_over_many_batches():
    numbering, expected = Numbers(), {}
    rng = np.random.default_rng(1)
    for _ in range(20):
        keys = rng.integers(-(2**40), 2**40, 5_000) // 2**22 * 2**22  # low bits are all zero, and many repeat
        for key in keys.tolist():
            expected.setdefault(key, len(expected))
        assert numbering.number(pl.Series(keys)).tolist() == [expected[key] for key in keys.tolist()]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pl.Series([True, False, None]), [1, 0, NOTHING]),
        (pl.Series([date(1970, 1, 3), None]), [2, NOTHING]),
        (pl.Series([7, -7, None], dtype=pl.Int32), [7, -7, NOTHING]),
    ],
)
def test_plain_forms(values, expected):
    assert whole(values).tolist() == expected
