"""The best items 推荐选取: which items score highest for each customer, and which holding says so?"""

from typing import Any

import numpy as np
import numpy.typing as npt

from vostro.insight.recommend.coding import Sparse
from vostro.insight.recommend.kernels import compiled

__all__ = ["Top", "top_of_holdings", "top_of_scores"]

Codes = npt.NDArray[np.int32]
Weights = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float32] | npt.NDArray[np.float64]
Top = tuple[Codes, Weights, Codes]  # items (-1: none left), scores, the holding that adds most (-1: none)


def top_of_holdings(held: Sparse, weights: Weights, k: int, *, exclude_held: bool = True) -> Top:
    """Return the best ``k`` items of each customer by the sum of what each holding adds.

    Args:
        held: the holdings of each customer.
        weights: shape (items, items); row i is what holding i adds to each item.
        k: items a customer.
        exclude_held: leave out what is held.

    Returns:
        items, scores and reasons, each of shape (customers, k), best first; ties by item number.
    """
    found = _top(held.starts, held.items, held.weights, weights, k, exclude_held)
    return found[0], found[1], found[2]


def top_of_scores(held: Sparse, scores: Scores, k: int, *, exclude_held: bool = True) -> Top:
    """Return the best ``k`` items of each customer by given scores, shape (customers, items).

    One row of scores serves all customers.
    """
    found = _top_given(held.starts, held.items, scores, k, exclude_held)
    return found[0], found[1], np.full(found[0].shape, -1, dtype=np.int32)


@compiled
def _pick(score: Any, items: Any, best: Any) -> None:
    """Keep the highest scores in order; the first of equals stays ahead."""
    k, last = len(items), len(items) - 1
    worst = -np.inf
    for item in range(len(score)):
        value = score[item]
        if value > worst:
            at = last
            while at > 0 and best[at - 1] < value:
                best[at], items[at] = best[at - 1], items[at - 1]
                at -= 1
            best[at], items[at] = value, item
            worst = best[k - 1]


@compiled
def _top(starts: Any, items: Any, given: Any, weights: Any, k: int, exclude: bool) -> Any:
    """Sum the rows of what each customer holds, then pick."""
    rows, width = len(starts) - 1, weights.shape[1]
    chosen = np.full((rows, k), -1, dtype=np.int32)
    best = np.full((rows, k), -np.inf, dtype=np.float32)
    because = np.full((rows, k), -1, dtype=np.int32)
    score = np.empty(width, dtype=np.float32)
    for row in range(rows):
        begin, end = starts[row], starts[row + 1]
        score[:] = 0
        for i in range(begin, end):
            line = weights[items[i]]
            if len(given):
                for item in range(width):
                    score[item] += given[i] * line[item]
            else:
                for item in range(width):
                    score[item] += line[item]
        if exclude:
            for i in range(begin, end):
                score[items[i]] = -np.inf
        _pick(score, chosen[row], best[row])
        for place in range(k):
            if chosen[row, place] >= 0:
                most = np.float32(0)
                for i in range(begin, end):
                    added = weights[items[i], chosen[row, place]] * (
                        given[i] if len(given) else np.float32(1)
                    )
                    if added > most:
                        most = added
                        because[row, place] = items[i]
    return chosen, best, because


@compiled
def _top_given(starts: Any, items: Any, scores: Any, k: int, exclude: bool) -> Any:
    """Pick from given scores."""
    rows = len(starts) - 1
    chosen = np.full((rows, k), -1, dtype=np.int32)
    best = np.full((rows, k), -np.inf, dtype=scores.dtype)
    score = np.empty(scores.shape[1], dtype=scores.dtype)
    for row in range(rows):
        score[:] = scores[row if len(scores) > 1 else 0]
        if exclude:
            for i in range(starts[row], starts[row + 1]):
                score[items[i]] = -np.inf
        _pick(score, chosen[row], best[row])
    return chosen, best
