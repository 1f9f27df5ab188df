"""Weights against closed forms and what each method promises."""

import numpy as np
import pytest
from scipy.optimize import minimize

from vostro.insight.wealth import METHODS
from vostro.insight.wealth.errors import LimitsError, MethodUnknownError, NoProposalError, WealthExtraError
from vostro.insight.wealth.methods import read_limits, weights_of

NAMES = ("a", "b", "c")
FREE = read_limits(NAMES)


def test_least_variance_is_the_closed_form_where_nothing_binds(three: np.ndarray) -> None:
    pair = three[:, [0, 2]]
    covariance = np.cov(pair, rowvar=False)
    best = np.linalg.solve(covariance, np.ones(2))
    best /= best.sum()
    found = weights_of("min_variance", pair, read_limits("ac"))
    assert found @ covariance @ found == pytest.approx(best @ covariance @ best, rel=1e-6)
    assert found == pytest.approx(best, abs=1e-3), "near the best the variance is flat"


def test_least_variance_with_limits_is_that_of_another_solver(three: np.ndarray) -> None:
    covariance = np.cov(three, rowvar=False) * 1e4
    best = minimize(
        lambda w: w @ covariance @ w,
        np.full(3, 1 / 3),
        bounds=[(0.1, 0.5)] * 3,
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        tol=1e-12,
    )
    limits = read_limits(NAMES, weight_least=0.1, weight_most=0.5)
    assert weights_of("min_variance", three, limits) == pytest.approx(best.x, abs=2e-3)


def test_risk_parity_shares_the_risk(three: np.ndarray) -> None:
    weights = weights_of("risk_parity", three, FREE)
    added = weights * (np.cov(three, rowvar=False) @ weights)
    assert added / added.sum() == pytest.approx(np.full(3, 1 / 3), abs=0.01)
    pair = weights_of("risk_parity", three[:, :2], read_limits("ab"))
    sd = three[:, :2].std(axis=0)
    assert pair == pytest.approx((1 / sd) / (1 / sd).sum(), abs=0.01), "of two: by the inverse of volatility"


def test_least_tail_loss_is_less_than_any_other(three: np.ndarray) -> None:
    def tail(weights: np.ndarray) -> float:
        day = np.sort(three @ weights)
        return float(-day[: len(day) // 20].mean())

    best = tail(weights_of("min_cvar", three, FREE))
    draws = np.random.default_rng(0).dirichlet(np.ones(3), 400)
    assert best <= min(tail(each) for each in draws) + 1e-6


def test_shrunk_ratio_takes_the_asset_that_pays(three: np.ndarray) -> None:
    paying = three + np.array([0.0, 0.004, 0.0])
    assert weights_of("mean_risk_shrunk", paying, FREE).argmax() == 1


@pytest.mark.parametrize("method", METHODS)
def test_weights_add_up_and_keep_limits(method: str, three: np.ndarray) -> None:
    limits = read_limits(
        NAMES,
        weight_least={"c": 0.2},
        weight_most=0.6,
        groups={"a": "calm", "b": "calm", "c": "wild"},
        group_limits={"wild": (0.3, 0.5)},
    )
    weights = weights_of(method, three, limits)
    assert weights.sum() == pytest.approx(1) and limits.kept_by(weights)
    assert 0.3 - 1e-5 <= weights[2] <= 0.5 + 1e-5
    again = weights_of(method, three, limits)
    assert np.array_equal(weights, again), "the same data give the same weights"


WRONG = [
    {"weight_least": 0.5},
    {"weight_most": 0.2},
    {"weight_least": 0.6, "weight_most": 0.4},
    {"weight_least": -0.1},
    {"weight_most": {"z": 0.5}},
    {"group_limits": {"wild": (0.1, 0.2)}},
    {"groups": {"a": "wild"}, "group_limits": {"wild": (0.5, 0.2)}},
]


@pytest.mark.parametrize("limits", WRONG)
def test_limits_that_cannot_be_kept_are_refused(limits: dict) -> None:
    with pytest.raises(LimitsError) as told:
        read_limits(NAMES, **limits)
    assert told.value.say("en") and told.value.say("zh")


def test_limits_that_contradict_one_another_find_no_portfolio(three: np.ndarray) -> None:
    tight = read_limits(NAMES, weight_most=0.4, groups={"a": "g", "b": "g"}, group_limits={"g": (0.0, 0.3)})
    with pytest.raises(NoProposalError):
        weights_of("min_variance", three, tight)
    with pytest.raises(LimitsError, match="equal"):
        weights_of("equal", three, tight)


def test_an_unknown_method_names_the_known() -> None:
    with pytest.raises(MethodUnknownError, match="risk_parity"):
        weights_of("magic", np.zeros((5, 3)), FREE)


def test_without_the_extra_it_is_named(three: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "skfolio", None)
    with pytest.raises(WealthExtraError, match=r"vostro\[wealth\]"):
        weights_of("risk_parity", three, FREE)
    assert weights_of("equal", three, FREE) == pytest.approx(np.full(3, 1 / 3))
