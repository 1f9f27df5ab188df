"""Forecast 购买预测: is the customer still there, and how many purchases are to come?

What a history says of one customer is again a gamma and a beta distribution, so the chance of being
there, the expected purchases and the chance of each number of purchases have closed forms. While the
customer is there, with ``N ~ negative binomial`` and the beta's moments, n purchases in a span come
about in two ways: he bought n and stayed, or he bought n before its end and left after the n-th.

Source: Fader, Hardie and Lee (2005), equation 10, after Euler's transformation of 2F1, which keeps it
well-conditioned for any number of purchases; the chances of numbers are derived here the same way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt
from scipy.special import betaln, expit, hyp2f1

from vostro.insight.value.purchases import Histories
from vostro.insight.value.timing import WEEK, Timing

__all__ = [
    "COUNTS_KEPT",
    "Posterior",
    "compiled",
    "count_interval",
    "count_variance",
    "expected_purchases",
    "fill_chances",
    "loop_parts",
    "posterior",
    "survival",
]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
F = TypeVar("F", bound=Callable[..., Any])
COUNTS_KEPT = 4096  # numbers of purchases told apart; on one day there is at most one
TAIL = 1e-9  # chances beyond are left out
NEAR_ONE = 1e-6  # a = 1 is a removable gap of the formula


def compiled(function: F) -> F:
    """Compile a function when it is first called; the machine code is kept beside the source."""
    return cast(F, numba.njit(cache=True)(function))


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
    a = found.leave if abs(found.leave - 1) > NEAR_ONE else 1 + NEAR_ONE
    passed = units / (found.rate_time + units)
    total = a + found.stay - 1
    kept = (1 - passed) ** (a - 1) * hyp2f1(total - found.rate_shape, a - 1, total, passed)
    return np.asarray(found.alive * total / (a - 1) * (1 - kept), dtype=np.float64)


def survival(found: Posterior, units: float) -> Floats:
    """Return each customer's chance of still being there after the next units of time, shape (n,).

    At a known rate and chance of leaving it is exp(-rate * chance * units); the mean over both is
    2F1(shape, a; a + b; -units / time), here after Pfaff's transformation.
    """
    a, total = found.leave, found.leave + found.stay
    passed = units / (found.rate_time + units)
    said = (1 - passed) ** a * hyp2f1(a, total - found.rate_shape, total, passed)
    return np.asarray(found.alive * said, dtype=np.float64)


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
    _quantiles(*loop_parts(found, units), np.array([low, high]), ends)
    return ends[0], ends[1]


def count_variance(found: Posterior, units: float) -> Floats:
    """Return the variance of each customer's number of purchases in the next units of time, shape (n,)."""
    variance = np.empty(len(found.alive))
    _variances(*loop_parts(found, units), variance)
    return variance


def loop_parts(found: Posterior, units: float) -> tuple[Floats, Floats, Floats, Floats, float, Floats]:
    """Return what the compiled loops need: alive, shape, share of time passed, chance of no purchase, a and b."""
    passed = units / (found.rate_time + units)
    none = np.exp(found.rate_shape * np.log(found.rate_time / (found.rate_time + units)))
    return found.alive, found.rate_shape, passed, none, found.leave, found.stay


@compiled
def fill_chances(
    alive: float, shape: float, passed: float, none: float, leave: float, stay: float, cumulated: Floats
) -> int:
    """Fill in the chances of at most 0, 1, 2 .. purchases, and return how many were filled in."""
    chance, under, stayed, n = none, 0.0, 1.0, 0
    cumulated[0] = 1 - alive + alive * chance
    while n + 1 < len(cumulated) and cumulated[n] < 1 - TAIL:
        # the beta's moments: stayed is E (1-p)^n, left is E (1-p)^(n-1) p; under is the chance of fewer calls
        under += chance
        left = stayed * leave / (leave + stay + n)
        stayed *= (stay + n) / (leave + stay + n)
        chance *= passed * (shape + n) / (n + 1)
        n += 1
        cumulated[n] = cumulated[n - 1] + alive * (stayed * chance + left * max(0.0, 1 - under))
    return n + 1


@compiled
def _quantiles(
    alive: Floats, shape: Floats, passed: Floats, none: Floats, leave: float, stay: Floats,
    levels: Floats, ends: Integers,
) -> None:  # fmt: skip
    cumulated = np.empty(COUNTS_KEPT)
    for i in range(len(alive)):
        size = fill_chances(alive[i], shape[i], passed[i], none[i], leave, stay[i], cumulated)
        ends[0, i] = min(size - 1, np.searchsorted(cumulated[:size], levels[0]))
        ends[1, i] = min(size - 1, np.searchsorted(cumulated[:size], levels[1]))


@compiled
def _variances(
    alive: Floats, shape: Floats, passed: Floats, none: Floats, leave: float, stay: Floats, variance: Floats
) -> None:
    cumulated = np.empty(COUNTS_KEPT)
    for i in range(len(alive)):
        size = fill_chances(alive[i], shape[i], passed[i], none[i], leave, stay[i], cumulated)
        first, second = 0.0, 0.0
        for n in range(1, size):
            chance = cumulated[n] - cumulated[n - 1]
            first += n * chance
            second += n * n * chance
        variance[i] = second - first * first
