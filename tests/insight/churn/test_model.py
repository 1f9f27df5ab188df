"""Churn foreseen from the log: the estimator's contract, and truth it could not have seen."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from vostro.insight import ResponseModel, auc, check_estimator
from vostro.insight.churn import ChurnModel, churn_frame
from vostro.insight.errors import ModelFileError
from vostro.insight.value.errors import HorizonDaysError

from .worlds import rhythms


@pytest.fixture(scope="module")
def training() -> pl.DataFrame:
    return churn_frame(rhythms()[0], moments=[150, 240], horizon_days=90, active_days=180)


@pytest.fixture(scope="module")
def fitted(training: pl.DataFrame) -> ChurnModel:
    return ChurnModel(horizon_days=90).fit(training.drop("customer", "as_of"), target="churned")


def test_it_keeps_every_promise_of_an_estimator(training: pl.DataFrame, tmp_path: Path) -> None:
    frame = training.drop("customer", "as_of").head(500)
    assert (
        len(check_estimator(lambda seed: ChurnModel(seed=seed), frame, target="churned", folder=tmp_path))
        == 14
    )


def test_later_churn_is_foreseen(fitted: ChurnModel) -> None:
    later = churn_frame(rhythms()[0], moments=[360], horizon_days=90, active_days=180)
    said = fitted.predict(later)
    happened = later["churned"].cast(pl.Float64).to_numpy()
    assert auc(happened, said) > 0.9
    assert said.mean() == pytest.approx(happened.mean(), abs=0.03)


def test_reasons_are_in_words(fitted: ChurnModel, training: pl.DataFrame) -> None:
    found = fitted.reasons(training.head(3), k=2)
    assert all(
        "days" in each.say.en or "events" in each.say.en or "pauses" in each.say.en
        for row in found
        for each in row
    )
    assert any(ord(letter) > 0x4E00 for letter in found[0][0].say.zh)


def test_the_horizon_travels_with_the_model(
    fitted: ChurnModel, training: pl.DataFrame, tmp_path: Path
) -> None:
    fitted.save(tmp_path / "churn.json")
    loaded = ChurnModel.load(tmp_path / "churn.json")
    assert loaded.horizon_days == 90 and loaded.version == fitted.version
    assert np.array_equal(loaded.predict(training), fitted.predict(training))
    with pytest.raises(ModelFileError):
        ResponseModel.load(tmp_path / "churn.json")
    other = ChurnModel(horizon_days=30).fit(training.drop("customer", "as_of"), target="churned")
    assert other.version != fitted.version


def test_rows_of_the_training_are_the_labels(training: pl.DataFrame) -> None:
    assert set(training["as_of"].unique()) == {"150", "240"}
    assert training.select("customer", "as_of").is_unique().all()
    assert training["days_since_last"].max() < 180


@pytest.mark.parametrize("days", [0, -1, float("inf"), "long"])
def test_a_horizon_is_a_span(days: object) -> None:
    with pytest.raises(HorizonDaysError):
        ChurnModel(horizon_days=days)  # type: ignore[arg-type]
