"""Response 响应模型: how likely is it that this customer responds if contacted?

Boosted trees whose log-odds are calibrated by cross-fitting: each row of the training frame is
estimated by trees that never saw it, a line is fitted from those log-odds to what happened,
then the trees are grown again on all rows and the line is laid on them.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.calibration import Calibration
from vostro.insight.card import ModelCard
from vostro.insight.design import Design
from vostro.insight.drift import InputProfile, input_drift
from vostro.insight.errors import NotFittedError
from vostro.insight.files import read_state, state_digest, write_state
from vostro.insight.frames import Frame, as_polars
from vostro.insight.reasons import Reason, reason_lists, reason_table
from vostro.insight.training import Learnt, Plan, learn_response
from vostro.insight.trees import Trees
from vostro.words import Text

__all__ = ["ResponseModel", "ResponseState"]

Floats = npt.NDArray[np.float64]


class ResponseState(msgspec.Struct, frozen=True):
    """All that a trained response model is; the same data, seed and libraries give the same bytes."""

    plan: Plan
    design: Design
    trees: tuple[str, ...]
    calibration: Calibration
    profiles: tuple[InputProfile, ...]
    card: ModelCard
    names: dict[str, Text] = {}
    kind: str = "response"


class ResponseModel:
    """Estimates response_probability from any Polars, pandas or Arrow frame.

    Columns may be numbers, booleans, texts, dates or moments, with missing values; a level that was
    never seen counts as a rare one. A customer's estimate depends on that customer's row alone.

    Args:
        seed: the same seed, data and library versions give the same model, byte for byte.
        features: names of the columns to learn from; None: all besides target, weight, order and moment.
        contexts: groups of columns that together name a situation shared by many customers, such as
            ``[("branch", "script")]``; the response rate of the others in it becomes a feature. Do not
            name columns that are unique to a customer.
        moment: name of a column that says when each row is asked; dates become ages before it. Without
            one, dates are counted from the latest date of the training frame.
        names: words for reasons, by feature (``"age"``) or by value (``"job=student"``).
        threads: of LightGBM; 0 chooses by the size of the frame. The results do not depend on it.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        features: Sequence[str] | None = None,
        contexts: Sequence[Sequence[str]] = (),
        moment: str | None = None,
        names: Mapping[str, Text] | None = None,
        threads: int = 0,
    ) -> None:
        chosen = None if features is None else tuple(features)
        self._plan = Plan(seed, chosen, tuple(tuple(each) for each in contexts), moment, threads)
        self._names = dict(names or {})
        self._state: ResponseState | None = None
        self._trees: Trees | None = None
        self._version = ""

    def fit(self, frame: Frame, *, target: Any, weight: Any = None, order: Any = None) -> Self:
        """Learn from customers whose response is known.

        Args:
            frame: shape (n, columns).
            target: name of a column or (n,) values: booleans, 1/0 or yes/no; none missing.
            weight: name of a column or (n,) values, finite and at least 0.
            order: name of a column or (n,) values, numbers or moments that tell the order in time.
                With it, rows near in time are never split between the folds of the calibration.

        Raises:
            TargetUnknownError, TargetTypeError, ClassMissingError, OutcomesFewError: the target.
            WeightError, LengthMismatchError: weights or arrays.
            FeatureMissingError, FeatureTypeError, FeaturesEmptyError, FrameKindError: the frame.
        """
        learnt = learn_response(as_polars(frame), self._plan, target=target, weight=weight, order=order)
        return self._take(learnt)

    def predict(self, frame: Frame) -> Floats:
        """Return calibrated response probabilities, shape (n,), in (0, 1), never NaN.

        Raises:
            NotFittedError: neither trained nor loaded.
            FeatureMissingError, FeatureTypeError, FrameKindError: the frame is not like the training's.
        """
        state, trees = self._ready()
        return state.calibration.probability(trees.logodds(state.design.matrix(as_polars(frame))))

    def effects(self, frame: Frame) -> tuple[float, Floats]:
        """Return what every feature adds to the log-odds: a base, and shape (n, len(feature_names)).

        Base and effects of a row sum to the log-odds of its predicted probability, exactly.
        """
        state, trees = self._ready()
        return _effects(state, trees, state.design.matrix(as_polars(frame)))

    def reason_series(self, frame: Frame, k: int = 3) -> pl.Series:
        """Return the ``k`` strongest reasons of each row, shape (n,): lists of structs.

        A struct has feature, value, effect_logodds, en and zh. Works on columns, for any number of rows.
        """
        kept = as_polars(frame)
        return reason_lists(self._reason_table(kept, k), kept.height)

    def reasons(self, frame: Frame, k: int = 3) -> list[list[Reason]]:
        """Return the ``k`` strongest reasons of each row as objects, for the rows that a person reads."""
        found = self.reason_series(frame, k).to_list()
        return [
            [
                Reason(r["feature"], r["value"], r["effect_logodds"], Text(en=r["en"], zh=r["zh"]))
                for r in each
            ]
            for each in found
        ]

    def drift(self, frame: Frame) -> dict[str, float]:
        """Return the PSI of each source column between training and a frame (at least one row)."""
        state, _ = self._ready()
        return input_drift(state.profiles, state.design.matrix(as_polars(frame)))

    def card(self, scored: Frame | None = None) -> ModelCard:
        """Return the model card, with the drift of a frame that was scored when one is given."""
        state, _ = self._ready()
        drift = {} if scored is None else self.drift(scored)
        return msgspec.structs.replace(state.card, drift=drift, version=self._version)

    def save(self, path: Path) -> None:
        """Write the model as one JSON file, whole or not at all."""
        state, _ = self._ready()
        write_state(path, state, self._version)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a model that ``save`` wrote.

        Raises:
            ModelFileError: the file is absent, damaged, changed or of another version.
        """
        state = read_state(path, ResponseState)
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
        """Source columns, then contexts, in the order of ``effects``."""
        return self._ready()[0].design.names

    def _reason_table(self, frame: pl.DataFrame, k: int) -> pl.DataFrame:
        state, trees = self._ready()
        _, effects = _effects(state, trees, state.design.matrix(frame))
        return reason_table(frame, state.design, effects, names=state.names, k=k)

    def _take(self, learnt: Learnt) -> Self:
        self._hold(
            ResponseState(
                plan=self._plan,
                design=learnt.design,
                trees=learnt.trees.texts,
                calibration=learnt.calibration,
                profiles=learnt.profiles,
                card=learnt.card,
                names=self._names,
            ),
            learnt.trees,
        )
        return self

    def _hold(self, state: ResponseState, trees: Trees | None = None) -> None:
        self._state, self._version = state, state_digest(state)
        self._trees = trees or Trees(state.trees)

    def _ready(self) -> tuple[ResponseState, Trees]:
        if self._state is None or self._trees is None:
            raise NotFittedError
        return self._state, self._trees


def _effects(state: ResponseState, trees: Trees, matrix: Floats) -> tuple[float, Floats]:
    """Contributions on the calibrated scale; the calibration is a line, so they still sum."""
    found = trees.contributions(matrix)
    slope, intercept = state.calibration.slope, state.calibration.intercept
    base = float(found[0, -1]) if len(found) else 0.0
    return slope * base + intercept, slope * found[:, :-1]
