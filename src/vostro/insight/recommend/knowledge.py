"""Knowledge 产品知识推荐: which products suit this customer, which fit, and why?

No learning: what the bank knows of its products is written down, and every condition is a rule over
tags. A product may be proposed when all its *suitable* rules hold (unknown is not so), what it *needs* is
held and nothing that it *excludes*; what speaks for it are its *fits*, whose weights add up.
"""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.engine import Located
from vostro.insight.frames import Frame, as_polars
from vostro.insight.recommend.coding import Sparse, require_columns
from vostro.insight.recommend.knowledge_definitions import (
    LifeEvent,
    Product,
    read_product_knowledge,
    rules_of,
)
from vostro.insight.recommend.proposals import check_count
from vostro.insight.recommend.top import top_of_scores
from vostro.portrait import Rule, TagInfo, mask_rules, rules_for_customer
from vostro.words import Text

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["Advice", "Knowledge"]

Flags = npt.NDArray[np.bool_]


class Advice(msgspec.Struct, frozen=True):
    """What is known of one product for one customer."""

    product: str
    name: Text
    score: float  # sum of the weights of what speaks for it
    fits: tuple[Text, ...]  # what speaks for it
    obstacles: tuple[Text, ...]  # why it may not be proposed; empty: it may

    @property
    def proposed(self) -> bool:
        """Whether it may be proposed and something speaks for it."""
        return self.score > 0 and not self.obstacles


