"""Effects 效应模型: what a trained learner of uplift is, how it predicts, and why.

Two shapes are enough: a pair of scores, without and with the action (log-odds when the outcome is yes or
no), or the uplift itself. Either is additive over bins or grown as trees, and either can say
what each column adds to the uplift, exactly.
"""

from typing import TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from vostro.insight.trees import Trees
from vostro.insight.uplift.averaged import AdditivePair
from vostro.insight.uplift.views import View

__all__ = ["Averaged", "Effect", "EffectTrees", "PairTrees", "pair_parts"]

Floats = npt.NDArray[np.float64]


class Averaged(msgspec.Struct, frozen=True, tag="pair"):
    """A pair of additive scores."""

    pair: AdditivePair

    def uplift(self, view: View) -> Floats:
        """Return the change in the outcome, shape (n,)."""
        without, given = self.pair.scores(view.codes)
        return _chance(given, self.pair.logistic) - _chance(without, self.pair.logistic)

    def parts(self, view: View) -> tuple[float, Floats]:
        """Return the uplift where no column adds anything, and what each adds, shape (n, columns)."""
        own, given = self.pair.parts(view.codes)
        starts = self.pair.base, self.pair.base + self.pair.arm
        return pair_parts(starts, own, given, logistic=self.pair.logistic)


class PairTrees(msgspec.Struct, frozen=True, tag="pair_trees"):
    """A pair of scores by trees: one ensemble that reads the arm as its last column, or two ensembles."""

    without: tuple[str, ...]
    given: tuple[str, ...]
    arm_means: tuple[float, float] | None  # what the arm, as a column, added to each score at training
    logistic: bool

    def uplift(self, view: View) -> Floats:
        """Return the change in the outcome, shape (n,)."""
        matrix = view.matrix
        without = Trees(self.without).logodds(self._with_arm(matrix, 0.0))
        given = Trees(self.given).logodds(self._with_arm(matrix, 1.0))
        return _chance(given, self.logistic) - _chance(without, self.logistic)

    def parts(self, view: View) -> tuple[float, Floats]:
        """Return the uplift where no column adds anything, and what each adds, shape (n, columns)."""
        width = view.matrix.shape[1]
        found = []
        for arm, texts in enumerate((self.without, self.given)):
            parts = Trees(texts).contributions(self._with_arm(view.matrix, float(arm)))
            own, base = parts[:, :width], float(parts[0, -1]) if len(parts) else 0.0
            if self.arm_means is not None:
                own, base = _share_out(own, parts[:, width] - self.arm_means[arm]), base + self.arm_means[arm]
            found.append((base, own))
        (low, without), (high, given) = found
        return pair_parts((low, high), without, given, logistic=self.logistic)

    def _with_arm(self, matrix: Floats, arm: float) -> Floats:
        return np.column_stack([matrix, np.full(len(matrix), arm)]) if self.arm_means is not None else matrix


class EffectTrees(msgspec.Struct, frozen=True, tag="effect_trees"):
    """The uplift itself by trees: a weighted sum of ensembles."""

    ensembles: tuple[tuple[str, ...], ...]
    shares: tuple[float, ...]

    def uplift(self, view: View) -> Floats:
        """Return the change in the outcome, shape (n,)."""
        found = [
            w * Trees(each).logodds(view.matrix) for w, each in zip(self.shares, self.ensembles, strict=True)
        ]
        return np.asarray(np.sum(found, axis=0), dtype=np.float64)

    def parts(self, view: View) -> tuple[float, Floats]:
        """Return the uplift where no column adds anything, and what each adds, shape (n, columns)."""
        found = [
            w * Trees(each).contributions(view.matrix)
            for w, each in zip(self.shares, self.ensembles, strict=True)
        ]
        parts = np.asarray(np.sum(found, axis=0), dtype=np.float64)
        return (float(parts[0, -1]) if len(parts) else 0.0), parts[:, :-1]


Effect: TypeAlias = Averaged | PairTrees | EffectTrees


def pair_parts(
    starts: tuple[float, float], without: Floats, given: Floats, *, logistic: bool
) -> tuple[float, Floats]:
    """Return the uplift where all columns add nothing, and what each adds to it, exactly.

    Both scores go in a straight line from their start to the row's; along it a column earns its share of
    each change. Source: Sundararajan, Taly and Yan (2017), "Axiomatic Attribution for Deep Networks",
    ICML 34, which for a sum behind a logistic curve has this closed form.

    Args:
        starts: scores without and with the action where no column adds anything.
        without: shape (n, columns), what each column adds to the score without the action.
        given: shape (n, columns), what each column adds to the score with the action.
        logistic: whether scores are log-odds.

    Returns:
        A base and shape (n, columns): base and parts of a row sum to its uplift.
    """
    if not logistic:
        return starts[1] - starts[0], given - without
    base = float(_chance(np.array(starts[1]), True) - _chance(np.array(starts[0]), True))
    return base, given * _steepness(starts[1], given) - without * _steepness(starts[0], without)


def _steepness(start: float, parts: Floats) -> Floats:
    """Mean slope of the logistic curve between a start and each row's score, shape (n, 1)."""
    way = parts.sum(axis=1)
    low, high = np.full(len(way), start), start + way
    middle = _chance((low + high) / 2, True)
    near = np.abs(way) < 1e-6
    slope = (_chance(high, True) - _chance(low, True)) / np.where(near, 1.0, way)
    return np.asarray(np.where(near, middle * (1 - middle), slope)[:, None], dtype=np.float64)


def _share_out(own: Floats, arm: Floats) -> Floats:
    """Give what the arm adds beyond its mean to the columns it works through, by how much each adds."""
    size = np.abs(own)
    total = size.sum(axis=1, keepdims=True)
    share = np.where(total > 0, size / np.where(total > 0, total, 1.0), 1.0 / own.shape[1])
    return np.asarray(own + share * arm[:, None], dtype=np.float64)


def _chance(score: Floats, logistic: bool) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * score)) if logistic else score, dtype=np.float64)
