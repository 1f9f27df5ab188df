"""Periods 时期: what did the time of a call explain, and where does the level of responses stand now?

A wave's customers are compared with each other, never with those of another year. So an estimator
for waves is trained on what it will be judged on: the response rate around each past row, over as
many rows as a wave has, is given to it as an offset, and only what is left can be learnt. (A
conditional likelihood by strata, made smooth: Breslow and Day 1980, chapter 7.)
"""

import numpy as np
import numpy.typing as npt

__all__ = ["half_life_weights", "level_intercept", "local_logodds", "ranking_slope"]

Floats = npt.NDArray[np.float64]

PRIOR_ROWS = 20.0  # rows; the local rate is drawn to the rate of all as by so many average rows
SLOPE_DOUBT = 0.5  # standard deviation of the belief that log-odds are right as they are (slope 1)
SLOPE_LEAST, SLOPE_MOST = 0.1, 2.0
STEPS = 50


def local_logodds(observed: Floats, *, period: int) -> Floats:
    """Return the log-odds of a response around each row, shape (n,): a centred mean of ``period`` rows.

    Args:
        observed: shape (n,), 0 or 1, in order of time; both outcomes are there.
        period: rows; at the ends only those that exist are counted.
    """
    count, half = len(observed), max(1, period // 2)
    hits = np.concatenate([[0.0], np.cumsum(observed)])
    first = np.maximum(np.arange(count) - half, 0)
    last = np.minimum(np.arange(count) + half + 1, count)
    rate = hits[last] - hits[first] + PRIOR_ROWS * observed.mean()
    rate = rate / (last - first + PRIOR_ROWS)
    return np.asarray(np.log(rate) - np.log1p(-rate), dtype=np.float64)


def half_life_weights(count: int, *, half_life: float) -> Floats:
    """Return weights of ``count`` rows in order of time: 1 for the latest, half at every half-life before it.

    >>> half_life_weights(3, half_life=1).tolist()
    [0.25, 0.5, 1.0]
    """
    return np.asarray(0.5 ** (np.arange(count - 1, -1, -1) / half_life), dtype=np.float64)


def level_intercept(score: Floats, observed: Floats, weight: Floats) -> float:
    """Return the intercept at which the mean probability is the (weighted) rate of response.

    One further response and one further refusal, at the weight of a row, keep it finite.

    >>> round(level_intercept(np.zeros(8), np.array([1.0] * 2 + [0.0] * 6), np.ones(8)), 3)
    -0.847
    """
    aim, total = float((weight * observed).sum()) + 1.0, float(weight.sum()) + 2.0
    found = float(np.log(aim / (total - aim)))
    low, high = -50.0, 50.0
    for _ in range(STEPS):  # Newton's steps, kept inside a bracket that only shrinks
        said, one = _chance(score + found), float(_chance(np.array([found]))[0])
        gap = float((weight * said).sum()) + 2 * one - aim
        if abs(gap) < 1e-9 * total:
            break
        low, high = (low, found) if gap > 0 else (found, high)
        curve = float((weight * said * (1 - said)).sum()) + 2 * one * (1 - one)
        step = found - gap / curve if curve > 0 else low
        found = step if low < step < high else (low + high) / 2
    return found


def ranking_slope(waves: list[tuple[Floats, Floats]]) -> float:
    """Return by what to stretch the scores of the next wave, from waves whose outcomes are known.

    Each wave has an intercept of its own, as its level was not the scores' to foresee; the slope is
    believed to be 1, give or take 0.5 (a normal prior), and stays in [0.1, 2].

    Args:
        waves: scores as they were said before the wave, and outcomes; shapes (rows,).

    >>> ranking_slope([])
    1.0
    """
    slope = 1.0
    known = [(score, observed) for score, observed in waves if 0 < observed.sum() < len(observed)]
    levels = [0.0] * len(known)
    for _ in range(STEPS):
        curve, pull = 1 / SLOPE_DOUBT**2, (1 - slope) / SLOPE_DOUBT**2
        for i, (score, observed) in enumerate(known):
            levels[i] = level_intercept(slope * score, observed, np.ones(len(observed)))
            said = _chance(slope * score + levels[i])
            mass = said * (1 - said)
            centred = score - float((mass * score).sum() / mass.sum())
            pull += float((centred * (observed - said)).sum())
            curve += float((mass * centred**2).sum())
        step = pull / curve
        slope = float(np.clip(slope + step, SLOPE_LEAST, SLOPE_MOST))
        if abs(step) < 1e-6:
            break
    return slope


def _chance(logodds: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * logodds)), dtype=np.float64)
