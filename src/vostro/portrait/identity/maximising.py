"""Expectation-maximisation 期望最大化: how do two records of one person agree, when nobody says which are?

Given pairs and their levels, guess which pairs are matches under the present shares; count the
levels of those; repeat. ``u`` is known already, so only ``m`` and the share of matches move. Pairs
with the same levels (and values about as rare) are one row with a count, so that a million pairs
are a few thousand rows. A few imagined pairs of the default kind keep every share away from 0: a
level that is never seen among matches would otherwise weigh infinitely much.

Source: Dempster, Laird and Rubin (1977), JRSS B 39; for linkage, Winkler (1988), "Using the EM
algorithm for weight computation in the Fellegi-Sunter model of record linkage".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vostro.portrait.identity.kinds import MISSING
from vostro.portrait.identity.parameters import LevelShare

__all__ = ["Learned", "maximise"]

_PSEUDO_PAIRS = 10.0
_ITERATIONS_MAX = 200
_CONVERGED = 1e-6


@dataclass(frozen=True)
class Learned:
    """What EM has found on one set of pairs."""

    m: Mapping[str, list[float]]  # column -> share of each level among matches, the closest first
    match_share: float  # of these pairs
    iterations: int


def maximise(pairs: pl.DataFrame, shares: Mapping[str, Sequence[LevelShare]], match_share: float) -> Learned:
    """Estimate m on pairs.

    Args:
        pairs: for each column of ``shares`` the code of the level, and ``rarity``: bits by which the values
            that are the same are rarer than usual.
        shares: column -> its levels, the closest first, with the defaults of m and the u that holds.
        match_share: of these pairs, to begin with.
    """
    columns = list(shares)
    patterns = pairs.group_by(*columns, pl.col("rarity").round(0)).len().sort(*columns, "rarity")
    count = patterns["len"].to_numpy().astype(np.float64)
    rarity = patterns["rarity"].to_numpy()
    seen = [_one_hot(patterns[column], [each.level for each in shares[column]]) for column in columns]
    default = [np.array([each.m for each in shares[column]]) for column in columns]
    log_u = [np.log2([each.u for each in shares[column]]) for column in columns]
    m, share, iteration = list(default), match_share, 0
    for iteration in range(1, _ITERATIONS_MAX + 1):  # noqa: B007 - told in the answer
        bits = rarity + sum(s @ (np.log2(each) - u) for s, each, u in zip(seen, m, log_u, strict=True))
        chance = count / (1 + np.exp2(-(bits + np.log2(share) - np.log2(1 - share))))
        fresh = [_shares(chance @ s, each) for s, each in zip(seen, default, strict=True)]
        change = max((float(np.abs(a - b).max()) for a, b in zip(fresh, m, strict=True)), default=0.0)
        m, share = fresh, float(np.clip(chance.sum() / count.sum(), 1e-9, 1 - 1e-9))
        if change < _CONVERGED:
            break
    return Learned({name: each.tolist() for name, each in zip(columns, m, strict=True)}, share, iteration)


def _one_hot(codes: pl.Series, levels: list[str]) -> NDArray[np.float64]:
    """Return which level each row has, shape (n_rows, n_levels); all 0 where the value is missing."""
    place = codes.replace_strict(
        {code: i for i, code in enumerate(levels)} | {MISSING: -1}, return_dtype=pl.Int64
    )
    found: NDArray[np.float64] = (place.to_numpy()[:, None] == np.arange(len(levels))).astype(np.float64)
    return found


def _shares(counted: NDArray[np.float64], default: NDArray[np.float64]) -> NDArray[np.float64]:
    drawn: NDArray[np.float64] = (counted + _PSEUDO_PAIRS * default) / (
        counted.sum() + _PSEUDO_PAIRS * default.sum()
    )
    return drawn
