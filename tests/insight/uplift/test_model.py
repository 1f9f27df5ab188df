"""The model as a whole: what it says, what it refuses, and what it keeps."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from vostro.insight.checks import frame_kinds
from vostro.insight.uplift import LEARNERS, UpliftModel, qini
from vostro.words import VostroError

from .conftest import Floats, chance, world

World = tuple[pl.DataFrame, Floats]
GIVEN = {"treatment": "arm", "outcome": "bought"}
FEW = ("averaged", "dr_linear")  # enough to have a choice, quick to learn


@pytest.fixture(scope="module")
def model(known: World) -> UpliftModel:
    return UpliftModel().fit(known[0], **GIVEN)


def small(rows: int = 1500) -> pl.DataFrame:
    return world(rows, seed=9)[0]


def test_it_ranks_new_customers_nearly_as_the_truth_would(model: UpliftModel, others: World) -> None:
    frame, truth = others
    said = model.predict(frame)
    assert said.shape == (frame.height,)
    assert said.dtype == np.float64
    assert np.corrcoef(said, truth)[0, 1] > 0.9
    bought, treated = frame["bought"].to_numpy(), frame["arm"].to_numpy()
    best = qini(bought, truth, treated)
    assert qini(bought, said, treated) == pytest.approx(best, abs=0.02)
    assert best > 0.05


def test_the_card_says_what_new_customers_confirm(model: UpliftModel, known: World, others: World) -> None:
    card = model.card()
    (arm,) = card.arms
    assert (card.control, arm.arm, card.chances, card.version) == ("0", "1", "estimated", model.version)
    assert arm.rows + arm.rows_control == 6000
    assert set(arm.qini_by_learner) == {*LEARNERS, "mean"}
    assert arm.effect_low < known[1].mean() < arm.effect_high
    assert 0.4 < arm.chance_low <= arm.chance_high < 0.6
    assert arm.share_apart == 0
    assert arm.modifiers["app"] > 0.99
    measured = model.measure(others[0], **GIVEN)["1"]
    assert max(arm.qini_low, measured.qini_low) < min(arm.qini_high, measured.qini_high)
    assert measured.qini_low < measured.qini < measured.qini_high
    assert measured.auuc_low < measured.auuc < measured.auuc_high
    assert measured.table[0].uplift > measured.table[-1].uplift
    assert sum(row.rows_treated + row.rows_control for row in arm.table) == 6000


def test_effects_sum_to_the_uplift_and_reasons_name_them(model: UpliftModel, others: World) -> None:
    rows = others[0][:200]
    base, effects = model.effects(rows)
    assert base + effects.sum(axis=1) == pytest.approx(model.predict(rows), abs=1e-12)
    assert model.feature_names == ("age", "app", "city", "noise")
    reasons = model.reason_series(rows, k=2)
    assert len(reasons) == 200
    first = reasons[0].to_list()
    assert first[0]["feature"] == "app"
    strongest = np.abs(effects[0]).max()
    assert abs(first[0]["effect"]) == pytest.approx(strongest)
    assert first[0]["value"] == str(rows["app"][0]).lower()
    assert len(model.reason_series(rows[:0])) == 0


def test_arms_are_told_apart() -> None:
    rng = np.random.default_rng(4)
    rows = 4500
    app = rng.random(rows) < 0.5
    arm = rng.choice(["none", "call", "sms"], rows)
    extra = np.select([arm == "call", arm == "sms"], [np.where(app, 0.0, 1.2), np.where(app, 1.2, 0.0)], 0.0)
    frame = pl.DataFrame({"app": app, "arm": arm, "bought": rng.random(rows) < chance(-1.2 + extra)})
    model = UpliftModel(learners=FEW).fit(frame, **GIVEN, action_probability={"call": 1 / 3, "sms": 1 / 3})
    assert model.arms == ("call", "sms")
    said = model.predict(frame)
    assert said.shape == (rows, 2)
    assert np.array_equal(said[:, 1], model.predict(frame, arm="sms"))
    assert (said[app].argmax(axis=1) == 1).all()
    assert (said[~app].argmax(axis=1) == 0).all()
    assert set(model.measure(frame, **GIVEN)) == {"call", "sms"}
    assert model.card().chances == "known"
    for act in (model.effects, model.reason_series):
        with pytest.raises(VostroError, match="call, sms"):
            act(frame)
    with pytest.raises(VostroError) as caught:
        model.predict(frame, arm="e-mail")
    assert caught.value.code == "insight.uplift_arm_unknown"
    strange = frame.with_columns(arm=pl.lit("e-mail")).head(500).vstack(frame.filter(pl.col("arm") == "none"))
    with pytest.raises(VostroError) as caught:
        model.measure(strange, **GIVEN)
    assert caught.value.code == "insight.uplift_arm_unknown"


def test_known_chances_mend_what_was_not_drawn_evenly() -> None:
    """Half of those with an app were treated, a tenth of the others: the raw difference misleads."""
    rng = np.random.default_rng(5)
    app = rng.random(8000) < 0.5
    drawn = np.where(app, 0.5, 0.1)
    arm = rng.random(8000) < drawn
    bought = rng.random(8000) < np.where(app, 0.4, 0.1) + 0.1 * arm
    frame = pl.DataFrame({"app": app, "arm": arm, "bought": bought, "p": drawn})
    raw = bought[arm].mean() - bought[~arm].mean()
    assert raw > 0.2
    for given in ("p", None):
        used = frame if given else frame.drop("p")
        model = UpliftModel(learners=FEW).fit(used, **GIVEN, action_probability=given)
        (card,) = model.card().arms
        assert card.effect_low < 0.1 < card.effect_high
        assert card.effect_high < raw
        assert model.predict(frame).mean() == pytest.approx(0.1, abs=0.03)
        assert card.chance_low == pytest.approx(0.1, abs=0.02)
    assert "p" not in UpliftModel(learners=FEW).fit(frame, **GIVEN, action_probability="p").feature_names


def test_arms_that_do_not_overlap_are_refused() -> None:
    frame = small(2000).with_columns(vip=pl.col("arm"))
    with pytest.raises(VostroError) as caught:
        UpliftModel(learners=FEW).fit(frame, **GIVEN)
    assert caught.value.code == "insight.uplift_overlap"
    said = str(caught.value)
    assert "Arm '1'" in said
    assert f"{caught.value.data['low']:.3f} to {caught.value.data['high']:.3f}" in said
    assert "random control group" in said


def test_a_spend_as_outcome() -> None:
    rng = np.random.default_rng(6)
    frame = small(3000)
    app, arm = frame["app"].to_numpy(), frame["arm"].to_numpy()
    spent = rng.gamma(2, 20, 3000) + 30.0 * (arm & app)
    model = UpliftModel(learners=FEW).fit(frame.drop("bought"), treatment="arm", outcome=spent)
    said = model.predict(frame)
    assert said[app].mean() == pytest.approx(30, abs=5)
    assert abs(said[~app].mean()) < 5


def test_the_same_data_and_seed_give_the_same_bytes_from_any_frame(tmp_path: Path) -> None:
    frame = small()
    fitted = UpliftModel(learners=FEW).fit(frame, **GIVEN)
    said = fitted.predict(frame)
    for kind, given in frame_kinds(frame):
        again = UpliftModel(learners=FEW).fit(given, **GIVEN)
        assert again.version == fitted.version, kind
        assert np.array_equal(again.predict(given), said), kind
    turned = UpliftModel(learners=FEW).fit(frame.select(frame.columns[::-1]), **GIVEN)
    assert turned.version == fitted.version
    fitted.save(tmp_path / "a.json")
    loaded = UpliftModel.load(tmp_path / "a.json")
    assert loaded.version == fitted.version
    assert np.array_equal(loaded.predict(frame), said)
    assert loaded.card() == fitted.card()
    loaded.save(tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    (tmp_path / "b.json").write_bytes((tmp_path / "a.json").read_bytes().replace(b'"app"', b'"apq"', 1))
    for path in (tmp_path / "b.json", tmp_path / "absent.json"):
        with pytest.raises(VostroError) as caught:
            UpliftModel.load(path)
        assert caught.value.code == "insight.model_file"


@pytest.mark.parametrize("name", [*LEARNERS, "mean"])
def test_every_learner_can_be_kept_and_a_customer_stands_alone(name: str, tmp_path: Path) -> None:
    frame = small(800)
    learners = (name,) if name != "mean" else ("mean", "averaged", "x_trees")
    fitted = UpliftModel(learners=learners).fit(frame, **GIVEN)
    assert fitted.card().arms[0].learner in learners
    fitted.save(tmp_path / "a.json")
    said = UpliftModel.load(tmp_path / "a.json").predict(frame)
    assert np.array_equal(said, fitted.predict(frame))
    for row in (0, 399, 799):
        assert fitted.predict(frame[row : row + 1])[0] == pytest.approx(said[row], abs=1e-12)
    assert fitted.predict(frame[:0]).shape == (0,)
    base, effects = fitted.effects(frame)
    assert base + effects.sum(axis=1) == pytest.approx(said, abs=1e-9)
    more = frame.with_columns(unused=pl.lit(1)).drop("arm", "bought")
    assert np.array_equal(fitted.predict(more), said)


def test_odd_columns_are_learnt_from_and_unseen_values_estimated() -> None:
    frame = small().with_columns(
        empty=pl.lit(None, pl.Float64),
        null=pl.lit(None),
        same=pl.lit("x"),
        wild=pl.Series([float("inf"), float("-inf"), float("nan")] * 500),
        opened=pl.Series([date(2020, 1, 1), None, date(2024, 5, 1)] * 500),
        kind=pl.Series(["a", "b", None] * 500, dtype=pl.Categorical),
    )
    model = UpliftModel(learners=("averaged", "dr_trees", "s_trees")).fit(frame, **GIVEN)
    changed = frame.with_columns(city=pl.lit("moon"), age=None, kind=pl.lit("z"), wild=pl.lit(0.0))
    for said in (model.predict(frame), model.predict(changed)):
        assert np.isfinite(said).all()
        assert np.abs(said).max() < 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda f: f.drop("city"), "insight.feature_missing"),
        (lambda f: f.with_columns(age=pl.lit("forty")), "insight.feature_type"),
        (lambda f: f.with_columns(city=pl.lit(3)), "insight.feature_type"),
        (lambda f: "a file.csv", "insight.frame_kind"),
    ],
)
def test_a_frame_that_is_not_like_the_training_is_refused(
    model: UpliftModel, others: World, change: Any, code: str
) -> None:
    for act in (model.predict, model.effects, model.reason_series, lambda f: model.measure(f, **GIVEN)):
        with pytest.raises(VostroError) as caught:
            act(change(others[0][:500]))
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("make", "given", "code"),
    [
        ({"learners": ["magic"]}, {}, "insight.uplift_learner"),
        ({"learners": []}, {}, "insight.uplift_learner"),
        ({"learners": ["mean"]}, {}, "insight.uplift_learner"),
        ({"features": ["absent"]}, {}, "insight.feature_missing"),
        ({}, {"treatment": "absent"}, "insight.feature_missing"),
        ({}, {"outcome": "absent"}, "insight.feature_missing"),
        ({}, {"treatment": "city"}, "insight.uplift_control"),
        ({}, {"treatment": "city", "control": "east"}, "insight.uplift_control"),
        ({}, {"action_probability": 1.5}, "insight.uplift_probability"),
        ({}, {"outcome": "city"}, "insight.target_type"),
    ],
)
def test_what_cannot_be_learnt_is_refused(make: dict[str, Any], given: dict[str, Any], code: str) -> None:
    with pytest.raises(VostroError) as caught:
        UpliftModel(**make).fit(small(600), **{**GIVEN, **given})
    assert caught.value.code == code
    assert caught.value.say("zh") != caught.value.say("en")


def test_a_frame_of_arms_and_outcomes_only_is_refused() -> None:
    with pytest.raises(VostroError) as caught:
        UpliftModel().fit(small(600).select("arm", "bought"), **GIVEN)
    assert caught.value.code == "insight.features_empty"


def test_untrained_every_question_is_refused() -> None:
    model, frame = UpliftModel(), small(60)
    for act in (model.predict, model.effects, model.reason_series, model.save, lambda _: model.card()):
        with pytest.raises(VostroError) as caught:
            act(frame)
        assert caught.value.code == "insight.not_fitted"


def test_training_leaves_the_frame_alone() -> None:
    frame = small(600)
    before = frame.clone()
    UpliftModel(learners=FEW).fit(frame, **GIVEN)
    assert frame.equals(before)
