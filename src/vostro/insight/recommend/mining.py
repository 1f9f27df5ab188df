"""Itemset mining 频繁项集: which items stand together in at least so many baskets?

Depth first, rarest item first. For each first item its baskets are projected: of every basket
that holds it, only the items after it that are frequent with it are kept, one bit a basket. Larger
itemsets are then ANDs of these short bit columns and a count of their bits.

Source: Zaki (2000), "Scalable algorithms for association mining" (Eclat), IEEE TKDE 12; the
projection by first item after Uno, Kiyomi and Arimura (2004), "LCM ver. 2", FIMI.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vostro.insight.recommend.coding import Sparse
from vostro.insight.recommend.errors import ItemsetsManyError
from vostro.insight.recommend.kernels import compiled, popcount, shell_sort

__all__ = ["SETS_MOST", "Itemsets", "mine_itemsets"]

Integers = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
SETS_MOST = 20_000_000  # itemsets; 640 MB
TALLY_MOST = 1 << 23  # pairs of items that are counted in one pass over the baskets; 32 MB
BITS_MOST = 1 << 25  # 64-bit words of projected baskets at a time; 256 MB


@dataclass(frozen=True, slots=True)
class Itemsets:
    """All frequent itemsets as a tree: a node adds one item to the itemset of its parent."""

    parents: Codes  # shape (sets,); -1 of single items
    items: Codes  # shape (sets,); the item that is added, later in ``order`` than those before it
    counts: Integers  # shape (sets,); baskets that hold the whole set
    sizes: Codes  # shape (sets,)
    baskets: int
    columns: int  # items there are, frequent or not
    keys: Integers  # shape (sets,); (parent + 1) * columns + item, sorted
    nodes: Integers  # shape (sets,); node of each key

    def members(self, size: int) -> tuple[Integers, Codes]:
        """Return the nodes of one size, shape (n,), and their items, shape (n, size), rarest first."""
        nodes = np.flatnonzero(self.sizes == size)
        items = np.empty((len(nodes), size), dtype=np.int32)
        at = nodes
        for column in range(size - 1, -1, -1):
            items[:, column] = self.items[at]
            at = self.parents[at].astype(np.int64)
        return nodes, items

    def child(self, nodes: Integers, items: Codes) -> Integers:
        """Return the node that adds an item to each node (-1: to none), shape (n,); it must exist."""
        found = self.nodes[np.searchsorted(self.keys, (nodes + 1) * self.columns + items)]
        return np.asarray(found, dtype=np.int64)


def mine_itemsets(
    baskets: Sparse,
    *,
    count_least: int,
    size_most: int,
    sets_most: int = SETS_MOST,
    room: tuple[int, int] = (TALLY_MOST, BITS_MOST),
) -> Itemsets:
    """Return every itemset that stands in at least ``count_least`` baskets.

    Args:
        baskets: distinct items a basket.
        count_least: baskets, at least 1.
        size_most: items of the largest itemset that is looked for.
        sets_most: how many itemsets are kept before mining is given up.
        room: pairs of items and words of bits that are held at a time; the itemsets do not depend on it.

    Raises:
        ItemsetsManyError: there are more.
    """
    held = np.bincount(baskets.items, minlength=baskets.columns)
    order = np.argsort(held, kind="stable")
    order = order[held[order] >= count_least].astype(np.int32)  # rarest first: the shortest projections
    ranks = np.full(baskets.columns, -1, dtype=np.int32)
    ranks[order] = np.arange(len(order), dtype=np.int32)
    starts, items = _ranked(baskets.starts, baskets.items, ranks)
    found, full = _mine(starts, items, held[order], (count_least, size_most, sets_most), room)
    parents, added, counts, sizes = found[:, 0], found[:, 1].astype(np.int32), found[:, 2], found[:, 3]
    if full:
        raise ItemsetsManyError(limit=f"{sets_most:,}", least=count_least, size_most=size_most)
    named = order[added] if len(order) else added
    keys = (parents + 1) * baskets.columns + named
    nodes = np.argsort(keys, kind="stable")
    whole = parents.astype(np.int32), named, counts.copy(), sizes.astype(np.int32)
    return Itemsets(*whole, baskets.rows, baskets.columns, keys[nodes], nodes)


@compiled
def _ranked(starts: Any, items: Any, ranks: Any) -> Any:
    """Baskets of frequent items only, each item by its rank, ascending."""
    begins = np.zeros(len(starts), dtype=np.int64)
    kept = np.empty(len(items), dtype=np.int32)
    at = 0
    for row in range(len(starts) - 1):
        first = at
        for i in range(starts[row], starts[row + 1]):
            rank = ranks[items[i]]
            if rank >= 0:
                kept[at] = rank
                at += 1
        shell_sort(kept, first, at)
        begins[row + 1] = at
    return begins, kept[:at]


@compiled
def _grown(old: Any) -> Any:
    """Room for twice as many."""
    new = np.empty((2 * old.shape[0], old.shape[1]), dtype=old.dtype)
    new[: old.shape[0]] = old
    return new


@compiled
def _mine(starts: Any, items: Any, held: Any, bounds: tuple[int, int, int], room: tuple[int, int]) -> Any:
    """Mine by blocks of first items; a found set is one row: parent, item, count, size."""
    least, most, limit = bounds
    width = len(held)
    found = np.empty((1024, 4), dtype=np.int64)
    used, low = 0, 0
    while low < width and used < limit:
        high = min(width, low + max(1, room[0] // width))
        tally = _pairs(starts, items, low, high, width)
        if most == 1:
            tally[:] = 0
        local, begins, high = _layout(tally, held, low, high, (least, room[1]))
        bits = np.zeros(0, dtype=np.uint64)
        if most > 2:
            bits = _projected(starts, items, local, begins, held, low, high)
        for first in range(low, high):
            found, used = _added(found, used, -1, first, held[first], 1)
            words = (held[first] + 63) // 64
            found, used = _descend(bits, begins[first - low], words, tally[first - low], found, used, bounds)
        low = high
    return found[:used], used >= limit


@compiled
def _added(found: Any, used: int, parent: int, item: int, count: int, size: int) -> Any:
    """Add one found set."""
    if used == found.shape[0]:
        found = _grown(found)
    found[used, 0], found[used, 1], found[used, 2], found[used, 3] = parent, item, count, size
    return found, used + 1


@compiled
def _pairs(starts: Any, items: Any, low: int, high: int, width: int) -> Any:
    """Count the baskets of each pair whose first item is in the block; the baskets are read in order."""
    tally = np.zeros((high - low, width), dtype=np.int32)
    for row in range(len(starts) - 1):
        end = starts[row + 1]
        for i in range(starts[row], end):
            first = items[i]
            if first >= low and first < high:
                for j in range(i + 1, end):
                    tally[first - low, items[j]] += 1
    return tally


@compiled
def _layout(tally: Any, held: Any, low: int, high: int, bounds: tuple[int, int]) -> Any:
    """Where each first item's bits begin and which of its columns each neighbour has; as many as fit."""
    local = np.full(tally.shape, -1, dtype=np.int32)
    begins = np.zeros(high - low + 1, dtype=np.int64)
    for first in range(low, high):
        columns = 0
        for item in range(tally.shape[1]):
            if tally[first - low, item] >= bounds[0]:
                local[first - low, item] = columns
                columns += 1
        begins[first - low + 1] = begins[first - low] + columns * ((held[first] + 63) // 64)
        if begins[first - low + 1] > bounds[1] and first > low:
            return local, begins, first
    return local, begins, high


@compiled
def _projected(starts: Any, items: Any, local: Any, begins: Any, held: Any, low: int, high: int) -> Any:
    """The baskets of each first item as bit columns of its neighbours; the baskets are read in order."""
    bits = np.zeros(begins[high - low], dtype=np.uint64)
    seen = np.zeros(high - low, dtype=np.int64)  # baskets of each first item so far
    for row in range(len(starts) - 1):
        end = starts[row + 1]
        for i in range(starts[row], end):
            first = items[i] - low
            if first < 0 or first >= high - low:
                continue
            words = (held[first + low] + 63) // 64
            word = begins[first] + (seen[first] >> 6)
            bit = np.uint64(1) << np.uint64(seen[first] & 63)
            seen[first] += 1
            for j in range(i + 1, end):
                column = local[first, items[j]]
                if column >= 0:
                    bits[word + column * words] |= bit
    return bits


@compiled
def _common(left: Any, right: Any, begin: int) -> Any:
    """Count the baskets of both columns, the right one beginning at ``begin``."""
    total = 0
    for i in range(len(left)):
        total += popcount(left[i] & right[begin + i])
    return total


@compiled
def _descend(
    bits: Any, begin: int, words: int, tally: Any, found: Any, used: int, bounds: tuple[int, int, int]
) -> Any:
    """Extend the last found set by every path through its neighbours; one row of the arrays a depth."""
    least, most, limit = bounds
    known = np.empty(len(tally), dtype=np.int64)
    width = 0
    for item in range(len(tally)):
        if tally[item] >= least:
            known[width] = item
            width += 1
    depths = min(most, width + 1)
    ways = np.empty((depths, width), dtype=np.int32)
    hits = np.empty((depths, width), dtype=np.int64)
    masks = np.empty((depths, words if most > 2 else 0), dtype=np.uint64)
    length, at = np.zeros(depths, dtype=np.int64), np.zeros(depths, dtype=np.int64)
    node = np.zeros(depths, dtype=np.int64)
    for way in range(width):
        ways[0, way], hits[0, way] = way, tally[known[way]]
    length[0], node[0] = width, used - 1
    depth = 0
    while depth >= 0:
        if at[depth] == length[depth] or used >= limit:
            depth -= 1
            continue
        mine = at[depth]
        at[depth] += 1
        way = ways[depth, mine]
        found, used = _added(found, used, node[depth], known[way], hits[depth, mine], depth + 2)
        if depth + 2 >= most or mine + 1 == length[depth]:
            continue
        for i in range(words):
            word = bits[begin + way * words + i]
            masks[depth, i] = word if depth == 0 else masks[depth - 1, i] & word
        more = 0
        for i in range(mine + 1, length[depth]):
            both = _common(masks[depth], bits, begin + ways[depth, i] * words)
            if both >= least:
                ways[depth + 1, more], hits[depth + 1, more] = ways[depth, i], both
                more += 1
        if more:
            node[depth + 1], length[depth + 1], at[depth + 1] = used - 1, more, 0
            depth += 1
    return found, used
