"""Calibration against scikit-learn and statsmodels, and where the outcomes are separated."""

import numpy as np
import pytest

from vostro.insight.calibration import learn_calibration
from vostro.insight.metrics import calibration_error


def _drawn(rows: int, seed: int, slope: float, intercept: float) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    raw = draw.normal(-1, 1.5, rows)
    return raw, (draw.random(rows) < 1 / (1 + np.exp(-(slope * raw + intercept)))).astype(float)


@pytest.mark.parametrize(("slope", "intercept"), [(0.6, 0.4), (1.0, 0.0), (1.7, -0.8)])
def test_the_true_line_is_recovered(slope: float, intercept: float) -> None:
    raw, observed = _drawn(60_000, 1, slope, intercept)
    found = learn_calibration(raw, observed)
    assert (found.slope, found.intercept) == pytest.approx((slope, intercept), abs=0.04)
    assert calibration_error(observed, found.probability(raw)) < 0.005


def test_agrees_with_a_logistic_regression_of_statsmodels() -> None:
    import statsmodels.api as sm

    raw, observed = _drawn(5000, 2, 0.8, 0.3)
    weight = np.random.default_rng(0).integers(1, 4, 5000).astype(float)
    for given in (None, weight):
        fit = sm.GLM(observed, sm.add_constant(raw), family=sm.families.Binomial(), freq_weights=given).fit()
        found = learn_calibration(raw, observed, given)
        assert (found.intercept, found.slope) == pytest.approx(tuple(fit.params), abs=0.01)


def test_agrees_with_platt_in_sklearn() -> None:
    from sklearn.calibration import _SigmoidCalibration

    raw, observed = _drawn(300, 5, 0.8, 0.3)
    expected = _SigmoidCalibration().fit(raw, observed).predict(raw)
    assert learn_calibration(raw, observed).probability(raw) == pytest.approx(expected, abs=1e-3)


def test_separated_outcomes_stay_short_of_certainty() -> None:
    raw, observed = np.repeat([-3.0, 3.0], 20), np.repeat([0.0, 1.0], 20)
    said = learn_calibration(raw, observed).probability(raw)
    assert said[0] == pytest.approx(1 / 22, abs=1e-6)
    assert said[-1] == pytest.approx(21 / 22, abs=1e-6)


def test_trees_that_know_nothing_say_the_average() -> None:
    observed = np.repeat([0.0, 1.0], [30, 10])
    assert learn_calibration(np.full(40, 0.7), observed).probability(np.array([0.7]))[0] == pytest.approx(
        11 / 42
    )


def test_trees_that_are_wrong_are_flattened_not_turned_around() -> None:
    raw, observed = _drawn(2000, 3, -1.0, 0.0)
    found = learn_calibration(raw, observed)
    assert found.slope > 0
    assert np.ptp(found.probability(raw)) < 0.05
    assert found.probability(raw).mean() == pytest.approx(observed.mean(), abs=0.01)
