"""Associations 关联规则: what stands together in baskets, how surely, and what does that propose?

Every itemset of at least the given support is found, whatever its size up to a stated most; every
split of it whose confidence is high enough is a rule. Each rule carries Fisher's p, corrected for
all the splits that were looked at, and what it adds to the best simpler rule.
"""

from collections.abc import Mapping
from math import ceil
from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np
import polars as pl

from vostro.insight.files import read_state, state_digest, write_state
from vostro.insight.frames import Frame, as_polars
from vostro.insight.recommend.coding import (
    Coded,
    codes_of,
    known_codes,
    read_pairs,
    require_columns,
    sparse_rows,
)
from vostro.insight.recommend.errors import (
    ConfidenceRangeError,
    NotLearntError,
    RecommendationCountError,
    SupportRangeError,
)
from vostro.insight.recommend.matching import match_rules
from vostro.insight.recommend.mining import SETS_MOST, Itemsets, mine_itemsets
from vostro.insight.recommend.rule_frame import RULE_COLUMNS, Of, item_lists, rule_frame, say_rules
from vostro.insight.recommend.rules import find_rules
from vostro.words import Text

__all__ = ["Associations", "AssociationsState"]

FEW = 1e-9  # baskets; a product of floats may lie this far above the whole number that is meant


class AssociationsState(msgspec.Struct, frozen=True):
    """All that was mined; it can be written down and read again."""

    support: float
    confidence: float
    size_most: int
    baskets: int
    names: tuple[str, ...]
    tested: int
    rules: dict[str, list[Any]]
    words: dict[str, Text] = {}
    kind: str = "associations"


