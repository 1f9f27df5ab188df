"""Measures by kind 各类模型的指标: by which figures is a version of each kind judged and compared?

Probabilities are judged by how they rank (AUC) and how true they are; uplift by how it ranks what the action
changed (Qini), which only customers of both arms can tell.
"""

import numpy as np
import numpy.typing as npt

from vostro.insight.card import Comparison, Figure
from vostro.insight.held_out import figures_of
from vostro.insight.promotion import compare, verdict_of

__all__ = ["compare_versions", "kind_figures"]

Floats = npt.NDArray[np.float64]
DRAWS = 200  # bootstrap draws of the customers


def kind_figures(observed: Floats, said: Floats, treated: Floats | None) -> dict[str, Figure]:
    """Return how good what was said of held-out rows is, with 95 % intervals.

    Args:
        observed: shape (n,), 0 or 1.
        said: shape (n,), probabilities; of uplift, changes.
        treated: shape (n,), 1 or 0; None: not uplift.
    """
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
    observed: Floats,
    challenger: Floats,
    champion: Floats,
    treated: Floats | None,
    *,
    version: str,
    stand_in: bool,
) -> Comparison:
    """Compare two versions on the same held-out rows, by the figure of their kind; see ``compare``."""
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
    half = 1.96 * float(np.sqrt(one.var(ddof=1) / len(one) + other.var(ddof=1) / len(other)))
    return Figure(value, value - half, value + half)
