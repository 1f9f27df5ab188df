"""Plain forms: integers that keep a value's order and come back as the value."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.portrait.aggregate.definition import Measure
from vostro.portrait.aggregate.exact import (
    canonical,
    divide,
    fraction,
    plain,
    ratio,
    say_top,
    trend,
    value_of,
)

VALUES = [
    (Measure("max", "c", "decimal", scale=2), Decimal("-12.50"), -1250),
    (Measure("max", "c", "decimal", scale=3), Decimal("1" + "0" * 30 + ".001"), 10**33 + 1),
    (Measure("max", "c", "number", scale=6), 0.1, 100_000),
    (Measure("max", "c", "integer"), -7, -7),
    (Measure("first", "c", "boolean"), True, 1),
    (Measure("max", "c", "date"), date(1969, 12, 31), -1),
    (Measure("max", "c", "moment"), datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC), 1_000_005),
    (Measure("max", "c", "text"), "市", "市"),
]


@pytest.mark.parametrize(("measure", "value", "form"), VALUES)
def test_there_and_back(measure, value, form):
    assert plain(measure, value) == form
    assert value_of(measure, form) == value
    assert plain(measure, None) is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 9.1e12])
def test_a_number_beyond_what_can_be_summed_is_unknown(value):
    assert plain(Measure("sum", "c", "number", scale=6), value) is None


@given(st.decimals(-(10**15), 10**15, places=2), st.decimals(-(10**15), 10**15, places=2))
def test_the_order_stays(one, two):
    measure = Measure("max", "c", "decimal", scale=2)
    assert (plain(measure, one) < plain(measure, two)) == (one < two)


@given(st.integers(-(2**53), 2**53), st.integers(1, 2**53))
def test_a_quotient_is_the_nearest_float(above, below):
    assert divide(above, below) == float(Fraction(above, below))
    assert divide(above, 0) is None


def test_ratio_and_trend():
    mean = fraction(Measure("mean", "c", "decimal", scale=2), 1000, 4)  # 10.00 over 4: 2.5
    total = fraction(Measure("sum", "c", "decimal", scale=2), 500)  # 5.00
    count = fraction(Measure("count"), 4)
    assert ratio(mean, total) == 0.5
    assert ratio(total, count) == 1.25
    assert trend(total, mean) == 1.0
    assert ratio(total, None) is ratio(total, fraction(Measure("count"), 0)) is trend(None, total) is None


def test_words():
    assert canonical(1250) == "1250"
    assert say_top(Measure("top", "c", "date", k=2), [1, 0]) == "1970-01-02, 1970-01-01"
    assert say_top(Measure("top", "c", "text"), []) is None
