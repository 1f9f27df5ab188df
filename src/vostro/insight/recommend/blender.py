"""Blender 融合推荐: how much is each recommender worth, and what is proposed when all of them speak?

Each recommender proposes a list. A customer chooses among all that was proposed to him with a
probability that grows with the ranks in each list: a multinomial logistic model, whose weights
are learnt from what was taken after the lists were made, and are never negative.

Source: McFadden (1974), "Conditional logit analysis"; diversity by maximal marginal relevance:
Carbonell and Goldstein (1998), SIGIR 21.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.files import read_state, state_digest, write_state
from vostro.insight.frames import Frame, as_polars
from vostro.insight.recommend.coding import codes_of, known_codes, require_columns
from vostro.insight.recommend.errors import MethodUnknownError, NothingToBlendError, NotLearntError
from vostro.insight.recommend.gram import gram, neighbour_weights
from vostro.insight.recommend.kernels import compiled
from vostro.insight.recommend.proposals import check_count
from vostro.insight.recommend.ranking import RankingMeasures, measure_ranking, truth_of

__all__ = ["Blender", "BlenderState"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
PENALTY = 1.0  # of squared weights, in log-likelihood
HALVES = 2


class BlenderState(msgspec.Struct, frozen=True):
    """What was learnt."""

    sources: tuple[str, ...]
    weights: tuple[tuple[float, float], ...]  # of each source: of being proposed, of its rank
    depth: int  # of the longest list that was learnt from
    alone: str | None  # the source that is better alone; the others only fill its lists up
    measures: dict[str, RankingMeasures]
    names: tuple[str, ...]  # items that are known of
    alike: bytes  # float32, shape (items, items): cosine of their holders
    k: int
    diversity: float
    seed: int
    kind: str = "blender"


class Blender:
    """Blends the lists of several recommenders.

    Args:
        k: length of the lists on which it is measured.
        diversity: 0 to 1: how much an item loses that is like one before it in the list; 0: nothing.
        seed: of the bootstrap and of the halves.
    """

    def __init__(self, *, k: int = 10, diversity: float = 0.0, seed: int = 0) -> None:
        check_count(k)
        self.k, self.diversity, self.seed = k, diversity, seed
        self._state: BlenderState | None = None
        self._version = ""

    def fit(self, candidates: Mapping[str, Frame], *, taken: Frame, history: Frame) -> Self:
        """Learn from lists that were made before, and what was taken after.

        Args:
            candidates: of each recommender, by name: customer, item, rank. They must have learnt from
                ``history`` only. Longer lists than ``k`` teach more.
            taken: customer, item: what was taken afterwards.
            history: customer, item: what was held before.

        Where one recommender alone ranks better (NDCG) than the blend does, it leads and the others only fill
        its lists up; ``alone`` then names it. ``measures`` holds the figures of each recommender alone and of
        the blend, whose weights were learnt from one half of the customers and measured on the other.

        Raises:
            NothingToBlendError: nobody took anything that was proposed.
            FeatureMissingError, KeyMissingError, FrameKindError: the tables.
        """
        sources = tuple(candidates)
        lists = {name: as_polars(candidates[name]) for name in sources}
        for each in lists.values():
            require_columns(each, "customer", "item", "rank")
        depth = max((int(each["rank"].max() or 1) for each in lists.values()), default=1)  # type: ignore[arg-type]
        later, past = as_polars(taken), as_polars(history)
        require_columns(later, "customer", "item")
        require_columns(past, "customer", "item")
        if not any(each.height for each in lists.values()):
            raise NothingToBlendError(customers=0)
        pool, features = _pool(lists, sources, depth)
        success = _taken(pool, later)
        groups = _groups(pool["customer"])
        if not success.any():
            raise NothingToBlendError(customers=int(groups[-1]) + 1)
        weights = _learn(features, success, groups)
        names = tuple(pl.concat([pool["item"], past["item"].cast(pl.String)]).unique().sort())
        alike = neighbour_weights(gram(truth_of(past, past["customer"].unique().sort(), names)), 0.5, 0.0)
        halves, codes = self._halves(pool, features, success, groups), known_codes(pool["item"], names)
        lists["blend"] = _best(pool, halves, self.k, 0.0, codes, alike)
        if self.diversity > 0:
            lists["blend, diverse"] = _best(pool, halves, self.k, self.diversity, codes, alike)
        measures = {
            name: measure_ranking(each, later, past, k=self.k, seed=self.seed) for name, each in lists.items()
        }
        first = max(sources, key=lambda name: measures[name].ndcg)
        alone = first if measures[first].ndcg > measures["blend"].ndcg else None
        if alone is not None:
            weights = np.concatenate([[0.0, float(name == alone)] for name in sources])
        return self._hold(
            BlenderState(
                sources=sources,
                depth=depth,
                alone=alone,
                weights=tuple((float(a), float(b)) for a, b in weights.reshape(-1, 2)),
                measures=measures,
                names=names,
                alike=alike.tobytes(),
                k=self.k,
                diversity=self.diversity,
                seed=self.seed,
            )
        )

    def recommend(self, candidates: Mapping[str, Frame], *, k: int = 5) -> pl.DataFrame:
        """Return the best of all that was proposed.

        Args:
            candidates: lists of the same recommenders; one may be missing.
            k: most items a customer.

        Returns:
            shape (up to customers * k, 5 to 7): customer, rank (from 1), item, score (probability of being
            the one that is chosen among all candidates of the customer; with ``alone`` it only orders
            them), source (the recommender that adds most), and its en and zh where the lists have them.

        Raises:
            NotLearntError, MethodUnknownError (a recommender that was not learnt with).
            FeatureMissingError, KeyMissingError, FrameKindError, RecommendationCountError.
        """
        state = self._ready()
        check_count(k)
        for name in candidates:
            if name not in state.sources:
                raise MethodUnknownError(method=name, known=", ".join(state.sources))
        if not candidates:
            raise NothingToBlendError(customers=0)
        pool, features = _pool(candidates, state.sources, state.depth)
        weights = np.asarray(state.weights).ravel()
        parts = (features * weights).reshape(len(features), len(state.sources), 2).sum(axis=2)
        chance = _chances(parts.sum(axis=1), _groups(pool["customer"]))
        alike = np.frombuffer(state.alike, dtype=np.float32).reshape(len(state.names), -1)
        said = pool.with_columns(
            source=pl.Series(state.sources).gather(parts.argmax(axis=1).astype(np.uint32))
            if len(parts)
            else pl.Series([], dtype=pl.String)
        )
        codes = known_codes(pool["item"], state.names)
        return _with_words(_best(said, chance, k, self.diversity, codes, alike), candidates)

    @property
    def weights(self) -> dict[str, tuple[float, float]]:
        """Of each recommender: the weight of being proposed by it, and of its rank (log of depth + 1 over rank)."""
        state = self._ready()
        return dict(zip(state.sources, state.weights, strict=True))

    @property
    def alone(self) -> str | None:
        """The recommender that ranks better alone than any blend, or None."""
        return self._ready().alone

    @property
    def measures(self) -> dict[str, RankingMeasures]:
        """The figures of each recommender alone, and of the blend on customers it did not learn from."""
        return self._ready().measures

    def save(self, path: Path) -> None:
        """Write the weights as one JSON file, whole or not at all."""
        write_state(path, self._ready(), self._version)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a blender that ``save`` wrote.

        Raises:
            ModelFileError: the file is absent, damaged, changed or of another version.
        """
        state = read_state(path, BlenderState)
        return cls(k=state.k, diversity=state.diversity, seed=state.seed)._hold(state)

    @property
    def version(self) -> str:
        """Digest of all that was learnt, 64 hexadecimal digits."""
        self._ready()
        return self._version

    def _halves(self, pool: pl.DataFrame, features: Floats, success: Floats, groups: Integers) -> Floats:
        """Return the chance of each candidate by weights that were learnt from the other half."""
        half = np.random.default_rng(self.seed).integers(0, HALVES, int(groups[-1]) + 1)[groups]
        score = np.zeros(pool.height)
        for each in range(HALVES):
            rest, mine = half != each, half == each
            weights = _learn(features[rest], success[rest], groups[rest])
            score[mine] = features[mine] @ weights
        return _chances(score, groups)

    def _hold(self, state: BlenderState) -> Self:
        self._state, self._version = state, state_digest(state)
        return self

    def _ready(self) -> BlenderState:
        if self._state is None:
            raise NotLearntError
        return self._state


