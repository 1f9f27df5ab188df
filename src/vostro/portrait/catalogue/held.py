"""Held values 既有取值: what was said of customers from outside of their events, as of a moment?

A person says it (manual tags), an estimator (model tags) or identity (households). All are kept
as intervals [since, end), so that one filter gives the values of any moment.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from vostro.engine import Lake
from vostro.portrait.catalogue.estimates import estimate_history
from vostro.portrait.catalogue.identity_households import household_history
from vostro.portrait.catalogue.manual import manual_history

if TYPE_CHECKING:
    from vostro.portrait.tags import Tag

__all__ = ["HELD_KINDS", "held_at", "held_history", "held_of_people", "held_values"]

HELD_KINDS = ("manual", "model", "identity")


def held_history(
    lake: Lake,
    tags: "Mapping[str, Tag]",
    *,
    customer: str | Collection[str] | None = None,
    people: pl.DataFrame | None = None,
    cleared: bool = False,
) -> dict[str, pl.DataFrame]:
    """Return for each tag of ``HELD_KINDS`` the intervals ``customer``, ``value``, ``since``, ``end``.

    Args:
        lake: of the bank.
        tags: of the bank; other kinds are left out.
        customer: only this one, or these.
        people: ``customer`` and ``person`` of those who have another's name; values are the person's.
        cleared: keep also what a person cleared, as values that are unknown.
    """
    found = manual_history(lake, tags, customer=customer, people=people, cleared=cleared)
    found |= estimate_history(lake, tags, customer=customer, people=people)
    return found | household_history(lake, tags, customer=customer, people=people)


def held_values(
    lake: Lake,
    tags: "Mapping[str, Tag]",
    *,
    as_of: datetime | None = None,
    customer: str | Collection[str] | None = None,
    people: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the values of manual, model and identity tags as of a moment.

    Args:
        lake: of the bank.
        tags: of the bank; other kinds are left out.
        as_of: the moment; None: all that is in the log, as of the last thing that was said.
        customer: only this one, or these.
        people: ``customer`` and ``person`` of those who have another's name; values are the person's.

    Returns:
        One row for each customer who has any value, a column for each of these tags; unknown is null.
    """
    history = held_history(lake, tags, customer=customer, people=people)
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
        found = _last_said(found, rows, code).drop("since")
    return found.sort("_row").drop("_row")


def held_of_people(lake: Lake, tags: "Mapping[str, Tag]", moments: pl.DataFrame) -> pl.DataFrame:
    """Return the values of manual, model and identity tags at moments of people with several identifiers.

    Args:
        lake: of the bank.
        tags: of the bank; other kinds are left out.
        moments: ``row``, ``customer`` and ``as_of`` (moment), once for each identifier; the first of a row
            is the person's own name, which counts where two were said something at the same moment.

    Returns:
        ``row`` and a column for each of these tags: what was said last of any identifier.
    """
    found = moments.select("row").unique(maintain_order=True)
    asked = moments.with_row_index("_row").sort("as_of")
    for code, rows in held_history(lake, tags, cleared=True).items():
        said = _last_said(asked, rows, code).filter(pl.col("since").is_not_null())
        last = said.sort("since", -pl.col("_row").cast(pl.Int64)).unique(
            "row", keep="last", maintain_order=True
        )
        found = found.join(last.select("row", code), on="row", how="left", maintain_order="left")
    return found


def _last_said(moments: pl.DataFrame, rows: pl.DataFrame, code: str) -> pl.DataFrame:
    """Add what was said last before each moment, unknown once it has ended, and since when."""
    known = rows.select("customer", "since", "end", _value="value").sort("since")
    found = moments.join_asof(
        known, left_on="as_of", right_on="since", by="customer", strategy="backward", check_sortedness=False
    )
    live = pl.col("end").is_null() | (pl.col("as_of") < pl.col("end"))
    return found.with_columns(pl.when(live).then(pl.col("_value")).alias(code)).drop("end", "_value")


def _holds(rows: pl.DataFrame, as_of: datetime | None) -> pl.Expr:
    if as_of is None:
        return pl.col("end").is_null() | (pl.col("end") > pl.lit(rows["since"].max()))
    return (pl.col("since") <= as_of) & (pl.col("end").is_null() | (pl.col("end") > as_of))
