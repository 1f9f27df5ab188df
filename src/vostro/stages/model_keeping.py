"""Keeping versions 模型版本: a version lies in the lake with its card, its test estimator and its spread.

A version is two estimators: the one that may speak, trained on all rows, and the one that was tested,
trained on the earlier part. The latter is kept, too: when a later version is compared on outcomes that
the champion has learnt from in the meantime, it stands in for the champion.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path

from vostro.engine import Lake, Workspace
from vostro.insight.card import EstimatorCard
from vostro.insight.card_words import card_markdown
from vostro.insight.files import read_state, state_digest, write_state
from vostro.insight.kinds import TrainedEstimator, load_estimator
from vostro.insight.watch import Profile
from vostro.words import parse_moment

__all__ = ["KeptVersion", "MadeVersion", "keep_version", "read_version"]

MODELS = "model"  # lake table, as of runs; versions are in partition "CODE=VERSION"
_HELD, _MODEL, _PROFILE, _CARD = "held.json", "model.json", "profile.json", "card.json"


@dataclass(frozen=True)
class KeptVersion:
    """A version in the lake."""

    folder: Path
    card: EstimatorCard

    @cached_property
    def model(self) -> TrainedEstimator:
        """The estimator that may speak."""
        return load_estimator(self.card.kind, self.folder / _MODEL)

    @cached_property
    def profile(self) -> Profile:
        """How inputs and estimates were spread."""
        return read_state(self.folder / _PROFILE, Profile)

    def knowing_nothing_after(self, moment: datetime) -> tuple[TrainedEstimator, bool]:
        """Return the estimator that had not seen outcomes after a moment, and whether it is a stand-in."""
        if parse_moment(self.card.known_until) <= moment or not (self.folder / _HELD).exists():
            return self.model, False
        return load_estimator(self.card.kind, self.folder / _HELD), True


@dataclass(frozen=True)
class MadeVersion:
    """A version that was just made."""

    card: EstimatorCard
    model: TrainedEstimator
    held: TrainedEstimator | None  # None: too few outcomes for a test
    profile: Profile


def keep_version(workspace: Workspace, made: MadeVersion) -> KeptVersion:
    """Keep a version in the lake, with its card in both languages."""
    lake, card = workspace.lake, made.card
    with (
        lake.stage(MODELS, _partition(card.estimator, card.version)) as stage,
        workspace.store.begin() as connection,
    ):
        made.model.save(stage.path / _MODEL)
        if made.held is not None:
            made.held.save(stage.path / _HELD)
        for name, state in ((_PROFILE, made.profile), (_CARD, card)):
            write_state(stage.path / name, state, state_digest(state))
        (stage.path / "card.md").write_text(card_markdown(card, "en"), encoding="utf-8")
        (stage.path / "card.zh.md").write_text(card_markdown(card, "zh"), encoding="utf-8")
        stage.rows = 1
        lake.publish(connection, stage)
    kept = read_version(lake, card.estimator, card.version)
    assert kept is not None, "it was just kept"
    return kept


def read_version(lake: Lake, estimator: str, version: str | None) -> KeptVersion | None:
    """Return a version from the lake, or None where it is not kept.

    Raises:
        ModelFileError: its card is damaged.
    """
    for part in lake.partitions(MODELS) if version else ():
        if part.partition == _partition(estimator, version or ""):
            return KeptVersion(part.path, read_state(part.path / _CARD, EstimatorCard))
    return None


def _partition(estimator: str, version: str) -> str:
    return f"{estimator}={version[:16]}"
