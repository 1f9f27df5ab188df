"""Shuffled evaluation 打乱评估: how well does an estimator rank, by the convention of published results?

The rows are shuffled into folds with the same share of responses; each fold is estimated by a
model that was trained, calibration and all, on the others. The measures are taken once over the
pooled estimates of all folds. What it does not show: in time, tomorrow's customers are not a
shuffled sample of yesterday's; ``score_waves`` measures that.
"""

from collections.abc import Callable
from typing import Any, Protocol

import msgspec
import numpy as np
import numpy.typing as npt

from vostro.insight.folds import stratified_folds
from vostro.insight.frames import Frame, as_polars
from vostro.insight.metrics import (
    CalibrationBin,
    LiftRow,
    auc,
    auc_interval,
    average_precision,
    best_share_lift,
    calibration_bins,
    calibration_error,
    lift_table,
    log_loss,
)
from vostro.insight.outcomes import read_target

__all__ = ["Estimator", "ShuffledEvaluation", "evaluate_shuffled"]

Floats = npt.NDArray[np.float64]


class Estimator(Protocol):
    """What can be trained on a frame and estimates a probability."""

    def fit(self, frame: Frame, *, target: Any) -> Any:
        """Learn."""

    def predict(self, frame: Frame) -> Floats:
        """Return probabilities, shape (n,)."""


class ShuffledEvaluation(msgspec.Struct, frozen=True):
    """How well an estimator ranks and says the truth on shuffled folds."""

    folds: int
    seed: int
    rows: int
    rows_positive: int
    auc: float  # of the pooled estimates
    auc_low: float  # 95 %, DeLong; takes the rows as independent
    auc_high: float
    auc_folds: tuple[float, ...]  # of each fold by itself
    average_precision: float
    log_loss: float  # nats
    calibration_error: float  # 10 bins of equal count
    best_half: float  # rate of the best half over the rate of all
    best_tenth: float
    lift: tuple[LiftRow, ...]
    calibration: tuple[CalibrationBin, ...]


def evaluate_shuffled(
    frame: Frame,
    target: Any,
    *,
    folds: int = 5,
    seed: int = 0,
    make: Callable[[int], Estimator] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> ShuffledEvaluation:
    """Evaluate an estimator on shuffled, stratified folds.

    Args:
        frame: shape (n, columns).
        target: name of a column or (n,) values, as ``ResponseModel.fit`` takes them.
        folds: count, at least 2.
        seed: of the folds and the estimator.
        make: gives a fresh estimator for a seed; a ``ResponseModel`` when None.
        progress: hears folds done and folds in all.

    Raises:
        VostroError: as ``ResponseModel.fit``.
    """
    whole = as_polars(frame)
    observed = read_target(whole, target)
    inputs = whole.drop(target) if isinstance(target, str) else whole
    parts = stratified_folds(observed, folds, seed)
    said = np.empty(len(observed))
    for done, part in enumerate(parts):
        others = np.setdiff1d(np.arange(len(observed)), part, assume_unique=True)
        model = _response_model(seed) if make is None else make(seed)
        model.fit(inputs[others], target=observed[others])
        said[part] = model.predict(inputs[part])
        if progress is not None:
            progress(done + 1, folds)
    return _measure(observed, said, parts, seed)


def _response_model(seed: int) -> Estimator:
    from vostro.insight.response import ResponseModel

    return ResponseModel(seed=seed)


def _measure(
    observed: Floats, said: Floats, parts: list[npt.NDArray[np.intp]], seed: int
) -> ShuffledEvaluation:
    low, high = auc_interval(observed, said)
    return ShuffledEvaluation(
        folds=len(parts),
        seed=seed,
        rows=len(observed),
        rows_positive=int(observed.sum()),
        auc=auc(observed, said),
        auc_low=low,
        auc_high=high,
        auc_folds=tuple(auc(observed[part], said[part]) for part in parts),
        average_precision=average_precision(observed, said),
        log_loss=log_loss(observed, said),
        calibration_error=calibration_error(observed, said),
        best_half=best_share_lift(observed, said, share=0.5),
        best_tenth=best_share_lift(observed, said, share=0.1),
        lift=tuple(lift_table(observed, said)),
        calibration=tuple(calibration_bins(observed, said)),
    )
