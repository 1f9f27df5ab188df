"""Purchases 购买记录: what did customers spend before a moment, and within a horizon after it?"""

from datetime import datetime, timedelta

import polars as pl

from vostro.bank import Bank
from vostro.engine import Workspace, read_events
from vostro.insight import EstimatorDefinition
from vostro.insight.definitions import amounts_of, target_of
from vostro.insight.value_of_bank import PAST
from vostro.portrait import identity_map, resolve

__all__ = ["read_purchases", "spent_within", "with_past"]


def read_purchases(workspace: Workspace, bank: Bank, definition: EstimatorDefinition) -> pl.DataFrame:
    """Return ``customer`` (the person), ``time`` and ``amount`` of every event that counts, by time."""
    with workspace.store.begin() as connection:
        events = read_events(connection, kind=definition.event)
        people = identity_map(connection)
    counts = target_of(definition, events, bank.contracts)
    rows = counts.select("customer", "success", time="event_time").with_columns(
        amount=amounts_of(definition, events, bank.contracts)
    )
    return (
        resolve(rows.filter("success").drop("success"), "customer", people).collect().sort("time", "customer")
    )


def with_past(rows: pl.DataFrame, purchases: pl.DataFrame, moments: str | datetime) -> pl.DataFrame:
    """Add the purchases before each row's moment as ``_past``; who has none is left out.

    Args:
        rows: ``customer`` and any other columns.
        purchases: of ``read_purchases``.
        moments: the column of moments, or the moment of all rows.
    """
    when = pl.col(moments) if isinstance(moments, str) else pl.lit(moments, pl.Datetime("us", "UTC"))
    asked = rows.with_row_index("_row").with_columns(_when=when)
    before = asked.select("_row", "_when", "customer").join(purchases, on="customer", how="inner")
    past = (
        before.filter(pl.col("time") < pl.col("_when"))
        .sort("_row", "time", "amount")
        .group_by("_row", maintain_order=True)
        .agg(pl.struct("time", "amount").alias(PAST))
    )
    return asked.join(past, on="_row", how="inner", maintain_order="left").drop("_row", "_when")


def spent_within(pairs: pl.DataFrame, purchases: pl.DataFrame, horizon: timedelta) -> pl.Series:
    """Return what each customer spent in (event_time, event_time + horizon], shape (n,)."""
    asked = pairs.select("customer", "event_time").with_row_index("_row")
    came = asked.join(purchases, on="customer", how="inner").filter(
        pl.col("time") > pl.col("event_time"), pl.col("time") <= pl.col("event_time") + horizon
    )
    sums = came.group_by("_row").agg(pl.col("amount").sum())
    found = asked.join(sums, on="_row", how="left", maintain_order="left")
    return found["amount"].fill_null(0.0)
