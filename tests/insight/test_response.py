"""The response model on customers whose chance is known, and on frames as bad as they come."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from vostro.insight import ResponseModel, auc, calibration_error
from vostro.words import VostroError

from .conftest import people


@pytest.fixture(scope="module")
def known() -> tuple[ResponseModel, pl.DataFrame, np.ndarray]:
    """A model, and customers that it never saw with their true chance."""
    model = ResponseModel().fit(people(12_000, seed=1)[0], target="responded")
    return model, *people(12_000, seed=2)


def test_the_true_chance_is_recovered(known: tuple[ResponseModel, pl.DataFrame, np.ndarray]) -> None:
    model, frame, chance = known
    said = model.predict(frame)
    observed = frame["responded"].cast(float).to_numpy()
    assert calibration_error(observed, said) < 0.012
    assert said.mean() == pytest.approx(chance.mean(), abs=0.01)
    assert np.abs(said - chance).mean() < 0.04
    # nobody can rank better than the truth; what is missing in the frame costs some of it
    assert auc(observed, chance) - 0.03 < auc(observed, said) < auc(observed, chance)


def test_the_card_says_what_new_customers_confirm(
    known: tuple[ResponseModel, pl.DataFrame, np.ndarray],
) -> None:
    model, frame, _ = known
    card = model.card(frame)
    observed, said = frame["responded"].cast(float).to_numpy(), model.predict(frame)
    assert card.auc == pytest.approx(auc(observed, said), abs=0.02)
    assert card.auc_low < card.auc < card.auc_high
    assert card.calibration_error < 0.015
    assert card.rows == 12_000
    assert card.lift[0].lift > 2
    assert card.lift[-1].lift < 0.5
    assert list(card.importance.values()) == sorted(card.importance.values(), reverse=True)
    assert sum(card.importance.values()) == pytest.approx(1.0)
    assert max(card.drift.values()) < 0.01, "the new customers are drawn as the old ones"
    assert model.card().drift == {}
    assert card.version == model.version
    assert len(card.version) == 64


def test_effects_sum_to_the_logodds_of_the_prediction(
    known: tuple[ResponseModel, pl.DataFrame, np.ndarray],
) -> None:
    model, frame, _ = known
    rows = frame[:500]
    base, effects = model.effects(rows)
    said = model.predict(rows)
    assert base + effects.sum(axis=1) == pytest.approx(np.log(said / (1 - said)), abs=1e-8)
    assert effects.shape == (500, len(model.feature_names))


def test_weights_move_the_estimate_as_repeated_rows_do() -> None:
    frame, _ = people(4000, seed=5)
    responded = frame["responded"].to_numpy()
    weighted = ResponseModel().fit(frame, target="responded", weight=np.where(responded, 3.0, 1.0))
    odds = responded.sum() * 3 / (~responded).sum()
    assert weighted.predict(frame).mean() == pytest.approx(odds / (1 + odds), abs=0.02)


def test_a_column_of_weights_is_no_feature() -> None:
    frame = people(400, seed=5)[0].with_columns(w=pl.lit(1.0), t=pl.int_range(400))
    model = ResponseModel().fit(frame, target="responded", weight="w", order="t")
    assert model.feature_names == ("age", "balance", "card", "job", "opened")


def test_noise_is_estimated_as_the_average() -> None:
    draw = np.random.default_rng(0)
    frame = pl.DataFrame({"x": draw.normal(size=4000), "z": draw.choice(["a", "b", "c"], 4000)})
    said = ResponseModel().fit(frame, target=draw.random(4000) < 0.1).predict(frame)
    assert said.mean() == pytest.approx(0.1, abs=0.015)
    assert said.std() < 0.04


def test_a_customers_number_cannot_be_learnt_by_heart() -> None:
    draw = np.random.default_rng(0)
    frame = pl.DataFrame({"customer": [f"C{i:05}" for i in range(3000)], "y": draw.random(3000) < 0.3})
    assert np.ptp(ResponseModel().fit(frame, target="y").predict(frame)) == pytest.approx(0.0, abs=1e-12)


def _odd() -> dict[str, pl.Series]:
    rows = 300
    return {
        "all missing": pl.Series([None] * rows, dtype=pl.Float64),
        "null typed": pl.Series([None] * rows),
        "constant": pl.Series([7] * rows),
        "constant text": pl.Series(["x"] * rows),
        "infinite": pl.Series([float("inf"), float("-inf"), float("nan")] * 100),
        "huge": pl.Series([1e300, -1e300, 1e-300] * 100),
        "big whole": pl.Series([2**63 - 1, -(2**63), 0] * 100),
        "emoji 名字": pl.Series(["🙂", "名", "", " ", "\x00\x1f"] * 60),
        "category": pl.Series(["a", "b", None] * 100, dtype=pl.Categorical),
        "moment": pl.Series([datetime(1900, 1, 1, tzinfo=UTC), None, datetime(2262, 1, 1, tzinfo=UTC)] * 100),
        "span": pl.Series([timedelta(days=1), None, timedelta(0)] * 100),
    }


@pytest.mark.parametrize("name", list(_odd()))
def test_odd_columns_are_learnt_from_and_predicted(name: str) -> None:
    frame = pl.DataFrame({name: _odd()[name], "x": np.arange(300) % 7})
    model = ResponseModel().fit(frame, target=np.arange(300) % 3 == 0)
    said = model.predict(frame)
    assert ((said > 0) & (said < 1)).all()
    assert len(model.reasons(frame, k=2)) == 300
    assert max(model.drift(frame).values()) < 1e-12


def test_unseen_levels_and_missing_columns_of_values_are_estimated(
    known: tuple[ResponseModel, pl.DataFrame, np.ndarray],
) -> None:
    model, frame, _ = known
    one = frame[:1]
    for changed in (
        one.with_columns(job=pl.lit("astronaut")),
        one.with_columns(job=None, age=None, balance=None, card=None, opened=None),
        one.with_columns(pl.col("age").cast(pl.Float32), pl.col("card").cast(pl.Int8)),
        one.with_columns(opened=pl.lit(datetime(2026, 5, 1, tzinfo=UTC))),
    ):
        assert 0 < model.predict(changed)[0] < 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda f: f.drop("job"), "insight.feature_missing"),
        (lambda f: f.rename({"age": "Age"}), "insight.feature_missing"),
        (lambda f: f.with_columns(age=pl.lit("forty")), "insight.feature_type"),
        (lambda f: f.with_columns(job=pl.lit(3)), "insight.feature_type"),
        (lambda f: f.with_columns(opened=pl.lit("2026-01-01")), "insight.feature_type"),
        (lambda f: f.with_columns(balance=pl.lit(date(2026, 1, 1))), "insight.feature_type"),
        (lambda f: f.with_columns(age=pl.concat_list("age")), "insight.feature_type"),
        (lambda f: "a file.csv", "insight.frame_kind"),
        (lambda f: f.to_numpy(), "insight.frame_kind"),
    ],
)
def test_a_frame_that_is_not_like_the_training_is_refused(
    known: tuple[ResponseModel, pl.DataFrame, np.ndarray], change: object, code: str
) -> None:
    model, frame, _ = known
    for act in (model.predict, model.reasons, model.effects, model.drift):
        with pytest.raises(VostroError) as caught:
            act(change(frame[:5]))
        assert caught.value.code == code
        assert caught.value.say("zh") != caught.value.say("en")


def test_untrained_every_question_is_refused(small: pl.DataFrame) -> None:
    model = ResponseModel()
    for act in (model.predict, model.reasons, model.effects, model.drift, lambda _: model.card(), model.save):
        with pytest.raises(VostroError) as caught:
            act(small)
        assert caught.value.code == "insight.not_fitted"


def test_a_frame_of_the_target_only_is_refused(small: pl.DataFrame) -> None:
    with pytest.raises(VostroError) as caught:
        ResponseModel().fit(small.select("responded"), target="responded")
    assert caught.value.code == "insight.features_empty"


def test_with_an_order_the_card_tells_the_span_and_the_method() -> None:
    frame, _ = people(500, seed=6)
    first = datetime(2026, 1, 1, tzinfo=UTC)
    order = pl.Series([first + timedelta(hours=i) for i in range(500)])
    card = ResponseModel().fit(frame, target="responded", order=order).card()
    assert (card.trained_from, card.trained_until) == (
        "2026-01-01T00:00:00+00:00",
        "2026-01-21T19:00:00+00:00",
    )
    assert "blocks of time" in card.method
    assert "shuffled" in ResponseModel().fit(frame, target="responded").card().method


def test_blocks_of_time_are_not_fooled_by_neighbours() -> None:
    """Each day has a rate of its own: shuffled folds see the day, blocks of time do not."""
    draw = np.random.default_rng(0)
    day = np.repeat(np.arange(60), 50)
    rate = draw.beta(1, 4, 60)[day]
    frame = pl.DataFrame({"day": day, "y": draw.random(3000) < rate})
    shuffled = ResponseModel().fit(frame, target="y").card()
    blocks = ResponseModel(features=["day"]).fit(frame, target="y", order="day").card()
    assert shuffled.auc > 0.65
    assert blocks.auc < 0.6


def test_a_context_helps_where_situations_differ_and_falls_back_where_they_are_new() -> None:
    draw = np.random.default_rng(1)
    branch = draw.integers(0, 150, 9000)
    rate = draw.beta(0.6, 3, 150)[branch]
    frame = pl.DataFrame({"branch": pl.Series(branch).cast(pl.String), "y": draw.random(9000) < rate})
    train, test = frame[:6000], frame[6000:]
    observed = test["y"].cast(float).to_numpy()
    plain = ResponseModel().fit(train, target="y").predict(test)
    model = ResponseModel(contexts=[("branch",)]).fit(train, target="y")
    shared = model.predict(test)
    assert auc(observed, shared) > auc(observed, plain) + 0.02
    assert calibration_error(observed, shared) < 0.04  # 300 rows a bin: about 0.016 by chance alone
    new = model.predict(test.with_columns(branch=pl.lit("new")))
    assert new[0] == pytest.approx(observed.mean(), abs=0.06)
