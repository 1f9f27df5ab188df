"""Choice of a learner 学习器选择: which one ranks best among customers it never saw?

Every learner is trained on two thirds of the training rows and ranks the other third, in turn; its Qini
is the mean of the three. Differences between learners are mostly luck at the sizes that banks have, so
the first candidate keeps its place unless another is ahead by more than two standard errors of
their difference.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vostro.insight.folds import stratified_folds
from vostro.insight.uplift.effects import Effect
from vostro.insight.uplift.learners import Pair, learn_effect
from vostro.insight.uplift.measures import qini, qini_draws

__all__ = ["MEAN", "Choice", "choose", "learn_chosen"]

Floats = npt.NDArray[np.float64]

FOLDS = 3
DRAWS = 60  # bootstrap draws for the standard error of a difference
AHEAD = 2.0  # standard errors
MEAN = "mean"  # the candidate that is the mean of all other candidates' uplifts


@dataclass(frozen=True, slots=True)
class Choice:
    """The learner that was chosen, and what spoke for it."""

    name: str
    qini: dict[str, float]  # candidate -> mean over the folds
    uplift: Floats  # shape (n,), of the chosen one, each row by a model that did not see it


def choose(pair: Pair, candidates: tuple[str, ...]) -> Choice:
    """Return the candidate to train on all rows; the first is preferred."""
    folds = stratified_folds(pair.strata, FOLDS, pair.seed)
    said = {name: np.empty(len(pair.outcome)) for name in candidates}
    for fold in folds:
        rest = pair.take(np.setdiff1d(np.arange(len(pair.outcome)), fold, assume_unique=True))
        for name, uplift in _each(rest, pair.take(fold), candidates).items():
            said[name][fold] = uplift
    scores = {name: float(np.mean(_scores(pair, folds, said[name]))) for name in candidates}
    name = _winner(pair, folds, said, scores)
    return Choice(name, scores, said[name])


def learn_chosen(pair: Pair, name: str, candidates: tuple[str, ...]) -> tuple[Effect, ...]:
    """Train what was chosen on all rows; its uplift is the mean of what is returned."""
    names = _members(candidates) if name == MEAN else (name,)
    return tuple(learn_effect(each, pair) for each in names)


def _members(candidates: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in candidates if each != MEAN)


def _each(rest: Pair, fold: Pair, candidates: tuple[str, ...]) -> dict[str, Floats]:
    found = {name: learn_effect(name, rest).uplift(fold.view) for name in _members(candidates)}
    if MEAN in candidates:
        found[MEAN] = np.asarray(np.mean(list(found.values()), axis=0), dtype=np.float64)
    return found


def _scores(pair: Pair, folds: list[npt.NDArray[np.intp]], uplift: Floats) -> list[float]:
    return [
        qini(pair.outcome[fold], uplift[fold], pair.treated[fold], weight=pair.weight[fold]) for fold in folds
    ]


def _winner(
    pair: Pair, folds: list[npt.NDArray[np.intp]], said: dict[str, Floats], scores: dict[str, float]
) -> str:
    names = list(said)
    best = max(names, key=lambda name: scores[name])
    if best == names[0]:
        return best
    gaps = []
    for fold in folds:
        both = [said[names[0]][fold], said[best][fold]]
        weight = pair.weight[fold]
        drawn = qini_draws(pair.outcome[fold], both, pair.treated[fold], weight, draws=DRAWS, seed=pair.seed)
        gaps.append((drawn[:, 1] - drawn[:, 0]).var())
    error = float(np.sqrt(np.sum(gaps))) / len(folds)
    return best if scores[best] - scores[names[0]] > AHEAD * error else names[0]
