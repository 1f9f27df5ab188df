"""Purchases 购买记录: what must be known of each customer's past to foresee the next purchases?

Purchases of one customer on one day are one purchase. A refund (an amount below 0) is no purchase:
it is taken off what the customer spent. A free purchase (amount 0) or one of unknown amount counts
in time and tells nothing of money. The first purchase begins the customer's history; what comes
after are the repeat purchases.

Source: Fader, Hardie and Lee (2005), Marketing Science 24(2), for (x, t_x, T) being sufficient.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.errors import FeatureTypeError
from vostro.insight.frames import Frame, as_polars
from vostro.insight.outcomes import require
from vostro.insight.value.days import AsOf, day_of, read_events
from vostro.insight.value.errors import AmountError, PurchasesEmptyError

__all__ = ["Histories", "read_histories"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Histories:
    """What counts of the customers' pasts, one place a customer, in the order of ``customer``."""

    customer: pl.Series  # (n,), sorted, each once
    repeats: Integers  # (n,), days with a purchase after the first
    first_ago: Integers  # (n,), days from the first purchase to as_of
    last_ago: Integers  # (n,), days from the last purchase to as_of
    paid: Integers  # (n,), repeat purchases with an amount above 0
    spent: Floats  # (n,), their sum less refunds, at least 0, in the currency of the amounts
    repeats_ago: Integers  # (longest past + 1,), repeat purchases of all customers by days before as_of
    as_of_day: int

    def __len__(self) -> int:
        return len(self.customer)


def read_histories(
    purchases: Frame,
    *,
    customer: str = "customer",
    time: str = "time",
    amount: str | None = "amount",
    as_of: AsOf | None = None,
) -> Histories:
    """Read the customers' pasts up to a moment; later rows are left out.

    Args:
        purchases: shape (n, columns), one row a purchase or refund, in any order.
        customer: name of the customer's column.
        time: name of the column of dates, moments or day numbers.
        amount: name of the column of amounts; None: only times count.
        as_of: end of the observation; the last day in the rows when None, which is right only when the
            rows were gathered up to that day.

    Raises:
        FeatureMissingError, FeatureTypeError, FrameKindError: the frame.
        CustomerMissingError, TimeMissingError, AmountError, AsOfError, PurchasesEmptyError: its rows.
    """
    frame = as_polars(purchases)
    events = read_events(frame, customer=customer, time=time).with_columns(amount=_amounts(frame, amount))
    end = events["day"].max() if as_of is None else day_of(as_of)
    days = _days(events.filter(pl.col("day") <= end) if end is not None else events)
    if days.is_empty() or not isinstance(end, int):
        raise PurchasesEmptyError(rows=frame.height, as_of=str(as_of))
    return _histories(days, end)


def _amounts(frame: pl.DataFrame, amount: str | None) -> pl.Series:
    if amount is None:
        return pl.Series("amount", [None] * frame.height, dtype=pl.Float64)
    series = require(frame, amount)
    if not (series.dtype.is_numeric() or series.dtype == pl.Null):
        raise FeatureTypeError(column=amount, found=str(series.dtype), wanted="number")
    found = series.cast(pl.Float64).fill_nan(None)
    wrong = found.is_infinite().fill_null(False)
    if wrong.any():
        row = int(wrong.to_numpy().argmax())
        raise AmountError(row=row, value=f"{found[row]}")
    return found


def _days(events: pl.DataFrame) -> pl.DataFrame:
    """One row a customer and day, with what was bought and refunded; customers who only got refunds are gone."""
    money = pl.col("amount").fill_null(0.0)
    by_day = events.group_by("customer", "day").agg(
        bought=(money >= 0).any(),
        money=money.filter(money >= 0).sum(),
        refund=money.filter(money < 0).sum(),
    )
    first = pl.col("day").filter(pl.col("bought")).min().over("customer")
    return by_day.with_columns(first=first).filter(pl.col("first").is_not_null()).sort("customer", "day")


def _histories(days: pl.DataFrame, end: int) -> Histories:
    repeat = pl.col("bought") & (pl.col("day") > pl.col("first"))
    paid = repeat & (pl.col("money") > 0)
    # a refund belongs to the repeat purchases when it came after the first purchase's day
    refund = pl.col("refund").filter(pl.col("day") > pl.col("first")).sum()
    found = (
        days.group_by("customer")
        .agg(
            repeats=repeat.sum().cast(pl.Int64),
            first_ago=end - pl.col("first").first(),
            last_ago=end - pl.col("day").filter(pl.col("bought")).max(),
            paid=paid.sum().cast(pl.Int64),
            spent=(pl.col("money").filter(paid).sum() + refund).clip(0.0),
        )
        .sort("customer")
    )
    ago = end - days.filter(repeat)["day"].to_numpy()
    numbers = {name: found[name].to_numpy() for name in found.columns if name != "customer"}
    longest = int(found["first_ago"].max())  # type: ignore[arg-type]
    return Histories(
        found["customer"], **numbers, repeats_ago=np.bincount(ago, minlength=longest + 1), as_of_day=end
    )
