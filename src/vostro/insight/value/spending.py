"""Spending 购买金额: how much does each customer spend in a purchase?

Gamma-gamma: the amounts of one customer vary by a gamma distribution (shape p) around his own mean,
and the means of the customers differ so that each history says again a gamma distribution (q, gamma).
A customer with few purchases is drawn to the mean of all. Spending must not hang on how often one
buys; the model card tells the correlation.

Source: Fader, Hardie and Lee (2005), "RFM and CLV", Journal of Marketing Research 42(4); Fader and
Hardie (2013), "The Gamma-Gamma Model of Monetary Value".
"""

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from vostro.insight.value.errors import SpendFewError

__all__ = ["Spending", "expected_amount", "learn_spending"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
CUSTOMERS_LEAST = 10
Q_LEAST = 1.05  # at 1 and below the mean over all customers is infinite


class Spending(msgspec.Struct, frozen=True):
    """The parameters that all customers share."""

    p: float
    q: float
    gamma: float  # currency of the amounts
    customers: int
    correlation: float  # of mean amount and number of purchases; far from 0 the model does not fit
    log_likelihood: float

    @property
    def amount_mean(self) -> float:
        """Mean amount of a purchase over all customers."""
        return self.p * self.gamma / (self.q - 1)


def learn_spending(paid: Integers, spent: Floats) -> Spending:
    """Fit the amounts.

    Args:
        paid: shape (n,), repeat purchases with an amount.
        spent: shape (n,), their sum; customers with none, or with nothing left after refunds, are left out.

    Raises:
        SpendFewError: fewer than 10 customers are left.
    """
    used = (paid > 0) & (spent > 0)
    if int(used.sum()) < CUSTOMERS_LEAST:
        raise SpendFewError(count=int(used.sum()), least=CUSTOMERS_LEAST)
    n, mean = paid[used].astype(np.float64), spent[used] / paid[used]
    unit = float(mean.mean())  # the climb is well-conditioned where amounts are near 1
    z = mean / unit

    def loss(theta: Floats) -> tuple[float, Floats]:
        value, slope = _log_likelihood(theta, n, z)
        return -value / len(z), -slope / len(z)

    bounds = [(-3.0, 9.0), (np.log(Q_LEAST), 9.0), (-9.0, 12.0)]
    options = {"maxiter": 2000, "ftol": 1e-14, "gtol": 1e-9}
    best = minimize(
        loss, np.array([1.0, 1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=bounds, options=options
    )
    p, q, gamma = np.exp(best.x)
    likelihood = -best.fun * len(z) - len(z) * np.log(unit)
    return Spending(float(p), float(q), float(gamma) * unit, len(z), _correlation(n, z), float(likelihood))


def _log_likelihood(theta: Floats, n: Floats, z: Floats) -> tuple[float, Floats]:
    p, q, gamma = np.exp(theta)
    total = np.log(gamma + n * z)
    value = gammaln(p * n + q) - gammaln(p * n) - gammaln(q) + q * np.log(gamma)
    value += (p * n - 1) * np.log(z) + p * n * np.log(n) - (p * n + q) * total
    both = digamma(p * n + q)
    by_p = n * (both - digamma(p * n) + np.log(z) + np.log(n) - total)
    by_q = both - digamma(q) + np.log(gamma) - total
    by_gamma = q / gamma - (p * n + q) / (gamma + n * z)
    return float(value.sum()), np.array([p * by_p.sum(), q * by_q.sum(), gamma * by_gamma.sum()])


def _correlation(n: Floats, z: Floats) -> float:
    if n.std() == 0 or z.std() == 0:
        return 0.0
    return float(np.corrcoef(n, z)[0, 1])


def expected_amount(spending: Spending, paid: Integers, spent: Floats) -> Floats:
    """Return the expected amount of each customer's next purchase, shape (n,), in the amounts' currency."""
    return np.asarray(
        spending.p * (spending.gamma + spent) / (spending.p * paid + spending.q - 1), dtype=np.float64
    )
