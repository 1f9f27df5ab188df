"""Folds 折: which rows are kept apart, so that what is said of them was learnt without them?"""

import numpy as np
import numpy.typing as npt

__all__ = ["stratified_folds", "time_folds"]

Rows = npt.NDArray[np.intp]


def stratified_folds(observed: npt.NDArray[np.float64], folds: int, seed: int) -> list[Rows]:
    """Return the rows of each fold, shuffled by the seed, with the outcomes shared out evenly.

    >>> [len(rows) for rows in stratified_folds(np.array([0.0, 1.0] * 6), 3, seed=0)]
    [4, 4, 4]
    """
    shuffled = np.random.default_rng(seed).permutation(len(observed))
    # dealing the rows of one outcome after those of the other gives every fold its share of both
    dealt = shuffled[np.argsort(observed[shuffled], kind="stable")]
    return [np.sort(dealt[fold::folds]) for fold in range(folds)]


def time_folds(order: npt.NDArray[np.float64], folds: int) -> list[Rows]:
    """Return the rows of each fold as blocks of time, so that neighbours stay together."""
    return list(np.array_split(np.argsort(order, kind="stable"), folds))
