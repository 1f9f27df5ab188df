"""Timing 购买节律: how often does each customer buy, and after how many purchases does he leave?

BG/NBD: while a customer is there he buys at random moments at his own rate (rates differ by a gamma
distribution: r, alpha), and after each repeat purchase he leaves for good with his own chance (chances
differ by a beta distribution: a, b). Two extensions, each used when the history speaks for it:

* *one-time buyers*: a share of the customers never comes back after the first purchase. The modified
  BG/NBD of Batislam and others (2007) has such a chance too, but ties it to a and b.
* *weeks*: a week of sales, holidays or summer makes all customers buy more or less than in an average
  week. Time is measured on a clock that runs at the week's speed. The logarithms of the speeds are
  drawn to 0 as by a normal distribution whose width is learnt (empirical Bayes).

All is fitted by maximum likelihood with exact gradients, on the distinct histories with their counts.

Source: Fader, Hardie and Lee (2005), "Counting Your Customers the Easy Way", Marketing Science 24(2).
"""

from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.special import betaln, digamma, expit, gammaln

from vostro.insight.value.purchases import Histories

__all__ = [
    "NEVER",
    "PARAMETERS",
    "WEEK",
    "Clock",
    "Pasts",
    "Timing",
    "clock_of",
    "log_likelihood",
    "pasts_of",
]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
WEEK = 7  # days
NEVER = -40.0  # log-odds of a share that is 0
PARAMETERS = 5  # logarithms of r, alpha, a, b and the log-odds of the one-time share


class Timing(msgspec.Struct, frozen=True):
    """The parameters that all customers share; rates are a unit of time."""

    r: float
    alpha: float  # units of time
    a: float
    b: float
    one_time: float  # share of customers who leave after the first purchase; 0 in plain BG/NBD
    week_speeds: tuple[float, ...] = ()  # mean 1; the first is the last week before as_of
    week_sd: float = 0.0  # of the logarithm of a week's speed
    unit_days: float = 7.0
    log_likelihood: float = 0.0  # of the histories, given the speeds of the weeks
    log_evidence: float = 0.0  # the same less what the weeks' freedom costs (Laplace); equal without weeks
    customers: int = 0
    covariance: tuple[tuple[float, ...], ...] = ()  # of ``point``; 0 for what was not learnt
    as_of_day: int | None = None  # when the weeks of ``week_speeds`` are counted back from; None: any as_of

    @property
    def theta(self) -> Floats:
        """Logarithms of r, alpha, a and b, and the log-odds of the one-time share, shape (5,)."""
        share = np.log(self.one_time) - np.log1p(-self.one_time) if self.one_time > 0 else NEVER
        return np.append(np.log([self.r, self.alpha, self.a, self.b]), share)

    @property
    def point(self) -> Floats:
        """``theta``, then the logarithms of the weeks' speeds, shape (5 + weeks,)."""
        return np.concatenate([self.theta, np.log(np.array(self.week_speeds))])

    def at(self, point: Floats) -> "Timing":
        """Return the same with other parameters, the average week again at speed 1.

        A share of one-time buyers that was not learnt stays 0.
        """
        speeds = np.exp(point[PARAMETERS:])
        mean = float(speeds.mean()) if len(speeds) else 1.0
        r, alpha, a, b = np.exp(point[:4]).tolist()
        share = float(expit(point[4])) if point[4] > NEVER else 0.0
        weeks = tuple((speeds / mean).tolist())
        return msgspec.structs.replace(
            self, r=r, alpha=alpha / mean, a=a, b=b, one_time=share, week_speeds=weeks
        )

    @property
    def bic(self) -> float:
        """Bayesian information criterion (Schwarz 1978); smaller is better."""
        free = 4 + (self.one_time > 0) + (self.week_sd > 0)
        return free * float(np.log(max(self.customers, 2))) - 2 * self.log_evidence


