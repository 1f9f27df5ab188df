"""Reasons of value 价值原因: from what in his past does a customer's forecast come, in words?"""

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.value.purchases import Histories

__all__ = ["reason_table"]

Floats = npt.NDArray[np.float64]


def reason_table(histories: Histories, alive: Floats, amount: Floats | None) -> pl.DataFrame:
    """Return customer, en and zh: one sentence a customer, made on columns.

    Args:
        histories: (n,) customers.
        alive: shape (n,), chance of still being there.
        amount: shape (n,), expected amount of the next purchase, or None.
    """
    table = pl.DataFrame(
        {
            "customer": histories.customer,
            "days": histories.repeats + 1,
            "first": histories.first_ago,
            "last": histories.last_ago,
            "alive": np.rint(100 * alive).astype(np.int64),
            "amount": np.zeros(len(histories)) if amount is None else amount,
        }
    )
    facts = [pl.col("days"), pl.col("first"), pl.col("last"), pl.col("alive")]
    en = pl.format(
        "bought on {} day(s) since {} days ago, last {} days ago: still a customer with a chance of {} %",
        *facts,
    )
    zh = pl.format(
        "{} 天前首购以来在 {} 天购买，最近一次在 {} 天前：仍为客户的概率 {}%",
        *[facts[i] for i in (1, 0, 2, 3)],
    )
    if amount is not None:
        money = pl.col("amount").round(2)
        en = pl.format("{}; the next purchase is expected at {}", en, money)
        zh = pl.format("{}；下次购买金额预计 {}", zh, money)
    return table.select("customer", en=en, zh=zh)
