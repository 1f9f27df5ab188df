"""Proposals 推荐结果: one row for each item that is proposed to a customer."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.frames import as_polars
from vostro.insight.recommend.coding import require_columns
from vostro.insight.recommend.errors import RecommendationCountError
from vostro.insight.recommend.top import Top
from vostro.words import Text

__all__ = ["asked_customers", "check_count", "propose_frame", "say_proposals"]

Integers = npt.NDArray[np.int64]


def check_count(k: int) -> None:
    """Refuse to propose nothing.

    Raises:
        RecommendationCountError: k is below 1.
    """
    if k < 1:
        raise RecommendationCountError(k=k)


def asked_customers(customers: Any, keys: pl.Series | None) -> tuple[pl.Series, Integers]:
    """Return the customers who are asked for, and the row of each among the keys (-1: not among them).

    Raises:
        FeatureMissingError, KeyMissingError, FrameKindError: a table without customers.
    """
    if customers is None:
        assert keys is not None, "all customers of a recommender that knows some"
        return keys, np.arange(len(keys))
    if isinstance(customers, pl.Series | list | tuple | np.ndarray):
        asked = pl.Series("customer", customers)
    else:
        table = as_polars(customers)
        require_columns(table, "customer")
        asked = table["customer"]
    if keys is None:
        return asked, np.arange(len(asked))
    known = pl.DataFrame({"key": keys, "row": np.arange(len(keys))})
    given = pl.DataFrame({"key": asked.cast(keys.dtype, strict=False)})
    rows = given.join(known.unique("key", keep="first"), on="key", how="left", maintain_order="left")["row"]
    return asked, np.asarray(rows.fill_null(-1).to_numpy(), dtype=np.int64)


def propose_frame(
    top: Top, customers: pl.Series, names: Sequence[str], kinds: Integers, methods: Sequence[str]
) -> pl.DataFrame:
    """Return the table of proposals, in order of customers and ranks."""
    items, scores, because = top
    rows, places = np.nonzero(items >= 0)
    known = pl.Series(names, dtype=pl.String)
    return pl.DataFrame(
        {
            "customer": customers.gather(rows.astype(np.uint32)),
            "rank": (places + 1).astype(np.int64),
            "item": known.gather(items[rows, places].astype(np.uint32)),
            "score": scores[rows, places].astype(np.float64),
            "method": pl.Series(methods).gather(kinds[rows].astype(np.uint32)),
            "because": _one_each(because[rows, places], known),
        }
    )


def _one_each(codes: npt.NDArray[np.int32], names: pl.Series) -> pl.Series:
    """Return lists of one name each, shape (n,); an empty list for -1."""
    if (codes >= 0).all():  # the usual case costs nothing: the names are the lists' content
        return names.gather(codes.astype(np.uint32)).reshape((-1, 1)).arr.to_list()
    alone = pl.concat([names.reshape((-1, 1)).arr.to_list(), pl.Series([[]], dtype=pl.List(pl.String))])
    return alone.gather(np.where(codes < 0, len(names), codes).astype(np.uint32))


def say_proposals(found: pl.DataFrame, names: Mapping[str, Text]) -> pl.DataFrame:
    """Add why each item is proposed, in both languages."""
    held = pl.col("because").list.first()
    english = held.replace({code: text.en for code, text in names.items()}) if names else held
    chinese = held.replace({code: text.zh for code, text in names.items()}) if names else held
    alike, most = pl.col("method") == "portrait", pl.col("method") == "popularity"
    return found.with_columns(
        en=pl.when(held.is_not_null())
        .then(pl.format("because the customer holds {}", english))
        .when(alike)
        .then(pl.lit("because customers with a like portrait hold it"))
        .when(most)
        .then(pl.lit("because many customers hold it"))
        .otherwise(pl.lit("because customers with like holdings hold it")),
        zh=pl.when(held.is_not_null())
        .then(pl.format("因为客户持有{}", chinese))
        .when(alike)
        .then(pl.lit("因为画像相近的客户持有"))
        .when(most)
        .then(pl.lit("因为许多客户持有"))
        .otherwise(pl.lit("因为持有情况相近的客户持有")),
    )
