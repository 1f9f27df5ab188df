"""The regression is that of statsmodels, and each column leaves for the reason that it is told."""

import numpy as np
import pytest
import statsmodels.api as sm

from vostro.insight.scorecard.regression import choose, fit_logit


def _drawn(rows: int = 3000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    x = draw.normal(size=(rows, 3))
    return x, (draw.random(rows) < 1 / (1 + np.exp(-(0.5 + x @ [1.0, 0.6, 0.3])))).astype(float)


def test_statsmodels_says_the_same() -> None:
    x, y = _drawn()
    weight = np.random.default_rng(1).integers(1, 4, len(y)).astype(float)
    ours = fit_logit(x, y, weight)
    theirs = sm.GLM(y, sm.add_constant(x), family=sm.families.Binomial(), freq_weights=weight).fit()
    assert [ours.intercept, *ours.coefficients] == pytest.approx(theirs.params, abs=1e-7)
    assert ours.covariance == pytest.approx(theirs.cov_params(), abs=1e-7)
    assert ours.p_values() == pytest.approx(theirs.pvalues[1:], abs=1e-7)


def test_the_mean_said_is_the_mean_that_happened_also_along_every_column() -> None:
    x, y = _drawn()
    fitted = fit_logit(x, y, np.ones(len(y)))
    left = y - 1 / (1 + np.exp(-(fitted.intercept + x @ fitted.coefficients)))
    assert left.mean() == pytest.approx(0.0, abs=1e-9)
    assert x.T @ left / len(y) == pytest.approx(np.zeros(3), abs=1e-9)


def test_outcomes_that_are_parted_completely_still_end() -> None:
    x = np.linspace(-1, 1, 100)[:, None]
    fitted = fit_logit(x, (x[:, 0] > 0).astype(float), np.ones(100))
    assert np.isfinite(fitted.coefficients).all()
    assert fitted.coefficients[0] > 10


def _why(woe: np.ndarray, y: np.ndarray, iv: list[float], least: float = 0.02) -> dict[str, str]:
    names = tuple("abcdefgh"[: woe.shape[1]])
    told = choose(
        names, woe, np.array(iv), y, np.ones(len(y)), iv_least=np.full(len(iv), least), p_most=0.05
    )[2]
    assert [each.iv for each in told] == sorted(iv, reverse=True)
    return {each.feature: each.why for each in told}


def test_every_column_is_told_its_reason() -> None:
    x, y = _drawn(6000)
    draw = np.random.default_rng(5)
    twin = x[:, 0] + 0.1 * draw.normal(size=6000)
    turned = (
        x[:, 0] + x[:, 1] - 1.0 * x[:, 2] + draw.normal(size=6000)
    )  # good alone, reversed beside the others
    useless, faint = draw.normal(size=6000), draw.normal(size=6000)
    y = (draw.random(6000) < 1 / (1 + np.exp(-(x @ [1.0, 0.6, 0.9] - 0.3 * turned)))).astype(float)
    woe = np.column_stack([x, twin, turned, useless, faint])
    told = _why(woe, y, [0.9, 0.5, 0.4, 0.8, 0.3, 0.2, 0.001])
    assert told["a"] == told["b"] == told["c"] == "kept"
    assert told["d"] == "redundant"
    assert told["e"] == "sign"
    assert told["f"] in ("chance", "sign")
    assert told["g"] == "weak"


def test_nothing_may_be_left() -> None:
    _, y = _drawn(500)
    kept, fitted, told = choose(
        ("a",), np.zeros((500, 1)), np.zeros(1), y, np.ones(500), iv_least=np.zeros(1), p_most=0.05
    )
    assert kept == []
    assert 1 / (1 + np.exp(-fitted.intercept)) == pytest.approx(y.mean())
    assert told[0].why == "weak"
