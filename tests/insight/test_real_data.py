"""The real calls of the Portuguese bank: what is promised of the shuffled evaluation.

Nothing here was tuned on: the settings come from a random half of the rows, the thresholds from the issue.
"""

import polars as pl
import pytest

from vostro.insight import ResponseModel, ShuffledEvaluation, evaluate_shuffled


@pytest.fixture(scope="module")
def shuffled(real_calls: pl.DataFrame) -> ShuffledEvaluation:
    return evaluate_shuffled(real_calls, "y", folds=5, seed=0)


def test_shuffled_reaches_what_is_promised(shuffled: ShuffledEvaluation) -> None:
    assert (shuffled.rows, shuffled.rows_positive) == (41_188, 4_640)
    assert shuffled.auc >= 0.80
    assert shuffled.calibration_error <= 0.01
    assert shuffled.best_half >= 1.65
    assert shuffled.best_tenth >= 4.5


def test_the_lift_falls_from_tenth_to_tenth(shuffled: ShuffledEvaluation) -> None:
    rates = [row.rate for row in shuffled.lift]
    assert rates[:5] == sorted(rates[:5], reverse=True)
    assert sum(row.rows * row.rate for row in shuffled.lift) == pytest.approx(4640)


def test_the_card_foresees_the_evaluation(real_calls: pl.DataFrame, shuffled: ShuffledEvaluation) -> None:
    card = ResponseModel().fit(real_calls, target="y").card(real_calls[-4000:])
    assert card.auc == pytest.approx(shuffled.auc, abs=0.008)
    assert card.drift["euribor3m"] > 0.25, "the economy of the last calls is another one"
    assert card.drift["marital"] < 0.1
    assert "duration" not in card.features
