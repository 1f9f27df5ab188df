"""Naming 归名: of whom was this said, when customers may be known under several identifiers?"""

from collections.abc import Collection

import polars as pl

__all__ = ["last_word", "named", "names_of"]

_OWN = "_own"


def named(rows: pl.DataFrame, people: pl.DataFrame | None) -> pl.DataFrame:
    """Return rows with people in place of their identifiers; rows and order stay.

    Args:
        rows: with ``customer``.
        people: ``customer`` and ``person`` of those who have another's name; None: nobody has.
    """
    if people is None:
        return rows
    found = rows.join(people, on="customer", how="left", maintain_order="left")
    return found.with_columns(pl.coalesce("person", "customer").alias("customer")).drop("person")


def names_of(customer: str | Collection[str] | None) -> list[str] | None:
    """Return one or several customers as a list; None: everybody."""
    return [customer] if isinstance(customer, str) else None if customer is None else list(customer)


def last_word(rows: pl.DataFrame, people: pl.DataFrame | None) -> pl.DataFrame:
    """Return rows of people, one for each person and moment: that of the identifier which names the person.

    Args:
        rows: ``customer``, ``as_of`` and values.
        people: as of ``named``.
    """
    if people is None:
        return rows
    own = rows.with_columns(~pl.col("customer").is_in(people["customer"].implode()).alias(_OWN))
    ordered = named(own.sort(_OWN, "customer", maintain_order=True), people)
    last = ordered.unique(["customer", "as_of"], keep="last", maintain_order=True)
    return last.drop(_OWN).sort("customer", "as_of")
