"""The number of clusters 聚类数: how many groups do the customers form, and are they there at all?

For a mixture: the smallest Bayesian information criterion, one group being allowed.

For k-means: clusters should lie apart and be found again. How far apart is the average silhouette;
how surely they are found again is *stability*: two samples with replacement are clustered, all
rows assigned by both, and the two partitions compared (adjusted Rand index, mean over eight pairs).
Among the numbers with a stability of at least 0.75, the one with the largest product of both is
chosen. If none is stable, the most stable one is taken and called weak. So is a silhouette that one cloud of the same shape
without clusters (a normal distribution of the same covariance) would reach, too.

Source: Rousseeuw (1987) silhouette; Hubert and Arabie (1985) adjusted Rand index; Fang and Wang
(2012), "Selection of the number of clusters via the bootstrap method", CSDA 56.
"""

from collections.abc import Callable

import msgspec
import numpy as np
import numpy.typing as npt

__all__ = ["NumberTried", "best_stable", "rand_index", "silhouette", "stability"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
STABLE_LEAST = 0.75
PAIRS = 8
SILHOUETTE_ROWS = 2_000
Partition = Callable[[Floats], Callable[[Floats], Integers]]  # learn from rows; then say each row's cluster


class NumberTried(msgspec.Struct, frozen=True):
    """A number of clusters that was tried, and what spoke for it."""

    k: int
    silhouette: float | None = None  # -1 to 1; how much nearer to the own cluster than to the next
    stability: float | None = None  # mean adjusted Rand index of pairs of samples; 1: found again exactly
    bic: float | None = None  # mixtures: the smallest is best
    chosen: bool = False


def best_stable(tried: list[NumberTried]) -> tuple[int, bool]:
    """Return the number with the best silhouette x stability among the stable, and whether any is stable."""
    stable = [each for each in tried if (each.stability or 0) >= STABLE_LEAST]
    if stable:
        return max(stable, key=lambda each: ((each.silhouette or 0) * (each.stability or 0), -each.k)).k, True
    return max(tried, key=lambda each: (each.stability or 0, -each.k)).k, False


def rand_index(left: Integers, right: Integers) -> float:
    """Return the adjusted Rand index of two partitions of the same rows: 1 equal, 0 as by chance.

    >>> rand_index(np.array([1, 1, 2, 2]), np.array([5, 5, 3, 3]))
    1.0
    """
    _, rows = np.unique(left, return_inverse=True)
    _, columns = np.unique(right, return_inverse=True)
    table = np.zeros((rows.max() + 1, columns.max() + 1))
    np.add.at(table, (rows, columns), 1)
    pairs = (table * (table - 1) / 2).sum()
    by_row, by_column = ((sums * (sums - 1) / 2).sum() for sums in (table.sum(axis=1), table.sum(axis=0)))
    every = len(left) * (len(left) - 1) / 2
    expected = by_row * by_column / every if every else 0.0
    most = (by_row + by_column) / 2
    return float((pairs - expected) / (most - expected)) if most > expected else 1.0


def silhouette(places: Floats, clusters: Integers, *, seed: int) -> float:
    """Return the average silhouette of at most 2,000 rows, drawn by the seed; shape (n, d) and (n,)."""
    if len(places) > SILHOUETTE_ROWS:
        rows = np.random.default_rng(seed).choice(len(places), SILHOUETTE_ROWS, replace=False)
        places, clusters = places[rows], clusters[rows]
    names, which = np.unique(clusters, return_inverse=True)
    if len(names) < 2:
        return 0.0
    squares = (places**2).sum(axis=1)
    distance = np.sqrt(np.maximum(squares[:, None] + squares[None, :] - 2 * places @ places.T, 0))
    member = np.eye(len(names))[which]
    sizes = member.sum(axis=0)
    sums = distance @ member
    own = sums[np.arange(len(which)), which] / np.maximum(sizes[which] - 1, 1)
    others = sums / sizes
    others[np.arange(len(which)), which] = np.inf
    nearest = others.min(axis=1)
    value = (nearest - own) / np.maximum(np.maximum(nearest, own), 1e-12)
    return float(np.where(sizes[which] > 1, value, 0.0).mean())


def stability(places: Floats, partition: Partition, *, seed: int, pairs: int = PAIRS) -> float:
    """Return the mean adjusted Rand index of partitions learnt from pairs of samples with replacement.

    Args:
        places: shape (n, d).
        partition: learns from rows and returns what assigns rows.
        seed: of the samples.
        pairs: how many pairs.
    """
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(pairs):
        one, two = (partition(places[rng.integers(0, len(places), len(places))])(places) for _ in "ab")
        found.append(rand_index(one, two))
    return float(np.mean(found))
