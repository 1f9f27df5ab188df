"""The time-aware model: the contract of estimators, what it forgets, and what it says."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from vostro.insight import TimeAwareResponseModel, auc, calibration_error, check_estimator
from vostro.words import Text, VostroError

from .conftest import people


@pytest.fixture(scope="module")
def known() -> TimeAwareResponseModel:
    return TimeAwareResponseModel(names={"job": Text(en="Job", zh="职业")}).fit(
        people(12_000, seed=1)[0], target="responded"
    )


def test_it_keeps_the_contract_of_estimators(small: pl.DataFrame, tmp_path: Path) -> None:
    kept = check_estimator(
        lambda seed: TimeAwareResponseModel(seed=seed, period=200), small, target="responded", folder=tmp_path
    )
    assert len(kept) >= 14


def test_when_times_do_not_change_the_true_chance_is_recovered(known: TimeAwareResponseModel) -> None:
    frame, chance = people(12_000, seed=2)
    said, observed = known.predict(frame), frame["responded"].cast(float).to_numpy()
    assert calibration_error(observed, said) < 0.02
    assert auc(observed, chance) - 0.03 < auc(observed, said) < auc(observed, chance)


def test_effects_sum_to_the_logodds_of_the_prediction(known: TimeAwareResponseModel) -> None:
    rows = people(500, seed=2)[0]
    base, effects = known.effects(rows)
    said = known.predict(rows)
    assert base + effects.sum(axis=1) == pytest.approx(np.log(said / (1 - said)), abs=1e-8)
    assert effects.shape == (500, len(known.feature_names))


def test_reasons_are_said_in_both_languages(known: TimeAwareResponseModel) -> None:
    rows = pl.DataFrame(
        {"age": [30], "balance": [1000.0], "job": ["retired"], "card": [False], "opened": ["2020-01-01"]}
    ).with_columns(pl.col("opened").str.to_date())
    first = known.reasons(rows, k=5)[0]
    said = {reason.feature: reason for reason in first}
    assert said["job"].effect_logodds > 0.5
    assert said["job"].say == Text(
        en="Job retired: clearly raises the chance", zh="职业为retired，明显提高成交可能"
    )
    strengths = [abs(reason.effect_logodds) for reason in first]
    assert strengths == sorted(strengths, reverse=True)
    assert known.reasons(rows.head(0)) == []


def _turned(rows: int = 9000) -> pl.DataFrame:
    """At first A responds often; from two thirds on, B does."""
    draw = np.random.default_rng(0)
    group = draw.choice(["A", "B"], rows)
    late = np.arange(rows) >= rows * 2 // 3
    return pl.DataFrame(
        {
            "group": group,
            "index": np.arange(rows) / rows,
            "kept": np.ones(rows),
            "y": draw.random(rows) < np.where((group == "A") != late, 0.3, 0.1),
        }
    )


def test_what_turned_around_is_learnt_anew() -> None:
    asked = pl.DataFrame({"group": ["A", "B"], "index": [1.0, 1.0], "kept": [1.0, 1.0]})
    low, high = TimeAwareResponseModel(period=500).fit(_turned(), target="y").predict(asked)
    assert low == pytest.approx(0.1, abs=0.04)
    assert high == pytest.approx(0.3, abs=0.06)


def test_levels_and_constants_are_left_out() -> None:
    model = TimeAwareResponseModel(period=500).fit(_turned(), target="y")
    assert model.roles == {"group": "customer", "index": "level", "kept": "constant"}
    assert model.feature_names == ("group",)


def test_with_no_column_to_tell_customers_apart_all_have_the_recent_rate() -> None:
    frame = _turned().drop("group")
    said = TimeAwareResponseModel(period=500).fit(frame, target="y").predict(frame.drop("y").tail(3))
    assert said == pytest.approx([0.2] * 3, abs=0.05)


def test_the_order_in_time_may_be_given() -> None:
    frame = _turned().with_columns(at=pl.int_range(9000))
    straight = TimeAwareResponseModel(period=500).fit(frame.drop("at"), target="y")
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=1)
    assert (
        TimeAwareResponseModel(period=500).fit(shuffled, target="y", order="at").version == straight.version
    )


def test_rows_older_than_its_memory_do_not_matter() -> None:
    frame = _turned()
    other = frame.with_columns(y=pl.when(pl.int_range(9000) < 2900).then(~pl.col("y")).otherwise("y"))
    versions = {TimeAwareResponseModel(period=500).fit(each, target="y").version for each in (frame, other)}
    assert len(versions) == 1, "a memory of six half-lives of two periods is 6000 rows"


@pytest.mark.parametrize(("target", "features"), [("absent", None), ("y", ["absent"]), ("y", ["kept", "at"])])
def test_what_cannot_be_learnt_is_a_clear_error(target: str, features: list[str] | None) -> None:
    with pytest.raises(VostroError):
        TimeAwareResponseModel(features=features).fit(_turned(500), target=target)


def test_an_order_of_words_is_refused() -> None:
    with pytest.raises(VostroError, match="number"):
        TimeAwareResponseModel().fit(_turned(500), target="y", order="group")
