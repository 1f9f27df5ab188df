"""Arms, outcomes and chances, read from whatever a person hands in."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from vostro.insight.uplift.treatments import (
    estimate_chance,
    known_chance,
    read_arms,
    read_outcome,
    require_overlap,
)
from vostro.words import VostroError


@pytest.mark.parametrize(
    ("values", "control", "found"),
    [
        ([0, 1, 1, 0], None, ("0", ("1",), [0, 1, 1, 0])),
        ([False, True, True, False], None, ("0", ("1",), [0, 1, 1, 0])),
        ([False, True, True, False], False, ("0", ("1",), [0, 1, 1, 0])),
        ([0.0, 2.0, 1.0, 0.0], None, ("0", ("1", "2"), [0, 2, 1, 0])),
        (["control", "sms", "app", "sms"], None, ("control", ("app", "sms"), [0, 2, 1, 2])),
        (["对照组", "短信", "短信", "对照组"], None, ("对照组", ("短信",), [0, 1, 1, 0])),
        (["a", "b", "a", "b"], "b", ("b", ("a",), [1, 0, 1, 0])),
        ([1, 2, 1, 2], 2, ("2", ("1",), [1, 0, 1, 0])),
    ],
)
def test_arms_are_read(
    values: list[Any], control: Any, found: tuple[str, tuple[str, ...], list[int]]
) -> None:
    for given in (values, pl.Series(values)):
        arms = read_arms(pl.DataFrame({"x": range(4)}), given, control)
        assert (arms.control, arms.names, arms.code.tolist()) == found
    assert read_arms(pl.DataFrame({"arm": values}), "arm", control).code.tolist() == found[2]


@pytest.mark.parametrize(
    ("values", "control", "code"),
    [
        (["a", "b"], None, "insight.uplift_control"),
        (["a", "b"], "c", "insight.uplift_control"),
        (["none", "control"], None, "insight.uplift_control"),
        (["a", "a"], None, "insight.uplift_arms"),
        ([str(i) for i in range(40)], None, "insight.uplift_arms"),
        (["0", None], None, "insight.uplift_arm_missing"),
        ([0.0, float("nan")], None, "insight.uplift_arm_missing"),
        ("absent", None, "insight.feature_missing"),
        ([0, 1, 1], None, "insight.length_mismatch"),
    ],
)
def test_arms_that_cannot_be_compared_are_refused(values: Any, control: Any, code: str) -> None:
    rows = 2 if isinstance(values, str) or len(values) == 3 else len(values)
    with pytest.raises(VostroError) as caught:
        read_arms(pl.DataFrame({"x": range(rows)}), values, control)
    assert caught.value.code == code
    assert caught.value.say("zh") != caught.value.say("en")


def _outcome(values: Any) -> tuple[np.ndarray, bool]:
    frame = pl.DataFrame({"arm": np.arange(200) % 2, "y": values})
    return read_outcome(frame, "y", read_arms(frame, "arm"))


def test_outcomes_are_yes_or_no_or_a_number() -> None:
    yes = np.arange(200) // 2 % 2
    for values in (yes, yes == 1, np.where(yes == 1, "yes", "no"), yes.astype(float)):
        found, logistic = _outcome(values)
        assert logistic
        assert found.tolist() == yes.tolist()
    found, logistic = _outcome(yes * 9.5)
    assert not logistic
    assert found.max() == 9.5


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (np.where(np.arange(200) == 3, np.nan, np.arange(200) * 1.0), "insight.uplift_outcome"),
        (np.where(np.arange(200) == 3, np.inf, np.arange(200) * 1.0), "insight.uplift_outcome"),
        ([None] + [0, 1] * 99 + [1], "insight.target_unknown"),
        (np.zeros(200), "insight.class_missing"),
        ((np.arange(200) < 5).astype(int), "insight.outcomes_few"),
        (np.arange(200) % 2, "insight.uplift_arm_outcomes"),
        (["maybe"] * 200, "insight.target_type"),
    ],
)
def test_outcomes_that_say_nothing_are_refused(values: Any, code: str) -> None:
    with pytest.raises(VostroError) as caught:
        _outcome(values)
    assert caught.value.code == code
    assert caught.value.say("zh")


def test_known_chances_become_those_of_arm_against_control() -> None:
    frame = pl.DataFrame({"arm": ["0", "a", "b", "0"], "p": [0.1, 0.2, 0.5, 0.25]})
    arms = read_arms(frame, "arm")
    found = known_chance(frame, arms, {"a": 0.25, "b": "p"})
    # control is left with 1 - 0.25 - p; each arm is set against that
    assert found[0] == pytest.approx([0.25 / (0.25 + 0.65), 0.1 / (0.1 + 0.65)])
    assert found[3] == pytest.approx([1 / 3, 1 / 3])
    two = read_arms(frame, np.array([0, 1, 1, 0]))
    assert known_chance(frame, two, "p")[:, 0] == pytest.approx(frame["p"].to_numpy())
    assert known_chance(frame, two, 0.4)[:, 0] == pytest.approx([0.4] * 4)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"a": 0.3}, "insight.uplift_arm_unknown"),
        ({"a": 0.3, "b": 0.7}, "insight.uplift_probability"),
        ({"a": 0.3, "b": 0.0}, "insight.uplift_probability"),
        ({"a": 0.3, "b": float("nan")}, "insight.uplift_probability"),
        ({"a": 0.3, "b": "p"}, "insight.uplift_probability"),
        ({"a": 0.3, "b": "absent"}, "insight.feature_missing"),
    ],
)
def test_chances_that_are_none_are_refused(given: dict[str, Any], code: str) -> None:
    frame = pl.DataFrame({"arm": ["0", "a", "b", "0"], "p": [0.1, None, 0.5, 0.25]})
    with pytest.raises(VostroError) as caught:
        known_chance(frame, read_arms(frame, "arm"), given)
    assert caught.value.code == code
    assert caught.value.say("zh")


def test_a_coin_is_estimated_as_a_coin_and_a_lean_as_a_lean() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(1, 9, (6000, 3))
    coin = estimate_chance(codes, (9, 9, 9), (rng.random(6000) < 0.3).astype(float))
    assert coin.mean() == pytest.approx(0.3, abs=0.02)
    assert coin.std() < 0.02
    lean = 1 / (1 + np.exp(-(codes[:, 0] - 4.5) / 1.5))
    found = estimate_chance(codes, (9, 9, 9), (rng.random(6000) < lean).astype(float))
    assert np.abs(found - lean).mean() < 0.02


def test_overlap_is_cut_where_few_lie_apart_and_refused_where_many_do() -> None:
    few = np.concatenate([[0.001, 0.999], np.full(98, 0.5)])
    cut, overlap = require_overlap(few, "sms")
    assert (cut.min(), cut.max()) == (0.02, 0.98)
    assert (overlap.low, overlap.high, overlap.share_apart) == (0.001, 0.999, 0.02)
    with pytest.raises(VostroError) as caught:
        require_overlap(np.concatenate([np.full(10, 0.99), np.full(90, 0.5)]), "sms")
    assert caught.value.code == "insight.uplift_overlap"
    assert "'sms'" in str(caught.value)
    assert "0.500 to 0.990" in str(caught.value)
    assert "10%" in caught.value.say("zh")
