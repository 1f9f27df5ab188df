"""Intervals 置信区间: how sure is a rate, a difference, a ratio?

Sources: Wilson (1927), "Probable Inference", JASA 22; Newcombe (1998), "Interval
Estimation for the Difference between Independent Proportions", Statistics in Medicine
17, method 10.
"""

import math

import numpy as np
import numpy.typing as npt

from vostro.learn.results import Rate

__all__ = ["Z95", "difference", "percentile_interval", "rate"]

Z95 = 1.959963984540054  # standard normal quantile of 0.975


def rate(successes: int, rows: int) -> Rate:
    """Return a success rate with Wilson's 95 % interval; no rows, no rate.

    >>> found = rate(8, 10)
    >>> found.rate, round(found.low, 3), round(found.high, 3)
    (0.8, 0.49, 0.943)
    """
    assert 0 <= successes <= rows, "successes are among the rows"
    if rows == 0:
        return Rate(0, 0, None, None, None)
    p = successes / rows
    centre = p + Z95**2 / (2 * rows)
    half = Z95 * math.sqrt(p * (1 - p) / rows + Z95**2 / (4 * rows**2))
    scale = 1 + Z95**2 / rows
    return Rate(rows, successes, p, max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale))


def difference(first: Rate, second: Rate) -> tuple[float, float, float] | None:
    """Return first - second with Newcombe's 95 % interval, or None when either has no rows.

    >>> tuple(round(x, 4) for x in difference(rate(56, 70), rate(48, 80)))
    (0.2, 0.0524, 0.3339)
    """
    if first.rate is None or second.rate is None:
        return None
    assert first.low is not None and first.high is not None
    assert second.low is not None and second.high is not None
    gap = first.rate - second.rate
    low = gap - math.hypot(first.rate - first.low, second.high - second.rate)
    high = gap + math.hypot(first.high - first.rate, second.rate - second.low)
    return gap, low, high


def percentile_interval(draws: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Return the 2.5 % and 97.5 % quantiles of bootstrap draws, shape (n_draws,); NaN draws are left out."""
    low, high = np.nanquantile(draws, [0.025, 0.975])
    return float(low), float(high)
