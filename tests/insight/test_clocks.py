"""Clocks: columns whose kind is known by how they were made."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.insight.clocks import CLOCK, role_of, roughness
from vostro.insight.columns import kind_of

ROWS = 6000


@pytest.fixture(scope="module")
def calls() -> pl.DataFrame:
    """Thirty days of calls: rows in order of time."""
    draw = np.random.default_rng(0)
    day = np.sort(draw.integers(0, 30, ROWS))
    return pl.DataFrame(
        {
            "age": draw.integers(18, 90, ROWS),
            "job": draw.choice(["clerk", "farmer"], ROWS, p=[0.9, 0.1]),
            "older_month_by_month": draw.normal(day / 10.0),  # customers who change slowly are no clock
            "card": pl.Series(draw.random(ROWS) < 0.01).set(pl.Series(draw.random(ROWS) < 0.2), None),
            "rate": 5.0 - 0.1 * day,
            "row_number": np.arange(ROWS),
            "called": [date(2026, 1, 1) + timedelta(days=int(d)) for d in day],
            "weekday": [("mon", "tue", "wed", "thu", "fri")[d % 5] for d in day],
            "weekend_near": day % 5 == 4,
            "bank": ["B"] * ROWS,
            "nothing": pl.Series([None] * ROWS, dtype=pl.String),
        }
    )


@pytest.mark.parametrize(
    ("column", "role"),
    [
        ("age", "customer"),
        ("job", "customer"),
        ("older_month_by_month", "customer"),
        ("card", "customer"),
        ("rate", "level"),
        ("row_number", "level"),
        ("called", "level"),
        ("weekday", "season"),
        ("weekend_near", "season"),
        ("bank", "constant"),
        ("nothing", "constant"),
    ],
)
def test_every_column_tells_what_it_was_made_to_tell(calls: pl.DataFrame, column: str, role: str) -> None:
    kind = kind_of(calls[column]) or "number"
    assert role_of(calls, column, kind, stretch=2000) == role


def test_shuffled_rows_hold_no_clock(calls: pl.DataFrame) -> None:
    shuffled = calls.sample(fraction=1.0, shuffle=True, seed=1)
    for column in ("rate", "called", "weekday"):
        kind = kind_of(shuffled[column]) or "number"
        assert role_of(shuffled, column, kind, stretch=2000) == "customer"


def test_neighbours_against_every_pair_by_hand() -> None:
    values = np.array([1.0, 1.0, 2.0, 4.0])
    near = 0 + 1 + 2
    far = 4 * np.abs(values[:, None] - values[None, :]).mean()
    assert roughness(values, stretch=4, ordered=True) == pytest.approx(near / far)
    differ = 4 * (values[:, None] != values[None, :]).mean()
    assert roughness(values, stretch=4, ordered=False) == pytest.approx(2 / differ)


@given(st.integers(0, 2**32 - 1), st.integers(200, 1000))
def test_independent_rows_are_never_a_clock(seed: int, rows: int) -> None:
    values = np.random.default_rng(seed).normal(size=rows)
    assert roughness(values, stretch=100, ordered=True) > CLOCK


def test_the_real_calls_hold_the_clocks_that_their_readme_names(real_calls: pl.DataFrame) -> None:
    inputs = real_calls.drop("y")
    roles = {
        name: role_of(inputs, name, kind_of(inputs[name]) or "number", stretch=2000)
        for name in inputs.columns
    }
    levels = {"emp.var.rate", "cons.price.idx", "cons.conf.idx", "euribor3m", "nr.employed"}
    assert {name for name, role in roles.items() if role == "level"} == levels
    assert {name for name, role in roles.items() if role == "season"} == {"month", "day_of_week"}