class Knowledge:
    """Proposes products by what is known of them.

    Args:
        products: definitions, by code.
        life_events: definitions, by code.
        tags: what rules may read.

    Raises:
        FaultsError: whatever is wrong with the definitions, all at once.
    """

    def __init__(
        self,
        products: Sequence[Product],
        *,
        life_events: Sequence[LifeEvent] = (),
        tags: Mapping[str, TagInfo],
    ) -> None:
        self.products = {each.product: each for each in products}
        self.life_events = {each.life_event: each for each in life_events}
        at = {code: Located(each, "(given)", {}) for code, each in self.products.items()}
        events = {code: Located(each, "(given)", {}) for code, each in self.life_events.items()}
        self._rules = _named(rules_of(at, events, tags))
        self._ask = rules_for_customer(self._rules)

    @classmethod
    def read(cls, bank: Path, *, tags: Mapping[str, TagInfo]) -> "Knowledge":
        """Read ``knowledge/*.yaml`` and ``knowledge/life_events/*.yaml`` of a bank's folder.

        Raises:
            FaultsError: every fault with file and line.
        """
        products, events, _ = read_product_knowledge(bank, tags)
        return cls(
            [at.value for at in products.values()],
            life_events=[at.value for at in events.values()],
            tags=tags,
        )

    @property
    def sold(self) -> tuple[str, ...]:
        """The products that can be proposed, sorted by code."""
        return tuple(sorted(code for code, each in self.products.items() if each.sold))

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Every condition as a rule, by ``product: path`` or ``life_event: when``."""
        return self._rules

    def members(self, code: str) -> frozenset[str]:
        """Return a product and all that are of its kind, by way of others too."""
        found, ahead = {code}, [code]
        while ahead:
            kind = ahead.pop()
            more = {each for each, product in self.products.items() if kind in product.kinds} - found
            found |= more
            ahead += sorted(more)
        return frozenset(found)

    def advise(self, portrait: Mapping[str, object], held: Collection[str] = ()) -> list[Advice]:
        """Say of every product what speaks for it and what stands against it, for one customer.

        Args:
            portrait: a value (or None) for each tag that the rules read.
            held: products held.

        Returns:
            those that may be proposed first, the highest score first, then by code.

        Raises:
            TagMissingError: the portrait lacks a tag.
        """
        answers = dict(zip(self._rules, self._ask(portrait), strict=True))
        found = [self._advice(code, answers, frozenset(held)) for code in self.sold]
        return sorted(found, key=lambda each: (not each.proposed, -each.score, each.product))

    def recommend(self, portraits: Frame, *, held: Frame | None = None, k: int = 5) -> pl.DataFrame:
        """Return the best products of each customer: those that ``advise`` proposes, in its order.

        Args:
            portraits: column customer and a column for each tag that the rules read; one row a customer.
            held: columns customer and item: products held.
            k: most products a customer.

        Returns:
            shape (up to customers * k, 7): customer, rank (from 1), item, score (sum of weights), because
            (list: tags that speak for it), en, zh.

        Raises:
            FeatureMissingError, KeyMissingError, FrameKindError, TagMissingError: the tables.
            RecommendationCountError: k is below 1.
        """
        check_count(k)
        table = as_polars(portraits)
        require_columns(table, "customer")
        masks = mask_rules(self._rules, table)
        holds = self._holdings(table["customer"], held)
        scores = np.full((table.height, len(self.sold)), -np.inf, dtype=np.float64)
        for place, code in enumerate(self.sold):
            score = self._scores(code, masks, table.height)
            allowed = self._allowed(code, masks, holds, table.height)
            scores[:, place] = np.where(allowed & (score > 0), score, -np.inf)
        chosen = self._chosen(scores, k)
        return self._told(table["customer"], chosen, scores, masks)

    def recommend_table(self, portraits: "ir.Table", *, held: "ir.Table", k: int = 5) -> "ir.Table":
        """Return what ``recommend`` returns, but the reasons, as an expression over DuckDB or Spark.

        Args:
            portraits: columns customer and the tags that the rules read; one row a customer.
            held: columns customer and item.
            k: most products a customer.

        Returns:
            customer, rank, item, score.
        """
        import ibis

        check_count(k)
        parts = [self._product_table(code, portraits, held) for code in self.sold if self.products[code].fits]
        order = ibis.window(group_by="customer", order_by=[ibis.desc("score"), ibis.asc("item")])
        every = ibis.union(*parts) if len(parts) > 1 else parts[0]
        ranked = every.mutate(rank=ibis.row_number().over(order) + 1)
        return ranked.filter(ranked["rank"] <= k).select("customer", "rank", "item", "score")

    def _product_table(self, code: str, portraits: "ir.Table", held: "ir.Table") -> "ir.Table":
        """Return the customers to whom one product may be proposed, with its score."""
        import ibis

        product = self.products[code]
        score: Any = ibis.literal(0.0)
        for i, fit in enumerate(product.fits):
            speaks = self._rules[self._fit_rule(code, i)].predicate(portraits).fill_null(False)
            score = score + ibis.ifelse(speaks, ibis.literal(float(fit.weight)), ibis.literal(0.0))
        found = portraits
        for i in range(len(product.suitable)):
            found = found.filter(self._rules[f"{code}: suitable[{i}].when"].predicate(portraits))
        found = found.select("customer", item=ibis.literal(code), score=score)
        found = found.filter(found.score > 0)
        for need in product.needs:
            found = found.semi_join(held.filter(held.item.isin(sorted(self.members(need)))), "customer")
        barred = {code}.union(*[self.members(other) for other in product.excludes])
        return found.anti_join(held.filter(held.item.isin(sorted(barred))), "customer")

    def _advice(self, code: str, answers: Mapping[str, bool | None], held: frozenset[str]) -> Advice:
        product = self.products[code]
        speaking = [i for i in range(len(product.fits)) if answers[self._fit_rule(code, i)]]
        obstacles = [Text(en="held already", zh="已持有")] if code in held else []
        for i in range(len(product.suitable)):
            answer = answers[f"{code}: suitable[{i}].when"]
            if not answer:
                obstacles.append(_unsuitable(self._why_suitable(code, i), known=answer is not None))
        for need in product.needs:
            if not self.members(need) & held:
                name = self.products[need].name
                obstacles.append(Text(en=f"needs {name.en}", zh=f"须先持有{name.zh}"))
        for other in product.excludes:
            if self.members(other) & held:
                name = self.products[other].name
                obstacles.append(Text(en=f"not together with {name.en}", zh=f"不可与{name.zh}同时持有"))
        score = float(sum(product.fits[i].weight for i in speaking))
        fits = tuple(self._why_fit(code, i) for i in speaking)
        return Advice(code, product.name, score, fits, tuple(obstacles))

    def _fit_rule(self, code: str, place: int) -> str:
        event = self.products[code].fits[place].life_event
        return f"{event}: when" if event is not None else f"{code}: fits[{place}].when"

    def _why_fit(self, code: str, place: int) -> Text:
        fit = self.products[code].fits[place]
        if fit.why is not None:
            return fit.why
        return (
            self.life_events[fit.life_event].name
            if fit.life_event
            else self._words(self._fit_rule(code, place))
        )

    def _why_suitable(self, code: str, place: int) -> Text:
        return self.products[code].suitable[place].why or self._words(f"{code}: suitable[{place}].when")

    def _words(self, rule: str) -> Text:
        return Text(en=self._rules[rule].words("en"), zh=self._rules[rule].words("zh"))

    def _holdings(self, customers: pl.Series, held: Frame | None) -> dict[str, Flags]:
        """Return for each product that is asked about whether each customer holds it or one of its kind."""
        asked = {code for each in self.products.values() for code in (*each.needs, *each.excludes)}
        asked |= set(self.sold)
        if held is None:
            return {code: np.zeros(len(customers), dtype=bool) for code in asked}
        table = as_polars(held)
        require_columns(table, "customer", "item")
        items = table["item"].cast(pl.String)
        holders = table["customer"].cast(customers.dtype, strict=False)

        def holds(codes: Collection[str]) -> Flags:
            return customers.is_in(holders.filter(items.is_in(sorted(codes))).unique().implode()).to_numpy()

        found = {code: holds(self.members(code)) for code in sorted(asked)}
        found |= {f"= {code}": holds({code}) for code in self.sold}  # the product itself
        return found

    def _scores(self, code: str, masks: Mapping[str, Flags], rows: int) -> npt.NDArray[np.float64]:
        score = np.zeros(rows)
        for i, fit in enumerate(self.products[code].fits):
            score += fit.weight * masks[self._fit_rule(code, i)]
        return score

    def _allowed(self, code: str, masks: Mapping[str, Flags], holds: Mapping[str, Flags], rows: int) -> Flags:
        product = self.products[code]
        allowed = np.ones(rows, dtype=bool)
        for i in range(len(product.suitable)):
            allowed &= masks[f"{code}: suitable[{i}].when"]
        for need in product.needs:
            allowed &= holds[need]
        for other in product.excludes:
            allowed &= ~holds[other]
        if f"= {code}" in holds:
            allowed &= ~holds[f"= {code}"]
        return np.asarray(allowed, dtype=np.bool_)

    def _chosen(self, scores: npt.NDArray[np.float64], k: int) -> npt.NDArray[np.int32]:
        if not scores.size:
            return np.full((len(scores), k), -1, dtype=np.int32)
        none = np.zeros(0, dtype=np.int32)
        bare = Sparse(
            np.zeros(len(scores) + 1, dtype=np.int64), none, none.astype(np.float32), scores.shape[1]
        )
        return top_of_scores(bare, scores, k)[0]

    def _told(
        self,
        customers: pl.Series,
        chosen: npt.NDArray[np.int32],
        scores: npt.NDArray[np.float64],
        masks: Mapping[str, Flags],
    ) -> pl.DataFrame:
        rows, places = np.nonzero(chosen >= 0)
        items = chosen[rows, places]
        frame = pl.DataFrame(
            {
                "at": np.arange(len(rows)),
                "customer": customers.gather(rows.astype(np.uint32)),
                "rank": (places + 1).astype(np.int64),
                "item": pl.Series(self.sold, dtype=pl.String).gather(items.astype(np.uint32)),
                "score": scores[rows, items],
            }
        )
        parts = []
        for place, code in enumerate(self.sold):
            mine = np.flatnonzero(items == place)
            if len(mine):
                parts.append(self._said(code, frame[mine.astype(np.uint32)], masks, rows[mine]))
        empty = frame.head(0).with_columns(
            because=pl.lit(None, dtype=pl.List(pl.String)), en=pl.lit("", pl.String), zh=pl.lit("", pl.String)
        )
        return pl.concat([empty, *parts]).sort("at").drop("at")

    def _said(
        self, code: str, frame: pl.DataFrame, masks: Mapping[str, Flags], rows: npt.NDArray[np.intp]
    ) -> pl.DataFrame:
        """Add the reasons of one product, for the customers to whom it is proposed."""
        fits = range(len(self.products[code].fits))
        flags = pl.DataFrame({f"f{i}": masks[self._fit_rule(code, i)][rows] for i in fits})
        tags: list[Any] = [
            pl.when(f"f{i}").then(
                pl.lit(sorted(self._rules[self._fit_rule(code, i)].tags), dtype=pl.List(pl.String))
            )
            for i in fits
        ]
        english = [pl.when(f"f{i}").then(pl.lit(self._why_fit(code, i).en)) for i in fits]
        chinese = [pl.when(f"f{i}").then(pl.lit(self._why_fit(code, i).zh)) for i in fits]
        nothing = pl.lit([], dtype=pl.List(pl.String))
        said = flags.select(
            because=pl.concat_list([each.otherwise(nothing) for each in tags]).list.unique().list.sort(),
            en=pl.concat_str(english, separator="; ", ignore_nulls=True),
            zh=pl.concat_str(chinese, separator="；", ignore_nulls=True),
        )
        return frame.hstack(said)


def _named(rules: Mapping[tuple[str, str], Rule]) -> dict[str, Rule]:
    return {f"{code}: {path}": rule for (code, path), rule in rules.items()}


def _unsuitable(why: Text, *, known: bool) -> Text:
    if known:
        return Text(en=f"not suitable: {why.en} is not so", zh=f"不适当：不符合“{why.zh}”")
    return Text(en=f"not suitable: {why.en} is not known", zh=f"不适当：“{why.zh}”情况不明")
