"""Training of time-aware models 时变模型训练: what is learnt from the past, and how fast it is forgotten.

The settings are constants, not searched for in training; ``time_aware.py`` tells how they came about.
"""

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.additive import additive_effects, learn_additive
from vostro.insight.binning import BinnedColumn, learn_bins, tree_matrix
from vostro.insight.calibration import Calibration
from vostro.insight.clocks import role_of
from vostro.insight.columns import declared_kind, kind_of, read_kind
from vostro.insight.errors import FeaturesEmptyError, FeatureTypeError
from vostro.insight.outcomes import column_or_values, require
from vostro.insight.periods import half_life_weights, level_intercept, local_logodds
from vostro.insight.trees import Trees, lightgbm, threads_for
from vostro.words import Text

__all__ = [
    "TimeAwarePlan",
    "TimeAwareState",
    "all_codes",
    "all_effects",
    "learn_time_aware",
    "recent_rows",
    "relative_score",
    "time_order",
]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

HALF_LIVES = (0.5, 1.0, 2.0)  # periods
MEMORY = 6  # half-lives; older rows would weigh under a sixty-fourth and are not read
TREES = 60
DRAWS = 2  # of the columns that each tree may split on; their mean depends less on luck
TREE: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.08,
    "num_leaves": 8,  # effects and interactions of low order; the additive part has the rest
    "min_data_in_leaf": 50,
    "min_sum_hessian_in_leaf": 5.0,  # evidence, not rows: about 100 recent rows at a rate of 5 %
    "lambda_l2": 10.0,
    "feature_fraction": 0.5,
    "max_bin": 63,
    "max_cat_to_onehot": 1000,  # one level against the rest, so that an unseen level goes with the rest
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}


class TimeAwarePlan(msgspec.Struct, frozen=True):
    """What was asked of a time-aware model."""

    seed: int
    period: int
    features: tuple[str, ...] | None
    threads: int


class TimeAwareState(msgspec.Struct, frozen=True):
    """All that a trained time-aware model is."""

    plan: TimeAwarePlan
    columns: tuple[BinnedColumn, ...]
    roles: dict[str, str]  # every column that was offered -> what it tells
    effects: tuple[tuple[tuple[float, ...], ...], ...]  # half-life -> column -> code, log-odds
    trees: tuple[str, ...]  # DRAWS for each half-life
    calibration: Calibration
    names: dict[str, Text] = {}
    kind: str = "time_aware_response"


def time_order(frame: pl.DataFrame, order: Any) -> Codes:
    """Return the rows from the first to the latest; rows of the same time stay as they stand.

    Args:
        frame: shape (n, columns).
        order: name of a column or (n,) values, numbers or moments; a row without one stands first;
            None: the rows stand in order of time.

    Raises:
        FeatureTypeError: the order is neither numbers nor moments.
    """
    if order is None:
        return np.arange(frame.height)
    when = column_or_values(frame, order, "order")
    kind = kind_of(when)
    if kind not in ("number", "moment"):
        raise FeatureTypeError(column=when.name, found=str(when.dtype), wanted="number | moment")
    values = read_kind(when.to_frame(), when.name, kind).fill_null(-np.inf).to_numpy()
    return np.argsort(values, kind="stable")


def recent_rows(frame: pl.DataFrame, order: Any, *, period: int) -> Codes:
    """Return the rows that are not yet forgotten, from the first to the latest."""
    return time_order(frame, order)[-int(MEMORY * max(HALF_LIVES) * period) :]


