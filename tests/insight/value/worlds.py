"""Customers whose rates, chances and ends are known."""

from functools import cache

import polars as pl

from vostro.insight.value import Spending, Timing, simulate_purchases

PLAIN = Timing(r=0.8, alpha=6.0, a=0.8, b=3.0, one_time=0.0)
ONE_TIME = Timing(r=1.2, alpha=6.0, a=0.7, b=3.0, one_time=0.4)
MONEY = Spending(p=6.0, q=4.0, gamma=60.0, customers=0, correlation=0.0, log_likelihood=0.0)
AS_OF = "1997-09-30"  # 273 days of the world are known, 273 are held out


@cache
def world(
    customers: int = 4000, *, timing: Timing = PLAIN, seed: int = 5
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Purchases with amounts over 546 days, and the truth."""
    return simulate_purchases(customers, timing=timing, spending=MONEY, seed=seed)
