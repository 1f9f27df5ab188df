"""Watching estimators 模型监测: do the customers of today still look like those it learnt from, and is it still right?

Three figures of a champion. How far each input has moved, and how far the estimates have, as the population
stability index (PSI) against training; and, once outcomes have come that it had not seen, how well it
ranks now against what its card promised.

Sources: Siddiqi (2006), "Credit Risk Scorecards" (PSI: from 0.10 on look, from 0.25 on act); DeLong, DeLong
and Clarke-Pearson (1988), Biometrics 44 (interval of the AUC).
"""

from collections.abc import Iterator
from datetime import datetime
from statistics import NormalDist
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.capture import Check
from vostro.insight.card import Figure
from vostro.insight.columns import Column, encode, learn_column
from vostro.insight.drift import InputProfile, input_drift, profile_inputs
from vostro.insight.metrics import auc, auc_interval
from vostro.words import Text

__all__ = [
    "PSI_ALERT",
    "PSI_LOOK",
    "ModelWatch",
    "Performance",
    "Profile",
    "drift_of",
    "model_checks",
    "performance_of",
    "profile_of",
    "watch_verdict",
]

Floats = npt.NDArray[np.float64]
Verdict = Literal["ok", "watch", "alert"]
PSI_LOOK, PSI_ALERT = 0.10, 0.25
POSITIVES_LEAST = 10  # outcomes of either kind, before performance is judged
SCORE = "score"
PERFORMANCE = "performance"
_Z = NormalDist().inv_cdf(0.975)
_SOURCE = "estimator."  # before the code: no contract has a full stop in its name


class Profile(msgspec.Struct, frozen=True):
    """How the inputs and the estimates of a version were spread when it was trained."""

    columns: tuple[Column, ...]
    inputs: tuple[InputProfile, ...]
    score: tuple[InputProfile, ...]  # one, of estimates of rows that it had not seen


class Performance(msgspec.Struct, frozen=True, kw_only=True):
    """How well a version ranks on outcomes that came after it had learnt."""

    rows: int
    positive: int
    auc: Figure
    promised: Figure  # by the card
    low: float  # below this, less than the card's interval lets expect of so many rows
    since: str  # first moment of these rows
    verdict: Verdict


class ModelWatch(msgspec.Struct, frozen=True, kw_only=True):
    """How a champion is as of a moment."""

    estimator: str
    version: str
    as_of: str
    customers: int
    score: float | None  # PSI of the estimates
    inputs: dict[str, float]  # PSI of each feature, largest first
    performance: Performance | None = None  # None: no outcome has come that it had not seen


def profile_of(features: pl.DataFrame, said: Floats) -> Profile:
    """Return how inputs and estimates are spread.

    Args:
        features: shape (n, features), of training.
        said: shape (m,), estimates of rows that the version had not seen.
    """
    nobody = np.zeros(features.height)
    columns = tuple(learn_column(features, name, nobody, None) for name in features.columns)
    score = (Column(SCORE, "number"),)
    return Profile(
        columns, profile_inputs(columns, _matrix(columns, features)), profile_inputs(score, said[:, None])
    )


def drift_of(
    profile: Profile, features: pl.DataFrame, said: Floats | None
) -> tuple[dict[str, float], float | None]:
    """Return the PSI of each input, largest first, and that of the estimates.

    Args:
        profile: of training.
        features: shape (n, features or more), of today; n at least 1.
        said: shape (n,), estimates of today; None: not asked.

    Raises:
        FeatureMissingError, FeatureTypeError: the features are not those of training.
    """
    inputs = input_drift(profile.inputs, _matrix(profile.columns, features))
    score = None if said is None else input_drift(profile.score, said[:, None])[SCORE]
    return dict(sorted(inputs.items(), key=lambda pair: (-pair[1], pair[0]))), score


def performance_of(observed: Floats, said: Floats, promised: Figure, *, since: str) -> Performance | None:
    """Hold the ranking of unseen outcomes against what the card promised.

    Args:
        observed: shape (n,), 0 or 1.
        said: shape (n,), estimates that were made without these outcomes.
        promised: the AUC of the card, with its interval.
        since: first moment of these rows.

    Returns:
        None where there are fewer than ten outcomes of either kind. The interval that the AUC must not
        fall below is the one of a difference: it has the spread of the card's AUC and that of today's.
    """
    positive = int(observed.sum())
    if min(positive, len(observed) - positive) < POSITIVES_LEAST:
        return None
    low, high = auc_interval(observed, said)
    now = Figure(auc(observed, said), low, high)
    errors = [_error(each) for each in (promised, now)]
    least = promised.value - _Z * float(np.hypot(errors[0], errors[1]))
    verdict: Verdict = "ok"
    if now.value < least:
        verdict = "alert"
    elif promised.low is not None and now.value < promised.low:
        verdict = "watch"
    return Performance(
        rows=len(observed),
        positive=positive,
        auc=now,
        promised=promised,
        low=least,
        since=since,
        verdict=verdict,
    )


def watch_verdict(watch: ModelWatch | None) -> Verdict:
    """Return the gravest of what was found; ``ok`` where nothing was looked at yet."""
    if watch is None:
        return "ok"
    found = [_psi_verdict(psi) for psi in (watch.score, *watch.inputs.values())]
    if watch.performance is not None:
        found.append(watch.performance.verdict)
    return max(found, key=("ok", "watch", "alert").index)


def model_checks(watch: ModelWatch, moment: datetime) -> Iterator[Check]:
    """Yield a check for the estimates, for every input and for the performance, as alerts are made of.

    Args:
        watch: of a champion.
        moment: when it was measured, with a zone.
    """
    spread = {SCORE: watch.score} if watch.score is not None else {}
    for subject, psi in (spread | watch.inputs).items():
        yield Check(
            source=_SOURCE + watch.estimator,
            check="drift_reference",
            subject=subject,
            unit="psi",
            value=psi,
            high=PSI_ALERT,
            verdict=_psi_verdict(psi),
            words=_psi_words(psi),
            measured=moment,
        )
    if watch.performance is not None:
        yield _performance_check(watch.estimator, watch.performance, moment)


def _performance_check(estimator: str, found: Performance, moment: datetime) -> Check:
    en = f"ranks with AUC {found.auc.value:.3f} on {found.rows:,} outcomes since; the card promised {found.promised.value:.3f}"
    zh = f"此后 {found.rows:,} 个结果上的 AUC 为 {found.auc.value:.3f}；模型卡为 {found.promised.value:.3f}"
    return Check(
        source=_SOURCE + estimator,
        check="drift_reference",
        subject=PERFORMANCE,
        unit="share",
        value=found.auc.value,
        low=found.low,
        verdict=found.verdict,
        words=Text(en, zh),
        measured=moment,
    )


def _psi_words(psi: float) -> Text:
    return Text(
        f"PSI {psi:.3f} since training (alert from {PSI_ALERT})",
        f"自训练以来 PSI 为 {psi:.3f}（{PSI_ALERT} 起告警）",
    )


def _psi_verdict(psi: float | None) -> Verdict:
    if psi is None or psi < PSI_LOOK:
        return "ok"
    return "alert" if psi >= PSI_ALERT else "watch"


def _matrix(columns: tuple[Column, ...], features: pl.DataFrame) -> Floats:
    return np.column_stack([encode(features, each, reference=0.0) for each in columns])


def _error(figure: Figure) -> float:
    """Return one standard error, from the interval."""
    return 0.0 if figure.low is None or figure.high is None else (figure.high - figure.low) / (2 * _Z)
