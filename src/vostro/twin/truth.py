"""Truth 真相: what did a call list really earn, which only the simulation can know?"""

from dataclasses import dataclass

import numpy as np

from vostro.twin.chance import BoolArray, FloatArray
from vostro.twin.response import Response

__all__ = ["Truth", "true_effect"]


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """The expected effect of one call list, and every customer's hidden probabilities.

    Purchases are expected numbers over all possible futures, within the attribution window.
    """

    called: int  # customers on the list
    callable: int  # customers whom the bank may call at all
    purchases: float  # by those on the list, when called
    purchases_own: float  # by the same customers, had they been left alone
    purchases_incremental: float  # the difference: what the list earned
    purchases_random: float  # by as many callable customers chosen at random, when called
    purchases_incremental_random: float  # what calling these would have earned
    purchases_incremental_best: float  # what the best possible list of this length would have earned
    response_probability: FloatArray  # shape (n_customers,), in the order of customer_id; if called
    own_probability: FloatArray  # shape (n_customers,); if left alone
    uplift: FloatArray  # shape (n_customers,); the difference


def true_effect(response: Response, called: BoolArray, callable_: BoolArray) -> Truth:
    """Return the truth about the customers in ``called``; the others are left alone."""
    count = int(called.sum())
    uplift = response.uplift
    best = np.sort(uplift[callable_])[::-1][:count]
    return Truth(
        called=count,
        callable=int(callable_.sum()),
        purchases=float(response.called[called].sum()),
        purchases_own=float(response.own[called].sum()),
        purchases_incremental=float(uplift[called].sum()),
        purchases_random=count * float(response.called[callable_].mean()),
        purchases_incremental_random=count * float(uplift[callable_].mean()),
        purchases_incremental_best=float(best.sum()),
        response_probability=response.called,
        own_probability=response.own,
        uplift=uplift,
    )
