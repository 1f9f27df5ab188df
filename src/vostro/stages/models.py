"""Models of a bank 模型管理: who speaks for the bank, who wants to, and who said so?

A build proposes what it has learnt; a second person approves or rejects, and anybody can go back to the champion
before. All of it is in the log.
"""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from vostro.bank import Bank, read_bank
from vostro.engine import Workspace, load_settings
from vostro.insight import EstimatorDefinition
from vostro.insight.card import EstimatorCard
from vostro.insight.kinds import KINDS
from vostro.insight.promotion import (
    Standing,
    Step,
    StepKind,
    Version,
    VersionUnknownError,
    check_approval,
    check_decision,
    check_proposal,
    check_rollback,
)
from vostro.insight.watch import (
    ModelWatch,
    Verdict,
    watch_verdict,
)
from vostro.stages.model_keeping import read_version
from vostro.stages.model_learning import model_tags
from vostro.stages.model_log import lock_estimator, read_standing, read_watches, say_step
from vostro.words import Text, VostroError, parse_moment, suggest

__all__ = [
    "EstimatorUnknownError",
    "ModelLine",
    "approve_model",
    "list_models",
    "propose_model",
    "reject_model",
    "roll_back_model",
    "show_model",
]

Floats = npt.NDArray[np.float64]


class EstimatorUnknownError(VostroError):
    """An estimator was asked for that the bank does not define."""

    code = "insight.estimator_unknown"
    status = 404
    en = "There is no estimator '{estimator}'. The bank defines: {known}."
    zh = "没有名为“{estimator}”的模型。已定义的有：{known}。"


class CardMissingError(VostroError):
    """A card was asked for, and no version was made yet."""

    code = "insight.card_missing"
    status = 409
    en = "Estimator '{estimator}' has no version yet. 'vostro build' makes one when there are outcomes to learn from."
    zh = "模型“{estimator}”尚无版本。有可学习的结果后，运行“vostro build”即可生成。"


class ModelLine(msgspec.Struct, frozen=True, kw_only=True):
    """One estimator of the bank: who speaks, who wants to, and how the speaker is."""

    estimator: str
    name: Text
    kind: str
    what: Text
    approval: str
    tags: tuple[str, ...]  # model tags that it feeds
    champion: Version | None
    measure: str  # by which versions of the kind are compared: auc or qini
    figure: float | None  # of the champion, by its card
    age_days: float | None  # since the champion learnt
    proposed: Version | None
    challengers: int  # other versions that were made
    watch: ModelWatch | None  # the last look at the champion
    verdict: Verdict
    versions: tuple[Version, ...]  # all, the newest first


def list_models(folder: Path, *, now: datetime) -> list[ModelLine]:
    """Return where every estimator of a bank stands; nothing is written.

    Args:
        folder: the bank's.
        now: what the clock says; ages are counted to the moment at which the bank lives.
    """
    bank = read_bank(folder)
    with Workspace.open(folder, load_settings(folder, os.environ)) as workspace:
        return [_line(workspace, bank, each, bank.moment(now)) for each in bank.estimators.values()]


def show_model(folder: Path, estimator: str, *, version: str | None = None) -> EstimatorCard:
    """Return the card of a version: of the one that is named, else proposed, else the champion, else the newest.

    Raises:
        EstimatorUnknownError, VersionUnknownError, CardMissingError: there is none.
    """
    bank = read_bank(folder)
    _require(bank, estimator)
    with Workspace.open(folder, load_settings(folder, os.environ)) as workspace:
        with workspace.store.begin() as connection:
            now = read_standing(connection, estimator)
        if version is None:
            wanted = now.proposed or now.champion or next(reversed([*now.versions]), None)
        else:
            fit = [each for each in now.versions if each.startswith(version)]
            if len(fit) != 1:
                known = ", ".join(each[:12] for each in now.versions) or "-"
                raise VersionUnknownError(estimator=estimator, version=version, known=known)
            wanted = fit[0]
        kept = read_version(workspace.lake, estimator, wanted)
    if kept is None:
        raise CardMissingError(estimator=estimator)
    return kept.card