def _pool(
    candidates: Mapping[str, Frame], sources: tuple[str, ...], depth: int
) -> tuple[pl.DataFrame, Floats]:
    """Return all candidates, a row a customer and item, in their order; and two features a source."""
    parts = []
    for name, frame in candidates.items():
        table = as_polars(frame)
        require_columns(table, "customer", "item", "rank")
        gain = ((depth + 1) / pl.col("rank").cast(pl.Float64)).log().clip(0.0)
        part = table.select(
            "customer", item=pl.col("item").cast(pl.String), source=pl.lit(sources.index(name)), gain=gain
        )
        parts.append(part)
    every = pl.concat(parts, how="vertical_relaxed")
    columns = [
        each
        for i in range(len(sources))
        for each in (
            (pl.col("source") == i).any().cast(pl.Float64).alias(f"p{i}"),
            pl.col("gain").filter(pl.col("source") == i).max().fill_null(0.0).alias(f"r{i}"),
        )
    ]
    pool = every.group_by("customer", "item").agg(columns).sort("customer", "item")
    return pool.select("customer", "item"), pool.drop("customer", "item").to_numpy()


def _taken(pool: pl.DataFrame, later: pl.DataFrame) -> Floats:
    """Return which candidates were taken afterwards, shape (n,), 0 or 1."""
    took = later.select(
        pl.col("customer").cast(pool.schema["customer"], strict=False), item=pl.col("item").cast(pl.String)
    )
    known = pool.join(
        took.unique().with_columns(took=True), on=["customer", "item"], how="left", maintain_order="left"
    )
    return np.asarray(known["took"].fill_null(False).to_numpy(), dtype=np.float64)


