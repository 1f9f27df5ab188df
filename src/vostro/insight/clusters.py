"""Clusters 聚类: which groups of customers are alike, how many are there, and what sets each apart?

Two methods over tags of all kinds: *k-means* on the principal components of the mixed tags, and a
*mixture* that gives each customer a chance of each cluster. Their number is chosen by a stated
criterion (see ``cluster_number``). The same customers, tags and seed give the same clusters; they
are numbered from the largest. New customers are assigned without learning again.

Source: Lloyd (1982) and Arthur and Vassilvitskii (2007) for k-means++; see ``mixed`` and ``mixture``.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.cluster_number import NumberTried, best_stable, silhouette, stability
from vostro.insight.cluster_words import ClusterPortrait, describe_groups
from vostro.insight.errors import ClusterNumberError, ClusterRowsError, NotFittedError
from vostro.insight.frames import Frame, as_polars
from vostro.insight.mixed import MixedSpace, blocks_of, learn_space
from vostro.insight.mixture import Mixture, MixtureData, learn_mixture, mixture_data
from vostro.portrait import TagInfo

__all__ = ["ClusterModel", "Clusters", "Method"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Method = Literal["kmeans", "mixture"]
ROWS_LEAST = 100  # customers
ROWS_EACH = 20  # customers a cluster
LEARN_ROWS = 20_000  # customers that clusters are learnt from; all are assigned
STARTS = 10
SHORT_STARTS, SHORT_ROUNDS = 3, 15  # of mixtures
K_MOST = 10


class ClusterModel(msgspec.Struct, frozen=True):
    """All that assigns a customer; it can be written down and read again."""

    method: Method
    seed: int
    space: MixedSpace
    centres: tuple[tuple[float, ...], ...]  # k-means: shape (k, components); mixture: empty
    mixture: Mixture | None
    order: tuple[int, ...]  # cluster number - 1 -> place in centres or mixture
    tried: tuple[NumberTried, ...]
    weak: bool  # the clusters are hardly more than one cloud cut into parts
    rows: int  # customers that it was learnt from

    @property
    def k(self) -> int:
        """How many clusters there are."""
        return len(self.order)

    def chances(self, frame: pl.DataFrame) -> Floats:
        """Return each customer's chance of each cluster, shape (n, k); of k-means 0 or 1."""
        found = [self._chances(block) for block in blocks_of(frame)]
        return np.vstack(found) if found else np.zeros((0, self.k))

    def _chances(self, frame: pl.DataFrame) -> Floats:
        if self.mixture is not None:
            return self.mixture.posterior(mixture_data(frame, self.space))[0][:, list(self.order)]
        centres = np.asarray(self.centres)[list(self.order)]
        return np.eye(self.k)[_nearest(self.space.scores(frame), centres)]


