"""Closed forms against brute force: draws from what a history says of its customer."""

import numpy as np
import pytest
from scipy.special import hyp2f1, roots_jacobi

from vostro.insight.value import Timing
from vostro.insight.value.forecast import (
    Posterior,
    count_interval,
    count_variance,
    expected_purchases,
    posterior,
    survival,
)
from vostro.insight.value.loops import by_integral, by_sum
from vostro.insight.value.purchases import Histories, read_histories

from .worlds import AS_OF, ONE_TIME, PLAIN, world

PUBLISHED = Timing(r=0.243, alpha=4.414, a=0.793, b=2.426, one_time=0.0)


def _known(
    alive: float = 0.7, shape: float = 2.5, time: float = 20.0, leave: float = 0.8, stay: float = 3.0
) -> Posterior:
    return Posterior(np.array([alive]), np.array([shape]), np.array([time]), leave, np.array([stay]))


def _lived(
    known: Posterior, units: float, lives: int = 200_000, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Purchases and whether still there, of many lives that the same history may mean."""
    draw = np.random.default_rng(seed)
    here = draw.random(lives) < known.alive[0]
    rate = draw.gamma(known.rate_shape[0], 1 / known.rate_time[0], lives)
    chance = draw.beta(known.leave, known.stay[0], lives)
    now, count = np.zeros(lives), np.zeros(lives, dtype=int)
    active = np.flatnonzero(here)
    while len(active):
        now[active] += draw.exponential(1 / rate[active])
        active = active[now[active] < units]
        count[active] += 1
        gone = draw.random(len(active)) < chance[active]
        here[active[gone]] = False
        active = active[~gone]
    return count, here


@pytest.mark.parametrize("units", [1.0, 12.0, 80.0])
@pytest.mark.parametrize("leave", [0.4, 1.0, 2.2])
def test_closed_forms_are_what_lives_come_to(units: float, leave: float) -> None:
    known = _known(leave=leave)
    count, here = _lived(known, units)
    error = 5 / np.sqrt(len(count))
    assert expected_purchases(known, units)[0] == pytest.approx(count.mean(), abs=error * count.std())
    assert survival(known, units)[0] == pytest.approx(here.mean(), abs=error / 2)
    assert count_variance(known, units)[0] == pytest.approx(count.var(), rel=0.05)
    low, high = count_interval(known, units, low=0.2, high=0.9)
    assert np.mean(count <= high[0]) >= 0.9 - error > np.mean(count < high[0]) - 2 * error
    assert np.mean(count <= low[0]) >= 0.2 - error > np.mean(count < low[0]) - 2 * error


@pytest.mark.parametrize("shape", [0.3, 3.0, 40.0, 400.0])
@pytest.mark.parametrize("stay", [0.5, 1.0, 30.0, 300.0])
@pytest.mark.parametrize("leave", [0.01, 0.7, 1.3, 20.0])
def test_sums_are_integrals_wherever_the_parameters_lie(shape: float, stay: float, leave: float) -> None:
    nodes, weights = roots_jacobi(300, stay - 1, leave - 1)  # (1 - p)^(stay - 1) p^(leave - 1)
    p, weights = (1 + nodes) / 2, weights / weights.sum()
    for time, units in ((20.0, 0.01), (20.0, 5.0), (20.0, 200.0)):
        known = _known(alive=1.0, shape=shape, time=time, leave=leave, stay=stay)
        kept = np.exp(-shape * np.log1p(p * units / time))
        assert survival(known, units)[0] == pytest.approx(weights @ kept, rel=1e-5, abs=1e-9)
        asked = -np.expm1(-shape * np.log1p(p * units / time)) / p
        assert expected_purchases(known, units)[0] == pytest.approx(weights @ asked, rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("leave", [0.001, 0.3, 1.0, 50.0, 900.0])
@pytest.mark.parametrize("stay", [0.05, 3.0, 700.0])
@pytest.mark.parametrize(("shape", "span"), [(0.3, 5.0), (4.0, 12.0), (300.0, 0.8), (20.0, 0.001)])
def test_both_ways_to_add_up_agree(leave: float, stay: float, shape: float, span: float) -> None:
    none = -shape * np.log1p(span)
    summed = by_sum(shape, span / (1 + span), none, leave, stay)
    assert by_integral(shape, span, none, leave, stay) == pytest.approx(summed, rel=1e-7, abs=1e-10)


@pytest.mark.parametrize(("shape", "stay", "leave"), [(0.5, 2.0, 0.7), (2.3, 4.4, 1.6), (6.0, 7.0, 0.4)])
def test_sums_are_the_published_closed_form(shape: float, stay: float, leave: float) -> None:
    time, units = 40.0, 39.0
    total, ratio = leave + stay - 1, units / (time + units)
    kept = (1 - ratio) ** shape * hyp2f1(shape, stay, total, ratio)
    known = _known(alive=0.6, shape=shape, time=time, leave=leave, stay=stay)
    assert expected_purchases(known, units)[0] == pytest.approx(
        0.6 * total / (leave - 1) * (1 - kept), rel=1e-9
    )
    there = 0.6 * hyp2f1(shape, leave, leave + stay, -units / time)
    assert survival(known, units)[0] == pytest.approx(there, rel=1e-9)


def test_chances_of_many_purchases_do_not_underflow() -> None:
    known = _known(
        alive=1.0, shape=1500.0, time=300.0, leave=1e-6, stay=1500.0
    )  # about 2,000, none by chance
    low, high = count_interval(known, 400.0, low=0.05, high=0.95)
    sd = np.sqrt(1500 * 4 / 3 * (1 + 4 / 3))  # of a negative binomial
    assert expected_purchases(known, 400.0)[0] == pytest.approx(2000, rel=1e-4)
    assert np.sqrt(count_variance(known, 400.0)[0]) == pytest.approx(sd, rel=0.01)
    assert [low[0], high[0]] == pytest.approx([2000 - 1.645 * sd, 2000 + 1.645 * sd], rel=0.01)


@pytest.mark.parametrize("x", [0, 1, 40, 600])
def test_a_customer_of_any_number_of_purchases_is_told(x: int) -> None:
    known = _known(shape=0.3 + x, time=30.0, stay=2.0 + x)
    for units in (0.001, 1.0, 500.0):
        expected = expected_purchases(known, units)[0]
        assert 0 < expected <= known.rate_shape[0] / known.rate_time[0] * units
        assert 0 < survival(known, units)[0] <= known.alive[0]


def _one(repeats: int, first: int, last: int) -> Histories:
    import polars as pl

    arrays = [np.array([each]) for each in (repeats, first, last, 0)]
    return Histories(pl.Series([1]), *arrays, np.array([0.0]), np.zeros(first + 1, dtype=np.int64), 0)


def test_published_expectation_of_a_customer() -> None:
    # Fader, Hardie and Lee (2005): x = 2, t_x = 30.43, T = 38.86 weeks -> 1.226 purchases in 39 weeks
    known = posterior(PUBLISHED, _one(2, 272, 272 - 213))
    assert expected_purchases(known, 39.0)[0] == pytest.approx(1.226, abs=5e-4)


def test_without_one_time_buyers_a_customer_of_one_purchase_is_there() -> None:
    assert posterior(PUBLISHED, _one(0, 200, 200)).alive[0] == 1.0
    once = posterior(Timing(r=0.5, alpha=5.0, a=0.7, b=2.0, one_time=0.3), _one(0, 700, 700)).alive[0]
    assert once == pytest.approx(0.7 * (5 / 105) ** 0.5 / (0.7 * (5 / 105) ** 0.5 + 0.3)), "by Bayes, by hand"


@pytest.mark.parametrize("timing", [PLAIN, ONE_TIME])
def test_said_alive_is_as_often_alive(timing: Timing) -> None:
    purchases, truth = world(timing=timing)
    found = read_histories(purchases, as_of=AS_OF)
    alive = posterior(timing, found).alive
    there = (truth["gone"].is_null() | (truth["gone"] > 272)).to_numpy()
    assert (found.customer.to_numpy() == truth["customer"].to_numpy()).all()
    for low in (0.0, 0.25, 0.5, 0.75):
        group = (alive >= low) & (alive <= low + 0.25)
        if group.sum() > 50:
            error = 4 * np.sqrt(0.25 / group.sum())
            assert there[group].mean() == pytest.approx(alive[group].mean(), abs=error + 0.01)


def test_weeks_that_ran_slow_make_silence_less_telling() -> None:
    slow = Timing(r=0.8, alpha=6.0, a=0.8, b=3.0, one_time=0.0, week_speeds=(0.1,) * 8 + (1.225,) * 32)
    past = _one(4, 280, 60)
    assert posterior(slow, past).alive[0] > posterior(PLAIN, past).alive[0] + 0.05


def test_weeks_stay_where_they_were_when_time_goes_on() -> None:
    """The same past seen seven weeks later: only the seven new weeks differ, and those run at speed 1."""
    from vostro.insight.value.forecast import _clocked

    speeds = tuple(np.linspace(0.5, 1.5, 30).tolist())
    learnt = Timing(r=0.8, alpha=6.0, a=0.8, b=3.0, one_time=0.0, week_speeds=speeds, as_of_day=0)
    before, later = _one(4, 200, 60), _one(4, 249, 109)
    object.__setattr__(later, "as_of_day", 49)
    assert _clocked(learnt, later)[109] - _clocked(learnt, before)[60] == pytest.approx(7.0)
    assert _clocked(learnt, later)[249] - _clocked(learnt, before)[200] == pytest.approx(7.0)
    earlier = _one(4, 151, 11)
    object.__setattr__(earlier, "as_of_day", -49)
    gone = _clocked(learnt, before)[49]
    assert _clocked(learnt, earlier)[151] == pytest.approx(_clocked(learnt, before)[200] - gone)
