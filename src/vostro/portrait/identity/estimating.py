"""Estimating 参数估计: how much does agreement in each field say, learned without knowing who is who?

``u`` is counted on random pairs. ``m`` comes from expectation-maximisation on pairs that share
one field's value, each time another field's, so that no field is judged by itself. The share of
matches is the fixed point of: the expected number of matches among the candidates, divided by all
pairs. What was seen only a few times is drawn to the defaults (additive smoothing), and no level
is ever impossible.

The known weakness of EM: where no two records are of one person, it may take relatives for
people. The card tells the share of matches that it found.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vostro.portrait.identity.blocking import candidates, choose_rules
from vostro.portrait.identity.errors import NothingToCompareError
from vostro.portrait.identity.matcher import Matcher, prior_weight
from vostro.portrait.identity.parameters import (
    LevelShare,
    Model,
    Parameters,
    comparison_levels,
    default_shares,
)
from vostro.portrait.identity.prepared import Field

__all__ = ["estimate", "frequencies_of"]

SAMPLED_PAIRS_MAX = 2_000_000  # for u
TRAINING_PAIRS_MAX = 1_000_000  # for each run of EM
_TRAINING_RUNS = 4
_TRAINING_PAIRS_MIN = 50  # fewer teach nothing
_PAIRS_A_FIELD_MAX = 20_000_000
_PSEUDO_PAIRS = 10.0  # weight of the defaults, in pairs
_SHARE_MIN = 0.001  # no level is rarer among pairs of one person
_DIGITS = 6
_START = 1e-4


def estimate(
    matcher: Matcher, *, keys: Sequence[Sequence[str]] = (), threshold: float, seed: int
) -> tuple[Model, pl.DataFrame]:
    """Settle everything about these records: rules, shares of levels, share of matches, frequencies.

    Args:
        matcher: over all records.
        keys, threshold, seed: kept in the parameters; the seed picks the random pairs.

    Returns:
        The model, and the candidates as ``Matcher.weigh`` gives them, so that nobody weighs them again.

    Raises:
        NothingToCompareError: there is no field.
    """
    prepared, fields = matcher.prepared, matcher.fields
    if not fields:
        raise NothingToCompareError
    rules = choose_rules(prepared, fields)
    shares = {field.name: default_shares(_codes(field, fields)) for field in fields}
    training = _training_fields(prepared, fields)
    frequencies = frequencies_of(prepared, fields) if training else {}  # of a handful they mean nothing
    match_share = _START
    sampled = min(SAMPLED_PAIRS_MAX, prepared.height * (prepared.height - 1) // 2)
    matcher.use(shares, match_share, frequencies)
    if training:
        u = matcher.count_u(SAMPLED_PAIRS_MAX, seed)
        for column in training:
            matcher.learn_m(column, TRAINING_PAIRS_MAX)
        shares = _smoothed(fields, shares, matcher.m(), u, sampled, sum(training.values()))
        matcher.use(shares, match_share, frequencies)
    weighed = matcher.weigh(candidates(prepared, rules), match_share)
    parameters = Parameters(
        kinds=[(field.name, field.code) for field in fields],
        keys=[list(key) for key in keys],
        rules=rules,
        shares=shares,
        match_share=_match_share(weighed["bits"].to_numpy(), prepared.height),
        threshold=threshold,
        seed=seed,
        records=prepared.height,
        sampled_pairs=sampled,
        trained_on={field.name: training[field.column] for field in fields if field.column in training},
        estimated=bool(training),
    )
    return Model(parameters, fields, frequencies), weighed


def frequencies_of(prepared: pl.DataFrame, fields: Sequence[Field]) -> dict[str, pl.DataFrame]:
    """Return for each field how often each value is: ``value`` and ``share``, which add up to 1."""
    found = {}
    for field in fields:
        counted = prepared.select(value=field.column).drop_nulls().group_by("value").len().sort("value")
        found[field.column] = counted.select("value", share=pl.col("len") / pl.col("len").sum())
    return found


def _codes(field: Field, fields: tuple[Field, ...]) -> list[str]:
    return [code for code, _, _ in comparison_levels(field, fields)]


def _training_fields(prepared: pl.DataFrame, fields: Sequence[Field]) -> dict[str, int]:
    """Return the fields whose equal values are the rarest, with how many pairs they give; two at least."""
    pairs = {}
    for field in fields:
        count = prepared.select(value=field.column).drop_nulls().group_by("value").len()["len"].cast(pl.Int64)
        found = int((count * (count - 1) // 2).sum())
        if _TRAINING_PAIRS_MIN <= found <= _PAIRS_A_FIELD_MAX:
            pairs[field.column] = found
    chosen = dict(sorted(pairs.items(), key=lambda item: (item[1], item[0]))[:_TRAINING_RUNS])
    return chosen if len(chosen) >= 2 else {}


def _smoothed(
    fields: Sequence[Field],
    before: Mapping[str, list[LevelShare]],
    m: Mapping[str, list[float]],
    u: Mapping[str, list[float]],
    pairs_u: int,
    pairs_m: int,
) -> dict[str, list[LevelShare]]:
    shares = {}
    for field in fields:
        default = before[field.name]
        of_m = _drawn(m[field.column], [each.m for each in default], pairs_m)
        of_u = _drawn(u[field.column], [each.u for each in default], pairs_u)
        shares[field.name] = [
            LevelShare(each.level, _rounded(max(a, _SHARE_MIN)), _rounded(b))
            for each, a, b in zip(default, of_m, of_u, strict=True)
        ]
    return shares


def _drawn(seen: list[float], default: list[float], pairs: float) -> list[float]:
    """Return shares drawn to the defaults by a few pairs; a field that was never judged keeps the defaults."""
    values = np.array(seen)
    if np.isnan(values).all():
        return default
    values = np.nan_to_num(values)
    drawn = (values * pairs + np.array(default) * _PSEUDO_PAIRS) / (pairs * values.sum() + _PSEUDO_PAIRS)
    return [float(each) for each in drawn]


def _rounded(share: float) -> float:
    """Return six digits: sums over threads differ in the sixteenth."""
    return float(f"{share:.{_DIGITS}g}")


def _match_share(bits: NDArray[np.float64], n: int) -> float:
    """Return the share of matches among all pairs: what the candidates' probabilities add up to."""
    pairs = max(n * (n - 1) / 2, 1.0)
    values, counts = np.unique(np.round(bits, 2), return_counts=True)
    share = _START
    for _ in range(500):
        expected = float((counts / (1 + np.exp2(-(values + prior_weight(share))))).sum())
        found = min(max(expected / pairs, 0.01 / pairs), 0.5)
        if abs(found - share) < 1e-7 * share:
            break
        share = found
    return _rounded(share)
