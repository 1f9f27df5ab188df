"""Drift is measured as the index is defined, and performance alerts as rarely as it should."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from vostro.insight.card import Figure
from vostro.insight.metrics import auc, auc_interval, psi
from vostro.insight.watch import (
    PSI_ALERT,
    ModelWatch,
    drift_of,
    model_checks,
    performance_of,
    profile_of,
    watch_verdict,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _features(rng: np.random.Generator, rows: int, *, shift: float = 0.0) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "income": rng.normal(shift, 1, rows),
            "job": rng.choice(["a", "b", "c"], rows),
            "card": rng.random(rows) < 0.5,
        }
    )


def test_the_index_is_the_one_of_tenths_counted_by_hand() -> None:
    rng = np.random.default_rng(1)
    then, now = _features(rng, 4000), _features(rng, 3000, shift=0.5)
    said, today = rng.random(2000), rng.random(3000) ** 2
    inputs, score = drift_of(profile_of(then, said), now, today)
    edges = np.quantile(then["income"].to_numpy(), np.arange(0.1, 0.95, 0.1), method="lower")
    counts = [np.bincount(np.searchsorted(edges, each["income"]), minlength=10) for each in (then, now)]
    assert inputs["income"] == pytest.approx(psi([*(counts[0] / 4000), 0], [*counts[1], 0]), abs=1e-9)
    assert inputs["job"] < 0.02 and inputs["card"] < 0.02
    assert list(inputs) == sorted(inputs, key=lambda name: -inputs[name])
    # uniform against its square: the closed form over tenths
    share = np.sqrt(np.arange(1, 11) / 10) - np.sqrt(np.arange(10) / 10)
    assert score == pytest.approx(float(((share - 0.1) * np.log(share / 0.1)).sum()), abs=0.05)


def test_nothing_moved_is_well() -> None:
    rng = np.random.default_rng(2)
    inputs, score = drift_of(
        profile_of(_features(rng, 4000), rng.random(4000)), _features(rng, 4000), rng.random(4000)
    )
    assert max(inputs.values()) < 0.02 and score < 0.02


def _ranked(rng: np.random.Generator, rows: int, signal: float) -> tuple[np.ndarray, np.ndarray]:
    truth = rng.normal(size=rows)
    return (rng.random(rows) < 1 / (1 + np.exp(1.5 - signal * truth))).astype(float), truth


def test_a_champion_that_holds_alerts_as_rarely_as_the_interval_says() -> None:
    """One-sided beyond a 95 % interval: 2.5 % of banks; 600 banks, within three standard errors."""
    rng, alerts = np.random.default_rng(3), 0
    for _ in range(600):
        tested, now = _ranked(rng, 400, 1.0), _ranked(rng, 300, 1.0)
        promised = Figure(auc(*tested), *auc_interval(*tested))
        found = performance_of(*now, promised, since="2026-01-01")
        alerts += found is not None and found.verdict == "alert"
    assert alerts / 600 <= 0.025 + 3 * np.sqrt(0.025 * 0.975 / 600)


def test_a_champion_that_fails_is_told() -> None:
    rng = np.random.default_rng(4)
    tested, now = _ranked(rng, 3000, 1.5), _ranked(rng, 3000, 0.2)
    promised = Figure(auc(*tested), *auc_interval(*tested))
    found = performance_of(*now, promised, since="2026-01-01")
    assert found is not None and found.verdict == "alert" and found.auc.value < found.low < promised.value


def test_few_outcomes_are_not_judged() -> None:
    observed = np.array([1.0] * 9 + [0.0] * 500)
    assert performance_of(observed, np.arange(509.0), Figure(0.7, 0.6, 0.8), since="x") is None


@pytest.mark.parametrize(
    ("score", "inputs", "verdict"),
    [
        (0.01, {"a": 0.02}, "ok"),
        (0.12, {"a": 0.02}, "watch"),
        (0.01, {"a": 0.2}, "watch"),
        (PSI_ALERT, {"a": 0.02}, "alert"),
        (0.01, {"a": PSI_ALERT}, "alert"),
        (None, {}, "ok"),
    ],
)
def test_verdicts_and_alerts_agree(score: float | None, inputs: dict[str, float], verdict: str) -> None:
    watch = ModelWatch(estimator="e", version="v", as_of="x", customers=9, score=score, inputs=inputs)
    assert watch_verdict(watch) == verdict
    checks = list(model_checks(watch, NOW))
    assert len(checks) == len(inputs) + (score is not None)
    assert any(check.verdict == "alert" for check in checks) == (verdict == "alert")
    assert all(check.source == "estimator.e" and check.words.en and check.words.zh for check in checks)


def test_nothing_looked_at_is_well() -> None:
    assert watch_verdict(None) == "ok"
