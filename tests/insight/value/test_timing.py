"""The likelihood of purchases: its gradient, its closed forms, and the published figures."""

from collections.abc import Callable

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import approx_fprime
from scipy.stats import beta, gamma

from vostro.insight.value.purchases import read_histories
from vostro.insight.value.timing import NEVER, Clock, Pasts, Timing, clock_of, log_likelihood, pasts_of

from .worlds import AS_OF, world


def _pasts(repeats: list[float]) -> Pasts:
    nobody = np.zeros(len(repeats), dtype=np.int64)
    return Pasts(np.array(repeats), nobody, nobody, np.ones(len(repeats)))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.floats(-1.5, 1.5), min_size=5, max_size=5),
    st.lists(st.tuples(st.integers(0, 30), st.floats(0.1, 60), st.floats(0, 1)), min_size=1, max_size=6),
)
def test_the_gradient_is_that_of_the_likelihood(
    theta: list[float], rows: list[tuple[int, float, float]]
) -> None:
    pasts = _pasts([float(x) for x, _, _ in rows])
    first = np.array([f for _, f, _ in rows])
    last = np.array([f * part if x else f for x, f, part in rows])
    point = np.array(theta)
    _, slope, (by_first, by_last) = log_likelihood(point, pasts, first, last)

    def value(moved: np.ndarray) -> float:
        return log_likelihood(moved[:5], pasts, moved[5 : 5 + len(rows)], moved[5 + len(rows) :])[0]

    numeric = approx_fprime(np.concatenate([point, first, last]), value, 1e-7)
    assert np.allclose(np.concatenate([slope, by_first, by_last]), numeric, rtol=2e-3, atol=2e-4)


@pytest.mark.parametrize(("x", "first", "last"), [(0, 20.0, 20.0), (1, 30.0, 4.0), (3, 25.0, 2.0)])
def test_it_is_the_mean_over_rates_and_chances(x: int, first: float, last: float) -> None:
    r, alpha, a, b, one = 0.7, 5.0, 0.9, 2.5, 0.2

    def over(moment: Callable[[float], float], weight: Callable[[float], float], end: float) -> float:
        return float(quad(lambda at: moment(at) * weight(at), 0, end, epsabs=1e-12, limit=400)[0])

    def rates(shown: float) -> float:
        return over(lambda at: at**x * np.exp(-at * shown), gamma(r, scale=1 / alpha).pdf, np.inf)

    mean = over(lambda p: (1 - p) ** x, beta(a, b).pdf, 1) * rates(first)
    if x:
        mean += over(lambda p: p * (1 - p) ** (x - 1), beta(a, b).pdf, 1) * rates(first - last)
    whole = (1 - one) * mean + (one if x == 0 else 0.0)
    theta = np.append(np.log([r, alpha, a, b]), np.log(one / (1 - one)))
    said = log_likelihood(theta, _pasts([float(x)]), np.array([first]), np.array([last]))[0]
    assert said == pytest.approx(np.log(whole), abs=2e-5)


def test_without_one_time_buyers_it_is_plain_bgnbd() -> None:
    # Fader, Hardie and Lee (2005), equation 6, for x = 2, t_x = 30.43, T = 38.86 by hand
    from scipy.special import gammaln

    r, alpha, a, b, x, t_x, age = 0.243, 4.414, 0.793, 2.426, 2.0, 30.43, 38.86
    known = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    known += gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    inside = (1 / (alpha + age)) ** (r + x) + a / (b + x - 1) * (1 / (alpha + t_x)) ** (r + x)
    theta = np.append(np.log([r, alpha, a, b]), NEVER)
    said = log_likelihood(theta, _pasts([x]), np.array([age]), np.array([age - t_x]))[0]
    assert said == pytest.approx(known + np.log(inside), abs=1e-10)


def test_pasts_are_the_distinct_histories_with_their_counts() -> None:
    found = read_histories(world()[0], as_of=AS_OF)
    pasts = pasts_of(found)
    assert pasts.count.sum() == len(found)
    assert pasts.repeats @ pasts.count == found.repeats.sum()
    rows = set(zip(pasts.repeats, pasts.first_ago, pasts.last_ago, strict=True))
    assert len(rows) == len(pasts.count) < len(found)


def test_the_clock_counts_whole_weeks_back() -> None:
    found = read_histories(world()[0], as_of=AS_OF)
    clock: Clock = clock_of(found, 7.0)
    days = np.arange(len(clock.exposure))
    assert np.allclose(clock.exposure.sum(axis=1), days / 7), "all weeks together are the time that passed"
    assert clock.bought.sum() == found.repeats.sum()
    assert clock.exposure[10].tolist()[:3] == [1.0, pytest.approx(3 / 7), 0.0]


def test_parameters_move_and_come_back() -> None:
    timing = Timing(r=0.5, alpha=6.0, a=0.7, b=2.0, one_time=0.25)
    back = timing.at(timing.theta)
    assert [back.r, back.alpha, back.a, back.b, back.one_time] == pytest.approx([0.5, 6.0, 0.7, 2.0, 0.25])
    never = msgspec.structs.replace(timing, one_time=0.0)
    assert never.at(never.theta).one_time == 0.0