@dataclass(frozen=True, slots=True)
class Pasts:
    """Distinct histories and how many customers have each."""

    repeats: Floats  # (m,)
    first_ago: Integers  # (m,), days
    last_ago: Integers  # (m,), days
    count: Floats  # (m,)


@dataclass(frozen=True, slots=True)
class Clock:
    """How much of each week lies between a day and as_of, in units of time, and what was bought in each."""

    exposure: Floats  # (longest past in days + 1, weeks)
    bought: Floats  # (weeks,), repeat purchases of all customers


def pasts_of(histories: Histories) -> Pasts:
    """Return the distinct histories, sorted."""
    names = ["repeats", "first_ago", "last_ago"]
    table = pl.DataFrame({name: getattr(histories, name) for name in names})
    table = table.group_by(names).len("count").sort(names)
    first, last = (table[name].to_numpy() for name in names[1:])
    return Pasts(
        table["repeats"].cast(pl.Float64).to_numpy(), first, last, table["count"].cast(pl.Float64).to_numpy()
    )


def clock_of(histories: Histories, unit_days: float) -> Clock:
    """Return the clock of the weeks counted back from as_of."""
    ago = np.arange(len(histories.repeats_ago))
    weeks = np.arange(max(1, -(-int(ago[-1]) // WEEK)))
    inside = np.clip(ago[:, None] - WEEK * weeks, 0, WEEK)
    place = np.minimum(ago // WEEK, weeks[-1])
    bought = np.bincount(place, histories.repeats_ago, minlength=len(weeks)).astype(np.float64)
    return Clock(inside / unit_days, bought)


def log_likelihood(
    theta: Floats, pasts: Pasts, first: Floats, last: Floats
) -> tuple[float, Floats, tuple[Floats, Floats]]:
    """Return the log-likelihood of all customers and its gradients.

    Args:
        theta: shape (5,): logarithms of r, alpha, a, b, and the log-odds of the one-time share.
        pasts: the distinct histories.
        first: shape (m,), units of the clock since the first purchase.
        last: shape (m,), units of the clock since the last purchase.

    Returns:
        the sum over customers; its gradient by theta, shape (5,); its gradients by ``first`` and ``last``,
        each shape (m,), before they are summed.
    """
    r, alpha, a, b = np.exp(theta[:4])
    x, gap = pasts.repeats, first - last
    more = np.maximum(x, 1.0)
    known = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b)
    there = known + betaln(a, b + x) - (r + x) * np.log(alpha + first)
    left = np.where(x > 0, known + betaln(a + 1, b + more - 1) - (r + x) * np.log(alpha + gap), -np.inf)
    either = np.logaddexp(there, left)
    share = expit(theta[4])
    log_stays, log_one = -np.logaddexp(0, theta[4]), -np.logaddexp(0, -theta[4])
    value = np.where(x > 0, log_stays + either, np.logaddexp(log_stays + either, log_one))
    repeat = np.exp(log_stays + either - value)  # chance of not being a one-time buyer
    w_there, w_left = repeat * np.exp(there - either), repeat * np.exp(left - either)
    by_rate = repeat * (np.log(alpha) + digamma(r + x) - digamma(r))
    by_rate -= w_there * np.log(alpha + first) + w_left * np.log(alpha + gap)
    pull = (r + x) * (w_there / (alpha + first) + w_left / (alpha + gap))
    both = digamma(a + b) - digamma(a + b + x)
    by_a = repeat * both + w_left / a
    by_b = repeat * (both - digamma(b)) + w_there * digamma(b + x) + w_left * digamma(b + more - 1)
    rows = np.stack(
        [r * by_rate, alpha * (repeat * r / alpha - pull), a * by_a, b * by_b, 1 - repeat - share]
    )
    by_first = -(r + x) * (w_there / (alpha + first) + w_left / (alpha + gap))
    by_last = (r + x) * w_left / (alpha + gap)
    return float(value @ pasts.count), rows @ pasts.count, (by_first, by_last)
