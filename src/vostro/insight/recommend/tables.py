"""Recommenders on the engine 引擎上的推荐: the same counts, where the data are too many for this machine?

Each function takes Ibis tables of DuckDB or Spark. What is heavy (pairs of items, itemsets, the lists of
all customers) is asked of the engine; what comes back is a matter of items. Counts are the same whole
numbers as in memory, so the rules and weights made from them are the same too.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.recommend.errors import ItemsetsManyError
from vostro.insight.recommend.mining import SETS_MOST, Itemsets

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["gram_of_table", "itemsets_of_table", "pair_counts", "top_of_table"]

Floats = npt.NDArray[np.float64]


def pair_counts(table: "ir.Table", *, row: str = "customer", item: str = "item") -> "ir.Table":
    """Return how many rows hold both items of each pair: columns item, other (at or after item), both.

    Of an item with itself: how many hold it.
    """
    pairs = _pairs(table, row, item)
    left = pairs.rename(row="row", item="item")
    right = pairs.rename(row_right="row", other="item")
    both = left.join(right, [left.row == right.row_right, left.item <= right.other])
    return both.group_by("item", "other").agg(both=both.count())


def gram_of_table(
    table: "ir.Table", *, row: str = "customer", item: str = "item"
) -> tuple[Floats, tuple[str, ...]]:
    """Return the Gram matrix, shape (items, items), and the names of its items, sorted."""
    counts: pl.DataFrame = pair_counts(table, row=row, item=item).to_polars()
    names = pl.concat([counts["item"], counts["other"]]).unique().sort()
    place = {"item": names, "at": np.arange(len(names))}
    known = pl.DataFrame(place)
    at = [
        counts.join(known, left_on=side, right_on="item", how="left", maintain_order="left")["at"]
        for side in ("item", "other")
    ]
    sums = np.zeros((len(names), len(names)))
    rows, columns = (each.to_numpy() for each in at)
    sums[rows, columns] = counts["both"].to_numpy()
    sums[columns, rows] = counts["both"].to_numpy()
    return sums, tuple(names)


def itemsets_of_table(
    table: "ir.Table",
    *,
    count_least: int,
    size_most: int = 3,
    row: str = "basket",
    item: str = "item",
    sets_most: int = SETS_MOST,
) -> tuple[Itemsets, tuple[str, ...]]:
    """Return every itemset in at least ``count_least`` baskets, size by size, and the names of all items.

    ``Associations().take(*itemsets_of_table(...))`` makes the rules.

    Raises:
        ItemsetsManyError: there are more than ``sets_most``.

    Source: Agrawal and Srikant (1994), "Fast algorithms for mining association rules", VLDB 20.
    """
    import ibis

    pairs = _pairs(table, row, item)
    baskets = int(pairs.row.nunique().to_polars())
    held: pl.DataFrame = pairs.group_by("item").agg(baskets=pairs.count()).to_polars()
    names = tuple(held["item"].sort())
    single = held.filter(pl.col("baskets") >= count_least).sort("baskets", "item")
    ranks = single.with_columns(rank=pl.int_range(pl.len(), dtype=pl.Int64))
    found = _Found(names, ranks, baskets, count_least, size_most, sets_most)
    frequent = ibis.memtable(ranks.select("item", "rank"))
    base = pairs.join(frequent, "item").select("row", "rank")
    grown = base.select("row", node="rank", last="rank")
    for size in range(2, size_most + 1):
        step = base.view().rename(row_right="row", next="rank")
        wider = grown.join(step, [grown.row == step.row_right, grown["last"] < step.next])
        counted = wider.group_by("node", "next").agg(baskets=wider.count())
        level: pl.DataFrame = counted.filter(counted.baskets >= count_least).to_polars()
        if not level.height:
            break
        nodes = ibis.memtable(found.add(level, size))
        joined = wider.join(nodes, [wider.node == nodes.parent, wider.next == nodes.added])
        grown = joined.select("row", node="child", last="next")
    return found.itemsets(), names


def top_of_table(
    table: "ir.Table", weights: npt.NDArray[np.float32], names: tuple[str, ...], *, k: int = 5
) -> "ir.Table":
    """Return the best items of each customer by the sum of what each holding adds.

    Args:
        table: columns customer and item.
        weights: shape (items, items); row i is what holding i adds to each item (EASE or item-item).
        names: of the items.
        k: items a customer.

    Returns:
        customer, rank (from 1), item, score; nothing that is held. Sums are made in the engine's order, so
        scores agree to about seven digits.
    """
    import ibis

    pairs = _pairs(table, "customer", "item")
    rows, columns = np.nonzero(weights)
    known = pl.Series(names, dtype=pl.String)
    adds = ibis.memtable(
        pl.DataFrame(
            {
                "holding": known.gather(rows.astype(np.uint32)),
                "other": known.gather(columns.astype(np.uint32)),
                "weight": weights[rows, columns].astype(np.float64),
            }
        )
    )
    spread = pairs.join(adds, pairs.item == adds.holding)
    summed = spread.group_by("row", "other").agg(score=spread.weight.sum())
    own = pairs.rename(row_right="row", held="item")
    fresh = summed.anti_join(own, [summed.row == own.row_right, summed.other == own.held])
    order = ibis.window(group_by="row", order_by=[ibis.desc("score"), ibis.asc("other")])
    ranked = fresh.mutate(rank=ibis.row_number().over(order) + 1)
    best: Any = ranked.filter(ranked["rank"] <= k)
    return best.select(customer="row", rank="rank", item="other", score="score")


class _Found:
    """Itemsets that were found so far, as a growing tree."""

    def __init__(
        self,
        names: tuple[str, ...],
        ranks: pl.DataFrame,
        baskets: int,
        least: int,
        most: int,
        limit: int,
    ) -> None:
        place = {name: at for at, name in enumerate(names)}
        self.names, self.baskets, self.least, self.most, self.limit = names, baskets, least, most, limit
        self.codes = np.asarray([place[name] for name in ranks["item"]], dtype=np.int64)
        count = ranks.height
        self.parents, self.added = [np.full(count, -1, dtype=np.int64)], [np.arange(count)]
        self.counts, self.sizes = (
            [ranks["baskets"].to_numpy().astype(np.int64)],
            [np.ones(count, dtype=np.int64)],
        )

    def add(self, level: pl.DataFrame, size: int) -> pl.DataFrame:
        """Add the itemsets of one size; return parent, added, child for the engine."""
        begin = sum(map(len, self.parents))
        if begin + level.height > self.limit:
            raise ItemsetsManyError(limit=f"{self.limit:,}", least=self.least, size_most=self.most)
        level = level.sort("node", "next")
        self.parents.append(level["node"].to_numpy().astype(np.int64))
        self.added.append(level["next"].to_numpy().astype(np.int64))
        self.counts.append(level["baskets"].to_numpy().astype(np.int64))
        self.sizes.append(np.full(level.height, size, dtype=np.int64))
        child = pl.int_range(begin, begin + level.height, dtype=pl.Int64, eager=True)
        return pl.DataFrame({"parent": level["node"], "added": level["next"], "child": child})

    def itemsets(self) -> Itemsets:
        parents, counts = np.concatenate(self.parents), np.concatenate(self.counts)
        items = self.codes[np.concatenate(self.added)] if len(parents) else parents
        keys = (parents + 1) * len(self.names) + items
        nodes = np.argsort(keys, kind="stable")
        return Itemsets(
            parents.astype(np.int32),
            items.astype(np.int32),
            counts,
            np.concatenate(self.sizes).astype(np.int32),
            self.baskets,
            len(self.names),
            keys[nodes],
            nodes,
        )


def _pairs(table: "ir.Table", row: str, item: str) -> "ir.Table":
    """Distinct pairs; items are texts."""
    return table.select(row=table[row], item=table[item].cast("string")).distinct()
