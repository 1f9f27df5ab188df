"""Solver 线性求解: which weights tell each label from all others?

One linear machine a label (one against the rest) with squared hinge loss, all labels at once by dual
coordinate descent: a row of the sparse matrix is read once for all labels, which makes many labels
cheap. The dual has one optimum, so the seed only orders the rows.

Source: Hsieh, Chang, Lin, Keerthi and Sundararajan (2008), "A Dual Coordinate Descent Method for
Large-scale Linear SVM", ICML, algorithm 1.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy import sparse

__all__ = ["learn_weights", "margins"]

Singles = npt.NDArray[np.float32]

ROUNDS = 40
TOLERANCE = 0.03  # the largest violation of a round, on the scale of the margins


def learn_weights(
    rows: sparse.csr_matrix,
    marked: npt.NDArray[np.bool_],
    *,
    cost: float,
    weight: Singles | None = None,
    seed: int = 0,
) -> Singles:
    """Return weights, shape (columns + 1, labels); the last row is the intercept.

    Args:
        rows: shape (n, columns), float32.
        marked: shape (n, labels); whether a text has a label.
        cost: price of a unit of squared hinge loss; larger fits closer.
        weight: shape (n,) or None; of each row.
        seed: of the order in which rows are visited.
    """
    n, columns = rows.shape
    order = np.stack([np.random.default_rng([seed, each]).permutation(n) for each in range(ROUNDS)])
    price = np.full(n, cost, np.float32) if weight is None else (cost * weight).astype(np.float32)
    found: Singles = _descend(
        rows.indptr.astype(np.int64),
        rows.indices.astype(np.int64),
        rows.data.astype(np.float32),
        np.where(marked, np.float32(1), np.float32(-1)),
        price,
        order.astype(np.int64),
        columns,
    )
    return found


def margins(rows: sparse.csr_matrix, weights: Singles) -> npt.NDArray[np.float64]:
    """Return margins, shape (n, labels): above 0 speaks for a label."""
    return np.asarray(rows @ weights[:-1] + weights[-1], dtype=np.float64)


@njit(cache=True)
def _descend(starts: Any, indices: Any, data: Any, sign: Any, price: Any, order: Any, columns: int) -> Any:
    n, labels = sign.shape
    weights = np.zeros((columns + 1, labels), dtype=np.float32)
    alpha = np.zeros((n, labels), dtype=np.float32)
    step = np.empty(labels, dtype=np.float32)
    length = np.ones(n, dtype=np.float32)  # 1 for the intercept
    for i in range(n):
        for j in range(starts[i], starts[i + 1]):
            length[i] += data[j] * data[j]
    for a_round in range(len(order)):
        worst = np.float32(0)
        for i in order[a_round]:
            if price[i] <= 0:
                continue
            begin, end = starts[i], starts[i + 1]
            step[:] = weights[columns]
            for j in range(begin, end):
                value, row = data[j], weights[indices[j]]
                for k in range(labels):
                    step[k] += value * row[k]
            diagonal = np.float32(0.5) / price[i]
            violation = _steps(step, sign[i], alpha[i], length[i] + diagonal, diagonal)
            worst = max(worst, violation)
            if violation > 0:
                weights[columns] += step
                for j in range(begin, end):
                    value, row = data[j], weights[indices[j]]
                    for k in range(labels):
                        row[k] += value * step[k]
        if worst < TOLERANCE:
            break
    return weights


@njit(cache=True)
def _steps(margin: Any, sign: Any, alpha: Any, curve: Any, diagonal: Any) -> Any:
    """Turn one row's margins into steps of the weights, move its alphas; return the largest violation."""
    worst = np.float32(0)
    for k in range(len(margin)):
        slope = sign[k] * margin[k] - np.float32(1) + diagonal * alpha[k]
        if slope >= 0 and alpha[k] == 0:
            margin[k] = 0
            continue
        after = max(alpha[k] - slope / curve, np.float32(0))
        margin[k] = (after - alpha[k]) * sign[k]
        alpha[k] = after
        worst = max(worst, abs(slope))
    return worst
