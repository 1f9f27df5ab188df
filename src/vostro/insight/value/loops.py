"""Loops 编译循环: what is reckoned for each customer by himself, compiled.

They stand in one file because compiled code is kept until its own file changes, whatever it calls.
"""

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

__all__ = ["add_up", "by_integral", "by_sum", "draw_amounts", "fill_quantiles", "fill_variances"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
F = TypeVar("F", bound=Callable[..., Any])
COUNTS_KEPT = 4096  # numbers of purchases told apart; on one day there is at most one
TAIL = 1e-9  # chances beyond are left out
STEPS_MOST = 1000  # of sums; beyond it integrals are shorter
TINY = 1e-290  # below it a chance is reckoned by its logarithm
DRAWS = 400  # of a customer's amounts


def compiled(function: F) -> F:
    """Compile a function when it is first called; the machine code is kept beside the source."""
    return cast(F, numba.njit(cache=True)(function))


@compiled
def add_up(
    alive: Floats, shape: Floats, passed: Floats, none: Floats, leave: float, stay: Floats, sums: Floats
) -> None:
    """Fill in expected purchases and survival of each customer, ``sums`` shape (2, n)."""
    for i in range(len(alive)):
        span = passed[i] / (1 - passed[i])
        mean = shape[i] * span
        if mean + (10 * np.sqrt(mean) + 30) * (1 + span) < STEPS_MOST:
            bought, there = by_sum(shape[i], passed[i], none[i], leave, stay[i])
        else:
            bought, there = by_integral(shape[i], span, none[i], leave, stay[i])
        sums[0, i], sums[1, i] = alive[i] * bought, alive[i] * there


@compiled
def by_sum(shape: float, passed: float, none: float, leave: float, stay: float) -> tuple[float, float]:
    """Expected purchases and survival of one who is there, by adding up over the number of urges."""
    chance, more = np.exp(none), -np.expm1(none)
    stayed, bought, there, n = 1.0, more, chance, 0
    while n < STEPS_MOST and more > 0:
        stayed *= (stay + n) / (leave + stay + n)
        chance *= passed * (shape + n) / (n + 1)
        more = max(0.0, more - chance)  # the chance of more than n + 1 urges
        n += 1
        bought += stayed * more
        there += stayed * chance
    return bought, min(1.0, there)


@compiled
def by_integral(shape: float, span: float, none: float, leave: float, stay: float) -> tuple[float, float]:
    """The same where urges are many: the mean over the chance p of leaving, by trapezoids over its log-odds.

    At a known p the survival is (1 + p span)^-shape, and the purchases are what it lacks of 1, over p. Less
    straight lines through their ends, both vanish at 0 and 1 and the trapezoids converge exponentially.
    """
    end, steep = np.exp(none), shape * span
    peak, width = np.log(leave / stay), np.sqrt(1 / leave + 1 / stay)
    low = min(peak, -np.log1p(steep)) - 40 / (1 + leave) - 12 * min(width, 1.0)
    high = max(peak, 0.0) + 40 / (1 + stay) + 12 * min(width, 1.0)
    step = 0.5 * min(0.5, width)
    scale = math.lgamma(leave + stay) - math.lgamma(leave) - math.lgamma(stay)
    bought, there = 0.0, 0.0
    for k in range(int((high - low) / step) + 1):
        odds = low + k * step
        log_p, log_q = -np.log1p(np.exp(-odds)), -np.log1p(np.exp(odds))
        p, q = np.exp(log_p), np.exp(log_q)
        weight = step * np.exp(scale + leave * log_p + stay * log_q)
        lacks = -np.expm1(-shape * np.log1p(p * span))
        there += weight * (p - lacks - end * p)
        bought += weight * (lacks / p - steep * q - (1 - end) * p)
    share = leave / (leave + stay)
    return bought + steep * (1 - share) + (1 - end) * share, there + (1 - share) + end * share


@compiled
def fill_chances(
    alive: float, shape: float, passed: float, none: float, leave: float, stay: float, cumulated: Floats
) -> int:
    """Fill in the chances of at most 0, 1, 2 .. purchases, and return how many were filled in."""
    log_chance, chance, more, stayed, n = none, np.exp(none), -np.expm1(none), 1.0, 0
    cumulated[0] = 1 - alive + alive * chance
    while n + 1 < len(cumulated) and cumulated[n] < 1 - TAIL:
        # the beta's moments: stayed is E (1-p)^n, left is E (1-p)^n p; more is the chance of over n urges
        left = stayed * leave / (leave + stay + n)
        stayed *= (stay + n) / (leave + stay + n)
        ratio = passed * (shape + n) / (n + 1)
        if chance > TINY:
            chance *= ratio
        else:
            log_chance += np.log(ratio)
            chance = np.exp(log_chance)
        cumulated[n + 1] = cumulated[n] + alive * (stayed * chance + left * more)
        more = max(0.0, more - chance)
        n += 1
    return n + 1


@compiled
def fill_quantiles(
    alive: Floats, shape: Floats, passed: Floats, none: Floats, leave: float, stay: Floats,
    levels: Floats, ends: Integers,
) -> None:  # fmt: skip
    """Fill in the quantiles of each customer's number of purchases, ``ends`` shape (2, n)."""
    cumulated = np.empty(COUNTS_KEPT)
    for i in range(len(alive)):
        size = fill_chances(alive[i], shape[i], passed[i], none[i], leave, stay[i], cumulated)
        ends[0, i] = min(size - 1, np.searchsorted(cumulated[:size], levels[0]))
        ends[1, i] = min(size - 1, np.searchsorted(cumulated[:size], levels[1]))


@compiled
def fill_variances(
    alive: Floats, shape: Floats, passed: Floats, none: Floats, leave: float, stay: Floats, variance: Floats
) -> None:
    """Fill in the variance of each customer's number of purchases, shape (n,)."""
    cumulated = np.empty(COUNTS_KEPT)
    for i in range(len(alive)):
        size = fill_chances(alive[i], shape[i], passed[i], none[i], leave, stay[i], cumulated)
        first, second = 0.0, 0.0
        for n in range(1, size):
            chance = cumulated[n] - cumulated[n - 1]
            first += n * chance
            second += n * n * chance
        variance[i] = second - first * first


@compiled
def draw_amounts(  # noqa: PLR0913, PLR0917 - compiled loops take plain arrays
    alive: Floats, shape: Floats, passed: Floats, none: Floats, leave: float, stay: Floats,
    paid: Floats, spent: Floats, money: Floats, seeds: Integers, levels: Floats, ends: Floats,
) -> None:  # fmt: skip
    """Fill in the quantiles of each customer's drawn sums of amounts, ``ends`` shape (2, n)."""
    cumulated, drawn = np.empty(COUNTS_KEPT), np.empty(DRAWS)
    for i in range(len(alive)):
        np.random.seed(seeds[i])
        size = fill_chances(alive[i], shape[i], passed[i], none[i], leave, stay[i], cumulated)
        for k in range(DRAWS):
            count = np.searchsorted(cumulated[:size], np.random.random() * cumulated[size - 1])
            drawn[k] = 0.0
            if count > 0:
                rate = np.random.gamma(money[0] * paid[i] + money[1]) / (money[2] + spent[i])
                drawn[k] = np.random.gamma(money[0] * count) / rate
        drawn.sort()
        for side in range(2):
            ends[side, i] = drawn[min(DRAWS - 1, int(levels[side] * DRAWS))]
