"""Collaborative 协同过滤: what did customers who hold the same take besides?

EASE, item-item likeness, implicit ALS and plain popularity are compared on later interactions, and
the best one learns from all. Customers without holdings get what customers with a like portrait hold,
or what most hold.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.files import read_state, state_digest, write_state
from vostro.insight.frames import Frame, as_polars
from vostro.insight.recommend.choice import (
    METHODS,
    Method,
    Setting,
    Tried,
    choose,
    item_part,
    popularity,
    propose,
    settings,
    time_split,
)
from vostro.insight.recommend.coding import Coded, Sparse, known_codes, read_pairs, sparse_rows
from vostro.insight.recommend.cold import PortraitMap, learn_portrait_map
from vostro.insight.recommend.errors import InteractionsFewError, NotLearntError
from vostro.insight.recommend.factors import can_factor, some_rows
from vostro.insight.recommend.gram import ease_weights, gram, neighbour_weights
from vostro.insight.recommend.proposals import asked_customers, check_count, propose_frame, say_proposals
from vostro.insight.recommend.reading import check_methods, read_time, read_weight
from vostro.insight.recommend.top import Top, top_of_scores
from vostro.words import Text

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Collaborative", "CollaborativeState"]

Weights = npt.NDArray[np.float32]


class CollaborativeState(msgspec.Struct, frozen=True):
    """All that was learnt of items; no customer is in it."""

    setting: Setting
    tried: tuple[Tried, ...]
    split: str  # how later interactions were held back: time, draw or none
    seed: int
    names: tuple[str, ...]
    learnt: bytes  # float32; weights, factors or popularity, by method
    popularity: bytes  # float32, shape (items,): share of customers who hold it
    portrait: PortraitMap | None
    customers: int
    interactions: int
    words: dict[str, Text] = {}
    kind: str = "collaborative"


class Collaborative:
    """Recommends items from who holds what.

    Args:
        methods: which to compare; "als" needs the extra ``vostro[recommend]`` and is left out of
            ``None`` (all) where it is not installed.
        k: the length of the lists on which methods are compared.
        seed: of every draw.
        names: words for items, for reasons; without them items name themselves.
    """

    def __init__(
        self,
        *,
        methods: Sequence[Method] | None = None,
        k: int = 10,
        seed: int = 0,
        names: Mapping[str, Text] | None = None,
    ) -> None:
        check_count(k)
        check_methods(methods or (), METHODS, can_factor())
        self.methods: tuple[Method, ...] = METHODS if methods is None else tuple(methods)
        self.k, self.seed = k, seed
        self._names = dict(names or {})
        self._state: CollaborativeState | None = None
        self._learnt: Weights | None = None
        self._held: tuple[Sparse, pl.Series] | None = None
        self._version = ""

    def fit(self, interactions: Frame, *, features: Frame | None = None) -> Self:
        """Learn from interactions.

        Args:
            interactions: columns customer, item, and if there are any weight (above 0; those of repeated
                pairs are added up and divided by their mean) and time (numbers, dates or moments).
            features: columns customer and tags: what a like portrait is, for customers without holdings.

        Raises:
            FeatureMissingError, KeyMissingError, FrameKindError: a table.
            WeightValueError, TimeTypeError: a weight or a time.
            InteractionsFewError: fewer than 2 customers or items.
        """
        table = as_polars(interactions)
        coded = read_pairs(table, "customer", "item")
        if len(coded.keys) < 2 or len(coded.names) < 2:
            raise InteractionsFewError(customers=len(coded.keys), items=len(coded.names))
        weights, time = read_weight(table), read_time(table)
        tried, split = self._compare(coded, weights, time)
        held = sparse_rows(coded, weights)
        sums = gram(held)
        setting = tried[0].setting if tried else settings(self.methods, sums)[0]
        state = CollaborativeState(
            setting=setting,
            tried=tuple(tried),
            split=split,
            seed=self.seed,
            names=coded.names,
            learnt=item_part(setting, held, sums, self.seed).tobytes(),
            popularity=popularity(held).tobytes(),
            portrait=None if features is None else self._portrait(as_polars(features), held, coded.keys),
            customers=held.rows,
            interactions=len(held.items),
            words=self._names,
        )
        self._held = held, coded.keys
        return self._hold(state)

    def fit_table(self, interactions: "ir.Table", *, setting: Setting) -> Self:
        """Learn from a table of DuckDB or Spark; only counts of pairs of items leave the engine.

        Args:
            interactions: columns customer and item; nothing missing.
            setting: of ease, neighbours or popularity; one that ``fit`` chose on a sample, with its penalty
                and shrink divided by the share of customers in the sample.

        Raises:
            MethodUnknownError: als cannot be learnt from counts.
            InteractionsFewError: fewer than 2 customers or items.
        """
        from vostro.insight.recommend.tables import gram_of_table

        check_methods([setting.method], ("ease", "neighbours", "popularity"), True)
        sums, names = gram_of_table(interactions)
        customers = int(interactions.customer.nunique().to_polars())
        if customers < 2 or len(names) < 2:
            raise InteractionsFewError(customers=customers, items=len(names))
        shares = (np.diag(sums) / customers).astype(np.float32)
        learnt = shares if setting.method == "popularity" else _weights(setting, sums)
        state = CollaborativeState(
            setting=setting,
            tried=(),
            split="none",
            seed=self.seed,
            names=names,
            learnt=learnt.tobytes(),
            popularity=shares.tobytes(),
            portrait=None,
            customers=customers,
            interactions=int(np.diag(sums).sum()),
            words=self._names,
        )
        return self._hold(state)

    def recommend_table(self, interactions: "ir.Table", *, k: int = 5) -> "ir.Table":
        """Return the best items of every customer of a table, as an expression over DuckDB or Spark.

        Args:
            interactions: columns customer and item.
            k: most items a customer.

        Returns:
            customer, rank, item, score; nothing that is held.

        Raises:
            NotLearntError, RecommendationCountError.
            MethodUnknownError: als and popularity add nothing up.
        """
        from vostro.insight.recommend.tables import top_of_table

        state = self._ready()
        check_count(k)
        check_methods([state.setting.method], ("ease", "neighbours"), True)
        assert self._learnt is not None
        return top_of_table(interactions, self._learnt, state.names, k=k)

    def recommend(
        self,
        customers: Any = None,
        *,
        k: int = 5,
        held: Frame | None = None,
        features: Frame | None = None,
        exclude_held: bool = True,
        said: bool = False,
    ) -> pl.DataFrame:
        """Return the best items of each customer.

        Args:
            customers: a list, a series, or a table with the column customer; None: all that were learnt from.
            k: most items a customer.
            held: holdings (customer, item, and weight if they were learnt with) to use in place of those
                that were learnt from; needed after ``load``, which knows no customer.
            features: tags of customers without holdings.
            exclude_held: leave out what is held.
            said: add a sentence in both languages, columns ``en`` and ``zh``.

        Returns:
            shape (up to customers * k, 6 or 8): customer, rank (from 1), item, score (comparable within a
            customer only), method, because (list: the holding that adds most; empty where there is none).
            Never a score of NaN; a customer who holds everything has no row.

        Raises:
            NotLearntError: neither learnt nor loaded, or loaded and ``held`` is missing.
            RecommendationCountError, FeatureMissingError, KeyMissingError, FeatureTypeError, FrameKindError.
        """
        state = self._ready()
        check_count(k)
        known, keys = self._holdings(held, state)
        asked, rows = asked_customers(customers, keys)
        mine = _chosen_rows(known, rows)
        top, kinds = self._top(mine, asked, features, min(k, len(state.names)), exclude_held)
        found = propose_frame(
            top, asked, state.names, kinds, (state.setting.method, "portrait", "popularity")
        )
        return say_proposals(found, state.words) if said else found

    @property
    def tried(self) -> tuple[Tried, ...]:
        """Every setting that was compared, the best first; empty when nothing could be held back."""
        return self._ready().tried

    @property
    def setting(self) -> Setting:
        """The setting in use."""
        return self._ready().setting

    def popularity(self) -> pl.DataFrame:
        """Return each item with the share of customers who hold it: columns item, share."""
        state = self._ready()
        return pl.DataFrame({"item": state.names, "share": np.frombuffer(state.popularity, dtype=np.float32)})

    def save(self, path: Path) -> None:
        """Write what was learnt of items as one JSON file, whole or not at all; no customer is in it."""
        write_state(path, self._ready(), self._version)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a recommender that ``save`` wrote.

        Raises:
            ModelFileError: the file is absent, damaged, changed or of another version.
        """
        state = read_state(path, CollaborativeState)
        return cls(seed=state.seed, names=state.words)._hold(state)

    @property
    def version(self) -> str:
        """Digest of all that was learnt of items, 64 hexadecimal digits."""
        self._ready()
        return self._version

    def _compare(self, coded: Coded, weights: Any, time: Any) -> tuple[list[Tried], str]:
        if self.methods in (("popularity",), ("als",)):
            return [], "none"
        split = time_split(coded, weights, time, self.seed)
        if not split.later.rows:
            return [], "none"
        return choose(split, self.methods, self.k, self.seed), "draw" if time is None else "time"

    def _portrait(self, features: pl.DataFrame, held: Sparse, keys: pl.Series) -> PortraitMap:
        _, rows = asked_customers(features, keys)
        known = rows >= 0
        names = [name for name in features.columns if name != "customer"]
        return learn_portrait_map(
            features.filter(pl.Series(known)), _chosen_rows(held, rows[known]), names, self.seed
        )

    def _holdings(self, held: Frame | None, state: CollaborativeState) -> tuple[Sparse, pl.Series]:
        if held is None:
            if self._held is None:
                raise NotLearntError
            return self._held
        table = as_polars(held)
        coded = read_pairs(table, "customer", "item")
        items = known_codes(table["item"], state.names)
        weights = read_weight(table)
        keep = items >= 0
        kept = Coded(coded.rows[keep], items[keep], coded.keys, state.names)
        return sparse_rows(kept, None if weights is None else weights[keep]), coded.keys

    def _top(
        self, held: Sparse, asked: pl.Series, features: Frame | None, k: int, exclude: bool
    ) -> tuple[Top, npt.NDArray[np.int64]]:
        """Return the best items, and of each customer which way they were found: 0, 1 or 2."""
        state = self._ready()
        assert self._learnt is not None
        items, scores, because = propose(state.setting, self._learnt, held, k, exclude_held=exclude)
        kinds = np.where(np.diff(held.starts) > 0, 0, 2)
        cold = np.flatnonzero(kinds)
        if len(cold):
            bare = Sparse(
                np.zeros(len(cold) + 1, dtype=np.int64), held.items[:0], held.weights[:0], held.columns
            )
            shares = np.frombuffer(state.popularity, dtype=np.float32)[None, :]
            items[cold], scores[cold], because[cold] = top_of_scores(bare, shares, k)
        if len(cold) and features is not None and state.portrait is not None:
            table = as_polars(features)
            _, rows = asked_customers(asked.gather(cold.astype(np.uint32)), asked_customers(table, None)[0])
            told = cold[rows >= 0]
            said = state.portrait.scores(table[rows[rows >= 0].astype(np.uint32)])
            bare = Sparse(
                np.zeros(len(told) + 1, dtype=np.int64), held.items[:0], held.weights[:0], held.columns
            )
            items[told], scores[told], because[told] = top_of_scores(bare, said, k)
            kinds[told] = 1
        return (items, scores, because), kinds

    def _hold(self, state: CollaborativeState) -> Self:
        self._state, self._version = state, state_digest(state)
        learnt = np.frombuffer(state.learnt, dtype=np.float32)
        wide = len(state.names) if state.setting.method != "als" else state.setting.factors
        self._learnt = learnt.reshape(-1, wide)
        return self

    def _ready(self) -> CollaborativeState:
        if self._state is None:
            raise NotLearntError
        return self._state


def _weights(setting: Setting, sums: npt.NDArray[np.float64]) -> Weights:
    if setting.method == "ease":
        return ease_weights(sums, setting.penalty)
    return neighbour_weights(sums, setting.power, setting.shrink)


def _chosen_rows(held: Sparse, rows: npt.NDArray[np.int64]) -> Sparse:
    """Return the holdings of some customers; row -1 holds nothing."""
    if len(rows) == held.rows and np.array_equal(rows, np.arange(held.rows)):
        return held
    starts = np.append(held.starts, held.starts[-1])  # one more row, empty, for those who are not known
    return some_rows(
        Sparse(starts, held.items, held.weights, held.columns), np.where(rows < 0, held.rows, rows)
    )
