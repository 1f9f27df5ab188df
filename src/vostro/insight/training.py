"""Training 训练: cross-fit, calibrate, grow on all rows, and write the card.

The settings of the trees were chosen on a random half of the rows of ``bank_marketing`` (the other
half was never looked at); ``tests/insight/test_real_data.py`` measures on all of it.
"""

import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.calibration import Calibration, learn_calibration
from vostro.insight.card import ModelCard, describe
from vostro.insight.columns import kind_of, read_kind
from vostro.insight.design import Design, learn_design
from vostro.insight.drift import InputProfile, profile_inputs
from vostro.insight.errors import FeatureTypeError
from vostro.insight.folds import Rows, stratified_folds, time_folds
from vostro.insight.outcomes import column_or_values, read_target, read_weight
from vostro.insight.trees import Trees, grow, lightgbm, threads_for
from vostro.words import iso

__all__ = ["Learnt", "Plan", "learn_response"]

Floats = npt.NDArray[np.float64]

FOLDS = 3  # of the cross-fitting
ROUNDS = 50  # trees a member
MEMBERS = 2
TREES: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.08,
    "num_leaves": 31,
    "min_data_in_leaf": 20,
    "lambda_l2": 2.0,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "max_bin": 1023,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


class Plan(msgspec.Struct, frozen=True):
    """What was asked of a response model."""

    seed: int
    features: tuple[str, ...] | None
    contexts: tuple[tuple[str, ...], ...]
    moment: str | None
    threads: int


@dataclass(frozen=True, slots=True)
class Learnt:
    """What training gives."""

    design: Design
    trees: Trees
    calibration: Calibration
    profiles: tuple[InputProfile, ...]
    card: ModelCard


@dataclass(frozen=True, slots=True)
class _Rows:
    """Training rows, checked."""

    frame: pl.DataFrame
    observed: Floats
    weight: Floats | None

    def take(self, rows: Rows) -> "_Rows":
        weight = None if self.weight is None else self.weight[rows]
        return _Rows(self.frame[rows], self.observed[rows], weight)


def learn_response(frame: pl.DataFrame, plan: Plan, *, target: Any, weight: Any, order: Any) -> Learnt:
    """Train a response model; the arguments are those of ``ResponseModel.fit``."""
    observed = read_target(frame, target)
    rows = _Rows(frame, observed, read_weight(frame, weight, observed))
    aside = {each for each in (target, weight, order, plan.moment) if isinstance(each, str)}
    features = plan.features or tuple(name for name in frame.columns if name not in aside)
    when = None if order is None else column_or_values(frame, order, "order")
    folds = _folds(observed, when, plan.seed)
    raw = np.empty(len(observed))
    for fold in folds:
        design, trees, _ = _grow(rows.take(_without(fold, len(observed))), plan, features)
        raw[fold] = trees.logodds(design.matrix(frame[fold]))
    design, trees, matrix = _grow(rows, plan, features)
    return Learnt(
        design,
        trees,
        learn_calibration(raw, observed, rows.weight),
        profile_inputs(design.columns, matrix),
        describe(
            observed,
            _cross_calibrated(raw, rows, folds),
            target=target if isinstance(target, str) else "target",
            seed=plan.seed,
            gain=dict(zip(design.names, trees.gain().tolist(), strict=True)),
            span=_span(when),
            method=f"cross-fitted, {FOLDS} folds, {'shuffled' if when is None else 'blocks of time'}",
            libraries=_libraries(),
        ),
    )


def _grow(rows: _Rows, plan: Plan, features: tuple[str, ...]) -> tuple[Design, Trees, Floats]:
    design = learn_design(
        rows.frame,
        features,
        rows.observed,
        weight=rows.weight,
        contexts=plan.contexts,
        moment=plan.moment,
    )
    matrix = design.training_matrix(rows.frame, rows.observed, rows.weight, plan.seed)
    least = min(int(TREES["min_data_in_leaf"]), max(2, len(matrix) // 20))
    parameters = {**TREES, "min_data_in_leaf": least, "num_threads": threads_for(matrix.size, plan.threads)}
    trees = grow(
        matrix,
        rows.observed,
        rows.weight,
        seed=plan.seed,
        parameters=parameters,
        rounds=ROUNDS,
        members=MEMBERS,
    )
    return design, trees, matrix


def _folds(observed: Floats, when: pl.Series | None, seed: int) -> list[Rows]:
    """Blocks of time when there is an order and every block leaves enough of both outcomes."""
    if when is not None:
        folds = time_folds(_axis(when), FOLDS)
        left = [observed[_without(fold, len(observed))] for fold in folds]
        if all(2 <= each.sum() <= len(each) - 2 for each in left):
            return folds
    return stratified_folds(observed, FOLDS, seed)


def _axis(when: pl.Series) -> Floats:
    """The order as numbers; a row of unknown time stands first."""
    kind = kind_of(when)
    if kind not in ("number", "moment"):
        raise FeatureTypeError(column=when.name, found=str(when.dtype), wanted="number | moment")
    return read_kind(when.to_frame(), when.name, kind).fill_null(-np.inf).to_numpy()


def _cross_calibrated(raw: Floats, rows: _Rows, folds: list[Rows]) -> Floats:
    """Probabilities of each fold, by a calibration that did not see the fold either."""
    said = np.empty(len(raw))
    for fold in folds:
        rest = _without(fold, len(raw))
        weight = None if rows.weight is None else rows.weight[rest]
        said[fold] = learn_calibration(raw[rest], rows.observed[rest], weight).probability(raw[fold])
    return said


def _without(fold: Rows, count: int) -> Rows:
    kept = np.ones(count, dtype=bool)
    kept[fold] = False
    return np.flatnonzero(kept)


def _span(when: pl.Series | None) -> tuple[str | None, str | None]:
    if when is None or kind_of(when) != "moment":
        return None, None
    days = read_kind(when.to_frame(), when.name, "moment")
    return _iso(days.min()), _iso(days.max())


def _iso(days: Any) -> str:
    return iso(datetime.fromtimestamp(round(days * 86_400, 6), tz=UTC))


def _libraries() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "lightgbm": lightgbm().__version__,
        "numpy": np.__version__,
        "polars": pl.__version__,
    }
