"""Metrics 评估指标: does the estimate rank customers well, and does it say the truth?

Every measure takes ``observed`` (shape (n,), 0 or 1) and ``predicted`` (shape (n,), finite;
a NaN is an error) and does not depend on the order of the rows: customers with the same
prediction share what falls to them, as if their order were drawn by lot many times.
"""

from statistics import NormalDist
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from vostro.insight.errors import LengthMismatchError, OutcomeError, OutcomesAlikeError, PredictionError

__all__ = [
    "CalibrationBin",
    "LiftRow",
    "auc",
    "auc_interval",
    "average_precision",
    "best_share_lift",
    "calibration_bins",
    "calibration_error",
    "lift_table",
    "log_loss",
    "psi",
]

Floats = npt.NDArray[np.float64]
PSI_FLOOR = 1e-4  # share; an empty bin counts as this much, so that the index stays finite


class LiftRow(msgspec.Struct, frozen=True):
    """One tenth of the customers, best first."""

    tenth: int  # 1 is the best tenth
    rows: float  # count; a boundary may cut through a row or a tie
    rate: float  # share of responses in this tenth
    lift: float  # rate divided by the rate of all


class CalibrationBin(msgspec.Struct, frozen=True):
    """Customers with near predictions: what was said, and what happened."""

    predicted: float  # mean probability
    observed: float  # share of responses
    rows: float  # count


