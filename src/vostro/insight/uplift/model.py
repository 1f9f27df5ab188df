"""Uplift 增量模型: whom does the action move, and by how much?

A response model finds who buys; this one finds who buys *because of* the action. For every treated arm
against control, several learners are compared by the Qini of customers they never saw, and the chosen one
is trained on all rows. Where arm and control do not overlap, the model refuses to guess.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.errors import NotFittedError
from vostro.insight.files import read_state, state_digest, write_state
from vostro.insight.frames import Frame, as_polars
from vostro.insight.uplift.card import UpliftCard
from vostro.insight.uplift.effects import Effect
from vostro.insight.uplift.errors import ArmUnknownError
from vostro.insight.uplift.training import ArmMeasure, Plan, learn_uplift, measure_arms
from vostro.insight.uplift.views import Space, View

__all__ = ["UpliftModel", "UpliftState"]

Floats = npt.NDArray[np.float64]


class UpliftState(msgspec.Struct, frozen=True):
    """All that a trained model of uplift is."""

    plan: Plan
    space: Space
    arms: tuple[str, ...]
    effects: tuple[tuple[Effect, ...], ...]  # for each arm; their mean is its uplift
    card: UpliftCard
    kind: str = "uplift"


class UpliftModel:
    """Estimates uplift, the change in the outcome caused by an action, from any Polars, pandas or Arrow frame.

    Columns may be numbers, booleans, texts, dates or moments, with missing values. A customer's estimate depends
    on that customer's row alone.

    Args:
        seed: the same seed, data and library versions give the same model, byte for byte.
        features: names of the columns to learn from; None: all besides treatment, outcome and chances.
        learners: names of the candidates, the preferred one first (see ``LEARNERS`` and "mean"); one alone
            leaves nothing to choose.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        features: Sequence[str] | None = None,
        learners: Sequence[str] | None = None,
    ) -> None:
        chosen = None if features is None else tuple(features)
        self._plan = Plan.of(seed, chosen, learners)
        self._state: UpliftState | None = None
        self._version = ""

    def fit(
        self,
        frame: Frame,
        *,
        treatment: Any,
        outcome: Any,
        control: Any = None,
        action_probability: float | str | Mapping[str, Any] | None = None,
    ) -> Self:
        """Learn from customers of whom some got an action and some did not.

        Args:
            frame: shape (n, columns).
            treatment: name of a column or (n,) values: the arm of each customer, none missing.
            outcome: name of a column or (n,) values: yes or no, or a number; none missing.
            control: the arm in which nothing was done; None where 0, false, "control" or the like says it.
            action_probability: chance with which an arm was drawn, when known: a number or the name of a column, for
                more than one treated arm a mapping arm -> number or name. None: estimated from the features.

        Raises:
            ArmMissingError, ArmsFewError, ControlUnknownError, ArmOutcomesError: the arms.
            TargetUnknownError, TargetTypeError, ClassMissingError, OutcomesFewError, OutcomeNumberError: the outcome.
            ActionProbabilityError, ArmUnknownError: known chances.
            NoOverlapError: arm and control do not overlap; names the arm and the range of its chance.
            FeatureMissingError, FeatureTypeError, FeaturesEmptyError, FrameKindError: the frame.
        """
        learnt = learn_uplift(
            as_polars(frame),
            self._plan,
            treatment=treatment,
            outcome=outcome,
            control=control,
            action_probability=action_probability,
        )
        self._hold(UpliftState(self._plan, learnt.space, learnt.arms, learnt.effects, learnt.card))
        return self

    def predict(self, frame: Frame, *, arm: str | None = None) -> Floats:
        """Return the estimated change in the outcome against control.

        Shape (n,) for one treated arm or a named one, else (n, arms) in the order of ``arms``; never NaN. In
        [-1, 1] when the outcome is yes or no, save for DR and R learners, whose estimates are not bounded.

        Raises:
            NotFittedError: neither trained nor loaded.
            ArmUnknownError: the named arm was not learnt from.
            FeatureMissingError, FeatureTypeError, FrameKindError: the frame is not like the training's.
        """
        state = self._ready()
        view = state.space.view(as_polars(frame))
        if arm is None and len(state.arms) > 1:
            return np.column_stack([_uplift(each, view) for each in state.effects])
        return _uplift(state.effects[self._place(arm)], view)

    def effects(self, frame: Frame, *, arm: str | None = None) -> tuple[float, Floats]:
        """Return what every feature adds to the uplift: a base, and shape (n, len(feature_names)).

        Base and effects of a row sum to its predicted uplift, exactly. The arm may be left out when there is one.
        """
        state = self._ready()
        view = state.space.view(as_polars(frame))
        found = [each.parts(view) for each in state.effects[self._place(arm)]]
        parts = np.mean([part for _, part in found], axis=0)
        return float(np.mean([base for base, _ in found])), np.asarray(parts, dtype=np.float64)

    def reason_series(self, frame: Frame, k: int = 3, *, arm: str | None = None) -> pl.Series:
        """Return the ``k`` strongest reasons of each row, shape (n,): lists of structs.

        A struct has feature, value (as text, None when missing) and effect, what it adds to the uplift.
        """
        kept = as_polars(frame)
        _, effects = self.effects(kept, arm=arm)
        return _reasons(kept, self.feature_names, effects, k)

    def measure(
        self,
        frame: Frame,
        *,
        treatment: Any,
        outcome: Any,
        action_probability: float | str | Mapping[str, Any] | None = None,
    ) -> dict[str, ArmMeasure]:
        """Return Qini, AUUC and the table of tenths of other customers, by arm; arguments as ``fit``.

        Raises:
            ArmUnknownError: an arm that was not learnt from.
            VostroError: as ``fit``.
        """
        state, kept = self._ready(), as_polars(frame)
        view = state.space.view(kept)
        uplift = {arm: _uplift(each, view) for arm, each in zip(state.arms, state.effects, strict=True)}
        return measure_arms(
            kept,
            uplift,
            treatment=treatment,
            outcome=outcome,
            control=state.card.control,
            action_probability=action_probability,
            seed=state.plan.seed,
        )

    def card(self) -> UpliftCard:
        """Return the model card."""
        return msgspec.structs.replace(self._ready().card, version=self._version)

    def save(self, path: Path) -> None:
        """Write the model as one JSON file, whole or not at all."""
        write_state(path, self._ready(), self._version)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a model that ``save`` wrote.

        Raises:
            ModelFileError: the file is absent, damaged, changed or of another version.
        """
        state = read_state(path, UpliftState)
        model = cls()
        model._plan = state.plan
        model._hold(state)
        return model

    @property
    def arms(self) -> tuple[str, ...]:
        """Treated arms, in the order of ``predict``'s columns."""
        return self._ready().arms

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Source columns in the order of ``effects``."""
        return self._ready().space.names

    @property
    def version(self) -> str:
        """Digest of all that the model is, 64 hexadecimal digits."""
        self._ready()
        return self._version

    def _place(self, arm: str | None) -> int:
        arms = self.arms
        if arm is None and len(arms) == 1:
            return 0
        if arm not in arms:
            raise ArmUnknownError(arm=arm, arms=", ".join(arms))
        return arms.index(arm)

    def _hold(self, state: UpliftState) -> None:
        self._state, self._version = state, state_digest(state)

    def _ready(self) -> UpliftState:
        if self._state is None:
            raise NotFittedError
        return self._state


def _uplift(effects: tuple[Effect, ...], view: View) -> Floats:
    return np.asarray(np.mean([each.uplift(view) for each in effects], axis=0), dtype=np.float64)


def _reasons(frame: pl.DataFrame, names: tuple[str, ...], effects: Floats, k: int) -> pl.Series:
    """The strongest effects of each row with the value that each feature had, on columns."""
    order = np.argsort(-np.abs(effects), axis=1, kind="stable")[:, :k]
    rows, ranks = np.indices(order.shape)
    flat = pl.DataFrame(
        {
            "row": rows.ravel(),
            "rank": ranks.ravel(),
            "place": order.ravel(),
            "effect": np.take_along_axis(effects, order, axis=1).ravel(),
        }
    )
    parts = []
    for place, name in enumerate(names):
        own = flat.filter(pl.col("place") == place)
        values = frame[name].gather(own["row"]).cast(pl.String)
        parts.append(own.with_columns(feature=pl.lit(name), value=values))
    said = pl.concat(parts).sort("row", "rank")
    structs = said.select("row", reason=pl.struct("feature", "value", "effect"))
    return structs.group_by("row", maintain_order=True).agg("reason")["reason"].alias("reasons")
