"""Off-policy value on bandits whose truth is known, and where two methods must agree."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.learn.policy import PolicyValue, off_policy_value
from vostro.words import VostroError

Floats = npt.NDArray[np.float64]
REWARD = np.array([0.1, 0.3, 0.6])  # mean of each action
LOGGED = np.array([0.6, 0.3, 0.1])
TARGET = np.array([0.1, 0.2, 0.7])
TRUTH = float(REWARD @ TARGET)
MODEL = np.array([0.15, 0.25, 0.5])  # a model that is somewhat wrong


def log(rows: int, seed: int) -> dict[str, Floats]:
    rng = np.random.default_rng(seed)
    action = rng.choice(3, rows, p=LOGGED)
    return {
        "reward": (rng.random(rows) < REWARD[action]).astype(float),
        "p_logged": LOGGED[action],
        "p_target": TARGET[action],
        "predicted": MODEL[action],
        "predicted_target": np.full(rows, MODEL @ TARGET),
    }


def value(kept: dict[str, Floats], **given: Any) -> PolicyValue:
    return off_policy_value(kept["reward"], **{k: v for k, v in kept.items() if k != "reward"}, **given)


@pytest.mark.parametrize("method", ["ips", "snips", "dr"])
def test_the_truth_is_met_and_the_interval_holds_it(method: Any) -> None:
    """Of 300 intervals of 95 % at least 272 hold the truth (three binomial errors below)."""
    found = [value(log(1500, seed), method=method) for seed in range(300)]
    means = np.array([each.reward_mean for each in found])
    assert means.mean() == pytest.approx(TRUTH, abs=4 * means.std() / 300**0.5)
    assert np.mean([each.reward_se for each in found]) == pytest.approx(means.std(), rel=0.15)
    assert sum(each.reward_low <= TRUTH <= each.reward_high for each in found) >= 272


def test_a_model_makes_it_steadier_and_alone_it_misleads() -> None:
    found = {m: [value(log(800, s), method=m).reward_mean for s in range(200)] for m in ("ips", "dr", "dm")}
    assert np.std(found["dr"]) < 0.8 * np.std(found["ips"])
    assert np.mean(found["dm"]) == pytest.approx(MODEL @ TARGET)
    assert abs(np.mean(found["dm"]) - TRUTH) > 0.05 > abs(np.mean(found["dr"]) - TRUTH)


def test_limits_lead_from_the_model_to_doubly_robust() -> None:
    kept = log(2000, seed=1)
    model, doubly = (value(kept, method=each).reward_mean for each in ("dm", "dr"))
    assert value(kept, method="shrunk", limit=1e12).reward_mean == pytest.approx(doubly)
    assert value(kept, method="shrunk", limit=1e-12).reward_mean == pytest.approx(model)
    assert value(kept, method="switch", limit=7.0).reward_mean == pytest.approx(doubly)
    assert value(kept, method="switch", limit=0.1).reward_mean == pytest.approx(model)
    assert kept["p_target"].max() / 0.1 == pytest.approx(7.0), "the heaviest weight is 7"


def test_chosen_limits_lower_the_error_where_weights_are_wild() -> None:
    """A logged policy that hardly ever took the target's action, and a good model."""
    logged, target = np.array([0.99, 0.01]), np.array([0.2, 0.8])
    errors: dict[str, list[float]] = {"dr": [], "switch": [], "shrunk": []}
    for seed in range(150):
        rng = np.random.default_rng(seed)
        action = rng.choice(2, 300, p=logged)
        reward = (rng.random(300) < np.array([0.3, 0.5])[action]).astype(float)
        kept = {
            "reward": reward,
            "p_logged": logged[action],
            "p_target": target[action],
            "predicted": np.array([0.3, 0.48])[action],
            "predicted_target": np.full(300, 0.2 * 0.3 + 0.8 * 0.48),
        }
        for method, each in errors.items():
            each.append((value(kept, method=method).reward_mean - 0.46) ** 2)  # type: ignore[arg-type]
    assert np.mean(errors["shrunk"]) < np.mean(errors["dr"])
    assert np.mean(errors["switch"]) < np.mean(errors["dr"])


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.floats(-50, 50), st.floats(0.1, 20))
def test_another_currency_and_a_bonus_for_all_move_the_value_alike(
    seed: int, bonus: float, rate: float
) -> None:
    kept = log(60, seed)
    if not kept["p_target"].any():
        return
    moved = {**kept, "reward": rate * kept["reward"] + bonus}
    for each in ("predicted", "predicted_target"):
        moved[each] = rate * kept[each] + bonus
    for method in ("snips", "dm"):
        before, after = value(kept, method=method), value(moved, method=method)
        assert after.reward_mean == pytest.approx(rate * before.reward_mean + bonus, abs=1e-8)
        assert after.reward_se == pytest.approx(rate * before.reward_se, abs=1e-8)


