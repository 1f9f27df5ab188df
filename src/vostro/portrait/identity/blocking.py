"""Candidates 候选配对: which pairs of records are worth comparing at all?

A million records have half a trillion pairs. A *blocking rule* is one or two parts of fields
that must be equal. Rules are chosen from the data alone: of all single parts and all couples
of parts of different fields, those with at most ``PAIRS_A_RULE`` pairs a record; of these, the
coarsest (a rule that another contains is left out); of these, the cheapest first, as many as
fit into ``PAIRS_A_RECORD``. Many cheap rules that look at different fields find more than a few
dear ones. Values that too many records share (1900-01-01, the bank's own telephone number) are
*stopped*: they block nothing. Rules and stopped values are settled once, so that new records
find the same candidates as a full redo would.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from vostro.portrait.identity.prepared import ROW, Field, key_columns

__all__ = ["BlockingRule", "candidates", "choose_rules", "key_pairs", "pair_frame"]

PAIRS_A_RULE = 10
PAIRS_A_RECORD = 100
_PAIRS_MIN = 20_000  # a small set can afford every rule
_SHARED_MAX = 2_000  # records; a value that more share is stopped
_SWAP = "names"
Packed = NDArray[np.int64]


class BlockingRule(msgspec.Struct, frozen=True):
    """Parts that must all be equal, and the values that are too common to mean anything."""

    parts: tuple[str, ...]  # columns of the prepared records: c0_start; names+c0+c1 is any order of both
    pairs: int  # when the rule was settled
    stopped: tuple[str, ...] = ()


def choose_rules(prepared: pl.DataFrame, fields: Sequence[Field]) -> list[BlockingRule]:
    """Return the blocking rules for these records, cheapest first; see the module."""
    limit = max(PAIRS_A_RULE * prepared.height, _PAIRS_MIN)
    counted = [(rule, *_counted(prepared, rule)) for rule in _possible(fields)]
    fits = {rule: (pairs, stopped) for rule, pairs, stopped in counted if 0 < pairs <= limit}
    coarsest = {rule: fits[rule] for rule in fits if not any(_contains(each, rule) for each in fits)}
    chosen: list[BlockingRule] = []
    budget = PAIRS_A_RECORD * prepared.height + _PAIRS_MIN * 5
    for rule, (pairs, stopped) in sorted(coarsest.items(), key=lambda item: (item[1][0], item[0])):
        if pairs <= budget:
            chosen.append(BlockingRule(rule, pairs, stopped))
            budget -= pairs
    return chosen


def candidates(
    prepared: pl.DataFrame, rules: Sequence[BlockingRule], fresh: NDArray[np.bool_] | None = None
) -> pl.DataFrame:
    """Return every pair that some rule finds, once, in order.

    Args:
        prepared: all records, ``unique_id`` being the place from 0.
        rules: as settled.
        fresh: shape (n_records,); only pairs in which at least one record is fresh. None: all.

    Returns:
        ``l`` and ``r``, places with ``l < r``.
    """
    n = prepared.height
    found = [_pairs(_blocks(prepared, rule.parts, rule.stopped), n, fresh) for rule in rules]
    packed = pl.concat(found).unique().sort().to_numpy() if found else np.empty(0, dtype=np.int64)
    return pair_frame(packed, n)


def key_pairs(prepared: pl.DataFrame, fresh: NDArray[np.bool_] | None = None) -> pl.DataFrame:
    """Return pairs that share a deterministic key: each record with the first of its value.

    Returns:
        ``l``, ``r`` and ``key`` (the number of the first key that they share).
    """
    found = [_key_pairs(prepared, column, i) for i, column in enumerate(key_columns(prepared))]
    empty = pl.DataFrame(schema={"l": pl.Int64, "r": pl.Int64, "key": pl.Int32})
    pairs = pl.concat([empty, *found]).group_by("l", "r").agg(pl.col("key").min()).sort("l", "r")
    if fresh is None:
        return pairs
    return pairs.filter(fresh[pairs["l"].to_numpy()] | fresh[pairs["r"].to_numpy()])


def pair_frame(packed: Packed, n: int) -> pl.DataFrame:
    """Return pairs that are packed as ``l * n + r``."""
    size = max(n, 1)
    return pl.DataFrame({"l": packed // size, "r": packed % size}, schema={"l": pl.Int64, "r": pl.Int64})


def _key_pairs(prepared: pl.DataFrame, column: str, i: int) -> pl.DataFrame:
    rows = prepared.select(r=ROW, k=column).drop_nulls()
    first = rows.with_columns(l=pl.col("r").min().over("k")).filter(pl.col("l") < pl.col("r"))
    return first.select("l", "r", key=pl.lit(i, dtype=pl.Int32))


def _possible(fields: Sequence[Field]) -> Iterator[tuple[str, ...]]:
    parts = [(field.column, field.part(part)) for field in fields for part in field.kind.keys]
    yield from ((part,) for _, part in parts)
    yield from ((a, b) for (of_a, a), (of_b, b) in combinations(parts, 2) if of_a != of_b)
    names = [field.column for field in fields if field.code == "name"]
    yield from (("+".join([_SWAP, a, b]),) for a, b in combinations(names, 2))


def _contains(coarse: tuple[str, ...], fine: tuple[str, ...]) -> bool:
    """Tell whether every pair of ``fine`` is also one of ``coarse``: a part is coarser than its whole."""
    if coarse == fine or any(part.startswith(_SWAP) for part in coarse):
        return False
    return all(any(c == f or c.startswith(f + "_") for f in fine) for c in coarse)


def _counted(prepared: pl.DataFrame, rule: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    sizes = prepared.select(k=_value(rule)).drop_nulls().group_by("k").len()
    common = sizes.filter(pl.col("len") > _SHARED_MAX)["k"].sort()
    count = sizes.filter(pl.col("len") <= _SHARED_MAX)["len"].cast(pl.Int64)
    return int((count * (count - 1) // 2).sum()), tuple(common)


def _blocks(prepared: pl.DataFrame, parts: tuple[str, ...], stopped: Sequence[str]) -> pl.DataFrame:
    rows = prepared.select(ROW, k=_value(parts)).drop_nulls()
    return rows.filter(~pl.col("k").is_in(list(stopped))) if stopped else rows


def _value(parts: tuple[str, ...]) -> pl.Expr:
    if parts[0].startswith(_SWAP):
        both = pl.concat_list(parts[0].split("+")[1:])
        return pl.when(both.list.drop_nulls().list.len() == 2).then(both.list.sort().list.join("\x1f"))
    return pl.concat_str(parts, separator="\x1f")


def _pairs(rows: pl.DataFrame, n: int, fresh: NDArray[np.bool_] | None) -> pl.Series:
    left = rows if fresh is None else rows.filter(fresh[rows[ROW].to_numpy()])
    joined = left.join(rows, on="k").select(a=ROW, b=f"{ROW}_right").filter(pl.col("a") != pl.col("b"))
    if fresh is None:
        joined = joined.filter(pl.col("a") < pl.col("b"))
    low, high = pl.min_horizontal("a", "b"), pl.max_horizontal("a", "b")
    return joined.select(low * n + high).to_series().unique()
