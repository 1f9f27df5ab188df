"""Customers with a rhythm and an end that are known."""

from functools import cache

import numpy as np
import polars as pl

LEAVE = 0.06
KNOWN_DAYS, WORLD_DAYS = 365, 500


@cache
def rhythms(
    customers: int = 3000, *, k: float = 4.0, leave: float = LEAVE, seed: int = 1
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Events (customer, time as day numbers), and the truth (customer, pace in days, gone: last day or null)."""
    draw = np.random.default_rng(seed)
    pace = 60.0 / draw.gamma(3.0, 1.0, customers)  # days a pause on average are k / rate
    now = draw.integers(0, 60, customers).astype(float)
    gone = np.full(customers, np.inf)
    who, when, active = [np.arange(customers)], [now.copy()], np.arange(customers)
    while True:
        leaves = draw.random(len(active)) < leave
        gone[active[leaves]] = now[active[leaves]]
        active = active[~leaves]
        now[active] += np.maximum(1.0, draw.gamma(k, pace[active] / k))
        active = active[now[active] < WORLD_DAYS]
        if not len(active):
            break
        who.append(active)
        when.append(now[active].copy())
    days = np.floor(np.concatenate(when)).astype(np.int64)
    events = pl.DataFrame({"customer": np.concatenate(who), "time": days})
    known = pl.DataFrame(
        {"customer": np.arange(customers), "pace": pace, "gone": np.where(np.isinf(gone), np.nan, gone)}
    )
    return events.sample(fraction=1.0, shuffle=True, seed=0), known.with_columns(
        pl.col("gone").fill_nan(None)
    )
