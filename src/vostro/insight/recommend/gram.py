"""Item weights 产品权重: what does holding one product say about another?

All methods here need only the Gram matrix: for each pair of items, the customers who hold both.
It is counted once, in one pass; everything after is a matter of items, whatever the number of customers.

Source: EASE: Steck (2019), "Embarrassingly Shallow Autoencoders for Sparse Data", WWW. Item-item:
Sarwar et al. (2001), WWW 10; its asymmetric form: Aiolli (2013), RecSys.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from vostro.insight.recommend.coding import Sparse
from vostro.insight.recommend.kernels import compiled

__all__ = ["ease_weights", "gram", "neighbour_weights"]

Floats = npt.NDArray[np.float64]
Weights = npt.NDArray[np.float32]


def gram(held: Sparse) -> Floats:
    """Return the sums over customers of weight times weight, shape (items, items), symmetric.

    Without weights these are counts of customers who hold both items, exact below 2**31.
    """
    kind = np.float64 if len(held.weights) else np.int32
    sums = _gram(held.starts, held.items, held.weights, np.zeros((held.columns, held.columns), dtype=kind))
    upper = sums.astype(np.float64)
    return np.asarray(upper + np.triu(upper, 1).T, dtype=np.float64)


def ease_weights(sums: Floats, penalty: float) -> Weights:
    """Return EASE's closed form, shape (items, items): row i is what holding i adds to each item.

    The linear map of holdings onto themselves with least squares error, ridge ``penalty`` (customers),
    and a diagonal of 0, so that no item foresees itself.
    """
    inverse = np.linalg.inv(sums + penalty * np.eye(len(sums)))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return np.asarray(weights, dtype=np.float32)


def neighbour_weights(sums: Floats, power: float, shrink: float) -> Weights:
    """Return the likeness of items, shape (items, items), diagonal 0.

    Customers who hold both, over (holders of i) ** power * (holders of j) ** (1 - power) + shrink;
    power 0.5 and shrink 0 is the cosine.
    """
    size = np.maximum(np.diag(sums), 1e-12)
    weights = sums / (np.outer(size**power, size ** (1 - power)) + shrink)
    np.fill_diagonal(weights, 0.0)
    return np.asarray(weights, dtype=np.float32)


@compiled
def _gram(starts: Any, items: Any, weights: Any, sums: Any) -> Any:
    """Add every pair of a customer's items to the upper triangle."""
    weighted = len(weights) > 0
    for row in range(len(starts) - 1):
        end = starts[row + 1]
        for i in range(starts[row], end):
            item = items[i]
            if weighted:
                for j in range(i, end):
                    sums[item, items[j]] += weights[i] * weights[j]
            else:
                for j in range(i, end):
                    sums[item, items[j]] += 1
    return sums
