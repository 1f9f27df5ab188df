"""Time-aware response 时变响应模型: who of the next wave will respond, when times change?

Response models decay: rates move from 4 % to 50 % within two years, and the columns that say so
(interest rates, indices) never take the same value twice. Five habits, each fixed by reasoning:

1. *Judge what will be judged.* Past rows are compared within their period only (``periods.py``).
2. *No levels.* Columns that tell the time and do not return are left out (``clocks.py``, found
   without outcomes); months and weekdays return and stay. A value never seen has no effect.
3. *Forget, at several speeds.* Weights halve every half, one and two periods; as nobody knows the
   right speed, all three are used and averaged, not one chosen. Klinkenberg (2004), Intelligent
   Data Analysis 8; averaging over windows: Pesaran and Timmermann (2007), J. of Econometrics 137.
4. *Two kinds of model.* An additive one with shrinkage learnt from the data (``additive.py``) and
   small boosted trees, with equal weights: estimated weights lose more by their own noise than
   they gain. Timmermann (2006), Handbook of Economic Forecasting 1; the same caution as DeMiguel,
   Garlappi and Uppal (2009). Selection and stacking by past waves were tried and were worse.
5. *The level is today's.* The intercept is where the latest calls put it.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.additive import additive_effects, learn_additive
from vostro.insight.binning import BinnedColumn, learn_bins, tree_matrix
from vostro.insight.calibration import Calibration
from vostro.insight.clocks import role_of
from vostro.insight.columns import Column, kind_of, read_kind
from vostro.insight.design import Design
from vostro.insight.errors import FeaturesEmptyError, FeatureTypeError, NotFittedError
from vostro.insight.files import read_state, state_digest, write_state
from vostro.insight.frames import Frame, as_polars
from vostro.insight.outcomes import column_or_values, read_target, require
from vostro.insight.periods import half_life_weights, level_intercept, local_logodds
from vostro.insight.reasons import Reason, reason_lists, reason_table
from vostro.insight.trees import Trees, lightgbm
from vostro.words import Text

__all__ = ["TimeAwareResponseModel", "TimeAwareState", "time_order"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

HALF_LIVES = (0.5, 1.0, 2.0)  # periods
MEMORY = 6  # half-lives; older rows would weigh under a sixty-fourth and are not read
TREES = 60
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
    trees: tuple[str, ...]  # one for each half-life
    calibration: Calibration
    names: dict[str, Text] = {}
    kind: str = "time_aware_response"


class TimeAwareResponseModel:
    """Estimates response_probability for the next wave, from rows in order of time.

    The columns may be of any kind that ``ResponseModel`` takes. An estimate depends on the
    customer's own row alone.

    Args:
        seed: the same seed, data and library versions give the same model, byte for byte.
        period: rows, at least 20; customers are compared within so many, and it sets how fast the
            past is forgotten. The size of a wave is right, for customers of one wave will be compared.
        features: names of the columns to learn from; None: all besides target and order.
        names: words for reasons, by feature or by value, as ``ResponseModel`` takes them.
        threads: of LightGBM; the results do not depend on it.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        period: int = 2000,
        features: Sequence[str] | None = None,
        names: Mapping[str, Text] | None = None,
        threads: int = 2,
    ) -> None:
        assert period >= 20, "a period has at least 20 rows"
        self._plan = TimeAwarePlan(seed, period, None if features is None else tuple(features), threads)
        self._names = dict(names or {})
        self._state: TimeAwareState | None = None
        self._trees = Trees(())
        self._version = ""

    def fit(self, frame: Frame, *, target: Any, order: Any = None, slope: float = 1.0) -> Self:
        """Learn from customers whose response is known.

        Args:
            frame: shape (n, columns).
            target: name of a column or (n,) values: booleans, 1/0 or yes/no; none missing.
            order: name of a column or (n,) values, numbers or moments that tell the order in time;
                None: the rows stand in order of time.
            slope: of the scores, as past waves showed it (``ranking_slope``).

        Raises:
            VostroError: as ``ResponseModel.fit``.
        """
        whole = as_polars(frame)
        observed = read_target(whole, target)
        aside = {each for each in (target, order) if isinstance(each, str)}
        offered = self._plan.features or tuple(name for name in whole.columns if name not in aside)
        rows = time_order(whole, order)[-int(MEMORY * max(HALF_LIVES) * self._plan.period) :]
        self._hold(_learn(whole[rows], observed[rows], self._plan, offered, slope, self._names))
        return self

    def score(self, frame: Frame) -> Floats:
        """Return log-odds relative to the period, before calibration; shape (n,)."""
        state, given = self._ready(), as_polars(frame)
        codes = _codes(state.columns, given)
        return _score(state, self._trees, codes, tree_matrix(state.columns, given, codes))

    def predict(self, frame: Frame) -> Floats:
        """Return response probabilities, shape (n,), in (0, 1), never NaN.

        Raises:
            NotFittedError: neither trained nor loaded.
            FeatureMissingError, FeatureTypeError, FrameKindError: the frame is not like the training's.
        """
        return self._ready().calibration.probability(self.score(frame))

    def effects(self, frame: Frame) -> tuple[float, Floats]:
        """Return what every feature adds to the log-odds: a base, and shape (n, len(feature_names)).

        Base and effects of a row sum to the log-odds of its predicted probability.
        """
        state, given = self._ready(), as_polars(frame)
        codes = _codes(state.columns, given)
        trees = np.zeros((given.height, 1))
        if state.trees:
            trees = self._trees.contributions(tree_matrix(state.columns, given, codes))
        base = float(trees[0, -1]) / 2 if len(trees) else 0.0
        found = (_effects(state, codes) + trees[:, :-1]) / 2
        return state.calibration.slope * base + state.calibration.intercept, state.calibration.slope * found

    def reason_series(self, frame: Frame, k: int = 3) -> pl.Series:
        """Return the ``k`` strongest reasons of each row, shape (n,): lists of structs.

        A struct has feature, value, effect_logodds, en and zh.
        """
        state, given = self._ready(), as_polars(frame)
        design = Design(tuple(Column(each.name, each.kind) for each in state.columns), (), None, 0.0)
        table = reason_table(given, design, self.effects(given)[1], names=state.names, k=k)
        return reason_lists(table, given.height)

    def reasons(self, frame: Frame, k: int = 3) -> list[list[Reason]]:
        """Return the ``k`` strongest reasons of each row as objects, for the rows that a person reads."""
        return [
            [
                Reason(r["feature"], r["value"], r["effect_logodds"], Text(en=r["en"], zh=r["zh"]))
                for r in each
            ]
            for each in self.reason_series(frame, k).to_list()
        ]

    def save(self, path: Path) -> None:
        """Write the model as one JSON file, whole or not at all."""
        write_state(path, self._ready(), self._version)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a model that ``save`` wrote.

        Raises:
            ModelFileError: the file is absent, damaged, changed or of another version.
        """
        state = read_state(path, TimeAwareState)
        model = cls(names=state.names)
        model._plan = state.plan
        model._hold(state)
        return model

    @property
    def version(self) -> str:
        """Digest of all that the model is, 64 hexadecimal digits."""
        self._ready()
        return self._version

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns that were learnt from, in the order of ``effects``."""
        return tuple(each.name for each in self._ready().columns)

    @property
    def roles(self) -> dict[str, str]:
        """What every column that was offered tells: customer, season, level (left out) or constant (left out)."""
        return dict(self._ready().roles)

    def _ready(self) -> TimeAwareState:
        if self._state is None:
            raise NotFittedError
        return self._state

    def _hold(self, state: TimeAwareState) -> None:
        self._state, self._version, self._trees = state, state_digest(state), Trees(state.trees)


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


