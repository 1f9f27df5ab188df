"""Measures by kind 各类模型的指标: by which figures is a version of each kind judged and compared?

Probabilities are judged by how they rank (AUC) and how true they are; uplift by how it ranks what the action
changed (Qini), which only customers of both arms can tell; amounts by how far they are off (mean absolute error).
"""

import math
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from vostro.insight.card import Comparison, Figure
from vostro.insight.held_out import figures_of
from vostro.insight.promotion import compare, verdict_of

__all__ = ["compare_versions", "kind_figures"]

Floats = npt.NDArray[np.float64]
_Z = NormalDist().inv_cdf(0.975)
DRAWS = 200  # bootstrap draws of the customers


def kind_figures(kind: str, observed: Floats, said: Floats, treated: Floats | None) -> dict[str, Figure]:
    """Return how good what was said of held-out rows is, with 95 % intervals.

    Args:
        kind: of the estimator.
        observed: shape (n,), 0 or 1; of value, amounts.
        said: shape (n,), probabilities; of uplift, changes; of value, amounts.
        treated: shape (n,), 1 or 0; None: not uplift.
    """
    if kind == "value":
        return _amount_figures(observed, said)
    if treated is None:
        return figures_of(observed, said)
    from vostro.insight.uplift import auuc, auuc_interval, qini, qini_interval

    low, high = qini_interval(observed, said, treated, draws=DRAWS)
    area_low, area_high = auuc_interval(observed, said, treated, draws=DRAWS)
    return {
        "qini": Figure(qini(observed, said, treated), low, high),
        "auuc": Figure(auuc(observed, said, treated), area_low, area_high),
        "effect": _effect(observed, treated),
        "effect_said": Figure(float(said.mean())),
    }


def compare_versions(
    kind: str,
    observed: Floats,
    challenger: Floats,
    champion: Floats,
    treated: Floats | None,
    *,
    version: str,
    stand_in: bool,
) -> Comparison:
    """Compare two versions on the same held-out rows, by the figure of their kind; see ``compare``."""
    if kind == "value":
        return _compare_amounts(observed, challenger, champion, version=version, stand_in=stand_in)
    if treated is None:
        return compare(observed, challenger, champion, version=version, stand_in=stand_in)
    from vostro.insight.uplift import qini

    rng = np.random.default_rng(0)
    drawn = np.empty(DRAWS)
    for draw in range(DRAWS):
        times = rng.poisson(1.0, len(observed)).astype(np.float64) + 1e-12  # weights are above 0
        first, second = (qini(observed, each, treated, weight=times) for each in (challenger, champion))
        drawn[draw] = first - second
    low, high = (float(each) for each in np.quantile(drawn, [0.025, 0.975]))
    theirs = qini(observed, champion, treated)
    difference = Figure(qini(observed, challenger, treated) - theirs, low, high)
    return Comparison(
        champion=version,
        measure="qini",
        difference=difference,
        champion_figure=theirs,
        rows=len(observed),
        verdict=verdict_of(difference),
        stand_in=stand_in,
    )


def _effect(observed: Floats, treated: Floats) -> Figure:
    """Return the difference of the arms' rates with its interval; unbiased only where arms were drawn by lot."""
    one, other = observed[treated == 1], observed[treated == 0]
    value = float(one.mean() - other.mean())
    half = _Z * float(np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other)))
    return Figure(value, value - half, value + half)


def _amount_figures(observed: Floats, said: Floats) -> dict[str, Figure]:
    """Return how far amounts are off, one by one and in sum, and how well they rank."""
    off = np.abs(observed - said)
    total = float(said.sum())
    ratio = float(observed.sum()) / total
    half = _Z * float(np.sqrt(len(said) * np.var(observed - said, ddof=1))) / total
    return {
        "mean_absolute_error": _mean(off),
        "mean_amount": _mean(observed),
        "observed_to_predicted": Figure(ratio, max(0.0, ratio - half), ratio + half),
        "rank_correlation": _rank_correlation(observed, said),
    }


def _compare_amounts(
    observed: Floats, challenger: Floats, champion: Floats, *, version: str, stand_in: bool
) -> Comparison:
    """Compare by how far off, customer by customer: the champion's error less the challenger's."""
    theirs, ours = np.abs(observed - champion), np.abs(observed - challenger)
    difference = _mean(theirs - ours)
    return Comparison(
        champion=version,
        measure="mean_absolute_error",
        difference=difference,
        champion_figure=float(theirs.mean()),
        rows=len(observed),
        verdict=verdict_of(difference),
        stand_in=stand_in,
    )


def _mean(values: Floats) -> Figure:
    value = float(values.mean())
    half = _Z * float(values.std(ddof=1)) / math.sqrt(len(values))
    return Figure(value, value - half, value + half)


def _rank_correlation(observed: Floats, said: Floats) -> Figure:
    """Return Spearman's correlation, with Fisher's interval as widened by Bonett and Wright (2000)."""
    from scipy.stats import spearmanr

    value = float(spearmanr(observed, said).statistic)
    if not -1 < value < 1:
        return Figure(0.0 if math.isnan(value) else value)
    half = _Z * math.sqrt((1 + value**2 / 2) / max(1, len(said) - 3))
    return Figure(value, math.tanh(math.atanh(value) - half), math.tanh(math.atanh(value) + half))
