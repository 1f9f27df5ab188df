"""The test in time never sees what it is tested on, and its intervals hold."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.insight.held_out import POSITIVES_LEAST, figures_of, split_rows

START = datetime(2025, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def _rows(
    customers: int, moments: int, every: int, seed: int, rate: float
) -> tuple[pl.Series, pl.Series, np.ndarray]:
    names = pl.Series("customer", [f"c{i}" for _ in range(moments) for i in range(customers)])
    times = pl.Series("at", [START + m * every * DAY for m in range(moments) for _ in range(customers)])
    return names, times, (np.random.default_rng(seed).random(len(names)) < rate).astype(float)


@given(
    st.integers(2, 8),
    st.integers(10, 90),
    st.integers(10, 120),
    st.integers(0, 99),
    st.sampled_from([0.25, 0.5]),
)
def test_learnt_is_only_from_what_was_known_when_the_test_began(
    moments: int, every: int, horizon: int, seed: int, rate: float
) -> None:
    names, times, outcome = _rows(300, moments, every, seed, rate)
    found = split_rows(names, times, outcome, horizon=horizon * DAY, question="q")
    assert found is not None and not (found.learn & found.test).any()
    for mask in (found.learn, found.test):
        assert min(outcome[mask].sum(), (1 - outcome[mask]).sum()) >= POSITIVES_LEAST
    if found.in_time:
        first = times.filter(pl.Series(found.test)).min()
        assert times.filter(pl.Series(found.learn)).max() + horizon * DAY <= first
        assert (times.filter(pl.Series(found.test)) >= first).all()
    else:
        assert not set(names.filter(pl.Series(found.learn))) & set(names.filter(pl.Series(found.test)))


def test_a_long_past_is_tested_in_time_and_a_short_one_by_customer() -> None:
    for moments, in_time in ((6, True), (1, False)):
        found = split_rows(*_rows(400, moments, 30, 1, 0.3), horizon=30 * DAY, question="q")
        assert found is not None and found.in_time is in_time
        assert ("in time: moments" in found.method.en) is in_time
    assert split_rows(*_rows(400, 6, 30, 1, 0.3), horizon=None, question="q").in_time is False


def test_too_few_outcomes_give_no_test() -> None:
    names, times, outcome = _rows(100, 3, 30, 1, 0.0)
    outcome[:10] = 1.0
    assert split_rows(names, times, outcome, horizon=30 * DAY, question="q") is None


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    """Truth from 400,000 rows; 200 samples of 800 rows; 95 % within three standard errors (and a little)."""
    rng = np.random.default_rng(0)

    def draw(rows: int) -> tuple[np.ndarray, np.ndarray]:
        said = 1 / (1 + np.exp(1 - rng.normal(size=rows)))
        return (rng.random(rows) < said).astype(float), said

    truth = {name: each.value for name, each in figures_of(*draw(400_000)).items()}
    covered = dict.fromkeys(
        ("auc", "average_precision", "best_tenth", "log_loss", "observed_to_predicted"), 0
    )
    for _ in range(200):
        figures = figures_of(*draw(800))
        for name in covered:
            covered[name] += figures[name].low <= truth[name] <= figures[name].high
    shares = {name: count / 200 for name, count in covered.items()}
    assert min(shares.values()) >= 0.90, shares


@pytest.mark.parametrize("said", [0.3, 0.0, 1.0])
def test_equal_estimates_have_figures(said: float) -> None:
    observed = np.array([1.0, 0.0] * 30)
    found = figures_of(observed, np.full(60, said if said else 1e-9))
    assert found["auc"].value == 0.5 and np.isfinite([each.value for each in found.values()]).all()