def _groups(customers: pl.Series) -> Integers:
    """Return the number of each customer, shape (n,), ascending as they are sorted."""
    return codes_of(customers)[0].astype(np.int64)


def _chances(score: Floats, groups: Integers) -> Floats:
    """Return the chance of each candidate among those of its customer, shape (n,)."""
    if not len(score):
        return score
    begins = np.flatnonzero(np.concatenate([[True], groups[1:] != groups[:-1]]))
    sizes = np.diff(np.append(begins, len(score)))
    raised = np.exp(score - np.repeat(np.maximum.reduceat(score, begins), sizes))
    return np.asarray(raised / np.repeat(np.add.reduceat(raised, begins), sizes), dtype=np.float64)


def _learn(features: Floats, success: Floats, groups: Integers) -> Floats:
    """Return the weights of largest likelihood, less a small penalty; at least 0."""
    from scipy.optimize import minimize

    useful = np.isin(groups, groups[success > 0])  # the others say nothing of what was chosen
    given, took, groups = features[useful], success[useful], groups[useful]
    if not len(given):
        return np.zeros(features.shape[1])
    begins = np.flatnonzero(np.concatenate([[True], groups[1:] != groups[:-1]]))
    times = np.repeat(np.add.reduceat(took, begins), np.diff(np.append(begins, len(took))))

    def loss(weights: Floats) -> tuple[float, Floats]:
        chance = _chances(given @ weights, groups)
        value = -float(took @ np.log(np.maximum(chance, 1e-300))) + PENALTY * float(weights @ weights) / 2
        return value, given.T @ (chance * times - took) + PENALTY * weights

    start = np.zeros(features.shape[1])
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * len(start))
    return np.asarray(found.x, dtype=np.float64)


def _best(
    pool: pl.DataFrame, chance: Floats, k: int, diversity: float, codes: npt.NDArray[np.int32], alike: Any
) -> pl.DataFrame:
    """Return the best of each customer by chance, less what items have in common with those before."""
    groups = _groups(pool["customer"])
    order = np.lexsort((-chance, groups))
    places, ranks = _picked(groups[order], chance[order], codes[order], alike, k, diversity)
    rows = order[places].astype(np.uint32)
    found = pool[rows].with_columns(rank=pl.Series(ranks, dtype=pl.Int64), score=pl.Series(chance[rows]))
    columns = ["customer", "rank", "item", "score", *(c for c in pool.columns if c == "source")]
    return pl.DataFrame(found.select(columns))


@compiled
def _picked(groups: Any, chance: Any, codes: Any, alike: Any, k: int, diversity: float) -> Any:
    """Pick greedily for each customer; candidates stand best first."""
    places, ranks = np.empty(len(groups), dtype=np.int64), np.empty(len(groups), dtype=np.int64)
    used, begin = 0, 0
    common = np.zeros(len(groups))
    gone = np.zeros(len(groups), dtype=np.bool_)
    while begin < len(groups):
        end = begin
        while end < len(groups) and groups[end] == groups[begin]:
            end += 1
        for rank in range(1, min(k, end - begin) + 1):
            best, value = -1, -1.0
            for i in range(begin, end):
                worth = chance[i] * (1.0 - diversity * common[i])
                if not gone[i] and worth > value:
                    best, value = i, worth
            gone[best] = True
            places[used], ranks[used] = best, rank
            used += 1
            if diversity > 0.0 and codes[best] >= 0:
                for i in range(begin, end):
                    if codes[i] >= 0:
                        common[i] = max(common[i], alike[codes[best], codes[i]])
        begin = end
    return places[:used], ranks[:used]


def _with_words(found: pl.DataFrame, candidates: Mapping[str, Frame]) -> pl.DataFrame:
    """Add the reasons of the recommender that adds most."""
    tables = {name: as_polars(frame) for name, frame in candidates.items()}
    if not tables or not all({"en", "zh"} <= set(table.columns) for table in tables.values()):
        return found
    words = pl.concat(
        [
            table.select("customer", pl.col("item").cast(pl.String), pl.lit(name).alias("source"), "en", "zh")
            for name, table in tables.items()
        ],
        how="vertical_relaxed",
    ).unique(["customer", "item", "source"], keep="first")
    return found.join(words, on=["customer", "item", "source"], how="left", maintain_order="left")
