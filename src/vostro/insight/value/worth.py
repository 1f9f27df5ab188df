"""Worth 价值区间: between which amounts will what a customer brings lie?

The number of purchases and their amounts are drawn together from what the history says of the
customer. Each customer's draws hang on the seed and his own history alone, so one customer by himself
gets the same interval as among a million.
"""

import numpy as np
import numpy.typing as npt

from vostro.insight.value.forecast import Posterior, loop_parts
from vostro.insight.value.loops import draw_amounts
from vostro.insight.value.spending import Spending

__all__ = ["amount_interval"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
SEEDS = 2**31 - 1


def amount_interval(
    found: Posterior,
    spending: Spending,
    *,
    paid: Integers,
    spent: Floats,
    units: float,
    levels: tuple[float, float],
    seed: int,
) -> tuple[Floats, Floats]:
    """Return two quantiles of the sum of each customer's next amounts, in the amounts' currency.

    Args:
        found: what the histories say of times, (n,) customers.
        spending: the parameters of the amounts.
        paid: shape (n,), repeat purchases with an amount.
        spent: shape (n,), their sum.
        units: of time.
        levels: in (0, 1), lower and upper.
        seed: of the draws.
    """
    ends = np.empty((2, len(paid)))
    money = np.array([spending.p, spending.q, spending.gamma])
    draw_amounts(
        *loop_parts(found, units),
        paid.astype(np.float64),
        spent,
        money,
        _seeds(seed, found, paid, spent),
        np.array(levels),
        ends,
    )
    return ends[0], ends[1]


def _seeds(seed: int, found: Posterior, paid: Integers, spent: Floats) -> Integers:
    """A seed a customer from the bits of his own history."""
    mixed = np.full(len(paid), np.uint64(seed % SEEDS + 1))
    for part in (found.rate_shape, found.rate_time, found.alive, paid.astype(np.float64), spent):
        mixed = (mixed ^ np.ascontiguousarray(part).view(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return (mixed % np.uint64(SEEDS)).astype(np.int64)
