"""Metrics against scikit-learn, R's published DeLong figures, closed forms and simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from vostro.insight import (
    auc,
    auc_interval,
    average_precision,
    best_share_lift,
    calibration_bins,
    calibration_error,
    lift_table,
    log_loss,
    psi,
)
from vostro.words import VostroError


@st.composite
def judged(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes with both values, and probabilities with many ties."""
    rows = draw(st.integers(2, 60))
    observed = draw(hnp.arrays(np.int64, rows, elements=st.integers(0, 1)))
    observed[0], observed[-1] = 0, 1
    predicted = draw(hnp.arrays(np.int64, rows, elements=st.integers(0, 20))) / 20
    return observed, predicted


@given(judged())
def test_auc_average_precision_and_log_loss_agree_with_sklearn(case: tuple[np.ndarray, np.ndarray]) -> None:
    from sklearn import metrics as sk

    observed, predicted = case
    assert auc(observed, predicted) == pytest.approx(sk.roc_auc_score(observed, predicted), abs=1e-12)
    expected = sk.average_precision_score(observed, predicted)
    assert average_precision(observed, predicted) == pytest.approx(expected, abs=1e-12)
    inside = np.clip(predicted, 0.01, 0.99)
    assert log_loss(observed, inside) == pytest.approx(sk.log_loss(observed, inside), abs=1e-12)


@given(judged())
def test_auc_is_the_share_of_pairs_won(case: tuple[np.ndarray, np.ndarray]) -> None:
    observed, predicted = case
    gap = predicted[observed == 1][:, None] - predicted[observed == 0][None, :]
    assert auc(observed, predicted) == pytest.approx(((gap > 0) + 0.5 * (gap == 0)).mean(), abs=1e-12)


@given(judged(), st.integers(0, 99))
def test_the_order_of_rows_does_not_matter(case: tuple[np.ndarray, np.ndarray], seed: int) -> None:
    observed, predicted = case
    turn = np.random.default_rng(seed).permutation(len(observed))
    for measure in (auc, average_precision, calibration_error):
        assert measure(observed[turn], predicted[turn]) == pytest.approx(
            measure(observed, predicted), abs=1e-9
        )
    rates = [row.rate for row in lift_table(observed, predicted)]
    assert [row.rate for row in lift_table(observed[turn], predicted[turn])] == pytest.approx(rates, abs=1e-9)


@given(judged())
def test_tenths_share_out_every_row_and_response(case: tuple[np.ndarray, np.ndarray]) -> None:
    observed, predicted = case
    table = lift_table(observed, predicted)
    assert [row.tenth for row in table] == list(range(1, 11))
    assert sum(row.rows for row in table) == pytest.approx(len(observed))
    assert sum(row.rows * row.rate for row in table) == pytest.approx(observed.sum())
    assert best_share_lift(observed, predicted, share=1.0) == pytest.approx(1.0)
    assert best_share_lift(observed, predicted, share=0.1) == pytest.approx(table[0].lift)


def test_delong_interval_by_hand() -> None:
    # Pairs won by the responders 0.35 and 0.8: (1/2, 1); by the others 0.1 and 0.4: (1, 1/2).
    # Both variances are 1/8, so the standard error is sqrt(1/8/2 + 1/8/2) = 0.35355.
    low, high = auc_interval([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], confidence=0.5)
    assert (low, high) == pytest.approx((0.75 - 0.67449 * 0.353553, 0.75 + 0.67449 * 0.353553), abs=1e-5)


def test_delong_interval_holds_the_truth_as_often_as_it_says() -> None:
    from scipy.stats import norm

    draw, truth = np.random.default_rng(0), norm.cdf(1 / np.sqrt(2))
    held = 0
    for _ in range(400):
        observed = np.repeat([0, 1], [150, 60])
        low, high = auc_interval(observed, draw.normal(observed))
        held += low <= truth <= high
    assert 0.92 <= held / 400 <= 0.98


def test_delong_standard_error_agrees_with_the_bootstrap() -> None:
    draw = np.random.default_rng(1)
    observed = np.repeat([0, 1], [400, 150])
    predicted = np.round(draw.normal(observed), 1)  # ties
    low, high = auc_interval(observed, predicted)
    picks = (draw.integers(0, len(observed), len(observed)) for _ in range(600))
    spread = np.std([auc(observed[pick], predicted[pick]) for pick in picks])
    assert (high - low) / 2 / 1.959964 == pytest.approx(spread, rel=0.1)


def test_calibration_error_by_hand() -> None:
    # ten bins of two: in the low five one of two responded where 0.4 was said, in the others both where 0.9 was
    observed = [1, 0] * 5 + [1, 1] * 5
    predicted = [0.4] * 10 + [0.9] * 10
    assert calibration_error(observed, predicted) == pytest.approx((0.1 + 0.1) / 2)
    assert [b.observed for b in calibration_bins(observed, predicted)] == pytest.approx([0.5] * 5 + [1.0] * 5)


def test_calibration_error_is_the_plain_loop_where_there_are_no_ties() -> None:
    draw = np.random.default_rng(2)
    predicted = draw.random(1000)
    observed = draw.random(1000) < predicted**2
    blocks = np.array_split(np.argsort(predicted), 10)
    plain = np.mean([abs(observed[b].mean() - predicted[b].mean()) for b in blocks])
    assert calibration_error(observed, predicted) == pytest.approx(plain)


def test_calibration_curve_agrees_with_sklearn() -> None:
    from sklearn.calibration import calibration_curve

    draw = np.random.default_rng(4)
    predicted = draw.random(1001)
    observed = draw.random(1001) < predicted
    happened, said = calibration_curve(observed, predicted, n_bins=7, strategy="quantile")
    bins = calibration_bins(observed, predicted, bins=7)
    assert [b.observed for b in bins] == pytest.approx(happened, abs=0.01)
    assert [b.predicted for b in bins] == pytest.approx(said, abs=0.01)


def test_psi_by_hand() -> None:
    # (0.8 - 0.5) ln(0.8 / 0.5) + (0.2 - 0.5) ln(0.2 / 0.5)
    assert psi([50, 50], [80, 20]) == pytest.approx(0.3 * np.log(1.6) - 0.3 * np.log(0.4))
    assert psi([1, 3], [100, 300]) == pytest.approx(0.0)
    assert np.isfinite(psi([1, 0], [0, 1]))


@pytest.mark.parametrize(
    ("observed", "predicted", "code"),
    [
        ([0, 1], [0.1, np.nan], "insight.prediction"),
        ([0, 1], [0.1, np.inf], "insight.prediction"),
        ([0, 2], [0.1, 0.2], "insight.outcome"),
        ([0, np.nan], [0.1, 0.2], "insight.outcome"),
        ([1, 1], [0.1, 0.2], "insight.outcomes_alike"),
        ([], [], "insight.outcomes_alike"),
        ([0, 1], [0.1], "insight.length_mismatch"),
    ],
)
def test_what_cannot_be_measured_is_a_clear_error(observed: list, predicted: list, code: str) -> None:
    for measure in (auc, auc_interval, average_precision, lift_table, calibration_error, log_loss):
        with pytest.raises(VostroError) as caught:
            measure(observed, predicted)
        assert caught.value.code == code


def test_a_probability_above_one_is_refused_where_one_is_needed() -> None:
    assert auc([0, 1], [1.5, 2.5]) == 1.0
    for measure in (calibration_error, log_loss):
        with pytest.raises(VostroError, match="0 <= p <= 1"):
            measure([0, 1], [0.5, 1.5])
