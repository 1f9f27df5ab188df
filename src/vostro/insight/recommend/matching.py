"""Matching rules 规则匹配: whose holdings meet which antecedents?"""

from typing import Any

import numpy as np
import numpy.typing as npt

from vostro.insight.recommend.coding import Sparse
from vostro.insight.recommend.kernels import compiled

__all__ = ["match_rules"]

Codes = npt.NDArray[np.int32]


def match_rules(held: Sparse, antecedents: Codes, consequents: Codes, k: int) -> Codes:
    """Return for each customer the best rules that propose different items, shape (customers, k).

    Args:
        held: the items of each customer.
        antecedents: shape (rules, width), ascending items, then -1; the best rule first.
        consequents: shape (rules,), one item each.
        k: how many items.

    Returns:
        rule numbers, best first; -1 where there is none. No item that is held is proposed.
    """
    first = antecedents[:, 0] if len(antecedents) else np.zeros(0, dtype=np.int32)
    order = np.argsort(first, kind="stable")
    begins = np.searchsorted(first[order], np.arange(held.columns + 1))
    return np.asarray(
        _match(held.starts, held.items, held.columns, antecedents, consequents, order, begins, k),
        dtype=np.int32,
    )


@compiled
def _match(
    starts: Any, items: Any, width: int, antecedents: Any, consequents: Any, order: Any, begins: Any, k: int
) -> Any:
    """Look only at rules whose first item is held; rules are numbered best first."""
    chosen = np.full((len(starts) - 1, k), -1, dtype=np.int32)
    holds = np.zeros(width, dtype=np.bool_)
    best = np.full(width, -1, dtype=np.int32)  # of each item, the best rule that proposes it
    for row in range(len(starts) - 1):
        mine = items[starts[row] : starts[row + 1]]
        for item in mine:
            holds[item] = True
        for item in mine:
            for i in range(begins[item], begins[item + 1]):
                rule = order[i]
                target = consequents[rule]
                if holds[target] or (best[target] >= 0 and best[target] < rule):
                    continue
                met = True
                for j in range(1, antecedents.shape[1]):
                    if antecedents[rule, j] < 0:
                        break
                    if not holds[antecedents[rule, j]]:
                        met = False
                        break
                if met:
                    best[target] = rule
        for item in mine:
            holds[item] = False
        _take_best(best, chosen[row])
    return chosen


@compiled
def _take_best(best: Any, chosen: Any) -> None:
    """Keep the smallest rule numbers in order, and clear them for the next customer."""
    k = len(chosen)
    for item in range(len(best)):
        rule = best[item]
        if rule < 0:
            continue
        best[item] = -1
        at = k - 1
        if chosen[at] >= 0 and chosen[at] < rule:
            continue
        while at > 0 and (chosen[at - 1] < 0 or chosen[at - 1] > rule):
            chosen[at] = chosen[at - 1]
            at -= 1
        chosen[at] = rule
