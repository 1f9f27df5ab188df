"""Targets and weights: what is accepted, and what is refused in words."""

import numpy as np
import polars as pl
import pytest

from vostro.insight.outcomes import column_or_values, read_target, read_weight
from vostro.words import VostroError

NOTHING = pl.DataFrame({"x": range(40)})
HALF = [0, 1] * 20


@pytest.mark.parametrize(
    "target",
    [
        HALF,
        np.array(HALF, dtype=float),
        np.array(HALF, dtype=bool),
        pl.Series(HALF),
        ["no", "yes"] * 20,
        ["No ", " YES"] * 20,
        ["否", "是"] * 20,
        pl.Series(["false", "true"] * 20, dtype=pl.Categorical),
    ],
    ids=lambda each: type(each).__name__,
)
def test_every_way_to_say_yes_and_no(target: object) -> None:
    assert read_target(NOTHING, target).tolist() == HALF


def test_pandas_values() -> None:
    pandas = pytest.importorskip("pandas")
    assert read_target(NOTHING, pandas.Series(HALF, index=range(100, 140))).tolist() == HALF
    assert read_target(NOTHING, pandas.Series(["no", "yes"] * 20)).tolist() == HALF


@pytest.mark.parametrize(
    ("target", "code", "said"),
    [
        ([0, 1] * 19 + [0, None], "insight.target_unknown", "1 row.*row 39"),
        (np.array([0, np.nan] * 20), "insight.target_unknown", "20 row.*row 1"),
        ([None] * 40, "insight.target_unknown", "40 row"),
        ([0, 2] * 20, "insight.target_type", "found 2"),
        (["no", "maybe"] * 20, "insight.target_type", "'maybe'"),
        ([[0], [1]] * 20, "insight.target_type", "Array"),
        ([1] * 40, "insight.class_missing", r"\(1\)"),
        ([0] * 40, "insight.class_missing", r"\(0\)"),
        ([1] + [0] * 39, "insight.outcomes_few", "Only 1 of 40 rows have outcome 1"),
        ([0] + [1] * 39, "insight.outcomes_few", "Only 1 of 40 rows have outcome 0"),
        ([0, 1], "insight.length_mismatch", "2 values where 40"),
        (1, "insight.length_mismatch", "1 values where 40"),
        ([[0], [1, 2]] * 20, "insight.frame_kind", "target"),
        ("y", "insight.feature_missing", "'y'"),
    ],
)
def test_a_target_that_cannot_be_learnt_is_refused(target: object, code: str, said: str) -> None:
    with pytest.raises(VostroError, match=said) as caught:
        read_target(NOTHING, target)
    assert caught.value.code == code


def test_weights_have_mean_one() -> None:
    found = read_weight(NOTHING, [1, 3] * 20, np.array(HALF, dtype=float))
    assert found is not None
    assert found.tolist() == [0.5, 1.5] * 20
    assert read_weight(NOTHING, None, np.array(HALF, dtype=float)) is None


@pytest.mark.parametrize(
    "weight", [[-1.0, 1.0] * 20, [np.nan, 1.0] * 20, [None, 1.0] * 20, [0, 1] * 20, ["a"] * 40]
)
def test_weights_that_make_no_sense_are_refused(weight: list) -> None:
    with pytest.raises(VostroError) as caught:
        read_weight(NOTHING, weight, np.array(HALF, dtype=float))
    assert caught.value.code == "insight.weight"


def test_a_name_is_a_column_and_values_are_values() -> None:
    assert column_or_values(NOTHING, "x", "order").to_list() == list(range(40))
    assert column_or_values(NOTHING, range(40), "order").to_list() == list(range(40))
