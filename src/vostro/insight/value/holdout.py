"""Holdout in time 时间外评估: what did the model say of days that came after all it knew?

The model learns from purchases up to ``as_of`` and foresees the days after it, which it never saw.
"""

from collections.abc import Callable

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.frames import Frame, as_polars
from vostro.insight.value.days import AsOf, day_of, read_events, require_days
from vostro.insight.value.model import ValueModel
from vostro.insight.value.purchases import read_histories
from vostro.insight.value.total import PurchaseTotal

__all__ = ["ValueHoldout", "evaluate_value"]

Floats = npt.NDArray[np.float64]
SHARE = 0.9


class ValueHoldout(msgspec.Struct, frozen=True):
    """How well purchases after as_of were foreseen."""

    customers: int
    days: float
    purchases: int  # what happened
    expected: float  # purchases; what was foreseen
    total_error: float  # expected / purchases - 1
    total: PurchaseTotal  # with its interval
    mae: float  # purchases a customer, mean absolute error
    rmse: float  # purchases; unlike mae it is least where the mean is foreseen
    mae_nobody_changes: float  # the same when each goes on at his own past pace
    correlation: float  # of foreseen and happened
    inside: float  # share of customers whose purchases lie in their 90 % interval
    value: float | None  # what was paid in those days, refunds taken off
    value_expected: float | None
    value_inside: float | None  # share of customers whose amounts lie in their 90 % interval


def evaluate_value(
    purchases: Frame,
    *,
    as_of: AsOf,
    days: float,
    customer: str = "customer",
    time: str = "time",
    amount: str | None = "amount",
    make: Callable[[], ValueModel] = ValueModel,
) -> ValueHoldout:
    """Learn up to a moment and measure on the days after it.

    Args:
        purchases: as ``ValueModel.fit``; the rows must reach as far as as_of + days.
        as_of: what came later is unknown to the model.
        days: length of the holdout.
        customer: name of a column.
        time: name of a column.
        amount: name of a column, or None.
        make: gives a fresh model.

    Raises:
        VostroError: as ``ValueModel.fit``.
        HorizonDaysError: days is no number above 0.
    """
    frame = as_polars(purchases)
    model = make().fit(frame, customer=customer, time=time, amount=amount, as_of=as_of)
    said = model.predict(days=require_days(days, "days"), share=SHARE)
    after = _after(frame, customer, time, amount, day_of(as_of), days)
    table = said.join(after, on="customer", how="left", maintain_order="left")
    table = table.with_columns(pl.col("came", "paid").fill_null(0))
    came, expected = table["came"].to_numpy(), table["purchases"].to_numpy()
    pace = _pace(frame, customer, time, as_of, days)
    return ValueHoldout(
        customers=table.height,
        days=days,
        purchases=int(came.sum()),
        expected=float(expected.sum()),
        total_error=float(expected.sum() / max(came.sum(), 1) - 1),
        total=model.total(days=days, share=SHARE),
        mae=float(np.abs(expected - came).mean()),
        rmse=float(np.sqrt(np.square(expected - came).mean())),
        mae_nobody_changes=float(np.abs(pace - came).mean()),
        correlation=_correlation(expected, came.astype(np.float64)),
        inside=_inside(table, "came", "purchases"),
        value=None if amount is None else float(table["paid"].sum()),
        value_expected=None if amount is None else float(table["customer_value"].sum()),
        value_inside=None if amount is None else _inside(table, "paid", "value"),
    )


def _after(
    frame: pl.DataFrame, customer: str, time: str, amount: str | None, end: int, days: float
) -> pl.DataFrame:
    """Days with a purchase and amounts of each customer in the span."""
    known = pl.lit(0.0) if amount is None else frame[amount].cast(pl.Float64).fill_nan(None).fill_null(0.0)
    events = read_events(frame, customer=customer, time=time).with_columns(amount=known)
    money = pl.col("amount")
    bought = pl.col("day").filter(money >= 0)
    inside = events.filter(pl.col("day").is_between(end, end + int(days), closed="right"))
    return inside.group_by("customer").agg(came=bought.n_unique().cast(pl.Int64), paid=money.sum())


def _pace(frame: pl.DataFrame, customer: str, time: str, as_of: AsOf, days: float) -> Floats:
    """Everybody goes on at his past pace: repeats a day since the first purchase."""
    past = read_histories(frame, customer=customer, time=time, amount=None, as_of=as_of)
    return np.asarray(past.repeats / np.maximum(past.first_ago, 1) * days)


def _inside(table: pl.DataFrame, happened: str, said: str) -> float:
    return float(table[happened].is_between(table[f"{said}_low"], table[f"{said}_high"]).mean())  # type: ignore[arg-type]


def _correlation(expected: Floats, came: Floats) -> float:
    if expected.std() == 0 or came.std() == 0:
        return 0.0
    return float(np.corrcoef(expected, came)[0, 1])
