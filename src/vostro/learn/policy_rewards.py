"""Reward tables 收益表: what does an action earn, where most actions have earned hardly anything yet?

The mean reward of each cell (an action, or an action in a situation), drawn to the mean of all as far as
the cells differ by no more than chance: an estimate for ``off_policy_value`` that no rare success can carry away.
Source: Morris (1983), "Parametric Empirical Bayes Inference", JASA 78.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from vostro.learn.policy_errors import PolicyLengthError

__all__ = ["shrunk_means"]

FloatArray: TypeAlias = npt.NDArray[np.float64]


def shrunk_means(
    reward: npt.ArrayLike, cell: npt.ArrayLike, cells: int, *, leave_out: bool = False
) -> FloatArray:
    """Return the mean reward of each cell, drawn to the mean of all; shape (cells,).

    Args:
        reward: shape (n,), finite.
        cell: shape (n,), whole numbers in 0 .. cells - 1.
        cells: count.
        leave_out: return shape (n,) instead: for each row the mean of its cell without that row, as
            ``off_policy_value`` wants it.

    Cells that differ by less than chance are all alike:

    >>> shrunk_means([1.0, 0.0, 1.0, 0.0], [0, 0, 1, 1], 2).tolist()
    [0.5, 0.5]

    Raises:
        PolicyLengthError: not one cell for each reward.
    """
    earned, place = np.asarray(reward, dtype=np.float64), np.asarray(cell, dtype=np.intp)
    if len(earned) != len(place) or len(earned) < 2:
        raise PolicyLengthError(name="cell", found=len(place), wanted=len(earned))
    rows: FloatArray = np.asarray(np.bincount(place, minlength=cells), dtype=np.float64)
    sums: FloatArray = np.asarray(np.bincount(place, earned, minlength=cells), dtype=np.float64)
    mean = float(earned.mean())
    pull = _pull(rows, sums, earned, mean)  # so many average rows are added to each cell
    if leave_out:
        rows, sums, mean_rest = (
            rows[place] - 1,
            sums[place] - earned,
            (len(earned) * mean - earned) / (len(earned) - 1),
        )
        return _drawn(rows, sums, pull, mean_rest)
    return _drawn(rows, sums, pull, np.full(cells, mean))


def _drawn(rows: FloatArray, sums: FloatArray, pull: float, mean: FloatArray) -> FloatArray:
    if np.isinf(pull):
        return mean
    return np.asarray((sums + pull * mean) / np.maximum(rows + pull, 1e-12), dtype=np.float64)


def _pull(rows: FloatArray, sums: FloatArray, earned: FloatArray, mean: float) -> float:
    """Variance within cells over variance between them (method of moments); infinite when there is none between."""
    used = rows > 0
    if used.sum() < 2:
        return float("inf")
    means = np.divide(sums, rows, out=np.zeros_like(sums), where=used)
    total = float(rows.sum())
    free = max(total - used.sum(), 1.0)
    within = (float(np.sum(earned**2)) - float(np.sum(rows * means**2))) / free
    spread = float(np.sum(rows * (means - mean) ** 2))
    between = (spread - (used.sum() - 1) * within) / (total - float(np.sum(rows**2)) / total)
    return within / between if between > 0 else float("inf")
