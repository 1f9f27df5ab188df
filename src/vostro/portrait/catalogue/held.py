"""Held values 既有取值: what was said of customers from outside of their events, as of a moment?

A person says it (manual tags), an estimator (model tags) or identity (households). All are kept
as intervals [since, end), so that one filter gives the values of any moment.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from vostro.engine import Lake
from vostro.portrait.catalogue.estimates import estimate_history
from vostro.portrait.catalogue.identity_households import household_history
from vostro.portrait.catalogue.manual import manual_history

if TYPE_CHECKING:
    from vostro.portrait.tags import Tag

__all__ = ["HELD_KINDS", "held_at", "held_history", "held_values"]

HELD_KINDS = ("manual", "model", "identity")


def held_history(
    lake: Lake, tags: "Mapping[str, Tag]", *, customer: str | None = None
) -> dict[str, pl.DataFrame]:
    """Return for each tag of ``HELD_KINDS`` the intervals ``customer``, ``value``, ``since``, ``end``."""
    found = manual_history(lake, tags, customer=customer) | estimate_history(lake, tags, customer=customer)
    return found | household_history(lake, tags, customer=customer)


def held_values(
    lake: Lake, tags: "Mapping[str, Tag]", *, as_of: datetime | None = None, customer: str | None = None
) -> pl.DataFrame:
    """Return the values of manual, model and identity tags as of a moment.

    Args:
        lake: of the bank.
        tags: of the bank; other kinds are left out.
        as_of: the moment; None: all that is in the log, as of the last thing that was said.
        customer: only this one.

    Returns:
        One row for each customer who has any value, a column for each of these tags; unknown is null.
    """
    history = held_history(lake, tags, customer=customer)
    joined = pl.DataFrame(schema={"customer": pl.String})
    for code, rows in history.items():
        now = rows.filter(_holds(rows, as_of)).select("customer", pl.col("value").alias(code))
        joined = joined.join(now, on="customer", how="full", coalesce=True)
    return joined.sort("customer")


def held_at(lake: Lake, tags: "Mapping[str, Tag]", moments: pl.DataFrame) -> pl.DataFrame:
    """Return the values of manual, model and identity tags at each customer's own moment.

    Args:
        lake: of the bank.
        tags: of the bank; other kinds are left out.
        moments: ``customer`` and ``as_of`` (moment), in any order, also several rows a customer.

    Returns:
        ``moments`` with a column for each of these tags, rows in the same order.
    """
    found = moments.with_row_index("_row").sort("as_of")
    for code, rows in held_history(lake, tags).items():
        known = rows.select("customer", "since", "end", _value="value").sort("since")
        found = found.join_asof(
            known,
            left_on="as_of",
            right_on="since",
            by="customer",
            strategy="backward",
            check_sortedness=False,
        )
        live = pl.col("end").is_null() | (pl.col("as_of") < pl.col("end"))
        found = found.with_columns(pl.when(live).then(pl.col("_value")).alias(code))
        found = found.drop("since", "end", "_value")
    return found.sort("_row").drop("_row")


def _holds(rows: pl.DataFrame, as_of: datetime | None) -> pl.Expr:
    if as_of is None:
        return pl.col("end").is_null() | (pl.col("end") > pl.lit(rows["since"].max()))
    return (pl.col("since") <= as_of) & (pl.col("end").is_null() | (pl.col("end") > as_of))