def learn_time_aware(
    frame: pl.DataFrame,
    observed: Floats,
    plan: TimeAwarePlan,
    offered: tuple[str, ...],
    slope: float,
    names: dict[str, Text],
) -> TimeAwareState:
    """Train on rows in order of time."""
    if not offered:
        raise FeaturesEmptyError
    kinds = {name: declared_kind(require(frame, name)) or "number" for name in sorted(set(offered))}
    roles = {name: role_of(frame, name, kind, stretch=plan.period) for name, kind in kinds.items()}
    kept = [name for name, role in roles.items() if role in ("customer", "season")]
    columns = tuple(learn_bins(frame, name, kinds[name]) for name in kept)
    codes = all_codes(columns, frame)
    matrix = tree_matrix(columns, frame, codes)
    offset = local_logodds(observed, period=plan.period)
    effects, texts = [], []
    for number, periods in enumerate(HALF_LIVES):
        half_life = periods * plan.period
        rows = slice(-int(MEMORY * half_life), None)
        weight = half_life_weights(len(observed[rows]), half_life=half_life)
        known = (observed[rows], offset[rows], weight)
        effects.append(_additive(codes[rows], columns, *known))
        if columns:
            texts.extend(_grow(matrix[rows], columns, *known, plan=plan, member=number))
    state = TimeAwareState(
        plan, columns, dict(roles), tuple(effects), tuple(texts), Calibration(slope, 0.0), names
    )
    rows = slice(-int(MEMORY * min(HALF_LIVES) * plan.period), None)
    score = relative_score(state, Trees(state.trees), codes[rows], matrix[rows])
    recent = half_life_weights(len(score), half_life=min(HALF_LIVES) * plan.period)
    level = level_intercept(slope * score, observed[rows], recent)
    return msgspec.structs.replace(state, calibration=Calibration(slope, level))


def _additive(
    codes: Codes, columns: tuple[BinnedColumn, ...], observed: Floats, offset: Floats, weight: Floats
) -> tuple[tuple[float, ...], ...]:
    """Effects of one half-life, each column's mean over the weighted rows taken out: reasons are relative.

    A value never seen has the effect that is expected of one more level: the middle of the levels.
    """
    sizes = tuple(each.size for each in columns)
    found = learn_additive(codes, sizes, observed, offset=offset, weight=weight)
    means = [float(np.average(own[code], weights=weight)) for own, code in zip(found, codes.T, strict=True)]
    return tuple(tuple((own - mean).tolist()) for own, mean in zip(found, means, strict=True))


def _grow(
    matrix: Floats,
    columns: tuple[BinnedColumn, ...],
    observed: Floats,
    offset: Floats,
    weight: Floats,
    *,
    plan: TimeAwarePlan,
    member: int,
) -> list[str]:
    """Grow the trees of one half-life on what the period leaves to be explained, once for each draw."""
    module = lightgbm()
    parameters = {
        **TREE,
        "min_data_in_leaf": min(int(TREE["min_data_in_leaf"]), max(2, len(matrix) // 20)),
        "num_threads": threads_for(matrix.size, plan.threads),
    }
    data = module.Dataset(
        matrix,
        observed,
        weight=weight,
        init_score=offset,
        categorical_feature=[i for i, column in enumerate(columns) if column.kind == "text"],
        params=parameters,
        free_raw_data=False,
    ).construct()
    first = (plan.seed * len(HALF_LIVES) + member) * DRAWS
    return [
        str(module.train({**parameters, "seed": first + i}, data, num_boost_round=TREES).model_to_string())
        for i in range(DRAWS)
    ]


def all_codes(columns: tuple[BinnedColumn, ...], frame: pl.DataFrame) -> Codes:
    """Return the codes of every column, shape (n, columns)."""
    if not columns:
        return np.zeros((frame.height, 0), dtype=np.intp)
    return np.column_stack([column.codes(frame) for column in columns])


def relative_score(state: TimeAwareState, trees: Trees, codes: Codes, matrix: Floats) -> Floats:
    """Log-odds relative to the period, shape (n,); zeros when there is no column to tell customers apart."""
    if not state.trees:
        return np.zeros(len(codes))
    found = (all_effects(state, codes).sum(axis=1) + trees.logodds(matrix)) / 2
    return np.asarray(found, dtype=np.float64)


def all_effects(state: TimeAwareState, codes: Codes) -> Floats:
    """What each column adds by the additive models, the mean over the half-lives; shape (n, columns)."""
    every = [additive_effects(codes, tuple(np.array(own) for own in effects)) for effects in state.effects]
    return np.asarray(np.mean(every, axis=0), dtype=np.float64)
