"""Ordinals keep order to the last bit and come back as the values they stood for."""

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.portrait import TagInfo
from vostro.portrait.index.ordinals import bounds, from_ordinals, ordinal, ordinals, value_of
from vostro.portrait.rule import polars_type
from vostro.words import Text


def info(kind, digits=18, scale=2):
    return TagInfo(type=kind, name=Text(en="a", zh="甲"), digits=digits, scale=scale)


VALUES = {
    "integer": st.integers(-(2**63), 2**63 - 1),
    "decimal": st.integers(-(10**18) + 1, 10**18 - 1).map(lambda n: Decimal(n).scaleb(-2)),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "date": st.dates(),
    "moment": st.datetimes(timezones=st.just(UTC)),
}


@pytest.mark.parametrize("kind", VALUES)
@given(data=st.data())
def test_order_and_return(kind, data):
    held = data.draw(st.lists(VALUES[kind], min_size=1, max_size=9))
    tag = info(kind)
    numbers = [ordinal(value, tag) for value in held]
    for a, x in zip(held, numbers, strict=True):
        assert value_of(x, tag) == a
        for b, y in zip(held, numbers, strict=True):
            assert (a < b) == (x < y)
    column = pl.Series(held, dtype=polars_type(tag))
    low, high = ordinals(column, tag)
    assert high is None
    assert [int(each) for each in low] == [number % 2**64 for number in numbers]
    assert from_ordinals(low, high, tag).to_list() == column.to_list()


@given(st.lists(st.integers(-(10**38) + 1, 10**38 - 1), min_size=1, max_size=9))
def test_wide_amounts_take_two_limbs(units):
    tag = info("decimal", 38, 4)
    held = [value_of(unit, tag) for unit in units]
    column = pl.Series(held, dtype=pl.Decimal(38, 4))
    low, high = ordinals(column, tag)
    assert from_ordinals(low, high, tag).to_list() == held
    assert [ordinal(value, tag) for value in held] == units


def test_bounds_of_written_numbers():
    tag = info("decimal")
    assert bounds(Decimal("1.25"), tag, as_float=False, low=0, high=999) == (125, 125)
    assert bounds(Decimal("1.255"), tag, as_float=False, low=0, high=999) == (126, 125)  # none is equal
    assert bounds(Decimal("0.3"), tag, as_float=True, low=0, high=999) == (30, 30)
    # Beyond 2**53 many whole numbers are one float: all of them are equal to it.
    first, last = bounds(2**60, info("integer"), as_float=True, low=0, high=2**61)
    assert first < 2**60 < last
    assert all(float(n) == float(2**60) for n in (first, last))
    assert float(first - 1) < float(2**60) < float(last + 1)
    assert bounds(date(1970, 1, 2), info("date"), as_float=False, low=0, high=9) == (1, 1)
    assert (
        bounds(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), info("moment"), as_float=False, low=0, high=9)[0]
        == 10**6
    )