def approve_model(
    folder: Path, estimator: str, *, by: str, moment: datetime, version: str | None = None, reason: str = ""
) -> Standing:
    """Let what is proposed become the champion, from the next build on.

    Args:
        folder: the bank's.
        estimator: its code.
        by: the person; not the one who proposed it.
        moment: now, with a zone.
        version: the one that the person has read, or its beginning; None: whatever is proposed.
        reason: why.

    Raises:
        EstimatorUnknownError, PersonMissingError, ProposalMissingError, ProposalOtherError, SamePersonError.
    """

    def check(now: Standing, who: str) -> str:
        return check_approval(now, who, version)

    return _decide(folder, estimator, "approved", check, by=by, moment=moment, reason=reason)


def reject_model(folder: Path, estimator: str, *, by: str, moment: datetime, reason: str = "") -> Standing:
    """Refuse what is proposed; the same version is not proposed again by a build. See ``approve_model``."""
    return _decide(folder, estimator, "rejected", check_decision, by=by, moment=moment, reason=reason)


def roll_back_model(folder: Path, estimator: str, *, by: str, moment: datetime, reason: str = "") -> Standing:
    """Go back to the champion before this one; no second person is needed to undo.

    Raises:
        EstimatorUnknownError, PersonMissingError, EarlierChampionMissingError.
    """
    return _decide(folder, estimator, "rolled_back", check_rollback, by=by, moment=moment, reason=reason)


def propose_model(
    folder: Path, estimator: str, version: str, *, by: str, moment: datetime, reason: str = ""
) -> Standing:
    """Propose a version by its name, also one that was rejected or taken back; somebody else must approve it.

    Raises:
        EstimatorUnknownError, PersonMissingError, VersionUnknownError.
    """

    def check(now: Standing, who: str) -> str:
        return check_proposal(now, version, who)

    return _decide(folder, estimator, "proposed", check, by=by, moment=moment, reason=reason)


def _decide(
    folder: Path,
    estimator: str,
    step: StepKind,
    check: Callable[[Standing, str], str],
    *,
    by: str,
    moment: datetime,
    reason: str,
) -> Standing:
    bank = read_bank(folder)
    _require(bank, estimator)
    with (
        Workspace.open(folder, load_settings(folder, os.environ)) as workspace,
        workspace.store.begin() as connection,
    ):
        lock_estimator(connection, estimator)
        now = read_standing(connection, estimator)
        version = check(now, by)
        as_of = now.versions[version].as_of
        said = Step(
            step=step, estimator=estimator, version=version, by=by.strip(), as_of=as_of, reason=reason
        )
        return say_step(connection, said, moment)


def _line(workspace: Workspace, bank: Bank, definition: EstimatorDefinition, lives: datetime) -> ModelLine:
    code = definition.estimator
    with workspace.store.begin() as connection:
        now = read_standing(connection, code)
        watch = _last_watch(connection, code, now.champion)
    kept = read_version(workspace.lake, code, now.champion)
    champion, measure = now.versions.get(now.champion or ""), KINDS[definition.kind].primary
    shown = {now.champion, now.proposed}
    return ModelLine(
        estimator=code,
        name=definition.name,
        kind=definition.kind,
        what=definition.what,
        approval=definition.approval,
        tags=model_tags(bank, code),
        champion=champion,
        measure=measure,
        figure=kept.card.figures[measure].value if kept and measure in kept.card.figures else None,
        age_days=None if champion is None else _days(lives, champion.as_of),
        proposed=now.versions.get(now.proposed or ""),
        challengers=sum(version not in shown for version in now.versions),
        watch=watch,
        verdict=watch_verdict(watch),
        versions=tuple(reversed(now.versions.values())),
    )


def _last_watch(connection: sa.Connection, estimator: str, champion: str | None) -> ModelWatch | None:
    found = [each for each in read_watches(connection, estimator) if each.version == champion]
    return found[-1] if found else None


def _days(lives: datetime, since: str) -> float:
    return max(0.0, (lives - parse_moment(since)).total_seconds() / 86_400)


def _require(bank: Bank, estimator: str) -> None:
    if estimator not in bank.estimators:
        close = suggest(estimator, set(bank.estimators))
        known = ", ".join(sorted(bank.estimators, key=lambda code: code != close)) or "-"
        raise EstimatorUnknownError(estimator=estimator, known=known)
