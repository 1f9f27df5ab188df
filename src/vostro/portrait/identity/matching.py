"""Matching 匹配归并: from settled parameters to pairs with their evidence, and to groups of records.

The same steps serve a whole set, a second source, and new records against those already known.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import log2
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vostro.portrait.identity.blocking import candidates, key_pairs
from vostro.portrait.identity.grouping import (
    APART,
    TOGETHER,
    WEIGHT_MAX,
    average_groups,
    components,
    inner_pairs,
)
from vostro.portrait.identity.matcher import Matcher, prior_weight
from vostro.portrait.identity.parameters import Model

__all__ = ["Matched", "group", "match_one", "match_pairs", "weight_of"]

_REMEMBERED = 0.01  # probability; weaker candidates leave no trace


@dataclass(frozen=True)
class Matched:
    """Pairs with evidence, and the group of each record."""

    pairs: pl.DataFrame  # l, r, probability, weight, key and a level for each field (its name inside)
    groups: NDArray[np.int64]  # shape (n_records,): the smallest place in the group


def match_pairs(
    matcher: Matcher,
    model: Model,
    fresh: NDArray[np.bool_] | None = None,
    weighed: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the candidates that deserve to be remembered, with their evidence.

    Args:
        matcher: over all records; it is told the parameters here.
        model: as settled.
        fresh: shape (n_records,); only pairs with a fresh record. None: all pairs.
        weighed: the candidates, when they were weighed already.

    Returns:
        ``l``, ``r``, ``probability``, ``weight`` (bits, with the prior), ``key`` (the number of the
        deterministic key that they share, or null) and the fields' levels.
    """
    parameters = model.parameters
    matcher.use(parameters.shares, parameters.match_share, model.frequencies)
    by_key = key_pairs(matcher.prepared, fresh)
    if weighed is None:
        weighed = matcher.weigh(candidates(matcher.prepared, parameters.rules, fresh), parameters.match_share)
    found = _scored(model, weighed).filter(pl.col("probability") >= _REMEMBERED)
    of_keys = matcher.weigh(by_key.join(found, on=["l", "r"], how="anti"), parameters.match_share, None)
    both = pl.concat([found, _scored(model, of_keys)]).sort("l", "r")
    named = both.join(by_key, on=["l", "r"], how="left", maintain_order="left")
    return named.select("l", "r", "probability", "weight", "key", *[field.column for field in model.fields])


def group(
    model: Model,
    records: int,
    pairs: pl.DataFrame,
    *,
    weigh: Callable[[pl.DataFrame], pl.DataFrame] | None = None,
    apart: pl.DataFrame | None = None,
    touched: NDArray[np.bool_] | None = None,
    before: NDArray[np.int64] | None = None,
) -> Matched:
    """Return the groups; see ``grouping`` for how.

    Args:
        model: as settled.
        records: how many there are.
        pairs: of ``match_pairs``, of all records.
        weigh: compares pairs inside components that were no candidates; without it they count against.
        apart: ``l`` and ``r``, pairs that a person has taken apart.
        touched: shape (n_records,); components without a touched record keep the groups of ``before``.
        before: shape (n_records,).

    Returns:
        The pairs that were handed in and those inside components that were compared on the way.
    """
    fixed = _fixed(pairs, apart)
    weights = _decided(pairs.select("l", "r", "weight"), fixed, "full")
    label = components(records, *_arrays(weights), least=weight_of(model.parameters.threshold))
    redo = np.ones(records, dtype=np.bool_) if touched is None else np.isin(label, label[touched])
    inner = inner_pairs(np.where(redo, label, np.arange(records)))
    extra = _extra(model, pairs, inner, weigh)
    every = pl.concat([pairs, extra]).sort("l", "r")
    known = inner.join(every.select("l", "r", "weight"), on=["l", "r"], how="left")
    bits = pl.col("weight").fill_null(-WEIGHT_MAX).clip(-WEIGHT_MAX, WEIGHT_MAX)
    final = _decided(known.with_columns(bits), fixed, "left")
    groups = average_groups(records, *_arrays(final))
    return Matched(every, groups if before is None else np.where(redo, groups, before))


def match_one(matcher: Matcher, model: Model) -> dict[str, Any]:
    """Return the evidence of the only two records of a matcher, candidates or not."""
    parameters = model.parameters
    matcher.use(parameters.shares, parameters.match_share, model.frequencies)
    pair = pl.DataFrame({"l": [0], "r": [1]})
    by_key = key_pairs(matcher.prepared)
    weighed = matcher.weigh(pair, parameters.match_share, None)
    return _scored(model, weighed).join(by_key, on=["l", "r"], how="left").row(0, named=True)


def weight_of(probability: float) -> float:
    """Return the weight, in bits, of a probability.

    >>> weight_of(0.5)
    0.0
    """
    return log2(probability) - log2(1 - probability)


def _scored(model: Model, weighed: pl.DataFrame) -> pl.DataFrame:
    """Return probability and weight of what the matcher has weighed, under the settled share of matches."""
    weight = (pl.col("bits") + prior_weight(model.parameters.match_share)).alias("weight")
    probability = (1 / (1 + 2.0 ** (-pl.col("weight")))).round(6).alias("probability")
    levels = [field.column for field in model.fields]
    return weighed.with_columns(weight).select("l", "r", probability, "weight", *levels)


def _extra(
    model: Model,
    pairs: pl.DataFrame,
    inner: pl.DataFrame,
    weigh: Callable[[pl.DataFrame], pl.DataFrame] | None,
) -> pl.DataFrame:
    """Return the pairs of ``inner`` that are not among ``pairs``, weighed; those with next to no chance are left out."""
    missing = inner.join(pairs, on=["l", "r"], how="anti")
    if weigh is None or missing.is_empty():
        return pairs.clear()
    scored = _scored(model, weigh(missing)).with_columns(key=pl.lit(None, dtype=pl.Int32))
    return scored.select(pairs.columns)


def _fixed(pairs: pl.DataFrame, apart: pl.DataFrame | None) -> pl.DataFrame:
    """Return decided weights: what a person took apart stays apart, whatever a key says."""
    decided = [pairs.filter(pl.col("key").is_not_null()).select("l", "r", decided=pl.lit(TOGETHER))]
    if apart is not None:
        decided.append(apart.select("l", "r", decided=pl.lit(APART)))
    return pl.concat(decided).group_by("l", "r").agg(pl.col("decided").min())


def _decided(weights: pl.DataFrame, fixed: pl.DataFrame, how: Literal["full", "left"]) -> pl.DataFrame:
    both = weights.join(fixed, on=["l", "r"], how=how, coalesce=True)
    return both.select("l", "r", weight=pl.coalesce("decided", "weight")).sort("l", "r")


def _arrays(frame: pl.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    return frame["l"].to_numpy(), frame["r"].to_numpy(), frame["weight"].to_numpy()