def auc(observed: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Return the chance that a responder is ranked above another; ties count one half.

    >>> auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
    0.75

    Raises:
        OutcomeError, OutcomesAlikeError, PredictionError, LengthMismatchError: they cannot be compared.
    """
    positive, negative = _split(*_checked(observed, predicted))
    pooled = _midranks(np.concatenate([positive, negative]))
    count = len(positive)
    wins = pooled[:count].sum() - count * (count + 1) / 2
    return float(wins / (count * len(negative)))


def auc_interval(
    observed: npt.ArrayLike, predicted: npt.ArrayLike, *, confidence: float = 0.95
) -> tuple[float, float]:
    """Return the interval of the AUC after DeLong, cut to [0, 1].

    Rows are taken as independent; with two or more rows of both outcomes. Source: DeLong,
    DeLong and Clarke-Pearson (1988), Biometrics 44; fast form by Sun and Xu (2014).

    Raises:
        VostroError: as ``auc``.
    """
    positive, negative = _split(*_checked(observed, predicted))
    if min(len(positive), len(negative)) < 2:
        return 0.0, 1.0  # one row of an outcome says nothing of its spread
    pooled = _midranks(np.concatenate([positive, negative]))
    above = (pooled[: len(positive)] - _midranks(positive)) / len(negative)
    below = 1 - (pooled[len(positive) :] - _midranks(negative)) / len(positive)
    error = float(np.sqrt(above.var(ddof=1) / len(positive) + below.var(ddof=1) / len(negative)))
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * error
    area = float(above.mean())
    return max(0.0, area - half), min(1.0, area + half)


def average_precision(observed: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Return the mean precision over the responders, ties taken as one threshold.

    >>> average_precision([1, 0, 1], [0.9, 0.8, 0.7])
    0.8333333333333333

    Raises:
        VostroError: as ``auc``.
    """
    rows, hits, _ = _curve(*_checked(observed, predicted))
    precision = hits[1:] / rows[1:]
    return float(np.sum(np.diff(hits) * precision) / hits[-1])


def log_loss(observed: npt.ArrayLike, predicted: npt.ArrayLike) -> float:
    """Return the mean negative log-likelihood, in nats; probabilities are cut to [1e-15, 1 - 1e-15].

    Raises:
        PredictionError: a prediction is no probability; the other errors of ``auc``.
    """
    happened, said = _probabilities(observed, predicted)
    said = np.clip(said, 1e-15, 1 - 1e-15)
    return float(-np.mean(np.where(happened == 1, np.log(said), np.log1p(-said))))


def lift_table(observed: npt.ArrayLike, predicted: npt.ArrayLike) -> list[LiftRow]:
    """Return the rate of each tenth of the customers, best tenth first.

    Raises:
        VostroError: as ``auc``.
    """
    happened, said = _checked(observed, predicted)
    rows, hits, _ = _cut(happened, said, np.linspace(0, 1, 11))
    rate = np.diff(hits) / np.diff(rows)
    return [
        LiftRow(tenth=i + 1, rows=float(size), rate=float(r), lift=float(r / happened.mean()))
        for i, (size, r) in enumerate(zip(np.diff(rows), rate, strict=True))
    ]


def best_share_lift(observed: npt.ArrayLike, predicted: npt.ArrayLike, *, share: float) -> float:
    """Return the rate of the best ``share`` (in (0, 1]) of the customers over the rate of all.

    >>> best_share_lift([1, 0, 1, 0], [0.9, 0.2, 0.8, 0.1], share=0.5)
    2.0

    Raises:
        VostroError: as ``auc``.
    """
    assert 0 < share <= 1, "a share of the customers"
    happened, said = _checked(observed, predicted)
    rows, hits, _ = _cut(happened, said, np.array([0.0, share]))
    return float(hits[1] / rows[1] / happened.mean())


def calibration_bins(
    observed: npt.ArrayLike, predicted: npt.ArrayLike, *, bins: int = 10
) -> list[CalibrationBin]:
    """Return ``bins`` equal-count bins of customers, lowest prediction first.

    Raises:
        PredictionError: a prediction is no probability; the other errors of ``auc``.
    """
    happened, said = _probabilities(observed, predicted)
    rows, hits, sums = _cut(happened, said, np.linspace(0, 1, min(bins, len(said)) + 1))
    size = np.diff(rows)
    found = [
        CalibrationBin(predicted=float(p), observed=float(o), rows=float(n))
        for p, o, n in zip(np.diff(sums) / size, np.diff(hits) / size, size, strict=True)
    ]
    return found[::-1]


def calibration_error(observed: npt.ArrayLike, predicted: npt.ArrayLike, *, bins: int = 10) -> float:
    """Return the expected calibration error: how far, on average, said is from happened.

    Customers are sorted by prediction into 10 bins of equal count; the error is the mean over the
    bins, weighted by rows, of |mean predicted - share observed|. In [0, 1]. Source: Naeini,
    Cooper and Hauskrecht (2015), "Obtaining Well Calibrated Probabilities Using Bayesian
    Binning", AAAI 29 (there with bins of equal width, here of equal count).

    Four customers said to respond with 25 %, of whom one did, are perfectly calibrated:

    >>> calibration_error([1, 0, 0, 0], [0.25, 0.25, 0.25, 0.25])
    0.0

    Raises:
        PredictionError: a prediction is no probability; the other errors of ``auc``.
    """
    found = calibration_bins(observed, predicted, bins=bins)
    total = sum(b.rows for b in found)
    return sum(b.rows * abs(b.predicted - b.observed) for b in found) / total


def psi(expected: npt.ArrayLike, actual: npt.ArrayLike) -> float:
    """Return the population stability index of two distributions over the same bins.

    Args:
        expected: shape (bins,), counts or shares at training; at least 0, sum above 0.
        actual: shape (bins,), counts or shares now.

    Shares under 0.0001 count as 0.0001. Rule of thumb (Siddiqi 2006): under 0.1 stable, 0.1 to
    0.25 look at it, above 0.25 another population.

    >>> psi([50, 50], [50, 50])
    0.0
    """
    then, now = np.asarray(expected, float), np.asarray(actual, float)
    assert then.shape == now.shape and then.sum() > 0 and now.sum() > 0, (
        "two distributions over the same bins"
    )
    then, now = np.maximum(then / then.sum(), PSI_FLOOR), np.maximum(now / now.sum(), PSI_FLOOR)
    return float(np.sum((now - then) * np.log(now / then)))


def _curve(happened: Floats, said: Floats) -> tuple[Floats, Floats, Floats]:
    """Cumulative rows, responses and predictions after each distinct prediction, best first, from 0."""
    levels, place = np.unique(-said, return_inverse=True)
    rows = np.bincount(place, minlength=len(levels))
    hits = np.bincount(place, weights=happened, minlength=len(levels))
    return tuple(np.concatenate([[0.0], np.cumsum(part)]) for part in (rows, hits, -levels * rows))  # type: ignore[return-value]


def _cut(happened: Floats, said: Floats, shares: Floats) -> tuple[Floats, Floats, Floats]:
    """The curve at given shares of the rows; a cut through a tie takes a proportional part of it."""
    rows, hits, sums = _curve(happened, said)
    at = shares * rows[-1]
    return at, np.interp(at, rows, hits), np.interp(at, rows, sums)


def _split(happened: Floats, said: Floats) -> tuple[Floats, Floats]:
    return said[happened == 1], said[happened == 0]


def _midranks(values: Floats) -> Floats:
    """Ranks from 1, ties sharing their mean."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2)[place], dtype=np.float64)


def _checked(observed: npt.ArrayLike, predicted: npt.ArrayLike) -> tuple[Floats, Floats]:
    happened, said = _vector(observed), _vector(predicted)
    if len(happened) != len(said):
        raise LengthMismatchError(name="predicted", found=len(said), wanted=len(happened))
    _refuse(~np.isfinite(said), said, "-inf < p < inf")
    wrong = ~np.isin(happened, (0, 1))
    if wrong.any():
        row = int(wrong.argmax())
        raise OutcomeError(row=row, value=float(happened[row]))
    if len(happened) == 0 or happened.min() == happened.max():
        raise OutcomesAlikeError(rows=len(happened))
    return happened, said


def _probabilities(observed: npt.ArrayLike, predicted: npt.ArrayLike) -> tuple[Floats, Floats]:
    happened, said = _checked(observed, predicted)
    _refuse((said < 0) | (said > 1), said, "0 <= p <= 1")
    return happened, said


def _refuse(wrong: npt.NDArray[np.bool_], said: Floats, wanted: str) -> None:
    if wrong.any():
        row = int(wrong.argmax())
        raise PredictionError(row=row, value=float(said[row]), wanted=wanted)


def _vector(values: Any) -> Floats:
    return np.asarray(values, dtype=np.float64).reshape(-1)
