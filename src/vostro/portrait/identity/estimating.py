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

from vostro.portrait.identity.blocking import BlockingRule, candidates, choose_rules
from vostro.portrait.identity.errors import NothingToCompareError
from vostro.portrait.identity.matcher import Matcher, prior_weight
from vostro.portrait.identity.maximising import maximise
from vostro.portrait.identity.parameters import (
    LevelShare,
    Model,
    Parameters,
    comparison_levels,
    default_shares,
)
from vostro.portrait.identity.prepared import Field

__all__ = ["estimate", "frequencies_of"]

SAMPLED_PAIRS_MAX = 1_000_000  # for u
TRAINING_PAIRS_MAX = 300_000  # for each run of EM
_TRAINING_RUNS = 4
_TRAINING_PAIRS_MIN = 50  # fewer teach nothing
_PAIRS_A_FIELD_MAX = 10_000_000
_PSEUDO_PAIRS = 10.0  # weight of the defaults, in pairs
_SHARE_MIN = 0.001  # no level is rarer among pairs of one person
_DIGITS = 6
_START = 1e-4


def estimate(
    matcher: Matcher,
    *,
    keys: Sequence[Sequence[str]] = (),
    threshold: float,
    seed: int,
    weigher: Matcher | None = None,
) -> tuple[Model, pl.DataFrame]:
    """Settle everything about these records: rules, shares of levels, share of matches, frequencies.

    Args:
        matcher: over all records.
        keys, threshold, seed: kept in the parameters; the seed picks the random pairs.
        weigher: another matcher over the same records, to weigh the candidates with: EM is many small
            queries, the candidates are one large one.

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
        counted = matcher.count_u(SAMPLED_PAIRS_MAX, seed)
        shares = {each.name: _with_u(shares[each.name], counted[each.column], sampled) for each in fields}
        shares = _with_m(shares, [_learn(matcher, shares, field, seed) for field in training])
        matcher.use(shares, match_share, frequencies)
    if weigher is not None:
        weigher.use(shares, match_share, frequencies)
    weighed = (weigher or matcher).weigh(candidates(prepared, rules), match_share)
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
        trained_on={field.name: pairs for field, pairs in training.items()},
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


def _training_fields(prepared: pl.DataFrame, fields: Sequence[Field]) -> dict[Field, int]:
    """Return the fields whose equal values are the rarest, with how many pairs they give; two at least."""
    pairs = {}
    for field in fields:
        count = prepared.select(value=field.column).drop_nulls().group_by("value").len()["len"].cast(pl.Int64)
        found = int((count * (count - 1) // 2).sum())
        if _TRAINING_PAIRS_MIN <= found <= _PAIRS_A_FIELD_MAX:
            pairs[field] = found
    chosen = dict(sorted(pairs.items(), key=lambda item: (item[1], item[0].column))[:_TRAINING_RUNS])
    return chosen if len(chosen) >= 2 else {}


def _learn(
    matcher: Matcher, shares: Mapping[str, list[LevelShare]], same: Field, seed: int
) -> dict[str, list[float]]:
    """Return what EM finds for all other fields on pairs that are the same in one, by the fields' names."""
    others = [field for field in matcher.fields if field is not same]
    pairs = candidates(matcher.prepared, [BlockingRule((same.column,), 0)])
    if pairs.height > TRAINING_PAIRS_MAX:
        drawn = np.random.default_rng(seed).random(pairs.height) < TRAINING_PAIRS_MAX / pairs.height
        pairs = pairs.filter(pl.Series(drawn))
    levels = matcher.weigh(pairs, _START, None).with_columns(rarity=pl.lit(0.0))
    for field in others:
        rare = _rarity(matcher.prepared, field, shares[field.name][0].u).gather(levels["l"])
        is_same = pl.col(field.column) == shares[field.name][0].level
        levels = levels.with_columns(rarity=pl.col("rarity") + pl.when(is_same).then(rare).otherwise(0.0))
    first = shares[same.name][0]
    odds = _START / (1 - _START) * first.m / first.u
    found = maximise(levels, {each.column: shares[each.name] for each in others}, odds / (1 + odds))
    return {field.name: found.m[field.column] for field in others}


def _rarity(prepared: pl.DataFrame, field: Field, u: float) -> pl.Series:
    """Return by how many bits each record's value is rarer than two values that are the same are by chance."""
    value = pl.col(field.column)
    share = pl.len().over(value) / value.count()
    return prepared.select(
        pl.when(value.is_not_null()).then(np.log2(u) - share.log(2)).fill_null(0.0)
    ).to_series()


def _with_u(default: list[LevelShare], counted: list[float], pairs: float) -> list[LevelShare]:
    """Return the levels with u as counted, drawn to the defaults by a few pairs: no level is impossible."""
    values = np.array(counted)
    of_default = np.array([each.u for each in default])
    drawn = (values * pairs + of_default * _PSEUDO_PAIRS) / (pairs * values.sum() + _PSEUDO_PAIRS)
    return [
        LevelShare(each.level, each.m, _rounded(float(u))) for each, u in zip(default, drawn, strict=True)
    ]


def _with_m(
    shares: Mapping[str, list[LevelShare]], runs: list[dict[str, list[float]]]
) -> dict[str, list[LevelShare]]:
    """Return the levels with m as the runs found it, the mean of those that could judge the field."""
    found = {}
    for name, levels in shares.items():
        judged = [run[name] for run in runs if name in run]
        m = np.mean(judged, axis=0) if judged else np.array([each.m for each in levels])
        found[name] = [
            LevelShare(each.level, _rounded(max(float(of_m), _SHARE_MIN)), each.u)
            for each, of_m in zip(levels, m, strict=True)
        ]
    return found


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
