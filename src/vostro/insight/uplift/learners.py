"""Learners 学习器: seven ways to learn who is moved, over two kinds of base model.

* ``averaged``: one additive model of the outcome in which the action may act differently (S-learner); what
  modifies it is averaged over (see ``averaged``). ``constant``: the same with one odds ratio for all.
* ``s_trees``: one model that reads the arm as a column. ``t_*``: a model for each arm.
* ``x_*``: each arm's outcomes less what the other arm's model says (Künzel et al. 2019, PNAS 116).
* ``dr_*``: a regression of the doubly robust score (Kennedy 2023, Electronic Journal of Statistics 17).
* ``r_*``: a weighted regression of residual on residual (Nie and Wager 2021, Biometrika 108).

``linear`` is additive over bins, its effects drawn to none as far as the data ask; ``trees`` are
LightGBM's. Models of the outcome that a second stage uses are cross-fitted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from vostro.insight.folds import stratified_folds
from vostro.insight.trees import Trees, grow
from vostro.insight.uplift.averaged import VARIANCE_FIRST, AdditivePair, learn_averaged
from vostro.insight.uplift.effects import Averaged, Effect, EffectTrees, PairTrees
from vostro.insight.uplift.views import Space, View

__all__ = ["LEARNERS", "Pair", "learn_effect"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

FOLDS = 3  # of the cross-fitting inside a learner
EFFECT_VARIANCE = 0.001  # squared deviations of the score; effects are small beside an outcome's noise
OUTCOME_ROUNDS, EFFECT_ROUNDS = 60, 40  # trees
MEAN_ROWS = 500  # rows or a few more, to say what the arm adds on average
TREES: dict[str, Any] = {
    "learning_rate": 0.05,
    "num_leaves": 8,
    "min_data_in_leaf": 50,
    "lambda_l2": 10.0,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "max_bin": 255,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
EFFECT_TREES = {**TREES, "objective": "regression", "num_leaves": 4, "min_data_in_leaf": 200}


@dataclass(frozen=True)
class Pair:
    """Rows of one arm and control, as learners take them."""

    space: Space
    view: View
    treated: Floats  # shape (n,), 0 or 1
    outcome: Floats  # shape (n,)
    chance: Floats  # shape (n,), of the arm rather than control
    logistic: bool
    seed: int

    def take(self, rows: Codes) -> "Pair":
        """Return some of the rows."""
        return Pair(
            self.space,
            self.view.take(rows),
            self.treated[rows],
            self.outcome[rows],
            self.chance[rows],
            self.logistic,
            self.seed,
        )

    @property
    def weight(self) -> Floats:
        """One over the chance of the arm that a row got, mean 1."""
        found = 1 / np.where(self.treated == 1, self.chance, 1 - self.chance)
        return np.asarray(found / found.mean(), dtype=np.float64)

    @cached_property
    def strata(self) -> Floats:
        """Arm and outcome of each row as one number, to share rows out evenly."""
        rank = self.outcome if self.logistic else np.zeros(len(self.outcome))
        return np.asarray(2 * self.treated + rank, dtype=np.float64)

    @cached_property
    def said_linear(self) -> tuple[Floats, Floats]:
        """Cross-fitted outcomes without and with the action, additive; each shape (n,)."""
        return _cross_fit(self, _outcome_linear)

    @cached_property
    def said_trees(self) -> tuple[Floats, Floats]:
        """Cross-fitted outcomes without and with the action, by trees; each shape (n,)."""
        return _cross_fit(self, _outcome_trees)


def learn_effect(name: str, pair: Pair) -> Effect:
    """Train a learner by its name in ``LEARNERS``."""
    return LEARNERS[name](pair)


def _averaged(pair: Pair, *, modify: bool = True) -> Effect:
    space = pair.space
    found = learn_averaged(
        pair.view.codes,
        space.sizes,
        space.ordered,
        space.names,
        treated=pair.treated,
        outcome=pair.outcome,
        weight=pair.weight,
        logistic=pair.logistic,
        modify=modify,
    )
    return Averaged(found)


def _s_trees(pair: Pair) -> Effect:
    matrix = np.column_stack([pair.view.matrix, pair.treated])
    texts = _grow(pair, matrix, pair.outcome, None, _outcome_parameters(pair), 2 * OUTCOME_ROUNDS)
    some = matrix[:: max(1, len(matrix) // MEAN_ROWS)]
    means = [float(Trees(texts).contributions(_armed(some, arm))[:, -2].mean()) for arm in (0.0, 1.0)]
    return PairTrees(texts, texts, (means[0], means[1]), pair.logistic)


def _t_trees(pair: Pair) -> Effect:
    texts = [_outcome_texts(pair.take(np.flatnonzero(pair.treated == arm))) for arm in (0, 1)]
    return PairTrees(texts[0], texts[1], None, pair.logistic)


def _t_linear(pair: Pair) -> Effect:
    without, given = (_outcome_pair(pair.take(np.flatnonzero(pair.treated == arm))) for arm in (0, 1))
    gap = [
        tuple(float(b - a) for a, b in zip(*both, strict=True))
        for both in zip(without.main, given.main, strict=True)
    ]
    return Averaged(
        AdditivePair(without.base, without.main, given.base - without.base, tuple(gap), pair.logistic)
    )


def _x(pair: Pair, trees: bool) -> Effect:
    without, given = pair.said_trees if trees else pair.said_linear
    gap = np.where(pair.treated == 1, pair.outcome - without, given - pair.outcome)
    share = float(pair.treated.mean())  # the rarer arm's effects are known worse, and count less
    parts = [
        (pair.take(rows), gap[rows], np.ones(len(rows)))
        for rows in (np.flatnonzero(pair.treated == arm) for arm in (0, 1))
    ]
    return _effect(parts, (share, 1 - share), trees)


def _dr(pair: Pair, trees: bool) -> Effect:
    without, given = pair.said_trees if trees else pair.said_linear
    residual = pair.outcome - np.where(pair.treated == 1, given, without)
    score = given - without + residual * (pair.treated - pair.chance) / (pair.chance * (1 - pair.chance))
    return _effect([(pair, score, np.ones(len(score)))], (1.0,), trees)


def _r(pair: Pair, trees: bool) -> Effect:
    without, given = pair.said_trees if trees else pair.said_linear
    tilt = pair.treated - pair.chance
    residual = pair.outcome - (pair.chance * given + (1 - pair.chance) * without)
    return _effect([(pair, residual / tilt, tilt**2)], (1.0,), trees)


def _effect(parts: list[tuple[Pair, Floats, Floats]], shares: tuple[float, ...], trees: bool) -> Effect:
    """Regress the effects of the parts on the columns, and add them up by their shares."""
    if trees:
        texts = tuple(
            _grow(p, p.view.matrix, score, w / w.mean(), _least(EFFECT_TREES, len(w)), EFFECT_ROUNDS)
            for p, score, w in parts
        )
        return EffectTrees(texts, shares)
    found = [
        _plain(p, score, w / w.mean(), logistic=False, variance=EFFECT_VARIANCE) for p, score, w in parts
    ]
    base = sum(w * each.base for w, each in zip(shares, found, strict=True))
    tables = [
        tuple(float(np.dot(shares, values)) for values in zip(*tables, strict=True))
        for tables in zip(*(each.main for each in found), strict=True)
    ]
    nothing = tuple((0.0,) * size for size in parts[0][0].space.sizes)
    return Averaged(AdditivePair(0.0, nothing, float(base), tuple(tables), False))


def _cross_fit(pair: Pair, fit: Callable[[Pair, View], Floats]) -> tuple[Floats, Floats]:
    found = np.empty((2, len(pair.outcome)))
    every = np.arange(len(pair.outcome))
    for fold in stratified_folds(pair.strata, FOLDS, pair.seed):
        rest = np.setdiff1d(every, fold, assume_unique=True)
        for arm in (0, 1):
            own = pair.take(rest[pair.treated[rest] == arm])
            found[arm, fold] = fit(own, pair.view.take(fold))
    return found[0], found[1]


def _outcome_linear(pair: Pair, view: View) -> Floats:
    score = _outcome_pair(pair).scores(view.codes)[0]
    return _chance(score) if pair.logistic else score


def _outcome_pair(pair: Pair) -> AdditivePair:
    return _plain(pair, pair.outcome, None, logistic=pair.logistic)


def _plain(
    pair: Pair, outcome: Floats, weight: Floats | None, *, logistic: bool, variance: float = VARIANCE_FIRST
) -> AdditivePair:
    """An additive model of an outcome, without any action."""
    space = pair.space
    return learn_averaged(
        pair.view.codes,
        space.sizes,
        space.ordered,
        space.names,
        treated=np.zeros(len(outcome)),
        outcome=outcome,
        weight=weight,
        logistic=logistic,
        modify=False,
        variance=variance,
    )


def _outcome_trees(pair: Pair, view: View) -> Floats:
    score = Trees(_outcome_texts(pair)).logodds(view.matrix)
    return _chance(score) if pair.logistic else score


def _outcome_texts(pair: Pair) -> tuple[str, ...]:
    return _grow(pair, pair.view.matrix, pair.outcome, None, _outcome_parameters(pair), OUTCOME_ROUNDS)


def _outcome_parameters(pair: Pair) -> dict[str, Any]:
    objective = "binary" if pair.logistic else "regression"
    return _least({**TREES, "objective": objective}, len(pair.outcome))


def _least(parameters: dict[str, Any], rows: int) -> dict[str, Any]:
    """Smaller leaves where there are few rows."""
    return {**parameters, "min_data_in_leaf": min(parameters["min_data_in_leaf"], max(5, rows // 20))}


def _grow(
    pair: Pair, matrix: Floats, target: Floats, weight: Floats | None, parameters: dict[str, Any], rounds: int
) -> tuple[str, ...]:
    return grow(matrix, target, weight, seed=pair.seed, parameters=parameters, rounds=rounds, members=1).texts


def _armed(matrix: Floats, arm: float) -> Floats:
    return np.column_stack([matrix[:, :-1], np.full(len(matrix), arm)])


def _chance(score: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * score)), dtype=np.float64)


LEARNERS: dict[str, Callable[[Pair], Effect]] = {
    "averaged": _averaged,
    "constant": lambda pair: _averaged(pair, modify=False),
    "s_trees": _s_trees,
    "t_linear": _t_linear,
    "t_trees": _t_trees,
    "x_linear": lambda pair: _x(pair, trees=False),
    "x_trees": lambda pair: _x(pair, trees=True),
    "dr_linear": lambda pair: _dr(pair, trees=False),
    "dr_trees": lambda pair: _dr(pair, trees=True),
    "r_linear": lambda pair: _r(pair, trees=False),
    "r_trees": lambda pair: _r(pair, trees=True),
}
