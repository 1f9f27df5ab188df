"""Usual 常态区间: between which bounds does the next figure lie, if all is as it was?

Three rules, each with a stated rate of false alarms when nothing has changed:

* ``usual_range``: median ± c(n) · 1.4826 · MAD of the n figures before (at least 8, at most 30
  count). c(n) makes up for how little n figures tell of their spread, so that of figures from one
  normal distribution 5 % lie outside the range and 0.5 % outside the wider one; the median and the
  MAD do not move when up to half of the history were bad days. Source of the estimate: Rousseeuw
  and Croux (1993), "Alternatives to the Median Absolute Deviation", JASA 88.
* ``psi_noise``: what a population stability index reaches by chance. With n and m records in B
  bins it is (1/n + 1/m) times a chi-square of B - 1 degrees of freedom. Source: Yurdakul (2018),
  "Statistical Properties of Population Stability Index".
* ``share_noise``: what a share of n records rises by chance (normal approximation, one side).
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

__all__ = ["HISTORY_MAX", "HISTORY_MIN", "Range", "psi", "psi_noise", "rhythm", "share_noise", "usual_range"]

HISTORY_MIN, HISTORY_MAX = 8, 30
GAPS_MIN = 5
_MAD = 1.4826  # a normal distribution's standard deviation in MADs
# c(8) to c(30): quantiles of |x - median| / (1.4826 MAD) over two million simulated histories each;
# tests/capture/watch simulates them again.
# fmt: off
_WATCH = (3.43, 3.35, 3.05, 2.99, 2.82, 2.79, 2.67, 2.64, 2.56, 2.55, 2.49, 2.48, 2.42, 2.42, 2.38, 2.37, 2.34,
          2.33, 2.31, 2.30, 2.28, 2.27, 2.26)
_ALERT = (7.29, 7.10, 5.94, 5.85, 5.20, 5.15, 4.75, 4.72, 4.42, 4.40, 4.20, 4.16, 4.02, 4.01, 3.88, 3.87, 3.77,
          3.77, 3.70, 3.68, 3.62, 3.61, 3.56)
# fmt: on


@dataclass(frozen=True, slots=True)
class Range:
    """What is usual; beyond ``low`` to ``high`` look at it, beyond the wider bounds raise an alarm."""

    centre: float
    low: float
    high: float
    alert_low: float
    alert_high: float


def usual_range(history: npt.ArrayLike, *, spread_min: float) -> Range | None:
    """Return what the next figure should be, or None when fewer than 8 came before.

    Args:
        history: shape (n,), finite, the oldest first; the last 30 count.
        spread_min: standard deviation that figures have at least, such as counting noise.
    """
    values = np.asarray(history, float)[-HISTORY_MAX:]
    if len(values) < HISTORY_MIN:
        return None
    centre = float(np.median(values))
    spread = max(_MAD * float(np.median(np.abs(values - centre))), spread_min)
    watch, alert = _WATCH[len(values) - HISTORY_MIN] * spread, _ALERT[len(values) - HISTORY_MIN] * spread
    return Range(centre, centre - watch, centre + watch, centre - alert, centre + alert)


def psi(then: npt.ArrayLike, now: npt.ArrayLike) -> float | None:
    """Return the population stability index of two counts over the same bins, or None without records.

    Half a record is added to each bin, so that none is empty.

    Args:
        then: shape (bins,), counts.
        now: shape (bins,), counts.

    >>> psi([50, 50], [500, 500])
    0.0
    """
    before, after = np.asarray(then, float), np.asarray(now, float)
    if not before.sum() or not after.sum():
        return None
    p, q = (each + 0.5 for each in (after, before))
    p, q = p / p.sum(), q / q.sum()
    return float(np.sum((p - q) * np.log(p / q)))


def psi_noise(then_rows: int, now_rows: int, bins: int, *, chance: float) -> float:
    """Return the index that two samples of one population exceed with that chance.

    Args:
        then_rows: records with a value in one sample, at least 1.
        now_rows: in the other, at least 1.
        bins: of which the index is made.
        chance: of exceeding it, such as 0.001.

    >>> round(psi_noise(1000, 1000, 10, chance=0.01), 3)  # chi-square of 9, 99 %: 21.67
    0.043
    """
    return (1 / then_rows + 1 / now_rows) * _chi_square(max(bins - 1, 1), chance)


def _chi_square(freedom: int, chance: float) -> float:
    """Return what a chi-square exceeds with that chance; from 3 degrees on by Wilson and Hilferty (1931)."""
    if freedom == 1:
        return NormalDist().inv_cdf(1 - chance / 2) ** 2
    if freedom == 2:
        return -2 * math.log(chance)
    part = 2 / (9 * freedom)
    return float(freedom * (1 - part + NormalDist().inv_cdf(1 - chance) * math.sqrt(part)) ** 3)


def share_noise(share: float, rows: int, *, chance: float) -> float:
    """Return by how much a share of ``rows`` records lies above ``share`` with that chance.

    A share of 0 counts as half a record, so that the bound is never 0.
    """
    if not rows:
        return 1.0
    p = min(max(share, 0.5 / rows), 1 - 0.5 / rows) if rows > 1 else 0.5
    return NormalDist().inv_cdf(1 - chance) * math.sqrt(p * (1 - p) / rows)


def rhythm(moments: list[float]) -> float | None:
    """Return how long it takes until something new comes, or None when fewer than 5 gaps are known.

    Nine of ten gaps were at most so long: days off at the end of a week belong to the rhythm.

    Args:
        moments: seconds, in any order.

    >>> rhythm([0, 1, 2, 3, 4, 7, 8, 9, 10, 11, 14])
    3.0
    """
    gaps = [b - a for a, b in pairwise(sorted(moments)) if b > a][-HISTORY_MAX:]
    return float(np.quantile(gaps, 0.9, method="higher")) if len(gaps) >= GAPS_MIN else None