def test_the_logged_policy_is_worth_what_it_earned() -> None:
    kept = log(500, seed=3)
    same = {**kept, "p_target": kept["p_logged"]}
    for method in ("ips", "snips"):
        found = value(same, method=method)
        assert found.reward_mean == pytest.approx(kept["reward"].mean())
        assert found.decisions_effective == pytest.approx(500)
        assert (found.weight_mean, found.weight_most) == (1.0, 1.0)


def test_a_target_that_the_log_never_saw_shows_in_the_mean_weight() -> None:
    """Seven tenths of what the target does was never logged: the weights say so."""
    rng = np.random.default_rng(0)
    action = rng.choice(2, 20_000, p=[0.67, 0.33])
    found = off_policy_value(
        np.ones(20_000), p_logged=np.array([0.67, 0.33])[action], p_target=np.array([0.1, 0.2])[action]
    )
    assert found.weight_mean == pytest.approx(0.3, abs=0.01)
    assert found.method == "snips"


def test_effective_decisions_are_kishs() -> None:
    found = off_policy_value([1.0, 0.0, 1.0], p_logged=[0.5, 0.25, 1.0], p_target=[1.0, 0.0, 0.5])
    weights = np.array([2.0, 0.0, 0.5])
    assert found.decisions_effective == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    assert found.decisions == 3


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        ({"p_logged": [0.5, 0.0, 0.5]}, "learn.probability", "p_logged is 0 in row 1"),
        ({"p_logged": [0.5, np.nan, 0.5]}, "learn.probability", "p_logged is nan in row 1"),
        ({"p_logged": [0.5, 0.5, 1.2]}, "learn.probability", "p_logged is 1.2 in row 2"),
        ({"p_target": [-0.1, 0.5, 0.5]}, "learn.probability", "p_target is -0.1 in row 0"),
        ({"p_target": [0.0, 0.0, 0.0]}, "learn.no_overlap", "none of the 3"),
        ({"reward": [1.0, np.nan, 0.0]}, "learn.reward", "reward is nan in row 1"),
        ({"reward": [1.0, np.inf, 0.0]}, "learn.reward", "reward is inf in row 1"),
        ({"predicted": [0.0, 0.0, np.nan]}, "learn.reward", "predicted is nan in row 2"),
        ({"predicted_target": [0.0]}, "learn.policy_length", "predicted_target has 1"),
        ({"p_target": [0.5]}, "learn.policy_length", "p_target has 1"),
        ({"reward": []}, "learn.policy_length", "reward has 0"),
        ({"method": "magic"}, "learn.policy_method", "'magic'"),
        ({"method": "dr", "predicted": None}, "learn.predictions_missing", "'dr'"),
    ],
)
def test_what_cannot_be_valued_is_named(change: dict[str, Any], code: str, named: str) -> None:
    given: dict[str, Any] = {
        "reward": [1.0, 0.0, 1.0],
        "p_logged": [0.5, 0.5, 0.5],
        "p_target": [0.5, 0.5, 0.5],
        "predicted": [0.5, 0.5, 0.5],
        "predicted_target": [0.5, 0.5, 0.5],
    } | change
    with pytest.raises(VostroError) as caught:
        off_policy_value(given.pop("reward"), **given)
    assert caught.value.code == code
    assert named in str(caught.value)
    assert caught.value.say("zh") != caught.value.say("en")
