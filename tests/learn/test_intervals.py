"""Intervals agree with statsmodels, and cover the truth as often as they say."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from vostro.learn import difference, rate

counts = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts)
def test_wilson_agrees_with_statsmodels(count: tuple[int, int]) -> None:
    found = rate(*count)
    low, high = proportion_confint(*count, method="wilson")
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))


@given(counts, counts)
def test_newcombe_agrees_with_statsmodels(first: tuple[int, int], second: tuple[int, int]) -> None:
    found = difference(rate(*first), rate(*second))
    assert found is not None
    low, high = confint_proportions_2indep(*first, *second, compare="diff", method="newcomb")
    assert found[1:] == (pytest.approx(low, abs=1e-9), pytest.approx(high, abs=1e-9))


def test_no_rows_no_rate() -> None:
    assert rate(0, 0).rate is None
    assert difference(rate(0, 0), rate(1, 2)) is None


def test_difference_covers_the_truth() -> None:
    rng = np.random.default_rng(5)
    inside = 0
    for first, second in zip(rng.binomial(300, 0.2, 2000), rng.binomial(200, 0.08, 2000), strict=True):
        found = difference(rate(int(first), 300), rate(int(second), 200))
        assert found is not None
        inside += found[1] <= 0.12 <= found[2]
    assert inside / 2000 == pytest.approx(0.95, abs=4 * math.sqrt(0.05 * 0.95 / 2000))
