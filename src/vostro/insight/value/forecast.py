"""Forecast 购买预测: is the customer still there, and how many purchases are to come?

What a history says of one customer is again a gamma and a beta distribution. In a span he feels the urge
to buy n times by a negative binomial; after each purchase he leaves with his chance, whose moments are
those of the beta. So he buys n times in two ways: n urges and he stayed through all, or more urges and he
left after the n-th. These sums have terms of one sign and are exact for any parameters; the closed form
of Fader, Hardie and Lee (2005, equation 10) with 2F1 is the same number, and overflows where customers are
alike or buy often.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, expit

from vostro.insight.value.loops import add_up, fill_quantiles, fill_variances
from vostro.insight.value.purchases import Histories
from vostro.insight.value.timing import WEEK, Timing

__all__ = [
    "Posterior",
    "count_interval",
    "count_variance",
    "expected_purchases",
    "loop_parts",
    "posterior",
    "survival",
]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Posterior:
    """What the histories say of each customer."""

    alive: Floats  # (n,), chance that the customer is still there at as_of
    rate_shape: Floats  # (n,), of the gamma distribution of his rate
    rate_time: Floats  # (n,), units of time; shape / time is the mean rate
    leave: float  # of the beta distribution of his chance of leaving after a purchase: a
    stay: Floats  # (n,), its b


def posterior(timing: Timing, histories: Histories) -> Posterior:
    """Return what the histories say of each customer, given the parameters."""
    x = histories.repeats.astype(np.float64)
    clocked = _clocked(timing, histories)
    first, last = clocked[histories.first_ago], clocked[histories.last_ago]
    r, alpha, a, b = timing.r, timing.alpha, timing.a, timing.b
    there = betaln(a, b + x) - (r + x) * np.log(alpha + first)
    left = betaln(a + 1, b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + first - last)
    # a customer without repeats is gone only when he was a one-time buyer
    if timing.one_time > 0:
        one = np.log(timing.one_time) - np.log1p(-timing.one_time) + betaln(a, b) - r * np.log(alpha)
    else:
        one = -np.inf
    alive = expit(there - np.where(x > 0, left, one))
    return Posterior(alive, r + x, alpha + first, a, b + x)


def _clocked(timing: Timing, histories: Histories) -> Floats:
    """Units on the clock of the weeks between each day and as_of; weeks not learnt run at speed 1."""
    ago = np.arange(len(histories.repeats_ago), dtype=np.float64)
    # what was learnt until an earlier day lies so many days further back
    shift = 0 if timing.as_of_day is None else histories.as_of_day - timing.as_of_day
    extra = np.zeros(len(ago))
    for week, speed in enumerate(timing.week_speeds):
        begin = shift + WEEK * week
        extra += (speed - 1.0) * np.maximum(np.minimum(ago, begin + WEEK) - max(begin, 0), 0)
    return (ago + extra) / timing.unit_days


def expected_purchases(found: Posterior, units: float) -> Floats:
    """Return the expected purchases of each customer in the next units of time, shape (n,)."""
    return np.asarray(_sums(found, units)[0], dtype=np.float64)


def survival(found: Posterior, units: float) -> Floats:
    """Return each customer's chance of still being there after the next units of time, shape (n,)."""
    return np.asarray(_sums(found, units)[1], dtype=np.float64)


def _sums(found: Posterior, units: float) -> Floats:
    sums = np.empty((2, len(found.alive)))
    add_up(*loop_parts(found, units), sums)
    return sums


def count_interval(found: Posterior, units: float, *, low: float, high: float) -> tuple[Integers, Integers]:
    """Return two quantiles of each customer's number of purchases in the next units of time.

    The chances are exact given the parameters; the quantile is the smallest number whose chance of not
    being exceeded reaches the level.

    Args:
        found: what the histories say.
        units: of time.
        low: level in (0, 1) of the lower quantile.
        high: level in (0, 1) of the upper quantile.
    """
    ends = np.empty((2, len(found.alive)), dtype=np.int64)
    fill_quantiles(*loop_parts(found, units), np.array([low, high]), ends)
    return ends[0], ends[1]


def count_variance(found: Posterior, units: float) -> Floats:
    """Return the variance of each customer's number of purchases in the next units of time, shape (n,)."""
    variance = np.empty(len(found.alive))
    fill_variances(*loop_parts(found, units), variance)
    return variance


def loop_parts(found: Posterior, units: float) -> tuple[Floats, Floats, Floats, Floats, float, Floats]:
    """Return what the loops need: alive, shape, share of time passed, logarithm of no urge, a and b."""
    passed = units / (found.rate_time + units)
    none = -found.rate_shape * np.log1p(units / found.rate_time)
    return found.alive, found.rate_shape, passed, none, found.leave, found.stay
