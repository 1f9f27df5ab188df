"""Rhythms that are known are found, and said chances come true."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.stats import kstest

from vostro.insight.churn import Dormancy
from vostro.insight.churn.errors import RhythmFewError, SilenceLevelError
from vostro.insight.churn.rhythm import (
    Pauses,
    Rhythm,
    learn_rhythm,
    pause_quantile,
    silence_chance,
    still_active,
)
from vostro.insight.errors import NotFittedError
from vostro.insight.value.errors import PurchasesEmptyError, PurchasesMissingError

from .worlds import KNOWN_DAYS, LEAVE, rhythms

RHYTHM = Rhythm(k=3.0, q=4.0, gamma=90.0, leave=0.05, log_likelihood=0.0, customers=0)


@pytest.fixture(scope="module")
def fitted() -> Dormancy:
    return Dormancy().fit(rhythms()[0], as_of=KNOWN_DAYS)


def test_regularity_and_the_chance_of_leaving_are_found(fitted: Dormancy) -> None:
    assert fitted.rhythm.k == pytest.approx(4.0, rel=0.1)
    assert fitted.rhythm.leave == pytest.approx(LEAVE, rel=0.15)
    loose = Dormancy().fit(rhythms(k=1.0)[0], as_of=KNOWN_DAYS).rhythm
    assert loose.k == pytest.approx(1.0, rel=0.12), "pure chance is no rhythm"


def test_said_active_is_as_often_active(fitted: Dormancy) -> None:
    said = fitted.predict(KNOWN_DAYS).join(rhythms()[1], on="customer")
    active = (said["gone"].is_null() | (said["gone"] > KNOWN_DAYS + 1)).to_numpy()
    chance = said["active_probability"].to_numpy()
    assert chance.mean() == pytest.approx(active.mean(), abs=0.02)
    for low in (0.0, 0.2, 0.6, 0.9):
        group = (chance >= low) & (chance <= low + 0.35)
        assert active[group].mean() == pytest.approx(
            chance[group].mean(), abs=0.02 + 4 * np.sqrt(0.25 / group.sum())
        )


def test_dormancy_beats_one_number_of_days_for_all(fitted: Dormancy) -> None:
    said = fitted.predict(KNOWN_DAYS).join(rhythms()[1], on="customer")
    gone = (said["gone"] <= KNOWN_DAYS).fill_null(False)
    best = max(((said["silence_days"] > days) == gone).mean() for days in range(5, 200, 5))
    assert (said["dormant"] == gone).mean() > best + 0.02


def test_the_chance_of_a_silence_is_uniform_over_pauses() -> None:
    """A pause that just ended was longer than it was with a chance that is uniform (probability transform)."""
    draw = np.random.default_rng(2)
    count = draw.integers(0, 12, 4000).astype(float)
    rate = draw.gamma(RHYTHM.q, 1 / RHYTHM.gamma, len(count))
    days = draw.gamma(RHYTHM.k * np.maximum(count, 1e-9), 1 / rate) * (count > 0)
    pauses = Pauses(count, days, np.zeros(len(count)), draw.gamma(RHYTHM.k, 1 / rate))
    assert kstest(silence_chance(RHYTHM, pauses), "uniform").pvalue > 1e-3
    middle = pause_quantile(RHYTHM, pauses, 0.5)
    assert np.mean(pauses.silence > middle) == pytest.approx(0.5, abs=0.03)
    at_middle = Pauses(count, days, pauses.log_days, middle)
    assert np.allclose(silence_chance(RHYTHM, at_middle), 0.5)
    assert np.allclose(still_active(RHYTHM, at_middle), 0.475 / 0.525)


def test_the_same_silence_means_more_where_pauses_are_short() -> None:
    pauses = Pauses(np.array([20.0, 20.0]), np.array([140.0, 1400.0]), np.zeros(2), np.array([60.0, 60.0]))
    often, seldom = still_active(RHYTHM, pauses)
    assert often < 0.05 and seldom > 0.9


def test_longer_silence_is_never_more_active() -> None:
    silence = np.linspace(0, 400, 50)
    pauses = Pauses(np.full(50, 5.0), np.full(50, 100.0), np.zeros(50), silence)
    assert (np.diff(still_active(RHYTHM, pauses)) <= 0).all() and still_active(RHYTHM, pauses)[0] == 0.95


def test_pauses_cut_off_by_as_of_do_not_bend_the_rhythm() -> None:
    draw = np.random.default_rng(4)
    short = learn_rhythm(_watched(draw, days=90.0))
    long = learn_rhythm(_watched(draw, days=900.0))
    assert short.gamma / (short.q - 1) * short.k == pytest.approx(
        long.gamma / (long.q - 1) * long.k, rel=0.15
    )


def _watched(draw: np.random.Generator, *, days: float, customers: int = 4000) -> Pauses:
    rate = draw.gamma(RHYTHM.q, 1 / RHYTHM.gamma, customers)
    gaps = draw.gamma(RHYTHM.k, 1 / rate[:, None], (customers, 400))
    leave = draw.random((customers, 400)) < RHYTHM.leave
    seen = (np.cumsum(gaps, axis=1) < days) & (np.cumsum(leave, axis=1) == 0)
    total = (gaps * seen).sum(axis=1)
    return Pauses(seen.sum(axis=1) * 1.0, total, (np.log(gaps) * seen).sum(axis=1), days - total)


def test_events_after_as_of_are_not_known(fitted: Dormancy) -> None:
    events = rhythms()[0]
    cut = events.filter(pl.col("time") <= 200)
    assert fitted.predict(200).equals(fitted.predict(200, events=cut))
    again = Dormancy().fit(events.filter(pl.col("time") <= KNOWN_DAYS).reverse(), as_of=KNOWN_DAYS)
    assert again.version == fitted.version


def test_kept_without_customers(fitted: Dormancy, tmp_path: Path) -> None:
    fitted.save(tmp_path / "dormancy.json")
    loaded = Dormancy.load(tmp_path / "dormancy.json")
    assert loaded.version == fitted.version and loaded.predict(300, events=rhythms()[0]).equals(
        fitted.predict(300)
    )
    with pytest.raises(PurchasesMissingError):
        loaded.predict(300)


def test_dates_are_told_as_dates() -> None:
    events = rhythms(600)[0].with_columns(time=pl.lit("2025-01-01").str.to_date() + pl.duration(days="time"))
    said = Dormancy().fit(events, as_of="2026-01-01").predict("2026-01-01")
    assert said["last"].dtype == pl.Date
    numbers = events.with_columns(day=(pl.col("time") - pl.lit("2025-01-01").str.to_date()).dt.total_days())
    last = (
        numbers.filter(pl.col("day") <= 365).group_by("customer").agg(pl.col("time").max()).sort("customer")
    )
    assert said["last"].to_list() == last["time"].to_list()


@pytest.mark.parametrize("level", [0, 1, 2.0, "low", None])
def test_a_level_is_a_chance(level: object) -> None:
    with pytest.raises(SilenceLevelError):
        Dormancy(level=level)  # type: ignore[arg-type]


def test_wrong_input_is_refused() -> None:
    with pytest.raises(NotFittedError):
        Dormancy().predict(1)
    with pytest.raises(RhythmFewError, match="0 customers"):
        Dormancy().fit(pl.DataFrame({"customer": range(100), "time": 3}))
    with pytest.raises(PurchasesEmptyError):
        Dormancy().fit(rhythms()[0], as_of=-5)
