"""Promotion 晋级上线: may this version speak for the bank, who said so, and which one did before it?

What happens to versions is a list of steps in the log; who is champion now follows from them. A
version is *trained*, *proposed* by one person, *approved* or *rejected* by another, and a champion can
be *rolled back* to the one before it. Nothing is changed or removed.

Source of the paired interval: DeLong, DeLong and Clarke-Pearson (1988), Biometrics 44.
"""

from collections.abc import Iterable
from statistics import NormalDist
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from vostro.insight.card import Comparison, Figure
from vostro.insight.metrics import auc
from vostro.words import VostroError

__all__ = [
    "AUTOMATIC",
    "EarlierChampionMissingError",
    "PersonMissingError",
    "ProposalMissingError",
    "ProposalOtherError",
    "SamePersonError",
    "Standing",
    "Step",
    "StepKind",
    "Version",
    "VersionUnknownError",
    "auc_difference",
    "check_approval",
    "check_decision",
    "check_proposal",
    "check_rollback",
    "compare",
    "may_propose",
    "standing",
    "verdict_of",
]

Floats = npt.NDArray[np.float64]
StepKind = Literal["trained", "proposed", "approved", "rejected", "rolled_back"]
VersionState = Literal["challenger", "proposed", "champion", "former", "rejected", "withdrawn"]
AUTOMATIC = "(automatic)"  # no person's name: who approves where the definition says ``approval: automatic``
_Z = NormalDist().inv_cdf(0.975)


class ProposalMissingError(VostroError):
    """There is nothing to approve or reject."""

    code = "insight.proposal_missing"
    status = 409
    en = "Nothing is proposed for estimator '{estimator}'. 'vostro build' proposes what it has learnt anew."
    zh = "模型“{estimator}”没有待审批的版本。运行“vostro build”学习后会自动提出。"


class ProposalOtherError(VostroError):
    """Another version is proposed than the one that a person has read."""

    code = "insight.proposal_other"
    status = 409
    en = "Version {proposed} of '{estimator}' is proposed, not {version}. Read it: vostro models show {estimator}."
    zh = (
        "模型“{estimator}”待复核的是版本 {proposed}，不是 {version}。请查看：vostro models show {estimator}。"
    )


class SamePersonError(VostroError):
    """Who proposed a version wants to approve it."""

    code = "insight.same_person"
    status = 403
    en = "'{person}' proposed version {version} of '{estimator}'; somebody else must approve it: --as PERSON."
    zh = "模型“{estimator}”的版本 {version} 由“{person}”提出，须由另一人复核：--as 姓名。"


class PersonMissingError(VostroError):
    """Nobody is named who approves, rejects or rolls back."""

    code = "insight.person_missing"
    status = 422
    en = "Name who says so: --as PERSON."
    zh = "请指明操作人：--as 姓名。"


class EarlierChampionMissingError(VostroError):
    """There is no champion before the present one."""

    code = "insight.earlier_champion_missing"
    status = 409
    en = "Estimator '{estimator}' has no earlier champion to go back to."
    zh = "模型“{estimator}”没有可回退的更早冠军版本。"


