"""Draws are stable, uniform and independent; a slow second implementation agrees."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from vostro.portrait.chance import draw, draw_bits

MASK = (1 << 64) - 1


def slow_bits(customer: str, question: str) -> int:
    """Fowler-Noll-Vo and SplitMix64 as their authors print them, one byte at a time."""
    state = 0xCBF29CE484222325
    for byte in question.encode() + b"\x00" + customer.encode():
        state = ((state ^ byte) * 0x100000001B3) & MASK
    state = (state + 0x9E3779B97F4A7C15) & MASK
    state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & MASK
    return state ^ (state >> 31)


@given(st.lists(st.text(max_size=20), max_size=30), st.text(max_size=20))
def test_agrees_with_a_slow_implementation(customers: list[str], question: str) -> None:
    fast = draw_bits(pl.Series(customers, dtype=pl.String), question)
    assert fast.tolist() == [slow_bits(customer, question) for customer in customers]


def test_a_slice_draws_the_same_as_the_whole() -> None:
    customers = pl.Series([f"c{i}" for i in range(100)])
    assert draw(customers[40:60], "q").tolist() == draw(customers, "q")[40:60].tolist()


def test_draws_are_uniform_and_questions_independent() -> None:
    customers = pl.Series([str(i) for i in range(200_000)])
    first, second = draw(customers, "holdout:a:1"), draw(customers, "holdout:b:1")
    assert stats.kstest(first, "uniform").pvalue > 0.001
    table, _, _ = np.histogram2d(first, second, bins=10)
    assert stats.chisquare(table.ravel()).pvalue > 0.001
