"""Kinds of estimators 模型种类: how is an estimator of each kind trained, asked and kept?

Every kind is one entry of ``KINDS`` with the same shape, so that building, promotion and watching know
nothing of any of them. The classes are imported when they are first needed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.definitions import EstimatorDefinition
from vostro.words import Text

__all__ = ["KINDS", "Kind", "TrainedEstimator", "load_estimator", "model_importance", "train_estimator"]

Floats = npt.NDArray[np.float64]


class TrainedEstimator(Protocol):
    """What training gives, whatever the kind."""

    def predict(self, frame: pl.DataFrame) -> Floats:
        """Return what is foreseen of each row, shape (n,)."""

    def save(self, path: Path) -> None:
        """Write to a file."""

    @property
    def version(self) -> str:
        """Digest of all that the estimator is."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of estimator: where its class lives, and how it is made."""

    name: Text
    module: str
    door: str  # name of the class
    make: Callable[[Any, EstimatorDefinition, Mapping[str, Text], int], Any]  # class, definition, names, seed
    in_time: bool  # whether ``fit`` takes ``order``, so that its calibration respects time
    primary: str = "auc"  # the figure by which versions are compared

    @property
    def cls(self) -> Any:
        """The class; imported here."""
        return getattr(import_module(self.module), self.door)


def _response(cls: Any, definition: EstimatorDefinition, names: Mapping[str, Text], seed: int) -> Any:
    return cls(seed=seed, features=definition.features, contexts=definition.contexts, names=names)


def _scorecard(cls: Any, definition: EstimatorDefinition, names: Mapping[str, Text], seed: int) -> Any:
    return cls(seed=seed, features=definition.features, names=names)


def _churn(cls: Any, definition: EstimatorDefinition, names: Mapping[str, Text], seed: int) -> Any:
    return cls(
        seed=seed,
        features=definition.features,
        contexts=definition.contexts,
        names=names,
        horizon_days=_horizon_days(definition),
    )


def _value(cls: Any, definition: EstimatorDefinition, names: Mapping[str, Text], seed: int) -> Any:
    return cls(seed=seed, horizon_days=_horizon_days(definition))


def _horizon_days(definition: EstimatorDefinition) -> float:
    assert definition.horizon is not None, "read_estimators refuses others"
    return definition.horizon.total_seconds() / 86_400


def _uplift(cls: Any, definition: EstimatorDefinition, names: Mapping[str, Text], seed: int) -> Any:
    return cls(seed=seed, features=definition.features)


KINDS: dict[str, Kind] = {
    "response": Kind(
        Text("response", "响应"), "vostro.insight.response", "ResponseModel", _response, in_time=True
    ),
    "churn": Kind(Text("churn", "流失"), "vostro.insight.churn", "ChurnModel", _churn, in_time=True),
    "scorecard": Kind(
        Text("scorecard", "评分卡"), "vostro.insight.scorecard", "Scorecard", _scorecard, in_time=False
    ),
    "uplift": Kind(
        Text("uplift", "增量"),
        "vostro.insight.uplift",
        "UpliftModel",
        _uplift,
        in_time=False,
        primary="qini",
    ),
    "value": Kind(
        Text("value", "价值"),
        "vostro.insight.value_of_bank",
        "HistoryValue",
        _value,
        in_time=False,
        primary="mean_absolute_error",
    ),
}


def train_estimator(
    definition: EstimatorDefinition,
    features: pl.DataFrame,
    outcome: Floats,
    *,
    order: pl.Series | None = None,
    treated: Floats | None = None,
    names: Mapping[str, Text],
    seed: int,
) -> TrainedEstimator:
    """Train an estimator of a definition's kind.

    Args:
        definition: says kind, features and contexts.
        features: shape (n, features), a column for each tag.
        outcome: shape (n,), 0 or 1.
        order: shape (n,), the moment of each row; None where it says nothing.
        treated: shape (n,), 1 where the action was done, 0 in control; of uplift.
        names: words of tags, for reasons.
        seed: of the training.

    Raises:
        VostroError: as ``fit`` of the kind's class: too few outcomes, columns of a wrong kind.
    """
    kind = KINDS[definition.kind]
    model = kind.make(kind.cls, definition, names, seed)
    chosen = features.select(definition.features) if definition.features else features
    if treated is not None:
        arms = pl.Series(np.where(treated == 1, "treated", "control"))
        effect: TrainedEstimator = model.fit(chosen, treatment=arms, outcome=outcome, control="control")
        return effect
    given = {"order": order} if kind.in_time and order is not None else {}
    trained: TrainedEstimator = model.fit(chosen, target=outcome, **given)
    return trained


def load_estimator(kind: str, path: Path) -> TrainedEstimator:
    """Read an estimator of a kind that ``save`` wrote.

    Raises:
        ModelFileError: the file is absent, damaged or of another version.
    """
    loaded: TrainedEstimator = KINDS[kind].cls.load(path)
    return loaded


def model_importance(model: Any) -> dict[str, float]:
    """Return each feature's share of what moves the estimates, largest first; empty where a kind tells none."""
    card = model.card() if hasattr(model, "card") else None
    found = getattr(card, "importance", {}) or {}
    return {str(name): float(share) for name, share in found.items()}
