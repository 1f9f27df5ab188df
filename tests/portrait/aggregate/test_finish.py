"""Columns are finished as single values are: quotients rounded once, amounts never."""

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.portrait import AmountRangeError
from vostro.portrait.aggregate.errors import AggregateRangeError
from vostro.portrait.aggregate.exact import combine, divide, fraction
from vostro.portrait.aggregate.finish import _amounts, _divide, _product, finish
from vostro.portrait.aggregate.plan import plan
from vostro.portrait.types import TagInfo

from .cases import NAME, parse

WHOLE = st.none() | st.integers(-(2**62), 2**62)
MONEY = TagInfo(type="decimal", name=NAME, digits=20, scale=2)


@given(st.lists(st.tuples(WHOLE, WHOLE), min_size=1))
def test_quotients_are_those_of_single_values(pairs):
    above, below = (pl.Series(each, dtype=pl.Int64) for each in zip(*pairs, strict=True))
    wanted = [None if None in pair else divide(*pair) for pair in pairs]
    assert _divide(above, below).to_list() == wanted


@given(st.lists(WHOLE, min_size=1), st.sampled_from([1, 7, 10**6]))
def test_a_constant_divisor_is_divided_by_not_multiplied_with_its_reciprocal(numbers, below):
    found = _divide(pl.Series(numbers, dtype=pl.Int64), below).to_list()
    assert found == [None if each is None else divide(each, below) for each in numbers]


@given(st.lists(st.tuples(WHOLE, WHOLE), min_size=1))
def test_products_are_exact_beyond_64_bits(pairs):
    one, other = (pl.Series(each, dtype=pl.Int64) for each in zip(*pairs, strict=True))
    assert _product(one, other).to_list() == [None if None in pair else pair[0] * pair[1] for pair in pairs]


def test_a_product_beyond_38_digits_is_an_error():
    wide = pl.Series([2**62], dtype=pl.Int64).cast(pl.Int128) * pl.Series([2**60], dtype=pl.Int128)
    with pytest.raises(AggregateRangeError):
        _product(wide, wide)


@given(st.lists(st.none() | st.integers(1 - 10**20, 10**20 - 1)))
def test_the_point_is_set_without_rounding(cents):
    found = _amounts(
        "t", parse({"measure": "sum(amount)"})[0].measure, MONEY, pl.Series(cents, dtype=pl.Int128)
    )
    wanted = [None if each is None else Decimal(each).scaleb(-2) for each in cents]
    assert found.to_list() == wanted


def test_one_digit_more_than_a_tag_holds_is_an_error():
    measure = parse({"measure": "sum(amount)"})[0].measure
    with pytest.raises(AmountRangeError, match="'t' holds at most 18 digits"):
        _amounts("t", measure, MONEY, pl.Series([10**20], dtype=pl.Int128))


@given(st.integers(-(10**12), 10**12), st.integers(0, 1000), st.integers(-(10**12), 10**12))
def test_a_ratio_of_a_mean_and_a_sum_is_that_of_single_values(total, count, base):
    aggregate, info = parse({"measure": "mean(amount)", "ratio_to": {"measure": "sum(wide)"}})
    asked = plan([aggregate])
    sum_, known, other = (asked.sums[each] for each in asked.sums)
    answers = pl.DataFrame(
        {sum_: [total if count else None], known: [count], other: [Decimal(base).scaleb(-3)]}
    )
    answers = answers.with_columns(pl.col(other).cast(pl.Decimal(38, 3)))
    part = fraction(aggregate.measure, total, count) if count else None
    wanted = combine(aggregate, part, fraction(aggregate.ratio_to.measure, base))
    assert finish("t", aggregate, info, answers, asked, 0).to_list() == [wanted]
