"""The scorecard as a door: contract, truth, calibration, and what it refuses."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from vostro.insight import auc, calibration_error, check_estimator
from vostro.insight.scorecard import Limits, Scaling, Scorecard
from vostro.words import VostroError

from .conftest import borrowers


def test_it_keeps_every_promise(loans: pl.DataFrame, tmp_path: Path) -> None:
    def make(seed: int) -> Scorecard:
        return Scorecard(seed=seed, special={"months": [-999]})

    assert len(check_estimator(make, loans[:1500], target="default", folder=tmp_path)) == 14


def test_the_truth_is_recovered() -> None:
    card = Scorecard(special={"months": [-999]}).fit(borrowers(20_000, seed=1)[0], target="default")
    frame, chance = borrowers(20_000, seed=2)
    said, bad = card.predict(frame), frame["default"].cast(float).to_numpy()
    assert calibration_error(bad, said) < 0.012
    assert np.abs(said - chance).mean() < 0.03
    assert auc(bad, chance) - 0.03 < auc(bad, said) <= auc(bad, chance) + 0.003
    assert card.card().auc == pytest.approx(auc(bad, said), abs=0.02)
    assert "noise" not in card.feature_names


def test_it_is_calibrated_by_construction(loans: pl.DataFrame) -> None:
    card = Scorecard().fit(loans, target="default")
    assert card.predict(loans).mean() == pytest.approx(loans["default"].mean(), abs=1e-9)
    weight = np.random.default_rng(0).uniform(0.5, 2, loans.height)
    weighted = Scorecard().fit(loans, target="default", weight=weight)
    bad = loans["default"].cast(float).to_numpy()
    assert np.average(weighted.predict(loans), weights=weight) == pytest.approx(
        np.average(bad, weights=weight), abs=1e-9
    )


def test_points_say_the_odds(loans: pl.DataFrame) -> None:
    scaling = Scaling(points=600, odds=30, pdo=20, rounded=False)
    card = Scorecard(scaling=scaling).fit(loans, target="default")
    said = card.predict(loans)
    assert card.points(loans) == pytest.approx(600 + 20 * np.log2((1 - said) / said / 30), abs=1e-6)
    whole = Scorecard(scaling=Scaling(points=600, odds=30, pdo=20)).fit(loans, target="default").points(loans)
    assert np.abs(whole - card.points(loans)).max() <= len(card.feature_names) / 2
    assert (whole == whole.round()).all()


def test_weights_are_as_repeated_rows() -> None:
    frame = borrowers(2000, seed=5)[0]
    times = np.random.default_rng(0).integers(1, 4, 2000)
    repeated = frame[np.repeat(np.arange(2000), times)]
    limits = Limits(z_least=0.0)  # weights are made to have mean 1: the same shares, not the same certainty
    weighted = Scorecard(limits=limits, features=["months"]).fit(frame, target="default", weight=times)
    told = Scorecard(limits=limits, features=["months"]).fit(repeated, target="default")
    assert weighted.predict(frame).mean() == pytest.approx(told.predict(frame).mean(), abs=0.01)


def test_what_was_absent_from_the_training_has_average_points(loans: pl.DataFrame) -> None:
    card = Scorecard(scaling=Scaling(rounded=False)).fit(loans.drop_nulls(), target="default")
    row = loans.drop_nulls()[:1]
    table = card.table().filter((pl.col("feature") == "use") & (pl.col("bin") == "not known"))
    assert (table["rows"][0], table["woe"][0]) == (0.0, 0.0)
    assert 0 < card.predict(row.with_columns(use=None))[0] < 1


def test_a_declared_trend_is_kept(loans: pl.DataFrame) -> None:
    card = Scorecard(trends={"months": "increasing"}, special={"months": [-999]}).fit(loans, target="default")
    assert "months" not in card.feature_names, "it falls; forced to rise there is one bin, which says nothing"
    assert "too small" in card.selection().filter(feature="months")["reason_en"][0]


def test_measures_and_cutoffs_through_the_door(loans: pl.DataFrame) -> None:
    card = Scorecard().fit(loans, target="default")
    found = card.measures(loans, target="default")
    assert found.auc_low < found.auc < found.auc_high
    assert found.rows_bad == loans["default"].sum()
    table = card.cutoffs(loans, gain_good_cny=500, loss_bad_cny=4000, target="default")
    assert table["bad_rate"][0] == pytest.approx(loans["default"].mean())
    assert table["bad_rate_expected"][0] == pytest.approx(loans["default"].mean(), abs=1e-9)
    assert (np.diff(table["bad_rate_expected"].to_numpy()) < 0).all(), "more points, less risk"


BAD = [
    (lambda f: Scorecard(rejects="magic").fit(f, target="default"), "insight.scorecard_choice"),
    (lambda f: Scorecard(trends={"use": "up"}).fit(f, target="default"), "insight.scorecard_choice"),
    (lambda f: Scorecard(trends={"usage": "peak"}).fit(f, target="default"), "insight.feature_missing"),
    (lambda f: Scorecard(special={"nothing": [1]}).fit(f, target="default"), "insight.feature_missing"),
    (lambda f: Scorecard(special={"use": ["none"]}).fit(f, target="default"), "insight.scorecard_choice"),
    (lambda f: Scorecard(limits=Limits(bins_most=1)).fit(f, target="default"), "insight.scorecard_choice"),
    (
        lambda f: Scorecard(limits=Limits(share_least=0.9)).fit(f, target="default"),
        "insight.scorecard_choice",
    ),
    (lambda f: Scorecard(scaling=Scaling(pdo=0)).fit(f, target="default"), "insight.scorecard_scaling"),
    (lambda f: Scorecard(limits=Limits(iv_least="x")).fit(f, target="default"), "insight.scorecard_choice"),
    (lambda f: Scorecard(seed="x").fit(f, target="default"), "insight.scorecard_choice"),
    (lambda f: Scorecard(special={"use": [None]}).fit(f, target="default"), "insight.scorecard_choice"),
    (lambda f: Scorecard(reject_odds=0).fit(f, target="default"), "insight.scorecard_choice"),
    (lambda f: Scorecard(features=["noise"]).fit(f, target="default"), "insight.scorecard_features_weak"),
    (lambda f: Scorecard().fit(f.select("default"), target="default"), "insight.features_empty"),
    (lambda f: Scorecard().fit(f, target="job"), "insight.target_type"),
    (lambda f: Scorecard().fit(f, target=f["default"].head(5)), "insight.length_mismatch"),
    (lambda f: Scorecard().fit(f, target="default", weight=-np.ones(f.height)), "insight.weight"),
    (
        lambda f: Scorecard().fit(f.with_columns(x=pl.concat_list("use")), target="default"),
        "insight.feature_type",
    ),
    (lambda f: Scorecard().fit("loans.csv", target="default"), "insight.frame_kind"),
    (
        lambda f: Scorecard(rejects="fuzzy").fit(f, target="default", rejected=f.drop("use")),
        "insight.feature_missing",
    ),
]


@pytest.mark.parametrize(("act", "code"), BAD, ids=[f"{i}-{code}" for i, (_, code) in enumerate(BAD)])
def test_a_bad_question_is_a_clear_error(loans: pl.DataFrame, act, code: str) -> None:
    with pytest.raises(VostroError) as caught:
        act(loans)
    assert caught.value.code == code
    assert caught.value.say("zh") != caught.value.say("en")


def test_a_bad_question_to_a_trained_card_is_a_clear_error(loans: pl.DataFrame) -> None:
    card = Scorecard().fit(loans, target="default")
    for act, code in (
        (lambda: card.reasons(loans, against="worst"), "insight.scorecard_choice"),
        (lambda: card.points_lost(loans, against="worst"), "insight.scorecard_choice"),
        (lambda: card.reasons(loans, k=0), "insight.scorecard_choice"),
        (lambda: card.cutoffs(loans, gain_good_cny=-1, loss_bad_cny=1), "insight.scorecard_choice"),
        (lambda: card.cutoffs(loans, gain_good_cny=1, loss_bad_cny=1, steps=0), "insight.scorecard_choice"),
        (lambda: card.measures(loans, target="use"), "insight.target_unknown"),
        (lambda: card.points(loans.drop("use")), "insight.feature_missing"),
        (lambda: card.predict(loans.with_columns(use=pl.lit("x"))), "insight.feature_type"),
    ):
        with pytest.raises(VostroError) as caught:
            act()
        assert caught.value.code == code


def test_untrained_every_question_is_refused(loans: pl.DataFrame) -> None:
    card = Scorecard()
    for act in (card.predict, card.points, card.reasons, card.stability, lambda _: card.table(), card.save):
        with pytest.raises(VostroError) as caught:
            act(loans)
        assert caught.value.code == "insight.not_fitted"


def test_the_bench_measures_all_three() -> None:
    from vostro.insight.scorecard.bench import bench_scorecard

    found = bench_scorecard(rows=4000, columns=10)
    assert found["columns"] == 10
    assert 0.5 < found["auc_low"] < found["auc"] < found["auc_high"]
    assert set(found["beside"]) == {"logistic", "lightgbm"}
    assert all(0.5 < each["auc"] < 1 for each in found["beside"].values())
    assert found["met"] == (found["seconds"] <= 8)
