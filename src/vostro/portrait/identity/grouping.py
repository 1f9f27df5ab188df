"""Groups 归并: which records are one person, when pairs contradict each other?

Two steps. *Components*: pairs at or above the threshold connect records; a component that grows
beyond ``SIZE_MAX`` records has its weakest pairs taken away, one bit at a time, until it is
smaller. *Holding together*: inside a component all pairs are compared, and groups are joined
from the most certain on (average linkage), as long as the mean weight between two groups is not
negative, that is, as long as all the evidence taken together still speaks for one person. So one
false pair between two families of records does not merge them: the many pairs that disagree cut it
(unless it is the most certain of all, for the most certain are joined first).

Joining all pairs of groups that are each other's nearest at once gives the same groups as joining
one pair at a time, because average linkage is reducible. Source: Murtagh (1983), "A survey of
recent advances in hierarchical clustering algorithms", The Computer Journal 26.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["APART", "SIZE_MAX", "TOGETHER", "WEIGHT_MAX", "average_groups", "components", "inner_pairs"]

SIZE_MAX = 500  # records
WEIGHT_MAX = 10.0  # bits; one pair's evidence counts at most 1000 to 1 for or against
TOGETHER, APART = 1e6, -1e12  # weights of what a key or a person has decided
_STEP, _FLOOR_MAX = 1.0, 100.0  # bits

Places = NDArray[np.int64]
Weights = NDArray[np.float64]


def components(n: int, left: Places, right: Places, weight: Weights, least: float) -> Places:
    """Return the component of each record, shape (n,): the smallest place in it.

    What becomes of a component depends on its own pairs only, so that new records elsewhere change nothing.

    Args:
        n: how many records there are.
        left, right: places of pairs, shape (n_pairs,).
        weight: bits, shape (n_pairs,); those below ``least`` do not connect.
        least: bits.
    """
    size = np.full(n, n)
    label = np.zeros(n, dtype=np.int64)
    for floor in np.arange(least, _FLOOR_MAX, _STEP):  # beyond it only a key or a person holds them together
        keep = weight >= floor
        if floor > least:
            keep |= size[label[left]] <= SIZE_MAX
        left, right, weight = left[keep], right[keep], weight[keep]
        label = _connected(n, left, right)
        size = np.bincount(label, minlength=n)
        if n == 0 or size.max() <= SIZE_MAX:
            break
    return label


def inner_pairs(label: Places) -> pl.DataFrame:
    """Return all pairs ``left < right`` of places with the same label."""
    rows = pl.DataFrame({"place": np.arange(len(label), dtype=np.int64), "label": label})
    rows = rows.filter(pl.len().over("label") > 1)
    pairs = rows.join(rows, on="label").filter(pl.col("place") < pl.col("place_right"))
    return pairs.select(l="place", r="place_right").sort("l", "r")


def average_groups(n: int, left: Places, right: Places, weight: Weights, least: float = 0.0) -> Places:
    """Return the group of each record, shape (n,): the smallest place in it.

    Args:
        n: how many records there are.
        left, right: places of pairs with ``left < right``, each pair once; one that is not given says nothing.
        weight: bits, shape (n_pairs,).
        least: groups are joined while their mean weight is at least this.
    """
    label = np.arange(n, dtype=np.int64)
    size = np.ones(n)
    total = np.asarray(weight, dtype=np.float64)
    while len(left):
        mean = total / (size[left] * size[right])
        first, second = _nearest(n, left, right, mean, least)
        if len(first) == 0:
            break
        to = np.arange(n, dtype=np.int64)
        to[second] = first
        size[first] += size[second]
        label = to[label]
        left, right, total = _joined(n, to[left], to[right], total)
    return label


def _connected(n: int, left: Places, right: Places) -> Places:
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    graph = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(n, n))
    found = connected_components(graph, directed=False)[1]
    smallest = np.full(n, n, dtype=np.int64)
    np.minimum.at(smallest, found, np.arange(n, dtype=np.int64))
    result: Places = smallest[found]
    return result


def _nearest(n: int, left: Places, right: Places, mean: Weights, least: float) -> tuple[Places, Places]:
    """Return the pairs of groups that are each other's nearest; of equally near ones, the smallest place."""
    near = mean >= least
    a, b = np.concatenate([left[near], right[near]]), np.concatenate([right[near], left[near]])
    order = np.lexsort((b, -np.concatenate([mean[near], mean[near]]), a))
    a, b = a[order], b[order]
    first = np.ones(len(a), dtype=np.bool_)
    first[1:] = a[1:] != a[:-1]
    best = np.full(n, -1, dtype=np.int64)
    best[a[first]] = b[first]
    mutual = np.flatnonzero((best >= 0) & (best[best] == np.arange(n)) & (np.arange(n) < best))
    return mutual, best[mutual]


def _joined(n: int, left: Places, right: Places, total: Weights) -> tuple[Places, Places, Weights]:
    """Return pairs of groups anew, the totals between the same two groups added up."""
    apart = left != right
    low, high = np.minimum(left, right)[apart], np.maximum(left, right)[apart]
    pairs, which = np.unique(low * n + high, return_inverse=True)
    totals: Weights = np.bincount(which, weights=total[apart], minlength=len(pairs)).astype(np.float64)
    return pairs // n, pairs % n, totals
