"""Simulated purchases 模拟购买: customers whose rates, chances and ends are known.

For tests and examples: what a model says can be compared with what truly is.
"""

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.value.spending import Spending
from vostro.insight.value.timing import WEEK, Timing

__all__ = ["simulate_purchases"]

Floats = npt.NDArray[np.float64]
ROUNDS_MOST = 5000  # purchases of one customer


def simulate_purchases(
    customers: int,
    *,
    timing: Timing,
    spending: Spending | None = None,
    days: int = 546,
    joining_days: int = 84,
    start: date = date(1997, 1, 1),
    seed: int = 0,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Draw customers who live by the model.

    Args:
        customers: count.
        timing: true parameters; the weeks' speeds count from the end of ``days``, and weeks before
            the first of them run at speed 1.
        spending: true parameters of amounts; None: all amounts are 1.
        days: length of the world; all first purchases lie in its first ``joining_days``.
        joining_days: length of the time in which customers join.
        start: first day of the world.
        seed: of all draws.

    Returns:
        purchases (customer, time, amount), and the truth, one row a customer: customer, rate (a unit of
        time), leave (chance after each purchase), gone (day of the last purchase when the customer left
        within ``days``, else null).
    """
    draw = np.random.default_rng(seed)
    clock = np.concatenate([[0.0], np.cumsum(_speeds(timing, days))]) / timing.unit_days
    rate = draw.gamma(timing.r, 1 / timing.alpha, customers)
    leave = draw.beta(timing.a, timing.b, customers)
    now = np.interp(draw.integers(0, joining_days, customers) + 0.5, np.arange(days + 1), clock)
    here = draw.random(customers) >= timing.one_time
    gone = np.where(here, np.nan, now)
    who, when = [np.arange(customers)], [now.copy()]
    active = np.flatnonzero(here)
    for _ in range(ROUNDS_MOST):
        now[active] += draw.exponential(1 / np.maximum(rate[active], 1e-12))
        active = active[now[active] < clock[-1]]
        if not len(active):
            break
        who.append(active)
        when.append(now[active].copy())
        leaves = draw.random(len(active)) < leave[active]
        gone[active[leaves]] = now[active[leaves]]
        active = active[~leaves]
    buyers, days_of = np.concatenate(who), _days(np.concatenate(when), clock).astype(np.int64)
    amount = _amounts(buyers, customers, spending, draw)
    time = np.datetime64(start, "D") + days_of
    purchases = pl.DataFrame({"customer": buyers, "time": time, "amount": amount}).sort("customer", "time")
    left = pl.Series(_days(gone, clock)).fill_nan(None).floor().cast(pl.Int64)
    truth = pl.DataFrame({"customer": np.arange(customers), "rate": rate, "leave": leave, "gone": left})
    return purchases, truth


def _speeds(timing: Timing, days: int) -> Floats:
    """Speed of each day, the last week of the world first in ``week_speeds``."""
    ago = (days - 1 - np.arange(days)) // WEEK
    speeds = np.append(np.array(timing.week_speeds, dtype=np.float64), 1.0)
    return np.asarray(speeds[np.minimum(ago, len(speeds) - 1)])


def _days(moments: Floats, clock: Floats) -> Floats:
    """Days of the world at which the clock shows these units; NaN stays."""
    return np.interp(moments, clock, np.arange(len(clock)))


def _amounts(
    who: npt.NDArray[np.int64], customers: int, spending: Spending | None, draw: np.random.Generator
) -> Floats:
    if spending is None:
        return np.ones(len(who))
    own = draw.gamma(spending.q, 1 / spending.gamma, customers)
    return draw.gamma(spending.p, 1 / own[who])