class Associations:
    """Finds association rules, and proposes items by them.

    Args:
        support: least share of the baskets that hold all items of a rule, in (0, 1].
        confidence: least share of the baskets with the antecedent that hold the consequent, in [0, 1].
        size_most: items of the largest itemset that is looked for; larger ones are not seen.
        sets_most: itemsets after which mining is given up with an error.
        names: words for items, for sentences; without them items name themselves.
    """

    def __init__(
        self,
        *,
        support: float = 0.001,
        confidence: float = 0.2,
        size_most: int = 10,
        sets_most: int = SETS_MOST,
        names: Mapping[str, Text] | None = None,
    ) -> None:
        if not 0 < support <= 1:
            raise SupportRangeError(support=support)
        if not 0 <= confidence <= 1:
            raise ConfidenceRangeError(confidence=confidence)
        self.support, self.confidence, self.size_most, self.sets_most = (
            support,
            confidence,
            size_most,
            sets_most,
        )
        self._names = dict(names or {})
        self._state: AssociationsState | None = None
        self._frame = pl.DataFrame(schema=RULE_COLUMNS)
        self._sets: Itemsets | None = None
        self._version = ""

    def fit(self, baskets: Frame, *, basket: str = "basket", item: str = "item") -> Self:
        """Mine a table with one row for each item in a basket; repeats count once.

        Args:
            baskets: shape (pairs, columns): a Polars, pandas or Arrow table; nothing missing.
            basket: name of the column that tells baskets (or customers) apart.
            item: name of the column of items; whatever its type, items are texts afterwards.

        Raises:
            FeatureMissingError, KeyMissingError, FrameKindError: the table.
            ItemsetsManyError: support is too low for these baskets.
        """
        coded = read_pairs(as_polars(baskets), basket, item)
        sparse = sparse_rows(coded)
        return self.take(
            mine_itemsets(
                sparse,
                count_least=count_least(self.support, sparse.rows),
                size_most=self.size_most,
                sets_most=self.sets_most,
            ),
            coded.names,
        )

    def take(self, sets: Itemsets, names: tuple[str, ...]) -> Self:
        """Make the rules of itemsets that were counted, here or by an engine."""
        found = find_rules(sets, confidence=self.confidence)
        frame = rule_frame(found, names)
        state = AssociationsState(
            support=self.support,
            confidence=self.confidence,
            size_most=self.size_most,
            baskets=sets.baskets,
            names=names,
            tested=found.tested,
            rules=frame.to_dict(as_series=False),
            words=self._names,
        )
        self._sets = sets
        return self._hold(state, frame)

    def rules(
        self,
        *,
        pruned: bool = False,
        q_most: float = 1.0,
        lift_least: float = 0.0,
        said: bool = False,
        of: Of = "baskets",
    ) -> pl.DataFrame:
        """Return the rules, best confidence first.

        Args:
            pruned: leave out redundant rules: those whose consequent is foreseen at least as surely
                by fewer items of the same antecedent, or by none.
            q_most: largest false discovery rate (Benjamini and Hochberg, over all splits of frequent
                itemsets).
            lift_least: smallest lift.
            said: add the sentence of each rule, columns ``en`` and ``zh``.
            of: whether sentences speak of baskets or customers.

        Returns:
            shape (rules, ...): antecedent and consequent (lists of items), baskets (count that hold both),
            support, confidence, lift, conviction (infinite where confidence is 1), leverage, improvement
            (confidence less that of the best simpler rule), p (one-sided, Fisher) and q.

        Raises:
            NotLearntError: nothing was mined.
        """
        state = self._ready()
        found = self._frame.filter(pl.col("q") <= q_most, pl.col("lift") >= lift_least)
        if pruned:
            found = found.filter(pl.col("improvement") > 0)
        return say_rules(found, state.words, of) if said else found

    def itemsets(self) -> pl.DataFrame:
        """Return the frequent itemsets: items (lists), baskets, support; larger sets last.

        Raises:
            NotLearntError: nothing was mined here (files keep the rules only).
        """
        state = self._ready()
        if self._sets is None:
            raise NotLearntError
        parts = [pl.DataFrame(schema={"items": pl.List(pl.String), "baskets": pl.Int64})]
        for size in range(1, int(self._sets.sizes.max(initial=0)) + 1):
            nodes, members = self._sets.members(size)
            items = item_lists(np.sort(members, axis=1), state.names)
            parts.append(pl.DataFrame({"items": items, "baskets": self._sets.counts[nodes]}))
        return pl.concat(parts).with_columns(support=pl.col("baskets") / state.baskets)

    def recommend(
        self,
        held: Frame,
        *,
        k: int = 5,
        customer: str = "customer",
        item: str = "item",
        q_most: float = 0.05,
        of: Of = "baskets",
    ) -> pl.DataFrame:
        """Propose what the rules foresee from what is held, and is not held.

        Rules with one item as consequent, lift above 1 and q of at most ``q_most`` are used; of
        several that propose one item, the most confident speaks.

        Args:
            held: one row for each item that a customer holds (or that lies in an open basket).
            k: most items a customer.
            customer, item: names of the columns.
            q_most: largest false discovery rate.
            of: whether reasons speak of baskets or customers.

        Returns:
            shape (up to customers * k, 7): customer, rank (from 1), item, score (confidence), because (list
            of held items), en, zh. Customers whose items meet no rule have no row.

        Raises:
            NotLearntError, RecommendationCountError; FeatureMissingError, KeyMissingError, FrameKindError.
        """
        state = self._ready()
        if k < 1:
            raise RecommendationCountError(k=k)
        table = as_polars(held)
        require_columns(table, customer, item)
        single = (pl.col("consequent").list.len() == 1) & (pl.col("lift") > 1) & (pl.col("q") <= q_most)
        usable = say_rules(self._frame.filter(single), state.words, of)
        rows, keys = codes_of(table[customer])
        items = known_codes(table[item], state.names)
        known = items >= 0
        sparse = sparse_rows(Coded(rows[known], items[known], keys, state.names))
        width = int(usable["antecedent"].list.len().max() or 1)  # type: ignore[arg-type]
        antecedents = [
            known_codes(usable["antecedent"].list.get(place, null_on_oob=True), state.names)
            for place in range(width)
        ]
        targets = known_codes(usable["consequent"].list.first(), state.names)
        return _proposals(
            match_rules(sparse, np.column_stack(antecedents), targets, k), usable, keys, customer
        )

    def save(self, path: Path) -> None:
        """Write the rules as one JSON file, whole or not at all."""
        write_state(path, self._ready(), self._version)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read rules that ``save`` wrote.

        Raises:
            ModelFileError: the file is absent, damaged, changed or of another version.
        """
        state = read_state(path, AssociationsState)
        found = cls(
            support=state.support, confidence=state.confidence, size_most=state.size_most, names=state.words
        )
        rules = {name: [_number(each) for each in values] for name, values in state.rules.items()}
        return found._hold(state, pl.DataFrame(rules, schema=RULE_COLUMNS))

    @property
    def version(self) -> str:
        """Digest of all rules, 64 hexadecimal digits."""
        self._ready()
        return self._version

    @property
    def tested(self) -> int:
        """How many splits of frequent itemsets q was corrected for."""
        return self._ready().tested

    def _hold(self, state: AssociationsState, frame: pl.DataFrame) -> Self:
        self._state, self._frame, self._version = state, frame, state_digest(state)
        return self

    def _ready(self) -> AssociationsState:
        if self._state is None:
            raise NotLearntError
        return self._state


def count_least(support: float, baskets: int) -> int:
    """Return the fewest baskets that are a share of ``support``."""
    return max(1, ceil(support * baskets - FEW))


def _number(value: Any) -> Any:
    """JSON has no infinity: it is written as null."""
    return float("inf") if value is None else value


def _proposals(chosen: Any, rules: pl.DataFrame, keys: pl.Series, customer: str) -> pl.DataFrame:
    """Return one row for each rule that was chosen, in order of customers and ranks."""
    rows, ranks = np.nonzero(chosen >= 0)
    said = rules[chosen[rows, ranks].astype(np.uint32)]
    return pl.DataFrame(
        {
            customer: keys.gather(rows.astype(np.uint32)),
            "rank": (ranks + 1).astype(np.int64),
            "item": said["consequent"].list.first(),
            "score": said["confidence"],
            "because": said["antecedent"],
            "en": said["en"],
            "zh": said["zh"],
        }
    )
