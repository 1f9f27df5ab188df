"""Totals 总量预测: how many purchases will all customers together make, and how sure is that?

Three doubts are added up: the luck of the customers (they buy independently), the parameters (by their
covariance, the speeds of past weeks among them), and the weeks to come (the mean speed of a span of weeks,
by the variance and the memory of the weeks that were seen, once for the level learnt and once for the
span). A change of the business itself is in none of them.

Source: Newey and West (1987), Econometrica 55(3), for the variance of a mean of weeks with memory.
"""

from collections.abc import Callable
from dataclasses import replace

import msgspec
import numpy as np
from scipy.stats import norm

from vostro.insight.value.forecast import count_variance, expected_purchases, posterior
from vostro.insight.value.purchases import Histories
from vostro.insight.value.timing import WEEK, Timing, pasts_of

__all__ = ["PurchaseTotal", "purchase_total"]

STEP = 1e-4  # of derivatives, on the scale of logarithms
LAGS = 4  # weeks


class PurchaseTotal(msgspec.Struct, frozen=True):
    """The purchases of all customers in a span."""

    expected: float  # purchases
    low: float
    high: float
    share: float  # of such intervals that should hold the truth
    sd_luck: float  # purchases; of the customers' luck
    sd_parameters: float  # purchases; of the parameters
    sd_weeks: float  # purchases; of the weeks to come


def purchase_total(timing: Timing, histories: Histories, *, days: float, share: float = 0.9) -> PurchaseTotal:
    """Foresee the total of the next days, with a normal interval on the three doubts.

    Args:
        timing: the parameters.
        histories: the customers.
        days: length of the span.
        share: of intervals that should hold the truth, in (0, 1).
    """
    units, pasts = days / timing.unit_days, pasts_of(histories)
    few = replace(
        histories,
        repeats=pasts.repeats.astype(np.int64),
        first_ago=pasts.first_ago,
        last_ago=pasts.last_ago,
    )

    def expect(at: Timing) -> float:
        return float(expected_purchases(posterior(at, few), units) @ pasts.count)

    expected = expect(timing)
    luck = float(np.sqrt(count_variance(posterior(timing, few), units) @ pasts.count))
    parameters = _parameters_sd(timing, expect)
    weeks = expected * _speed_sd(timing, days)
    width = float(norm.ppf(0.5 + share / 2)) * float(np.sqrt(luck**2 + parameters**2 + weeks**2))
    low, high = max(0.0, expected - width), expected + width
    return PurchaseTotal(expected, low, high, share, luck, parameters, weeks)


def _parameters_sd(timing: Timing, expect: Callable[[Timing], float]) -> float:
    """Standard error of the total by how it moves with each parameter (delta method)."""
    covariance, point = np.array(timing.covariance), timing.point
    if not covariance.size:
        return 0.0
    moves = np.zeros(len(point))
    for i in np.flatnonzero(np.diag(covariance) > 0):
        step = np.zeros(len(point))
        step[i] = STEP
        up, down = (expect(timing.at(each)) for each in (point + step, point - step))
        moves[i] = (up - down) / (2 * STEP)
    return float(np.sqrt(max(moves @ covariance @ moves, 0.0)))


def _speed_sd(timing: Timing, days: float) -> float:
    """Relative standard error of the mean speed of the span against that of the weeks seen."""
    if not timing.week_speeds:
        return 0.0
    speeds = np.array(timing.week_speeds) - 1
    weeks = len(speeds)
    variance = float(speeds @ speeds) / weeks
    for lag in range(1, min(LAGS, weeks - 1) + 1):
        variance += 2 * (1 - lag / (LAGS + 1)) * float(speeds[lag:] @ speeds[:-lag]) / weeks
    return float(np.sqrt(max(variance, 0.0) * (1 / weeks + WEEK / max(days, WEEK))))
