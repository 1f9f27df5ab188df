"""Model card 模型卡: what is this estimator, from what was it learnt, and how good is it?

The measures are taken on rows that neither the trees nor the calibration had seen.
"""

import msgspec
import numpy as np
import numpy.typing as npt

from vostro.insight.metrics import (
    LiftRow,
    auc,
    auc_interval,
    average_precision,
    calibration_error,
    lift_table,
    log_loss,
)

__all__ = ["ModelCard", "describe"]

Floats = npt.NDArray[np.float64]


class ModelCard(msgspec.Struct, frozen=True):
    """The facts of a trained estimator."""

    target: str
    seed: int
    rows: int
    rows_positive: int
    features: tuple[str, ...]
    importance: dict[str, float]  # feature -> share of the trees' gain, largest first
    trained_from: str | None  # ISO 8601, UTC; None when the rows carry no time
    trained_until: str | None
    method: str  # how the measures below were taken
    auc: float
    auc_low: float  # 95 %, DeLong
    auc_high: float
    average_precision: float
    log_loss: float  # nats
    calibration_error: float  # 10 bins of equal count
    lift: tuple[LiftRow, ...]
    libraries: dict[str, str]
    drift: dict[str, float] = {}  # feature -> PSI between training and the frame scored; empty until asked
    version: str = ""  # digest of the whole estimator


def describe(
    observed: Floats,
    predicted: Floats,
    *,
    target: str,
    seed: int,
    gain: dict[str, float],
    span: tuple[str | None, str | None],
    method: str,
    libraries: dict[str, str],
) -> ModelCard:
    """Write the card from probabilities that were said of unseen rows.

    Args:
        observed: shape (n,), 0 or 1.
        predicted: shape (n,), in (0, 1).
        target: name of the target.
        seed: of the training.
        gain: feature -> share of the gain.
        span: first and last moment of the training rows.
        method: how ``predicted`` came about.
        libraries: name -> version.
    """
    low, high = auc_interval(observed, predicted)
    return ModelCard(
        target=target,
        seed=seed,
        rows=len(observed),
        rows_positive=int(observed.sum()),
        features=tuple(gain),
        importance=dict(sorted(gain.items(), key=lambda pair: (-pair[1], pair[0]))),
        trained_from=span[0],
        trained_until=span[1],
        method=method,
        auc=auc(observed, predicted),
        auc_low=low,
        auc_high=high,
        average_precision=average_precision(observed, predicted),
        log_loss=log_loss(observed, predicted),
        calibration_error=calibration_error(observed, predicted),
        lift=tuple(lift_table(observed, predicted)),
        libraries=libraries,
    )