class Clusters:
    """Finds groups of customers that are alike.

    Args:
        k: how many, or "auto".
        method: "kmeans" or "mixture".
        seed: of every draw.
        k_most: the largest number that "auto" tries.
    """

    def __init__(
        self,
        k: int | Literal["auto"] = "auto",
        *,
        method: Method = "kmeans",
        seed: int = 0,
        k_most: int = K_MOST,
    ) -> None:
        self.k, self.method, self.seed, self.k_most = k, method, seed, k_most
        self._model: ClusterModel | None = None

    def fit(self, frame: Frame, *, features: Sequence[str] | None = None) -> "Clusters":
        """Find the clusters.

        Args:
            frame: shape (n, tags): a Polars, pandas or Arrow table; unknown is null.
            features: which columns; all but ``customer`` by default.

        Raises:
            ClusterRowsError: fewer than 100 customers, or fewer than 20 for each cluster asked for.
            ClusterNumberError: ``k`` is below 2.
            TagsFlatError, FeaturesEmptyError, FeatureMissingError, FeatureTypeError: the tags cannot be used.
        """
        table = as_polars(frame)
        names = list(features) if features is not None else [n for n in table.columns if n != "customer"]
        self._check(table.height)
        rows = _drawn(table, self.seed)
        space = learn_space(rows, names)
        most = min(self.k_most, rows.height // ROWS_EACH)
        numbers = list(range(1, most + 1)) if self.k == "auto" else [int(self.k)]
        learn = _learn_mixtures if self.method == "mixture" else _learn_kmeans
        model = learn(rows, space, numbers, self.seed)
        chance = model.chances(rows)
        sizes = np.bincount(chance.argmax(axis=1), minlength=model.k)
        order = tuple(int(model.order[i]) for i in np.argsort(-sizes, kind="stable"))
        self._model = msgspec.structs.replace(model, order=order)
        return self

    @property
    def model(self) -> ClusterModel:
        """What was learnt.

        Raises:
            NotFittedError: nothing was.
        """
        if self._model is None:
            raise NotFittedError(estimator="Clusters")
        return self._model

    @classmethod
    def of(cls, model: ClusterModel) -> "Clusters":
        """Return clusters that were learnt earlier."""
        found = cls(model.k, method=model.method, seed=model.seed)
        found._model = model
        return found

    def predict(self, frame: Frame) -> Integers:
        """Return the cluster of each customer, shape (n,), from 1 (the largest when learnt) to k."""
        best = self.model.chances(as_polars(frame)).argmax(axis=1) + 1
        return np.asarray(best, dtype=np.int64)

    def chances(self, frame: Frame) -> Floats:
        """Return each customer's chance of each cluster, shape (n, k), rows sum to 1; of k-means 0 or 1."""
        return self.model.chances(as_polars(frame))

    def portraits(self, frame: Frame, tags: Mapping[str, TagInfo] | None = None) -> list[ClusterPortrait]:
        """Describe each cluster by what sets it apart, among the customers of a frame.

        Args:
            frame: shape (n, tags); more tags than the clusters were made of may be described.
            tags: names of tags and of their values; without them, columns name themselves.
        """
        table = as_polars(frame)
        return describe_groups(table, self.predict(table), self.model.k, tags or {})

    def _check(self, rows: int) -> None:
        k = self.k if self.k != "auto" else 1
        if rows < max(ROWS_LEAST, ROWS_EACH * k):
            raise ClusterRowsError(rows=rows, least=ROWS_LEAST, each=ROWS_EACH)
        if self.k != "auto" and self.k < 2:
            raise ClusterNumberError(k=self.k, rows=rows, most=rows // ROWS_EACH)


def _drawn(table: pl.DataFrame, seed: int) -> pl.DataFrame:
    """Return the customers that are learnt from, in their order."""
    if table.height <= LEARN_ROWS:
        return table
    rows = np.random.default_rng(seed).choice(table.height, LEARN_ROWS, replace=False)
    return table[np.sort(rows)]


def _learn_kmeans(rows: pl.DataFrame, space: MixedSpace, numbers: list[int], seed: int) -> ClusterModel:
    """Learn k-means for each number; of the stable ones, the best silhouette x stability is chosen."""
    places = space.scores(rows)
    tried, centres = [], {}
    for k in [each for each in numbers if each > 1] or [2]:
        centres[k] = _kmeans(places, k, seed, STARTS)
        clusters = _nearest(places, centres[k])
        steady = None
        if len(numbers) > 1:
            steady = stability(places, partial(_partition, k=k, seed=seed), seed=seed)
        tried.append(NumberTried(k, silhouette(places, clusters, seed=seed), steady))
    k, stable = best_stable(tried) if len(numbers) > 1 else (tried[0].k, True)
    chosen = [msgspec.structs.replace(each, chosen=each.k == k) for each in tried]
    value = next(each.silhouette or 0.0 for each in chosen if each.chosen)
    return ClusterModel(
        method="kmeans",
        seed=seed,
        space=space,
        centres=tuple(map(tuple, centres[k].tolist())),
        mixture=None,
        order=tuple(range(k)),
        tried=tuple(chosen),
        weak=not stable or value <= _cloud_silhouette(places, k, seed),
        rows=rows.height,
    )


def _learn_mixtures(rows: pl.DataFrame, space: MixedSpace, numbers: list[int], seed: int) -> ClusterModel:
    """Learn mixtures for each number; the smallest information criterion is chosen."""
    data, places = mixture_data(rows, space), space.scores(rows)
    tried, mixtures = [], {}
    for k in numbers:
        guess = _best_start(data, places, k, seed)
        mixtures[k] = learn_mixture(data, guess)
        tried.append(NumberTried(k, bic=mixtures[k].bic(rows.height)))
    k = min(tried, key=lambda each: (each.bic or 0.0, each.k)).k
    return ClusterModel(
        method="mixture",
        seed=seed,
        space=space,
        centres=(),
        mixture=mixtures[k],
        order=tuple(range(k)),
        tried=tuple(msgspec.structs.replace(each, chosen=each.k == k) for each in tried),
        weak=k == 1,
        rows=rows.height,
    )


def _best_start(data: MixtureData, places: Floats, k: int, seed: int) -> Floats:
    """Return the best of three short starts, shape (n, k): most of the work is spent on that one only."""
    if k == 1:
        return np.ones((len(places), 1))
    starts = [
        learn_mixture(data, _softened(places, k, seed + i), rounds=SHORT_ROUNDS) for i in range(SHORT_STARTS)
    ]
    return max(starts, key=lambda each: each.log_likelihood).posterior(data)[0]


def _kmeans(places: Floats, k: int, seed: int, starts: int) -> Floats:
    """Return k centres, shape (k, components); one thread, so that sums have one order."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):
        found = KMeans(k, n_init=starts, random_state=seed).fit(places)
    return np.asarray(found.cluster_centers_, dtype=np.float64)


def _partition(places: Floats, k: int, seed: int) -> Callable[[Floats], Integers]:
    """Learn k clusters and return what assigns rows."""
    centres = _kmeans(places, k, seed, 3)
    return lambda every: _nearest(every, centres)


def _nearest(places: Floats, centres: Floats) -> Integers:
    """Return the place of the nearest centre, shape (n,); of two equally near the first."""
    distance = (centres**2).sum(axis=1) - 2 * places @ centres.T
    return np.asarray(distance.argmin(axis=1), dtype=np.int64)


def _softened(places: Floats, k: int, seed: int) -> Floats:
    """Return a first guess for a mixture: k-means from one start, nine tenths sure."""
    hard = np.eye(k)[_nearest(places, _kmeans(places, k, seed, 1))]
    return 0.9 * hard + 0.1 / k


def _cloud_silhouette(places: Floats, k: int, seed: int) -> float:
    """Return the silhouette that k clusters have in one normal cloud of the same covariance: the most of 5."""
    rng = np.random.default_rng(seed)
    deviation = places.std(axis=0)  # principal components are uncorrelated
    found = []
    for _ in range(5):
        cloud = rng.normal(size=places.shape) * deviation
        found.append(silhouette(cloud, _nearest(cloud, _kmeans(cloud, k, seed, 3)), seed=seed))
    return max(found)
