"""Periods: local rates, weights, levels and slopes against closed forms and another library."""

import numpy as np
import pytest
from scipy.optimize import minimize

from vostro.insight.periods import half_life_weights, level_intercept, local_logodds, ranking_slope


def _chance(logodds: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-logodds))


def test_the_local_rate_is_a_centred_mean_drawn_to_the_average() -> None:
    observed = (np.arange(101) % 4 == 0).astype(float)
    said = _chance(local_logodds(observed, period=10))
    middle = (observed[45:56].sum() + 20 * observed.mean()) / (11 + 20)
    assert said[50] == pytest.approx(middle)
    start = (observed[:6].sum() + 20 * observed.mean()) / (6 + 20)
    assert said[0] == pytest.approx(start)


def test_a_jump_of_the_rate_is_followed() -> None:
    draw = np.random.default_rng(0)
    observed = np.concatenate([draw.random(4000) < 0.05, draw.random(4000) < 0.5]).astype(float)
    said = _chance(local_logodds(observed, period=1000))
    assert said[2000] == pytest.approx(0.05, abs=0.03)
    assert said[6000] == pytest.approx(0.50, abs=0.05)


def test_weights_halve_at_every_half_life() -> None:
    weight = half_life_weights(301, half_life=100)
    assert weight[-1] == 1
    assert weight[[200, 100, 0]] == pytest.approx([0.5, 0.25, 0.125])


def test_the_level_is_the_root_of_its_equation() -> None:
    draw = np.random.default_rng(1)
    score, weight = draw.normal(size=500) * 3, draw.random(500)
    observed = (draw.random(500) < _chance(score - 2)).astype(float)
    level = level_intercept(score, observed, weight)
    said = weight @ _chance(score + level) + 2 * _chance(np.array([level]))[0]
    assert said == pytest.approx(weight @ observed + 1, abs=1e-6)


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_the_level_stays_finite_when_everybody_answers_alike(rate: float) -> None:
    level = level_intercept(np.linspace(-30, 30, 50), np.full(50, rate), np.ones(50))
    assert np.isfinite(level)
    assert (level > 0) == (rate == 1.0)


def test_the_slope_is_the_most_likely_one_under_its_prior() -> None:
    draw = np.random.default_rng(2)
    waves = []
    for level in (-3.0, -1.0, 0.0):
        score = draw.normal(size=800)
        waves.append((score, (draw.random(800) < _chance(0.6 * score + level)).astype(float)))

    def loss(found: np.ndarray) -> float:
        slope, levels = found[0], found[1:]
        said = [_chance(slope * score + a) for (score, _), a in zip(waves, levels, strict=True)]
        fit = sum(-np.log(np.where(y == 1, p, 1 - p)).sum() for (_, y), p in zip(waves, said, strict=True))
        return float(fit + (slope - 1) ** 2 / (2 * 0.5**2))

    best = minimize(loss, np.array([1.0, -3.0, -1.0, 0.0]), method="BFGS").x[0]
    assert ranking_slope(waves) == pytest.approx(best, abs=0.01)


def test_a_wave_of_one_outcome_says_nothing_of_the_slope() -> None:
    assert ranking_slope([(np.arange(5.0), np.zeros(5)), (np.arange(5.0), np.ones(5))]) == 1.0


def test_noise_flattens_and_never_turns_the_ranking() -> None:
    draw = np.random.default_rng(3)
    score = draw.normal(size=20_000)
    assert ranking_slope([(score, (draw.random(20_000) < 0.5).astype(float))]) == pytest.approx(0.1, abs=0.05)
    assert ranking_slope([(score, (draw.random(20_000) < _chance(-score)).astype(float))]) == 0.1
