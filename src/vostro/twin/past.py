"""Past calls 历史外呼: whom did the bank call last time, chosen by lot, and who bought?

The earlier campaign called a random part of the customers who could be called, so what
it learnt holds for all of them. It began on the same day of the month two months before.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from vostro.twin.chance import BoolArray, IntArray, stream
from vostro.twin.files import moments
from vostro.twin.response import Response

__all__ = ["ATTRIBUTION_DAYS", "PastCalls", "draw_past_calls", "past_first_call"]

ATTRIBUTION_DAYS = 30
_WORKING_DAYS = 20
_OPENING_SECOND, _OPEN_SECONDS = 9 * 3600 + 1800, 9 * 3600  # 9:30 to 18:30
_DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True, eq=False)
class PastCalls:
    """The earlier campaign: the clean file, and what became of each customer."""

    file: pl.DataFrame  # one row a call, in the order of time; all columns text
    called: BoolArray  # shape (n_customers,)
    bought: BoolArray  # shape (n_customers,); called and bought


def past_first_call(first_call: date) -> date:
    """Return the day on which the earlier campaign began.

    >>> past_first_call(date(2026, 4, 30))
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(first_call.year * 12 + first_call.month - 3, 12)
    last = (date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(first_call.day, last))


def draw_past_calls(
    response: Response, callable_: BoolArray, *, share: float, first_call: date, seed: int
) -> PastCalls:
    """Draw the earlier campaign.

    Args:
        response: the truth about it, each array of shape (n_customers,).
        callable_: shape (n_customers,); from whom the lot was drawn.
        share: in (0, 1]; called / callable.
        first_call: its first day.
        seed: the bank's.
    """
    generator = stream(seed, "past")
    pool = np.flatnonzero(callable_)
    chosen = generator.permutation(pool)[: round(pool.size * share)]
    sold = generator.random(chosen.size) < response.called[chosen]
    at = _call_seconds(generator, chosen.size, first_call)
    wait = np.where(
        sold,
        (generator.beta(1.0, 2.5, chosen.size) * ATTRIBUTION_DAYS * _DAY_SECONDS),
        ATTRIBUTION_DAYS * _DAY_SECONDS,
    )
    talk = np.exp(generator.normal(4.9, 0.8, chosen.size) + 0.9 * sold).astype(np.int64)
    columns = [
        "K" + pl.Series("call_id", np.arange(1, chosen.size + 1)).cast(pl.String).str.zfill(8),
        "C" + pl.Series("customer_id", chosen + 1).cast(pl.String).str.zfill(8),
        moments("called_at", at),
        pl.Series("duration_seconds", talk).cast(pl.String),
        pl.Series("called", ["yes"]).gather(pl.Series(np.zeros(chosen.size, dtype=np.int64))),
        pl.Series("bought", ["no", "yes"]).gather(pl.Series(sold.astype(np.int64))),
        moments("decided", at + wait.astype(np.int64)),
    ]
    names = ("call_id", "customer_id", "called_at", "duration_seconds", "called", "bought", "decided")
    file = pl.DataFrame([column.alias(name) for column, name in zip(columns, names, strict=True)])
    called, bought = np.zeros(callable_.size, dtype=np.bool_), np.zeros(callable_.size, dtype=np.bool_)
    called[chosen], bought[chosen] = True, sold
    return PastCalls(file, called, bought)


def _call_seconds(generator: np.random.Generator, count: int, first_call: date) -> IntArray:
    """Return when each call was made, in order: local seconds since 1970, in opening hours."""
    first = np.busday_offset(np.datetime64(first_call, "D"), 0, roll="forward")
    day = np.busday_offset(first, np.arange(count) * _WORKING_DAYS // max(count, 1)).astype(np.int64)
    second = generator.integers(_OPENING_SECOND, _OPENING_SECOND + _OPEN_SECONDS, count)
    return np.sort(day * _DAY_SECONDS + second)
