"""Fitting 参数估计: which parameters, and which of the extensions, does the history speak for?

Four models are fitted, plain BG/NBD, with one-time buyers, with weeks, and with both; the smallest
BIC is kept. It knows only the history up to as_of.

Source: Schwarz (1978) for BIC; the width of the weeks' effects by the EM algorithm, with the
posterior variance of each week by its curvature (MacKay 1992).
"""

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped, unused-ignore]

from vostro.insight.value.errors import RepeatsFewError
from vostro.insight.value.purchases import Histories
from vostro.insight.value.timing import (
    NEVER,
    PARAMETERS,
    WEEK,
    Clock,
    Pasts,
    Timing,
    clock_of,
    log_likelihood,
    pasts_of,
)

__all__ = ["learn_timing"]

Floats = npt.NDArray[np.float64]
REPEATERS_LEAST = 10  # customers
WEEKS_LEAST = 8  # fewer weeks cannot be told from a trend
START = (-1.0, 1.5, 0.0, 0.7, -1.5)
SD_START, SD_LEAST, ROUNDS = 0.2, 0.005, 12
BOUNDS = [
    (-7.0, 4.0),
    (-7.0, 12.0),
    (-7.0, 7.0),
    (-7.0, 9.0),
]  # logarithms; r = 55 is all but one rate for all
STEP = 1e-4  # of numeric second derivatives, on the scale of logarithms


def learn_timing(
    histories: Histories, *, unit_days: float = 7.0, one_time: bool | None = None, weeks: bool | None = None
) -> Timing:
    """Fit the timing of purchases.

    Args:
        histories: of at least 10 customers who came back.
        unit_days: length of the unit of time in days; alpha and the rates are told in it.
        one_time: whether to learn a share of one-time buyers; None: as BIC says.
        weeks: whether to learn the weeks' speeds; None: as BIC says, on at least 8 weeks.

    Raises:
        RepeatsFewError: fewer customers came back.
    """
    back = int((histories.repeats > 0).sum())
    if back < REPEATERS_LEAST:
        raise RepeatsFewError(count=back, customers=len(histories), least=REPEATERS_LEAST)
    pasts, clock = pasts_of(histories), clock_of(histories, unit_days)
    enough = len(clock.bought) >= WEEKS_LEAST
    forms = [
        (once, weekly and enough)
        for weekly in ([False, True] if weeks is None else [weeks])
        for once in ([False, True] if one_time is None else [one_time])
    ]
    with threadpool_limits(1, "blas"):  # matrices of 40 rows: threads would only wait for each other
        found = [
            _learn(pasts, clock, once=once, weekly=weekly, unit_days=unit_days)
            for once, weekly in dict.fromkeys(forms)
        ]
        best = min(found, key=lambda each: each.bic)
        covariance = _covariance(best, pasts, clock)
    return msgspec.structs.replace(best, covariance=covariance, as_of_day=histories.as_of_day)


def _learn(pasts: Pasts, clock: Clock, *, once: bool, weekly: bool, unit_days: float) -> Timing:
    theta, speeds = np.array(START), np.zeros(len(clock.bought))
    theta[1] += np.log(WEEK / unit_days)
    theta, speeds = _climb(theta, speeds, 0.0, pasts, clock, once=once)
    sd = SD_START if weekly else 0.0
    for _ in range(ROUNDS if weekly else 0):
        theta, speeds = _climb(theta, speeds, sd, pasts, clock, once=once)
        before, sd = sd, _sd(speeds, clock, sd)
        if sd < SD_LEAST or abs(sd - before) < 0.01 * before:
            break
    return _timing(theta, speeds, sd, pasts, clock, unit_days)


