"""A lap 一圈: what one go around the loop was asked, and what its stages have found so far.

Frozen: a stage takes a lap and returns a new one. The loop closes in data, never in imports.
"""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.bank import Bank
from vostro.capture import LoadReport
from vostro.decide import Action, Campaign
from vostro.engine import Workspace
from vostro.insight import EstimatorDefinition
from vostro.learn import (
    AudienceResult,
    ChannelResult,
    DecisionsResult,
    RunReport,
    ShuffledResult,
    WavesResult,
)
from vostro.words import Progress, silent

__all__ = ["Estimates", "Lap", "Options"]


@dataclass(frozen=True, slots=True)
class Options:
    """What a person asked of a run."""

    load_time: datetime  # the moment of the run; nothing below reads the clock
    data: Path | None = None  # source files; None: what is loaded already
    campaign: str | None = None
    out: Path | None = None
    as_of: datetime | None = None


class Explainer(Protocol):
    """A fitted estimator that can say why, and be kept."""

    def reason_series(self, frame: pl.DataFrame, k: int = 3) -> pl.Series:
        """Return lists of structs (feature, value, effect_logodds, en, zh), one list a row."""

    def save(self, path: Path) -> None:
        """Write the estimator as one file."""


@dataclass(frozen=True, slots=True)
class Estimates:
    """What the estimator says of the population, wave by wave."""

    population: pl.DataFrame  # customer, event_time, wave and the tags, in order of decision
    probability: npt.NDArray[np.float64]  # shape (n,)
    as_of: dict[int, datetime]  # wave -> moment of its decision
    versions: dict[int, str]  # wave -> version of the estimator
    models: dict[int, Explainer]  # wave -> fitted estimator
    features: tuple[str, ...]  # tags that the estimator reads
    shuffled: ShuffledResult | None = None
    waves: WavesResult | None = None
    drift_psi: dict[str, float] = field(default_factory=dict)
    importance: dict[str, float] = field(default_factory=dict)

    def explain(self, wave: int, rows: npt.NDArray[np.intp]) -> pl.Series:
        """Return the strongest reasons of rows of a wave's population, shape (len(rows),)."""
        inputs = self.population.filter(pl.col("wave") == wave)[rows].select(self.features)
        return self.models[wave].reason_series(inputs)


@dataclass(frozen=True, slots=True)
class Lap:
    """One go around the loop; fields fill from top to bottom."""

    bank: Bank
    campaign: Campaign
    workspace: Workspace
    options: Options
    folder: Path  # where call list and report go
    progress: Progress = silent
    loads: tuple[LoadReport, ...] = ()
    run_id: str = ""
    portraits: pl.DataFrame | None = None
    outcomes: pl.DataFrame | None = None  # customer, event_time, success: those known before the campaign
    estimates: Estimates | None = None
    audience: AudienceResult | None = None
    decisions: pl.DataFrame | None = None
    decided: DecisionsResult | None = None
    channels: tuple[ChannelResult, ...] = ()
    answers: pl.DataFrame | None = None
    report: RunReport | None = None
    steps_seconds: dict[str, float] = field(default_factory=dict)

    @property
    def action(self) -> Action:
        """The campaign's action."""
        return self.bank.catalogue.actions[self.campaign.action]

    @property
    def estimator(self) -> EstimatorDefinition:
        """The estimator that the action's response is reckoned with."""
        return self.bank.estimators[self.action.response.model]
