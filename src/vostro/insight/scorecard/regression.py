"""Regression of a scorecard 评分卡回归: which columns stay, and how much does the evidence of each count?

Unpenalised logistic regression of "good" on the WOE of the columns, by Newton's method. Because it is a
maximum likelihood with an intercept, the mean probability equals the observed rate on the training rows,
and so it does in the mean over each column's evidence: it is calibrated by construction, not afterwards.

A column stays when it says enough (information value), is not the copy of a better one, keeps the sign of
its evidence beside the others, and matters beyond chance (Wald). Each that leaves has its reason.
"""

from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.stats import norm
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

__all__ = ["Considered", "Logit", "Why", "choose", "fit_logit"]

Floats = npt.NDArray[np.float64]
Why = Literal["kept", "weak", "redundant", "sign", "chance"]

ROUNDS = 50
STEP_LEAST = 1e-10  # of the largest change of a coefficient
LOGODDS_MOST = 30.0
IV_NONE = 1e-9  # nats; less is one bin for everyone
COPY = 0.95  # correlation of evidence above which a column is the copy of another


class Considered(msgspec.Struct, frozen=True):
    """A column that was asked about, and what became of it."""

    feature: str
    iv: float  # nats
    why: Why
    measure: float  # what spoke for or against it: IV, correlation, coefficient or p-value
    other: str = ""  # redundant: the column that says the same


@dataclass(frozen=True, slots=True)
class Logit:
    """A logistic regression."""

    intercept: float
    coefficients: Floats  # shape (columns,)
    covariance: Floats  # shape (1 + columns, 1 + columns), the intercept first

    def p_values(self) -> Floats:
        """Return two-sided Wald p-values of the coefficients, shape (columns,)."""
        error = np.sqrt(np.diag(self.covariance))[1:]
        return np.asarray(2 * norm.sf(np.abs(self.coefficients) / error), dtype=np.float64)


def fit_logit(x: Floats, y: Floats, weight: Floats, start: Floats | None = None) -> Logit:
    """Fit by Newton's method, halving steps that do not climb.

    Args:
        x: shape (n, columns).
        y: shape (n,), in [0, 1].
        weight: shape (n,), at least 0.
        start: shape (1 + columns,), a first guess; None: the log-odds of the mean.
    """
    design = np.column_stack([np.ones(len(x)), x])
    mean = float(np.average(y, weights=weight))
    beta = np.zeros(design.shape[1]) if start is None else start.astype(np.float64)
    beta[0] = np.log(mean / (1 - mean)) if start is None else beta[0]
    with threadpool_limits(1):  # one thread, so that sums have one order
        best = _loss(design, y, weight, beta)
        for _ in range(ROUNDS):
            p = _sigmoid(design @ beta)
            hessian = _hessian(design, weight * p * (1 - p))
            step = np.asarray(np.linalg.solve(hessian, design.T @ (weight * (y - p))), dtype=np.float64)
            beta, best, moved = _climb(design, y, weight, beta, step, best)
            if moved < STEP_LEAST:
                break
        p = _sigmoid(design @ beta)
        covariance = np.asarray(np.linalg.inv(_hessian(design, weight * p * (1 - p))), dtype=np.float64)
    return Logit(float(beta[0]), beta[1:], covariance)


def choose(
    names: tuple[str, ...],
    woe: Floats,
    iv: Floats,
    good: Floats,
    weight: Floats,
    *,
    iv_least: Floats,
    p_most: float,
) -> tuple[list[int], Logit, tuple[Considered, ...]]:
    """Choose columns and fit them.

    Args:
        names: of the columns.
        woe: shape (n, columns).
        iv: shape (columns,), nats.
        good: shape (n,), 1 is good.
        weight: shape (n,).
        iv_least: shape (columns,), nats; columns with less leave.
        p_most: columns with a larger p-value leave, one at a time.

    Returns:
        Places of the columns kept (by falling IV, then name), their regression, and what became of each.
    """
    order = sorted(range(len(names)), key=lambda j: (-iv[j], names[j]))
    strong = [j for j in order if iv[j] >= max(iv_least[j], IV_NONE)]
    gone = {j: Considered(names[j], float(iv[j]), "weak", float(iv[j])) for j in order if j not in strong}
    kept = _without_copies(strong, names, woe, iv, weight, gone)
    fitted = fit_logit(woe[:, kept], good, weight)
    while kept:
        place, why, measure = _worst(fitted, p_most)
        if why == "kept":
            break
        j = kept.pop(place)
        gone[j] = Considered(names[j], float(iv[j]), why, measure)
        start = np.concatenate([[fitted.intercept], np.delete(fitted.coefficients, place)])
        fitted = fit_logit(woe[:, kept], good, weight, start)
    stay = {
        j: Considered(names[j], float(iv[j]), "kept", float(c))
        for j, c in zip(kept, fitted.coefficients, strict=True)
    }
    return kept, fitted, tuple((stay | gone)[j] for j in order)


def _worst(fitted: Logit, p_most: float) -> tuple[int, Why, float]:
    """Return the column that should leave next: the most reversed, then the least significant."""
    z = fitted.coefficients / np.sqrt(np.diag(fitted.covariance))[1:]
    place = int(z.argmin())
    if z[place] <= 0:
        return place, "sign", float(fitted.coefficients[place])
    p = float(fitted.p_values()[place])
    return (place, "chance", p) if p > p_most else (place, "kept", p)


def _without_copies(
    strong: list[int],
    names: tuple[str, ...],
    woe: Floats,
    iv: Floats,
    weight: Floats,
    gone: dict[int, Considered],
) -> list[int]:
    """Keep of columns with the same evidence the one that says more."""
    if not strong:
        return []
    centred = woe[:, strong] - np.average(woe[:, strong], axis=0, weights=weight)
    with threadpool_limits(1):
        covariance = centred.T @ (centred * weight[:, None])
    deviation = np.sqrt(np.diag(covariance))
    alike = covariance / np.outer(deviation, deviation)
    kept: list[int] = []
    for i, j in enumerate(strong):
        twin = next((k for k in kept if alike[i, k] > COPY), None)
        if twin is None:
            kept.append(i)
        else:
            other = names[strong[twin]]
            gone[j] = Considered(names[j], float(iv[j]), "redundant", float(alike[i, twin]), other)
    return [strong[i] for i in kept]


def _climb(
    design: Floats, y: Floats, weight: Floats, beta: Floats, step: Floats, best: float
) -> tuple[Floats, float, float]:
    for _ in range(30):
        moved = beta + step
        loss = _loss(design, y, weight, moved)
        if loss <= best + 1e-12 * abs(best):
            return moved, loss, float(np.abs(step).max())
        step = step / 2
    return beta, best, 0.0


def _loss(design: Floats, y: Floats, weight: Floats, beta: Floats) -> float:
    logodds = design @ beta
    return float(weight @ (np.logaddexp(0, logodds) - y * logodds))


def _hessian(design: Floats, size: Floats) -> Floats:
    found = design.T @ (design * size[:, None])
    found[np.diag_indices_from(found)] *= 1 + 1e-10  # dependent columns do not stop the steps
    return np.asarray(found, dtype=np.float64)


def _sigmoid(logodds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(logodds, -LOGODDS_MOST, LOGODDS_MOST))), dtype=np.float64)
