"""Trees 树模型: gradient-boosted trees behind a small, deterministic door.

LightGBM is imported on first use only (two seconds). The members of an ensemble differ by
seed; the log-odds of the ensemble are their mean, and so are the exact contributions.
"""

import functools
import os
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Trees", "grow", "lightgbm", "threads_for"]

CELLS_ALONE = 8_000_000  # below, threads spend more on waiting for each other than they save

Floats = npt.NDArray[np.float64]


@functools.cache
def lightgbm() -> ModuleType:
    """Import LightGBM with OpenMP told to sleep while it waits, so that it shares a machine well."""
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # read once, when the library is loaded
    import lightgbm as module

    return module


def threads_for(cells: int, asked: int) -> int:
    """Return the threads that grow trees from so many cells: those asked for, else one or (0) all cores.

    Measured on two cores, 41,188 rows x 19 columns, five folds: one thread 10 s, two 30 s, because a
    sleeping thread is woken for every column of every leaf.
    """
    if asked:
        return asked
    return 1 if cells < CELLS_ALONE else 0


class Trees:
    """An ensemble of boosted trees, held as the text that a file of it would hold."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self.texts = texts
        self._boosters = [lightgbm().Booster(model_str=text) for text in texts]

    def logodds(self, matrix: Floats) -> Floats:
        """Return the uncalibrated log-odds, shape (n,)."""
        if len(matrix) == 0:
            return np.zeros(0)
        found = [each.predict(matrix, raw_score=True) for each in self._boosters]
        return np.asarray(np.mean(found, axis=0), dtype=np.float64)

    def contributions(self, matrix: Floats) -> Floats:
        """Return exact contributions, shape (n, columns + 1); the last is the same for all rows.

        A row's contributions sum to its log-odds. Source: Lundberg, Erion and Lee (2018),
        "Consistent Individualized Feature Attribution for Tree Ensembles".
        """
        if len(matrix) == 0:
            return np.zeros((0, matrix.shape[1] + 1))
        found = [each.predict(matrix, pred_contrib=True) for each in self._boosters]
        return np.asarray(np.mean(found, axis=0), dtype=np.float64)

    def gain(self) -> Floats:
        """Return each column's share of the gain, shape (columns,); zeros when no tree splits."""
        total = np.sum([each.feature_importance("gain") for each in self._boosters], axis=0, dtype=np.float64)
        return np.asarray(total / total.sum() if total.sum() > 0 else total, dtype=np.float64)


def grow(
    matrix: Floats,
    observed: Floats,
    weight: Floats | None,
    *,
    seed: int,
    parameters: dict[str, Any],
    rounds: int,
    members: int,
) -> Trees:
    """Grow an ensemble.

    Args:
        matrix: shape (n, columns), NaN is missing.
        observed: shape (n,), 0 or 1.
        weight: shape (n,), mean 1, or None.
        seed: the same seed and data give the same trees.
        parameters: LightGBM's.
        rounds: trees of each member.
        members: count.
    """
    module = lightgbm()
    data = module.Dataset(matrix, observed, weight=weight, params=parameters, free_raw_data=False).construct()
    texts = []
    for member in range(members):
        given = {**parameters, "seed": seed * members + member}
        texts.append(module.train(given, data, num_boost_round=rounds).model_to_string())
    return Trees(tuple(texts))
