"""Rhythm 活动节律: how long are a customer's pauses, and after how many of them does he leave?

The days between a customer's active days vary by a gamma distribution (shape k: 1 is pure chance, large
is clockwork) around his own pace; paces differ so that each history says again a gamma distribution
(q, gamma). After each active day a customer leaves for good with chance ``leave``. The pause that is still
going on at as_of is either a long one or the end: both are in the likelihood, so that neither the pauses
cut off by as_of nor the customers who left bend the rhythm.

Source: the gamma mixture of gammas is that of Fader and Hardie (2013) for amounts, here of pauses; for
timing more regular than chance: Platzer and Reutterer (2016), "Ticking Away the Moments", Marketing
Science 35(5).
"""

from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import betainc, betaincinv, gammaln

__all__ = ["Pauses", "Rhythm", "learn_rhythm", "pause_quantile", "silence_chance", "still_active"]

Floats = npt.NDArray[np.float64]
ACTIVE_LEAST = 1e-300  # below it a logarithm has no number
BOUNDS = [(-2.0, 7.0), (-2.0, 7.0), (-7.0, 12.0), (-12.0, 4.0)]


@dataclass(frozen=True, slots=True)
class Pauses:
    """The pauses of each customer, all shape (n,)."""

    count: Floats  # pauses that ended
    days: Floats  # their sum
    log_days: Floats  # sum of their logarithms
    silence: Floats  # days from the last active day to as_of


class Rhythm(msgspec.Struct, frozen=True):
    """The parameters that all customers share."""

    k: float  # regularity; 1 is pure chance
    q: float
    gamma: float  # days
    leave: float  # chance of leaving after an active day
    log_likelihood: float
    customers: int


def learn_rhythm(pauses: Pauses) -> Rhythm:
    """Fit the parameters by maximum likelihood."""
    mean = float((pauses.days.sum() + 1) / (pauses.count.sum() + 1))

    def loss(theta: Floats) -> float:
        return -_log_likelihood(theta, pauses) / len(pauses.count)

    starts = [np.array([log_k, 0.7, np.log(2 * mean), -2.5]) for log_k in (0.0, 1.5)]
    tried = [minimize(loss, start, method="L-BFGS-B", bounds=BOUNDS) for start in starts]
    best = min(tried, key=lambda each: float(each.fun))
    k, q, gamma = np.exp(best.x[:3]).tolist()
    leave = float(1 / (1 + np.exp(-best.x[3])))
    return Rhythm(k, q, gamma, leave, -float(best.fun) * len(pauses.count), len(pauses.count))


def _log_likelihood(theta: Floats, pauses: Pauses) -> float:
    k, q, gamma = np.exp(theta[:3])
    leave = 1 / (1 + np.exp(-theta[3]))
    n, total = pauses.count, pauses.days
    value = (k - 1) * pauses.log_days - n * gammaln(k) + q * np.log(gamma)
    value += gammaln(k * n + q) - gammaln(q) - (k * n + q) * np.log(gamma + total)
    longer = betainc(k * n + q, k, (gamma + total) / (gamma + total + pauses.silence))
    return float(
        (value + n * np.log1p(-leave) + np.log(np.maximum(leave + (1 - leave) * longer, ACTIVE_LEAST))).sum()
    )


def silence_chance(rhythm: Rhythm, pauses: Pauses) -> Floats:
    """Return the chance that a pause of each customer, if active, is longer than his silence, shape (n,)."""
    own = rhythm.k * pauses.count + rhythm.q
    known = rhythm.gamma + pauses.days
    return np.asarray(betainc(own, rhythm.k, known / (known + pauses.silence)), dtype=np.float64)


def still_active(rhythm: Rhythm, pauses: Pauses) -> Floats:
    """Return the chance that each customer has not left, shape (n,)."""
    longer = (1 - rhythm.leave) * silence_chance(rhythm, pauses)
    return np.asarray(longer / (longer + rhythm.leave), dtype=np.float64)


def pause_quantile(rhythm: Rhythm, pauses: Pauses, level: float) -> Floats:
    """Return the days that a pause of each customer, if active, does not exceed with a chance, shape (n,)."""
    own = rhythm.k * pauses.count + rhythm.q
    share = betaincinv(rhythm.k, own, level)
    return np.asarray((rhythm.gamma + pauses.days) * share / (1 - share), dtype=np.float64)