def _climb(
    theta: Floats, speeds: Floats, sd: float, pasts: Pasts, clock: Clock, *, once: bool
) -> tuple[Floats, Floats]:
    """Climb to the most likely parameters; ``speeds`` are logarithms and stay 0 without a width."""
    free = PARAMETERS - (not once)

    def loss(point: Floats) -> tuple[float, Floats]:
        full = np.append(point[:free], [] if once else NEVER)
        value, slope, by_speed = _with_weeks(full, point[free:] if sd else speeds, sd, pasts, clock)
        return -value / scale, -np.concatenate([slope[:free], by_speed if sd else []]) / scale

    scale = float(pasts.count.sum())
    start = np.concatenate([theta[:free], speeds if sd else []])
    bounds = [*BOUNDS, *[(-12.0, 12.0)] * (once + (len(speeds) if sd else 0))]
    options = {"maxiter": 3000, "maxfun": 6000, "ftol": 1e-13, "gtol": 1e-8}
    best = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
    full = np.append(best[:free], [] if once else NEVER)
    return full, best[free:] if sd else speeds


def _with_weeks(
    theta: Floats, speeds: Floats, sd: float, pasts: Pasts, clock: Clock
) -> tuple[float, Floats, Floats]:
    """Log-likelihood plus the weeks' prior, and gradients by theta and the logarithms of the speeds."""
    speed = np.exp(speeds)
    clocked = clock.exposure @ speed
    first, last = clocked[pasts.first_ago], clocked[pasts.last_ago]
    value, slope, (by_first, by_last) = log_likelihood(theta, pasts, first, last)
    if not sd:
        return value, slope, np.zeros(0)
    days = len(clock.exposure)
    pulls = np.bincount(pasts.first_ago, by_first * pasts.count, minlength=days)
    pulls += np.bincount(pasts.last_ago, by_last * pasts.count, minlength=days)
    value += float(clock.bought @ speeds - 0.5 * (speeds @ speeds) / sd**2)
    return value, slope, speed * (pulls @ clock.exposure) + clock.bought - speeds / sd**2


def _sd(speeds: Floats, clock: Clock, sd: float) -> float:
    variance = 1 / (clock.bought + 1 / sd**2)
    return float(np.sqrt(np.mean(speeds**2 + variance)))


def _timing(theta: Floats, speeds: Floats, sd: float, pasts: Pasts, clock: Clock, unit_days: float) -> Timing:
    """Parameters on a clock whose average week runs at speed 1."""
    value = _with_weeks(theta, speeds, sd, pasts, clock)[0]
    likelihood = value + (0.5 * float(speeds @ speeds) / sd**2 if sd else 0.0)
    cost = 0.5 * float(np.log1p(sd**2 * clock.bought).sum())
    mean = float(np.exp(speeds).mean())
    r, alpha, a, b = np.exp(theta[:4]).tolist()
    return Timing(
        r=r,
        alpha=alpha / mean,
        a=a,
        b=b,
        one_time=float(expit(theta[4])) if theta[4] > NEVER else 0.0,
        week_speeds=tuple((np.exp(speeds) / mean).tolist()) if sd else (),
        week_sd=sd,
        unit_days=unit_days,
        log_likelihood=likelihood,
        log_evidence=value - cost,
        customers=int(pasts.count.sum()),
    )


def _covariance(timing: Timing, pasts: Pasts, clock: Clock) -> tuple[tuple[float, ...], ...]:
    """Covariance of ``timing.point`` by the curvature at the top."""
    point = timing.point
    learnt = np.ones(len(point), dtype=bool)
    learnt[PARAMETERS - 1] = timing.one_time > 0
    still = np.zeros(len(clock.bought))

    def slope(at: Floats) -> Floats:
        speeds = at[PARAMETERS:] if timing.week_speeds else still
        _, by_theta, by_speed = _with_weeks(at[:PARAMETERS], speeds, timing.week_sd, pasts, clock)
        return np.concatenate([by_theta, by_speed])[learnt]

    steps = STEP * np.eye(len(point))[learnt]
    bend = -np.stack([(slope(point + each) - slope(point - each)) / (2 * STEP) for each in steps])
    found = np.zeros((len(point), len(point)))
    found[np.ix_(learnt, learnt)] = np.linalg.pinv((bend + bend.T) / 2, hermitian=True)
    return tuple(map(tuple, found.tolist()))
