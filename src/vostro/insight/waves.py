"""Waves 分批评估: how well does an estimator choose, if it knows only what was known before?

A campaign calls wave after wave. Each wave is scored by a model trained on the calls before it,
nothing else: no outcome of the wave or after it reaches its scores. That is prequential evaluation
(Dawid 1984; Gama, Sebastiao and Rodrigues 2013, Machine Learning 90): predict first, learn
after. The figure is the response rate of a wave's best fifth over the rate of the whole wave, and
its mean over the waves. It judges a method that was settled before; what was tried on the same
calls until the default method stood is told in ``time_aware.py``, and makes their figure too kind.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.errors import FeatureTypeError
from vostro.insight.evaluation import Estimator
from vostro.insight.frames import Frame, as_polars
from vostro.insight.metrics import auc, best_share_lift
from vostro.insight.outcomes import read_target
from vostro.insight.periods import ranking_slope
from vostro.insight.reasons import Reason
from vostro.insight.time_aware import TimeAwareResponseModel
from vostro.insight.time_aware_training import time_order

__all__ = ["NO_WAVE", "WaveRow", "WaveScores", "WavesEvaluation", "evaluate_waves", "score_waves"]

Floats = npt.NDArray[np.float64]

NO_WAVE = -1
SHARE = 0.2
REDRAWN = 4000  # bootstrap samples
WAVES_LEAST = 3  # fewer waves say nothing of their spread


@dataclass(frozen=True, slots=True)
class WaveScores:
    """What was said of each row before its wave."""

    size: int
    first: int
    wave: npt.NDArray[np.int64]  # (n,); 0 is the first wave that is scored, NO_WAVE comes before it
    response_probability: Floats  # (n,); NaN before the first wave
    version: tuple[str, ...]  # of each wave's model; empty texts for models without versions
    models: tuple[Any, ...]  # of each wave; TimeAwareResponseModel when no other was asked for
    frame: pl.DataFrame  # what was scored, the target left out

    def reasons(self, rows: Sequence[int], k: int = 3) -> list[list[Reason]]:
        """Return the ``k`` strongest reasons of each of the rows, by the model of its wave.

        A row before the first wave was not scored and has no reasons.
        """
        chosen = np.asarray(rows, dtype=np.intp)
        found: list[list[Reason]] = [[] for _ in chosen]
        for wave in np.unique(self.wave[chosen]):
            if wave == NO_WAVE:
                continue
            places = np.flatnonzero(self.wave[chosen] == wave)
            said = self.models[wave].reasons(self.frame[chosen[places]], k)
            for place, reasons in zip(places, said, strict=True):
                found[place] = reasons
        return found


class WaveRow(msgspec.Struct, frozen=True):
    """One wave: how often it responded, and how often its best fifth."""

    wave: int
    rows: int
    rate: float
    rate_best_fifth: float
    ratio: float | None  # None when nobody, or everybody, in the wave responded
    auc: float | None


class WavesEvaluation(msgspec.Struct, frozen=True):
    """How well the waves were ranked, each by what was known before it."""

    size: int
    first: int
    best_fifth: (
        float | None
    )  # mean of the waves' ratios; the last wave counts like the others, even if partial
    best_fifth_low: float | None  # 95 %, bootstrap over waves; None under three waves
    best_fifth_high: float | None
    auc: float | None  # mean within waves
    waves: tuple[WaveRow, ...]


def score_waves(
    frame: Frame,
    target: Any,
    *,
    size: int = 2000,
    first: int = 8000,
    seed: int = 0,
    order: Any = None,
    make: Callable[[int], Estimator] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> WaveScores:
    """Score wave after wave, each by a model that learnt from the rows before it.

    Args:
        frame: shape (n, columns).
        target: name of a column or (n,) values, as ``ResponseModel.fit`` takes them.
        size: rows of a wave; the last wave holds what is left.
        first: rows before the first wave.
        seed: of the models.
        order: name of a column or (n,) values, numbers or moments that tell the order in time; None:
            the rows stand in order of time.
        make: gives a fresh estimator for a seed; None: ``TimeAwareResponseModel(seed=seed, period=size)``.
            Any other estimator (a plain one, to compare with) sees the same rows, in order of time.
        progress: hears waves done and waves in all.

    Raises:
        VostroError: as ``ResponseModel.fit``; the rows before a wave must hold both outcomes.
    """
    assert size >= 1 and first >= 1, "a wave and its past have rows"
    whole = as_polars(frame)
    observed = read_target(whole, target)
    rows = time_order(whole, order)
    aside = [each for each in (target, order) if isinstance(each, str)]
    inputs = whole.drop(aside)
    starts = list(range(first, len(rows), size))
    wave = np.full(len(rows), NO_WAVE, dtype=np.int64)
    said = np.full(len(rows), np.nan)
    models: list[Any] = []
    known: list[tuple[Floats, Floats]] = []
    for number, start in enumerate(starts):
        past, here = rows[:start], rows[start : start + size]
        model = TimeAwareResponseModel(seed=seed, period=max(size, 20)) if make is None else make(seed)
        if isinstance(model, TimeAwareResponseModel):
            model.fit(inputs[past], target=observed[past], slope=ranking_slope(known))
            known.append((model.score(inputs[here]), observed[here]))
        else:
            model.fit(inputs[past], target=observed[past])
        said[here], wave[here] = model.predict(inputs[here]), number
        models.append(model)
        if progress is not None:
            progress(number + 1, len(starts))
    versions = tuple(str(getattr(model, "version", "")) for model in models)
    return WaveScores(size, first, wave, said, versions, tuple(models), inputs)


def evaluate_waves(scores: WaveScores, target: Any, *, seed: int = 0) -> WavesEvaluation:
    """Measure the waves against what happened.

    Args:
        scores: of ``score_waves``.
        target: shape (n,), booleans, 1/0 or yes/no.
        seed: of the bootstrap.

    Raises:
        TargetUnknownError, TargetTypeError, LengthMismatchError: the target.
    """
    if isinstance(target, str):
        raise FeatureTypeError(column="target", found="a name", wanted="one value a row")
    observed = read_target(pl.DataFrame({"wave": scores.wave}), target, least=1)
    rows = [_measure(scores, observed, number) for number in range(len(scores.version))]
    ratios = np.array([row.ratio for row in rows if row.ratio is not None])
    areas = [row.auc for row in rows if row.auc is not None]
    low, high = _interval(ratios, seed)
    return WavesEvaluation(
        size=scores.size,
        first=scores.first,
        best_fifth=float(ratios.mean()) if len(ratios) else None,
        best_fifth_low=low,
        best_fifth_high=high,
        auc=float(np.mean(areas)) if areas else None,
        waves=tuple(rows),
    )


def _measure(scores: WaveScores, observed: Floats, number: int) -> WaveRow:
    here = scores.wave == number
    happened, said = observed[here], scores.response_probability[here]
    rate = float(happened.mean())
    if rate in (0.0, 1.0):
        return WaveRow(number, len(happened), rate, rate, None, None)
    ratio = best_share_lift(happened, said, share=SHARE)
    return WaveRow(number, len(happened), rate, ratio * rate, ratio, auc(happened, said))


def _interval(ratios: Floats, seed: int) -> tuple[float | None, float | None]:
    """Percentiles of the mean over redrawn waves (Efron and Tibshirani 1993, chapter 13)."""
    if len(ratios) < WAVES_LEAST:
        return None, None
    drawn = np.random.default_rng(seed).integers(0, len(ratios), (REDRAWN, len(ratios)))
    low, high = np.quantile(ratios[drawn].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)
