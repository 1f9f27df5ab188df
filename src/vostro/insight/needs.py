"""Product needs 产品需求: which product do customers like this one hold, that this one does not?

For each product, customers are clustered by all tags *but* that product and those that give it
away. What share of a customer's own cluster holds the product is what customers like him hold;
shares of small clusters are drawn towards the whole. The need of a customer is the product that he
does not hold and that the customers of his cluster hold most above the average.
"""

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.clusters import Clusters, Method
from vostro.insight.frames import Frame, as_polars
from vostro.insight.leakage import related_tags, telling_tags
from vostro.insight.outcomes import require
from vostro.portrait import TagInfo

__all__ = ["Need", "ProductNeeds"]

Floats = npt.NDArray[np.float64]
SHRINK_ROWS = 20.0  # customers; a cluster's share is drawn to the whole's as by so many average ones
LIFT_LEAST = 1.2  # of a need: what is hardly above the average is no need


class Need(msgspec.Struct, frozen=True):
    """How one product is spread over the clusters of customers that are alike in all else."""

    product: str
    base: float  # share of all customers who hold it
    shares: tuple[float, ...]  # of each cluster, drawn to the base
    sizes: tuple[int, ...]  # customers of each cluster
    left_out: tuple[str, ...]  # tags that would give the product away
    weak: bool  # the clusters are hardly more than one cloud


class ProductNeeds:
    """Says which products customers like this one hold.

    Args:
        method: of the clusters, "mixture" or "kmeans".
        seed: of every draw.
        k: how many clusters a product, or "auto".
    """

    def __init__(self, *, method: Method = "mixture", seed: int = 0, k: int | None = None) -> None:
        self.method, self.seed, self.k = method, seed, k
        self.needs: dict[str, Need] = {}
        self._clusters: dict[str, Clusters] = {}

    def fit(
        self,
        frame: Frame,
        *,
        products: Sequence[str],
        features: Sequence[str] | None = None,
        tags: Mapping[str, TagInfo] | None = None,
        made_of: Mapping[str, Sequence[str]] | None = None,
    ) -> "ProductNeeds":
        """Learn from customers.

        Args:
            frame: shape (n, tags).
            products: yes-or-no tags: holds the product. Unknown counts as no.
            features: tags by which customers are alike, other products among them; all but ``customer`` by default.
            tags: which tags are made of which, so that those of the product itself are left out.
            made_of: estimators and clusters -> the tags that they read, for the same reason.

        Raises:
            VostroError: as ``Clusters.fit``.
        """
        table = as_polars(frame)
        named = list(features) if features is not None else [n for n in table.columns if n != "customer"]
        for product in products:
            holds = _holds(table, product)
            own = related_tags([product], tags or {}, made_of) | {product}
            others = [name for name in dict.fromkeys([*named, *products]) if name not in own]
            telling = telling_tags(table, holds, others) if holds.any() and not holds.all() else {}
            kept = [name for name in others if name not in telling]
            clusters = Clusters(self.k or "auto", method=self.method, seed=self.seed).fit(
                table, features=kept
            )
            self._clusters[product] = clusters
            left_out = tuple(name for name in named if name in own or name in telling)
            self.needs[product] = _need(product, clusters, table, holds, left_out)
        return self

    def shares(self, frame: Frame) -> pl.DataFrame:
        """Return what share of the customers like each one holds each product; shape (n, products), 0 to 1."""
        table = as_polars(frame)
        return pl.DataFrame(
            {
                product: clusters.chances(table) @ np.asarray(self.needs[product].shares)
                for product, clusters in self._clusters.items()
            }
        )

    def predict(self, frame: Frame) -> pl.DataFrame:
        """Return each customer's need.

        Returns:
            ``customer`` (if the frame has it), ``need`` (the product; null: none), ``share`` (of the customers like
            him who hold it, 0 to 1) and ``lift`` (against all customers), one row a customer.
        """
        table = as_polars(frame)
        shares = self.shares(table)
        products = shares.columns
        holds = np.column_stack([_holds(table, product) for product in products])
        base = np.asarray([max(self.needs[product].base, 1e-12) for product in products])
        lift = np.where(holds, -np.inf, shares.to_numpy() / base)
        best = lift.argmax(axis=1)
        rows = np.arange(len(best))
        wanted = lift[rows, best] >= LIFT_LEAST
        found = pl.DataFrame(
            {
                "need": pl.Series([products[i] for i in best], dtype=pl.String),
                "share": shares.to_numpy()[rows, best],
                "lift": lift[rows, best],
            }
        ).with_columns(pl.when(pl.Series(wanted)).then(pl.all()))
        return table.select("customer").hstack(found) if "customer" in table.columns else found


def _holds(table: pl.DataFrame, product: str) -> npt.NDArray[np.bool_]:
    return require(table, product).cast(pl.Boolean).fill_null(False).to_numpy()


def _need(
    product: str,
    clusters: Clusters,
    table: pl.DataFrame,
    holds: npt.NDArray[np.bool_],
    left_out: tuple[str, ...],
) -> Need:
    chances = clusters.chances(table)
    base, sizes = float(holds.mean()), chances.sum(axis=0)
    shares = (chances.T @ holds + SHRINK_ROWS * base) / (sizes + SHRINK_ROWS)
    return Need(
        product,
        base,
        tuple(shares.tolist()),
        tuple(round(size) for size in sizes.tolist()),
        left_out,
        clusters.model.weak,
    )
