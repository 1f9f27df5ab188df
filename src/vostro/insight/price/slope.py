"""Slope 价格斜率: by how much does the log-odds of acceptance change with the price, and how surely?

Logistic regression of acceptance on the price beside what the features say (out of fold). With an instrument,
the part of the price that it does not explain enters too (control function), and the interval counts that
this part is estimated: both stages are one set of estimating equations.

Source: White (1982), Econometrica 50, for the sandwich; Rivers and Vuong (1988), Journal of Econometrics 39,
and Wooldridge (2015), Journal of Human Resources 50, for control functions; Newey (1984), Economics Letters 14.
"""

import msgspec
import numpy as np
import numpy.typing as npt

from vostro.insight.scorecard.regression import fit_logit

__all__ = ["Slope", "learn_slope", "strength"]

Floats = npt.NDArray[np.float64]
Z95 = 1.959963984540054


class Slope(msgspec.Struct, frozen=True):
    """The response to the price among some customers; the interval is of 95 %."""

    rows: int
    accepted: float  # share
    price_mean: float
    slope: float  # log-odds a unit of price
    slope_se: float
    elasticity: float  # % of acceptances lost or won by 1 % of price, at the mean price
    low: float
    high: float


def learn_slope(accepted: Floats, price: Floats, base: Floats, instrument: Floats | None = None) -> Slope:
    """Learn a slope.

    Args:
        accepted: shape (n,), 0 or 1.
        price: shape (n,).
        base: shape (n,), log-odds that the features say, out of fold.
        instrument: shape (n,), or None when the price itself varied by chance.
    """
    ones, mean = np.ones(len(price)), float(price.mean())
    columns = [ones, base, price - mean]
    first = None
    if instrument is not None:
        first = np.column_stack([ones, instrument, base])
        gamma = np.linalg.lstsq(first, price, rcond=None)[0]
        columns.append(price - first @ gamma)
    design = np.column_stack(columns)
    fitted = fit_logit(design[:, 1:], accepted, ones)
    theta = np.concatenate([[fitted.intercept], fitted.coefficients])
    covariance = _covariance(design, accepted, theta, first)
    elasticity, gradient = _elasticity(design, theta, mean)
    half = Z95 * float(np.sqrt(gradient @ covariance @ gradient))
    return Slope(
        len(price),
        float(accepted.mean()),
        mean,
        float(theta[2]),
        float(np.sqrt(covariance[2, 2])),
        elasticity,
        elasticity - half,
        elasticity + half,
    )


def strength(price: Floats, instrument: Floats, base: Floats) -> float:
    """Return the F statistic of the instrument in the first stage, robust to unequal variance."""
    first = np.column_stack([np.ones(len(price)), instrument, base])
    gamma = np.linalg.lstsq(first, price, rcond=None)[0]
    bread = np.linalg.pinv(first.T @ first)
    score = first * (price - first @ gamma)[:, None]
    variance = (bread @ (score.T @ score) @ bread)[1, 1]
    return float(gamma[1] ** 2 / variance) if variance > 0 else 0.0


def _covariance(design: Floats, accepted: Floats, theta: Floats, first: Floats | None) -> Floats:
    """Return the sandwich of the second stage, with the first stage's part where there is one."""
    p = _sigmoid(design @ theta)
    spread = p * (1 - p)
    bread = np.linalg.pinv(design.T @ (design * spread[:, None]))
    score = design * (accepted - p)[:, None]
    if first is not None:
        # a first-stage coefficient moves the residual, and with it every equation of the second stage
        moved = theta[3] * design.T @ (first * spread[:, None])
        moved[3] -= (accepted - p) @ first
        score = score + first * design[:, 3:4] @ np.linalg.pinv(first.T @ first) @ moved.T
    return np.asarray(bread @ (score.T @ score) @ bread, dtype=np.float64)


def _elasticity(design: Floats, theta: Floats, price: float) -> tuple[float, Floats]:
    """Return the elasticity were all offered the mean price, and its gradient by theta."""
    at = design.copy()
    at[:, 2] = 0.0  # prices stand centred
    p = _sigmoid(at @ theta)
    spread = p * (1 - p)
    total, moved = p.sum(), spread.sum()
    elasticity = price * theta[2] * moved / total
    bent = at.T @ (spread * (1 - 2 * p))
    gradient = price * theta[2] * (bent / total - moved * (at.T @ spread) / total**2)
    gradient[2] += price * moved / total
    return float(elasticity), np.asarray(gradient, dtype=np.float64)


def _sigmoid(logodds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logodds, -30, 30))), dtype=np.float64)
