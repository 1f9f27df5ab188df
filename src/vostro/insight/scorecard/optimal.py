"""Optimal bins 最优分箱: which neighbouring prebins are joined, so that the bins tell the most and stay in order?

An exact dynamic program over all ways to cut an ordered list of prebins. A state is the last bin, the
number of bins and the phase of the trend; a step adds a bin. The information value is maximised under
all of: bins large enough, a trend that is kept strictly, neighbours that differ by more than chance.

Source: Mironchyk and Tchistiakov (2017), "Monotone optimal binning algorithm for credit risk modeling";
Navas-Palencia (2020), "Optimal binning: mathematical programming formulation", arXiv 2001.08025 (the
same problem, there solved by a constraint solver).
"""

import numpy as np
import numpy.typing as npt
from numba import njit

from vostro.insight.scorecard.bins import Trend

__all__ = ["DIRECTIONS", "best_bins", "information_value"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

UP, DOWN, ANY = 1, -1, 0
DIRECTIONS: dict[str, tuple[tuple[int, ...], ...]] = {  # of the bad rate; each is tried, the best is kept
    "auto": ((UP,), (DOWN,)),
    "increasing": ((UP,),),
    "decreasing": ((DOWN,),),
    "peak": ((UP, DOWN),),
    "valley": ((DOWN, UP),),
    "none": ((ANY,),),
}


def best_bins(
    goods: Floats,
    bads: Floats,
    *,
    trend: Trend = "auto",
    rows_least: float = 0.0,
    bins_most: int = 10,
    z_least: float = 0.0,
    totals: tuple[float, float] | None = None,
) -> Integers:
    """Return the last prebin of each bin, shape (bins,); the information value cannot be larger.

    Args:
        goods: shape (prebins,), rows without the bad outcome, in the order of the values.
        bads: shape (prebins,), rows with it.
        trend: of the bad rate along the values; "auto" takes the better of up and down.
        rows_least: rows of a bin; a bin also has at least one row of either outcome.
        bins_most: count of bins.
        z_least: by how many standard errors neighbouring bad rates differ.
        totals: goods and bads of all rows, missing ones too; None: those of the prebins.

    Where no cut is allowed, all prebins are one bin.

    >>> best_bins(np.array([90.0, 80.0, 85.0, 50.0]), np.array([10.0, 20.0, 15.0, 50.0]))
    array([0, 2, 3])
    """
    good, bad = totals or (float(goods.sum()), float(bads.sum()))
    best, value = np.array([len(goods) - 1]), -1.0
    if good <= 0 or bad <= 0:
        return best
    for phases in DIRECTIONS[trend]:
        ends, found = _search(
            np.concatenate([[0.0], np.cumsum(goods)]),
            np.concatenate([[0.0], np.cumsum(bads)]),
            np.array([good, bad, rows_least, z_least * z_least]),
            bins_most,
            np.array(phases),
        )
        if found > value:
            best, value = ends, found
    return best


def information_value(goods: Floats, bads: Floats) -> float:
    """Return the information value of bins that all hold both outcomes, in nats; goods and bads shape (bins,)."""
    share_good, share_bad = goods / goods.sum(), bads / bads.sum()
    return float(np.sum((share_good - share_bad) * np.log(share_good / share_bad)))


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _search(
    goods: Floats, bads: Floats, limits: Floats, bins_most: int, phases: Integers
) -> tuple[Integers, float]:
    """Run the dynamic program on cumulative counts that start from 0; the value is -1 where nothing is allowed."""
    count = len(goods) - 1
    rate, size, value = _bins(goods, bads, limits)
    worth = np.full((bins_most, len(phases), count, count), -np.inf)
    came = np.full((bins_most, len(phases), count, count, 2), -1)
    worth[0, :, 0] = value[0]
    for k in range(1, bins_most):
        any_bin = False
        for start in range(1, count):
            for end in range(start, count):
                if value[start, end] == -np.inf:
                    continue
                for phase in range(len(phases)):
                    best = _best_before(
                        worth[k - 1], rate, size, limits[3], phases, (phase, start, end), came[k]
                    )
                    if best > -np.inf:
                        worth[k, phase, start, end] = best + value[start, end]
                        any_bin = True
        if not any_bin:
            break
    return _trace(worth, came, count)


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _best_before(
    worth: Floats,
    rate: Floats,
    size: Floats,
    z_squared: float,
    phases: Integers,
    at: tuple[int, int, int],
    came: Integers,
) -> float:
    """Return the most that the bins before this one can be worth, and note from where it came."""
    phase, start, end = at
    best = -np.inf
    for before in range(start):
        if worth[max(phase - 1, 0) : phase + 1, before, start - 1].max() == -np.inf:
            continue  # no bins end here; they may be empty
        step = rate[start, end] - rate[before, start - 1]
        if phases[phase] * step <= 0 and phases[phase] != 0:
            continue
        if step * step < z_squared * _noise(rate, size, before, start, end):
            continue
        for earlier in range(max(phase - 1, 0), phase + 1):
            if worth[earlier, before, start - 1] > best:
                best = worth[earlier, before, start - 1]
                came[phase, start, end, 0] = before
                came[phase, start, end, 1] = earlier
    return best


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _bins(goods: Floats, bads: Floats, limits: Floats) -> tuple[Floats, Floats, Floats]:
    """Return bad rate, rows and information of every possible bin, by first and last prebin; -inf: not allowed."""
    count = len(goods) - 1
    rate, size = np.zeros((count, count)), np.zeros((count, count))
    value = np.full((count, count), -np.inf)
    for start in range(count):
        for end in range(start, count):
            good, bad = goods[end + 1] - goods[start], bads[end + 1] - bads[start]
            size[start, end] = good + bad
            if good <= 0 or bad <= 0 or good + bad < limits[2]:
                continue
            rate[start, end] = bad / (good + bad)
            share_good, share_bad = good / limits[0], bad / limits[1]
            value[start, end] = (share_good - share_bad) * np.log(share_good / share_bad)
    return rate, size, value


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _noise(rate: Floats, size: Floats, before: int, start: int, end: int) -> float:
    """Return the variance of the difference of two neighbouring bad rates, were they the same rate."""
    left, right = size[before, start - 1], size[start, end]
    pooled = (rate[before, start - 1] * left + rate[start, end] * right) / (left + right)
    variance: float = pooled * (1 - pooled) * (1 / left + 1 / right)
    return variance


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _trace(worth: Floats, came: Integers, count: int) -> tuple[Integers, float]:
    """Walk back from the best last bin; of two equal values the one with fewer bins."""
    best, at = -np.inf, (0, 0, 0)
    for k in range(worth.shape[0]):
        for phase in range(worth.shape[1]):
            for start in range(count):
                if worth[k, phase, start, count - 1] > best + 1e-12:
                    best, at = worth[k, phase, start, count - 1], (k, phase, start)
    if best == -np.inf:
        return np.array([count - 1]), -1.0
    k, phase, start = at
    ends = np.empty(k + 1, dtype=np.int64)
    end = count - 1
    while k >= 0:
        ends[k] = end
        before, earlier = came[k, phase, start, end, 0], came[k, phase, start, end, 1]
        end, start, phase, k = start - 1, before, earlier, k - 1
    return ends, best
