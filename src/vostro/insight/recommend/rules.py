"""Rules 关联规则: which frequent itemset lets one part of it foresee the other?

Each frequent itemset is split in every way into an antecedent and a consequent. Because every part
of a frequent itemset is frequent, all counts that the measures need are in the tree of itemsets; they
are looked up for all itemsets of one size at once.

Source: Agrawal and Srikant (1994), VLDB 20; lift and conviction: Brin et al. (1997), SIGMOD;
leverage: Piatetsky-Shapiro (1991); improvement: Bayardo, Agrawal and Gunopulos (2000).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vostro.insight.recommend.mining import Itemsets
from vostro.insight.recommend.significance import chance_p, false_discovery

__all__ = ["Rules", "find_rules"]

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int32]
CELLS_MOST = 1 << 23  # counts that are looked up at a time
FEW = 1e-12  # confidences nearer than this are equal


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules as columns; item -1 fills the rows of short item sets."""

    antecedent: Codes  # shape (rules, size_most - 1)
    consequent: Codes  # shape (rules, size_most - 1)
    both: Integers  # baskets that hold both
    left: Integers  # baskets that hold the antecedent
    right: Integers  # baskets that hold the consequent
    general: Floats  # best confidence of the same consequent from fewer items, none included
    q: Floats  # Fisher's p, corrected over all splits of frequent itemsets
    p: Floats
    baskets: int
    tested: int  # splits that p was corrected for


@dataclass(frozen=True, slots=True)
class _Splits:
    """All splits of the itemsets of one size by one pattern of places."""

    antecedent: Codes
    consequent: Codes
    both: Integers
    left: Integers
    right: Integers
    general: Floats


def find_rules(sets: Itemsets, *, confidence: float) -> Rules:
    """Return every rule of at least this confidence, from itemsets of two items or more."""
    width = max(1, int(sets.sizes.max(initial=1)) - 1)
    parts: list[_Splits] = []
    tested: list[Floats] = []
    kept: list[Flags] = []
    for size in range(2, int(sets.sizes.max(initial=1)) + 1):
        for nodes, members in _chunks(sets, size):
            for split in _splits(sets, nodes, members, width):
                keep = split.both >= confidence * split.left * (1 - FEW)
                tested.append(chance_p(split.both, split.left, split.right, sets.baskets))
                kept.append(keep)
                parts.append(_only(split, keep))
    p = np.concatenate(tested) if tested else np.zeros(0)
    keep = np.concatenate(kept) if kept else np.zeros(0, dtype=bool)
    whole = _joined(parts, width)
    return Rules(
        antecedent=whole.antecedent,
        consequent=whole.consequent,
        both=whole.both,
        left=whole.left,
        right=whole.right,
        general=whole.general,
        q=false_discovery(p)[keep],
        p=p[keep],
        baskets=sets.baskets,
        tested=len(p),
    )


def _chunks(sets: Itemsets, size: int) -> Iterator[tuple[Integers, Codes]]:
    nodes, members = sets.members(size)
    step = max(1, CELLS_MOST >> size)
    for begin in range(0, len(nodes), step):
        yield nodes[begin : begin + step], members[begin : begin + step]


def _splits(sets: Itemsets, nodes: Integers, members: Codes, width: int) -> Iterator[_Splits]:
    """Split itemsets of one size, shape (n, size), in every way."""
    size = members.shape[1]
    counts = _part_counts(sets, members)
    every = (1 << size) - 1
    for mask in range(1, every):
        rest = every ^ mask
        left, right = counts[mask], counts[rest]
        general = right / sets.baskets
        part = (mask - 1) & mask
        while part:  # every smaller antecedent
            general = np.maximum(general, counts[part | rest] / counts[part])
            part = (part - 1) & mask
        yield _Splits(
            _filled(members, mask, width), _filled(members, rest, width), counts[every], left, right, general
        )


def _part_counts(sets: Itemsets, members: Codes) -> Integers:
    """Return the baskets of every part of each itemset, shape (2 ** size, n); part 0 holds nothing."""
    size = members.shape[1]
    nodes = np.full((1 << size, len(members)), -1, dtype=np.int64)
    for mask in range(1, 1 << size):
        last = mask.bit_length() - 1  # items stand in the order of the tree
        nodes[mask] = sets.child(nodes[mask ^ (1 << last)], members[:, last])
    counts = sets.counts[nodes]
    counts[0] = sets.baskets
    return np.asarray(counts, dtype=np.int64)


def _filled(members: Codes, mask: int, width: int) -> Codes:
    """Return the items at the places of a mask, shape (n, width), ascending, then -1."""
    places = [place for place in range(members.shape[1]) if mask >> place & 1]
    found = np.full((len(members), width), -1, dtype=np.int32)
    found[:, : len(places)] = np.sort(members[:, places], axis=1)
    return found


def _only(split: _Splits, keep: Flags) -> _Splits:
    return _Splits(
        split.antecedent[keep],
        split.consequent[keep],
        split.both[keep],
        split.left[keep],
        split.right[keep],
        split.general[keep],
    )


def _joined(parts: list[_Splits], width: int) -> _Splits:
    empty = np.zeros((0, width), dtype=np.int32)
    none = np.zeros(0, dtype=np.int64)
    parts = [_Splits(empty, empty, none, none, none, none.astype(np.float64)), *parts]
    return _Splits(
        np.concatenate([part.antecedent for part in parts]),
        np.concatenate([part.consequent for part in parts]),
        np.concatenate([part.both for part in parts]),
        np.concatenate([part.left for part in parts]),
        np.concatenate([part.right for part in parts]),
        np.concatenate([part.general for part in parts]),
    )
