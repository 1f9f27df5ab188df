"""Methods 组合方法: which weights does each method give, within the limits?

* ``equal``: 1/N. No estimate, no error of estimation; the one to beat (DeMiguel, Garlappi and Uppal 2009).
* ``min_variance``: least variance by the sample covariance.
* ``min_variance_shrunk``: the same with a shrunken covariance (Ledoit and Wolf 2004).
* ``risk_parity``: every asset adds the same risk (Maillard, Roncalli and Teiletche 2010), shrunken covariance.
* ``min_cvar``: least mean loss of the worst twentieth of days (Rockafellar and Uryasev 2000).
* ``mean_risk_shrunk``: most return for the risk, with shrunken means (James and Stein) and covariance.

All but the first are solved by skfolio (extra ``wealth``).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from vostro.insight.wealth.errors import LimitsError, MethodUnknownError, NoProposalError, WealthExtraError

__all__ = ["METHODS", "Limits", "read_limits", "weights_of"]

Floats = npt.NDArray[np.float64]
METHODS = ("equal", "min_variance", "min_variance_shrunk", "risk_parity", "min_cvar", "mean_risk_shrunk")
SLACK = 1e-6
TAIL = 0.95  # of days that are no bad days


@dataclass(frozen=True, slots=True)
class Limits:
    """Least and most of each asset's weight, and of groups'; weights add up to 1."""

    least: Floats  # (assets,)
    most: Floats  # (assets,)
    sums: Floats  # (limits of groups, assets); sums @ weights <= bounds
    bounds: Floats  # (limits of groups,)

    def kept_by(self, weights: Floats) -> bool:
        """Return whether weights keep them."""
        inside = (weights >= self.least - SLACK).all() and (weights <= self.most + SLACK).all()
        return bool(inside and (self.sums @ weights <= self.bounds + SLACK).all())


def read_limits(
    assets: Sequence[str],
    *,
    weight_least: float | Mapping[str, float] = 0.0,
    weight_most: float | Mapping[str, float] = 1.0,
    groups: Mapping[str, str] | None = None,
    group_limits: Mapping[str, tuple[float, float]] | None = None,
) -> Limits:
    """Return limits of weights as arrays.

    Args:
        assets: names.
        weight_least: for all assets, or by asset (0 for others); at least 0.
        weight_most: for all assets, or by asset (1 for others); at most 1.
        groups: asset -> its group.
        group_limits: group -> least and most of the sum of its assets' weights.

    Raises:
        LimitsError: an unknown name, or limits that no weights keep.
    """
    least, most = _each(assets, weight_least, 0.0), _each(assets, weight_most, 1.0)
    if not ((least >= 0).all() and (most <= 1).all() and (least <= most).all()):
        raise LimitsError(what="0 <= weight_least <= weight_most <= 1")
    if least.sum() > 1 + SLACK or most.sum() < 1 - SLACK:
        raise LimitsError(what=f"weights add up to {least.sum():g} at least and {most.sum():g} at most")
    rows, bounds = [], []
    for group, (low, high) in (group_limits or {}).items():
        member = np.array([float((groups or {}).get(name) == group) for name in assets])
        if not member.any():
            raise LimitsError(what=f"no asset is in group '{group}'")
        if not 0 <= low <= high:
            raise LimitsError(what=f"group '{group}' needs 0 <= least <= most")
        rows += [member, -member]
        bounds += [high, -low]
    return Limits(least, most, np.array(rows).reshape(-1, len(assets)), np.array(bounds))


def _each(assets: Sequence[str], given: float | Mapping[str, float], other: float) -> Floats:
    if not isinstance(given, Mapping):
        return np.full(len(assets), float(given))
    unknown = [name for name in given if name not in assets]
    if unknown:
        raise LimitsError(what=f"no asset is called '{unknown[0]}'")
    return np.array([float(given.get(name, other)) for name in assets])


def weights_of(method: str, returns: Floats, limits: Limits) -> Floats:
    """Return the weights that a method gives, shape (assets,), at least 0, adding up to 1.

    Args:
        method: one of ``METHODS``.
        returns: shape (days, assets), what is known.
        limits: of the weights.

    Raises:
        MethodUnknownError, WealthExtraError, LimitsError, NoProposalError.
    """
    if method not in METHODS:
        raise MethodUnknownError(method=method, known=", ".join(METHODS))
    if method == "equal":
        found = np.full(returns.shape[1], 1 / returns.shape[1])
        if not limits.kept_by(found):
            raise LimitsError(what="equal weights lie outside of the limits")
        return found
    try:
        estimator = _estimator(method, limits)
    except ImportError as error:
        raise WealthExtraError(method=method) from error
    try:
        found = np.asarray(estimator.fit(returns).weights_, dtype=np.float64)
    except Exception as error:  # the solver below raises many kinds; all mean that there is no portfolio
        raise NoProposalError(method=method, reason=str(error).splitlines()[0][:160]) from error
    found = np.maximum(found, 0.0)
    found = np.asarray(found / found.sum())
    if not limits.kept_by(found):
        raise NoProposalError(method=method, reason="the solver left the limits")
    return found


def _estimator(method: str, limits: Limits) -> Any:
    skfolio, solvers = import_module("skfolio"), import_module("skfolio.optimization")
    moments, prior = import_module("skfolio.moments"), import_module("skfolio.prior").EmpiricalPrior
    sample = prior(mu_estimator=moments.EmpiricalMu(), covariance_estimator=moments.EmpiricalCovariance())
    shrunk = prior(mu_estimator=moments.ShrunkMu(), covariance_estimator=moments.LedoitWolf())
    kept: dict[str, Any] = {"min_weights": limits.least, "max_weights": limits.most}
    if len(limits.bounds):
        kept |= {"left_inequality": limits.sums, "right_inequality": limits.bounds}
    if method == "risk_parity":
        return solvers.RiskBudgeting(prior_estimator=shrunk, **kept)
    if method == "min_cvar":
        return solvers.MeanRisk(
            risk_measure=skfolio.RiskMeasure.CVAR, cvar_beta=TAIL, prior_estimator=sample, **kept
        )
    if method == "mean_risk_shrunk":
        goal = solvers.ObjectiveFunction.MAXIMIZE_RATIO
        return solvers.MeanRisk(objective_function=goal, prior_estimator=shrunk, **kept)
    return solvers.MeanRisk(prior_estimator=sample if method == "min_variance" else shrunk, **kept)