def _learn(
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
    kinds = {name: kind_of(require(frame, name)) or "number" for name in sorted(set(offered))}
    roles = {name: role_of(frame, name, kind, stretch=plan.period) for name, kind in kinds.items()}
    kept = [name for name, role in roles.items() if role in ("customer", "season")]
    columns = tuple(learn_bins(frame, name, kinds[name]) for name in kept)
    codes = _codes(columns, frame)
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
            texts.append(_grow(matrix[rows], columns, *known, plan=plan, member=number))
    state = TimeAwareState(
        plan, columns, dict(roles), tuple(effects), tuple(texts), Calibration(slope, 0.0), names
    )
    rows = slice(-int(MEMORY * min(HALF_LIVES) * plan.period), None)
    score = _score(state, Trees(state.trees), codes[rows], matrix[rows])
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
) -> str:
    """Grow the trees of one half-life on what the period leaves to be explained."""
    module = lightgbm()
    parameters = {
        **TREE,
        "min_data_in_leaf": min(int(TREE["min_data_in_leaf"]), max(2, len(matrix) // 20)),
        "num_threads": plan.threads,
        "seed": plan.seed * len(HALF_LIVES) + member,
    }
    texts = [i for i, column in enumerate(columns) if column.kind == "text"]
    data = module.Dataset(
        matrix, observed, weight=weight, init_score=offset, categorical_feature=texts, params=parameters
    )
    return str(module.train(parameters, data, num_boost_round=TREES).model_to_string())


def _codes(columns: tuple[BinnedColumn, ...], frame: pl.DataFrame) -> Codes:
    if not columns:
        return np.zeros((frame.height, 0), dtype=np.intp)
    return np.column_stack([column.codes(frame) for column in columns])


def _score(state: TimeAwareState, trees: Trees, codes: Codes, matrix: Floats) -> Floats:
    """Log-odds relative to the period, shape (n,); zeros when there is no column to tell customers apart."""
    if not state.trees:
        return np.zeros(len(codes))
    return (_effects(state, codes).sum(axis=1) + trees.logodds(matrix)) / 2


def _effects(state: TimeAwareState, codes: Codes) -> Floats:
    """What each column adds by the additive models, the mean over the half-lives; shape (n, columns)."""
    every = [additive_effects(codes, tuple(np.array(own) for own in effects)) for effects in state.effects]
    return np.asarray(np.mean(every, axis=0), dtype=np.float64)
