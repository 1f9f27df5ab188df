"""Drift of inputs: nothing where nothing moved, something where the truth is known."""

import numpy as np
import polars as pl
import pytest

from vostro.insight import psi_of_inputs
from vostro.words import VostroError


def test_the_same_customers_have_not_drifted(small: pl.DataFrame) -> None:
    inputs = small.drop("responded")
    assert max(psi_of_inputs(inputs, inputs).values()) < 1e-12


def test_each_drift_is_seen_in_its_own_column_only() -> None:
    draw = np.random.default_rng(0)

    def frame(shift: float, job: list[float], missing: float) -> pl.DataFrame:
        age = pl.Series(draw.normal(40 + shift, 10, 20_000))
        income = pl.Series(draw.normal(0, 1, 20_000)).set(pl.Series(draw.random(20_000) < missing), None)
        return pl.DataFrame({"age": age, "job": draw.choice(["a", "b"], 20_000, p=job), "income": income})

    before = frame(0, [0.5, 0.5], 0.1)
    # two normals a standard deviation apart: the symmetric Kullback-Leibler divergence is 1
    assert psi_of_inputs(before, frame(10, [0.5, 0.5], 0.1))["age"] == pytest.approx(1.0, abs=0.1)
    found = psi_of_inputs(before, frame(0, [0.8, 0.2], 0.1))
    assert found["job"] == pytest.approx(0.3 * np.log(0.8 / 0.2), abs=0.03)
    assert max(found["age"], found["income"]) < 0.01
    assert psi_of_inputs(before, frame(0, [0.5, 0.5], 0.5))["income"] > 0.5


def test_an_unseen_level_is_drift() -> None:
    before = pl.DataFrame({"job": ["a", "b"] * 100})
    assert psi_of_inputs(before, pl.DataFrame({"job": ["a", "c"] * 100}))["job"] > 1


def test_a_column_with_few_values_or_none() -> None:
    before = pl.DataFrame(
        {"one": [1] * 100, "none": pl.Series([None] * 100, dtype=pl.Float64), "two": [0, 1] * 50}
    )
    now = pl.DataFrame({"one": [2] * 100, "none": [None] * 100, "two": [0, 1] * 50})
    found = psi_of_inputs(before, now)
    assert found["one"] > 1
    assert max(found["none"], found["two"]) < 1e-12


def test_another_kind_of_column_is_refused() -> None:
    with pytest.raises(VostroError):
        psi_of_inputs(pl.DataFrame({"x": [1]}), pl.DataFrame({"x": ["a"]}))