class VersionUnknownError(VostroError):
    """No version of that name was trained."""

    code = "insight.version_unknown"
    status = 404
    en = "Estimator '{estimator}' has no version '{version}'. Known: {known}."
    zh = "模型“{estimator}”没有版本“{version}”。已有：{known}。"


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What the log keeps of one step of one version."""

    step: StepKind
    estimator: str
    version: str
    by: str  # the person
    as_of: str  # of the training: the moment of learning
    reason: str = ""
    verdict: str = ""  # of a training, against the champion then
    recipe: str = ""  # of a training: digests of definition and libraries, and of the rows
    moment: str = ""  # when it was said, ISO 8601, UTC


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a version."""

    version: str
    state: VersionState
    as_of: str  # the moment of learning
    trained: str
    verdict: str
    recipe: str = ""  # the same recipe gives the same version
    proposed_by: str = ""
    decided_by: str = ""  # who approved, rejected or rolled back last
    decided: str = ""
    reason: str = ""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where an estimator stands."""

    estimator: str
    champion: str | None = None
    proposed: str | None = None
    line: tuple[str, ...] = ()  # the champion and those before it that can be gone back to, oldest first
    versions: dict[str, Version] = {}  # in the order of their training

    @property
    def learnt_until(self) -> str:
        """The latest moment of learning of any version; empty without one."""
        return max((each.as_of for each in self.versions.values()), default="")


def standing(estimator: str, steps: Iterable[Step]) -> Standing:
    """Return where an estimator stands after all steps of the log, in their order.

    A step that could not be taken counts for nothing: an approval of what is not proposed, or by the
    person who proposed it.
    """
    versions: dict[str, Version] = {}
    line: list[str] = []
    proposed: str | None = None
    for step in steps:
        known = versions.get(step.version)
        if step.estimator != estimator:
            continue
        if step.step == "trained":
            versions.setdefault(step.version, _trained(step))
        elif step.step == "proposed" and known is not None and known.state not in ("champion", "proposed"):
            _set(versions, proposed, state="challenger")
            proposed = step.version
            _set(versions, proposed, state="proposed", proposed_by=step.by)
        elif step.step == "approved" and step.version == proposed and not _same(known, step.by):
            if line:
                _set(versions, line[-1], state="former")
            line = [*(each for each in line if each != proposed), proposed]
            proposed = None
            _decide(versions, step, "champion")
        elif step.step == "rejected" and step.version == proposed:
            proposed = None
            _decide(versions, step, "rejected")
        elif step.step == "rolled_back" and len(line) > 1 and line[-1] == step.version:
            _decide(versions, step, "withdrawn")
            line.pop()
            _set(versions, line[-1], state="champion")
    champion = line[-1] if line else None
    return Standing(
        estimator=estimator, champion=champion, proposed=proposed, line=tuple(line), versions=versions
    )


def may_propose(now: Standing, version: str, verdict: str) -> bool:
    """Tell whether a version that was trained is to be proposed by itself.

    Not what is champion or proposed already, what was rejected or taken back, and what is worse.
    """
    known = now.versions.get(version)
    shut = known is not None and known.state in ("champion", "proposed", "rejected", "withdrawn")
    return not shut and verdict != "worse"


def check_approval(now: Standing, by: str, read: str | None = None) -> str:
    """Return the version that a person approves.

    Args:
        now: where the estimator stands.
        by: the person.
        read: the version that he has read, or its beginning; None: whatever is proposed.

    Raises:
        PersonMissingError, ProposalMissingError: nobody is named, or nothing is proposed.
        ProposalOtherError: in the meantime another version was proposed.
        SamePersonError: the person proposed it.
    """
    version = check_decision(now, by)
    if read is not None and not version.startswith(read):
        raise ProposalOtherError(estimator=now.estimator, proposed=version[:12], version=read[:12])
    if _same(now.versions[version], by):
        raise SamePersonError(person=by, version=version[:12], estimator=now.estimator)
    return version


def check_decision(now: Standing, by: str) -> str:
    """Return the version that is proposed; for a rejection, which its proposer may say, too.

    Raises:
        PersonMissingError, ProposalMissingError: nobody is named, or nothing is proposed.
    """
    _check_person(by)
    if now.proposed is None:
        raise ProposalMissingError(estimator=now.estimator)
    return now.proposed


def check_proposal(now: Standing, version: str, by: str) -> str:
    """Return the whole name of a version that a person proposes, by its beginning.

    Raises:
        PersonMissingError, VersionUnknownError: nobody is named, or none or several versions fit.
    """
    _check_person(by)
    fit = [each for each in now.versions if version and each.startswith(version) and each != now.champion]
    if len(fit) != 1:
        known = ", ".join(each[:12] for each in reversed(now.versions)) or "-"
        raise VersionUnknownError(estimator=now.estimator, version=version, known=known)
    return fit[0]


def check_rollback(now: Standing, by: str) -> str:
    """Return the champion that is taken back.

    Raises:
        PersonMissingError, EarlierChampionMissingError: nobody is named, or there is nothing to go back to.
    """
    _check_person(by)
    if len(now.line) < 2:
        raise EarlierChampionMissingError(estimator=now.estimator)
    return now.line[-1]


def compare(
    observed: Floats, challenger: Floats, champion: Floats, *, version: str, stand_in: bool
) -> Comparison:
    """Compare what two versions said of the same rows, which neither had learnt from.

    Args:
        observed: shape (n,), 0 or 1; both among them.
        challenger: shape (n,), probabilities.
        champion: shape (n,), probabilities.
        version: of the champion.
        stand_in: the champion was replaced by what it was without these outcomes.
    """
    found = auc_difference(observed, challenger, champion)
    return Comparison(
        champion=version,
        measure="auc",
        difference=found,
        champion_figure=auc(observed, champion),
        rows=len(observed),
        verdict=verdict_of(found),
        stand_in=stand_in,
    )


def verdict_of(difference: Figure) -> Literal["better", "alike", "worse"]:
    """Return what the interval of a difference says, challenger less champion."""
    if difference.low is not None and difference.low > 0:
        return "better"
    return "worse" if difference.high is not None and difference.high < 0 else "alike"


def auc_difference(observed: Floats, first: Floats, second: Floats) -> Figure:
    """Return the AUC of the first less that of the second on the same rows, with its paired 95 % interval.

    Args:
        observed: shape (n,), 0 or 1; both among them.
        first: shape (n,), finite.
        second: shape (n,), finite.

    >>> auc_difference(np.array([0.0, 0.0, 1.0, 1.0]), np.arange(4.0), np.arange(4.0))
    Figure(value=0.0, low=0.0, high=0.0)
    """
    parts = [_placements(observed, each) for each in (first, second)]
    above, below = parts[0][0] - parts[1][0], parts[0][1] - parts[1][1]
    value = auc(observed, first) - auc(observed, second)
    if min(len(above), len(below)) < 2:
        return Figure(value, -1.0, 1.0)  # one row of an outcome says nothing of its spread
    half = _Z * float(np.sqrt(above.var(ddof=1) / len(above) + below.var(ddof=1) / len(below)))
    return Figure(value, value - half, value + half)


def _placements(observed: Floats, said: Floats) -> tuple[Floats, Floats]:
    """Return each responder's share of the others below him, and each other's share of responders above."""
    positive, negative = said[observed == 1], said[observed == 0]
    return _share_below(positive, negative), 1 - _share_below(negative, positive)


def _share_below(values: Floats, among: Floats) -> Floats:
    ranked = np.sort(among)
    below, upto = np.searchsorted(ranked, values, "left"), np.searchsorted(ranked, values, "right")
    return np.asarray((below + upto) / 2 / len(among), dtype=np.float64)


def _check_person(by: str) -> None:
    if by.strip() in ("", AUTOMATIC):
        raise PersonMissingError


def _same(version: Version | None, by: str) -> bool:
    """Tell whether a person proposed the version that he now decides on."""
    return version is not None and version.proposed_by.strip().casefold() == by.strip().casefold()


def _trained(step: Step) -> Version:
    return Version(
        version=step.version,
        state="challenger",
        as_of=step.as_of,
        trained=step.moment,
        verdict=step.verdict,
        recipe=step.recipe,
    )


def _set(versions: dict[str, Version], version: str | None, **changes: str) -> None:
    if version is not None:
        versions[version] = msgspec.structs.replace(versions[version], **changes)


def _decide(versions: dict[str, Version], step: Step, state: VersionState) -> None:
    _set(versions, step.version, state=state, decided_by=step.by, decided=step.moment, reason=step.reason)
