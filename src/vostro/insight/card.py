"""Model card 模型卡: what is this estimator, from what was it learnt, and how good is it?

The measures are taken on rows that neither the trees nor the calibration had seen. ``ModelCard`` is what
a model knows of its own training; ``EstimatorCard`` is what a bank signs: with the population, the
moments, the test in time, the comparison with the champion, drift, fairness and limits.
"""

from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from vostro.insight.fairness import GroupFairness
from vostro.insight.metrics import (
    CalibrationBin,
    LiftRow,
    auc,
    auc_interval,
    average_precision,
    calibration_error,
    lift_table,
    log_loss,
)
from vostro.portrait.types import Use
from vostro.words import Text

__all__ = ["Comparison", "EstimatorCard", "Figure", "ModelCard", "describe"]

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


class Figure(msgspec.Struct, frozen=True):
    """A figure with its 95 % interval, where one can be given."""

    value: float
    low: float | None = None
    high: float | None = None


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """A challenger against the champion, on the same rows."""

    champion: str  # version
    measure: str  # of the difference: auc, qini or mean_absolute_error
    difference: Figure  # above 0: the challenger is better, by so much of the measure
    champion_figure: float
    rows: int
    verdict: Literal["better", "alike", "worse"]  # by the interval
    stand_in: bool  # the champion had seen these outcomes: it was replaced by what it was without them


class EstimatorCard(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that a person should know before an estimator may speak."""

    estimator: str
    name: Text
    kind: str
    version: str  # digest of the estimator
    definitions: str  # version of the bank's definitions
    as_of: str  # the moment of learning; moments are ISO 8601, UTC
    seed: int
    what: Text  # what is foreseen
    population: str
    features: tuple[str, ...]
    uses: tuple[Use, ...]
    protected: tuple[str, ...]
    looks_ahead: bool  # something will happen; otherwise an event answers a contact
    moments: tuple[str, ...]  # at which customers were looked at, where these were chosen
    rows: int
    rows_positive: int
    customers: int
    known_until: str  # the last moment of which an outcome was used
    held_rows: int  # of the test
    held_positive: int
    held_from: str  # in time: first moment of the test; otherwise the moment of learning
    method: Text  # how the test was made
    figures: dict[str, Figure]
    lift: tuple[LiftRow, ...]
    calibration: tuple[CalibrationBin, ...]
    importance: dict[str, float]
    drift: dict[str, float]  # feature -> PSI between training and test
    fairness: tuple[GroupFairness, ...]
    comparison: Comparison | None
    limits: tuple[Text, ...]
    libraries: dict[str, str]


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
