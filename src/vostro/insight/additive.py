"""Additive model 可加模型: one effect for each bin of each column, drawn to zero as far as the data asks.

The log-odds of a response are an offset (what the period explains) plus an intercept plus one
effect for each column. The effects of a column are normal with a variance of the column's own,
and that variance is learnt too: a column that moves nothing is shrunk away, one that moves much is let
go, and nobody has to choose a penalty. Sources: MacKay (1992), "Bayesian Interpolation", Neural
Computation 4 (the evidence); Dempster, Laird and Rubin (1977) for the steps of the variance.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["additive_effects", "learn_additive"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

VARIANCE_FIRST = 0.1  # squared log-odds: most effects of a column within a factor two of the odds
VARIANCE_BELIEF = 2.0  # so many effects' worth of belief in it
STEPS = 10
HALVINGS = 12  # of a step that would make things worse
STEPS_FIXED = 2  # Newton's steps before the variances move


def learn_additive(
    codes: Codes, sizes: tuple[int, ...], observed: Floats, *, offset: Floats, weight: Floats
) -> tuple[Floats, ...]:
    """Return the effects of each column's codes, in log-odds; each array has shape (size,).

    Args:
        codes: shape (n, columns), each column in 0 .. size - 1; code 0 (unseen) keeps the effect 0.
        sizes: count of codes of each column.
        observed: shape (n,), 0 or 1.
        offset: shape (n,), log-odds that are known beforehand.
        weight: shape (n,), at least 0; a weight of 1 is one whole row of evidence.
    """
    column = np.repeat(np.arange(len(sizes)), sizes)
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)
    free = np.ones(start[-1], dtype=bool)
    free[start[:-1]] = False
    variance = np.full(len(sizes), VARIANCE_FIRST)
    effects, intercept = np.zeros(start[-1]), 0.0
    group = column[free]
    for step in range(STEPS):
        said = _chance(offset + intercept + _sum(codes, start, effects))
        curve = _curve(codes, sizes, start, weight * said * (1 - said))
        slope = _gradient(codes, sizes, weight * (observed - said))
        use = np.concatenate([[True], free])
        precision = np.concatenate([[1e-6], 1 / variance[group]])
        held = np.concatenate([[intercept], effects[free]])
        matrix = curve[np.ix_(use, use)] + np.diag(precision)
        move = np.linalg.solve(matrix, slope[use] - precision * held)
        moved = _step(_Belief(codes, start, observed, offset, weight, free, precision), held, move)
        intercept, effects[free] = float(moved[0]), moved[1:]
        if step >= STEPS_FIXED:
            spread = np.diag(np.linalg.inv(matrix))[1:]
            sums = np.bincount(group, effects[free] ** 2 + spread, minlength=len(sizes))
            counts = np.bincount(group, minlength=len(sizes))
            variance = (sums + VARIANCE_BELIEF * VARIANCE_FIRST) / (counts + VARIANCE_BELIEF)
    return tuple(np.split(effects, start[1:-1])) if sizes else ()


@dataclass(frozen=True, slots=True)
class _Belief:
    """What the effects are judged by: the rows, and how far each effect is drawn to zero."""

    codes: Codes
    start: Codes
    observed: Floats
    offset: Floats
    weight: Floats
    free: npt.NDArray[np.bool_]
    precision: Floats

    def doubt(self, held: Floats) -> float:
        """Minus the log of the posterior of intercept and free effects, up to a constant."""
        effects = np.zeros(len(self.free))
        effects[self.free] = held[1:]
        logodds = self.offset + held[0] + _sum(self.codes, self.start, effects)
        loss = np.logaddexp(0, logodds) - self.observed * logodds
        return float(self.weight @ loss + 0.5 * self.precision @ held**2)


def _step(belief: _Belief, held: Floats, move: Floats) -> Floats:
    """Return where Newton's step leads, halved until it is no step back (nearly empty bins overshoot)."""
    before = belief.doubt(held)
    for _ in range(HALVINGS):
        if belief.doubt(held + move) <= before + 1e-9 * abs(before):
            break
        move = move / 2
    return held + move


def additive_effects(codes: Codes, effects: tuple[Floats, ...]) -> Floats:
    """Return what each column adds to each row's log-odds, shape (n, columns)."""
    if not effects:
        return np.zeros((len(codes), 0))
    return np.column_stack([own[code] for own, code in zip(effects, codes.T, strict=True)])


def _sum(codes: Codes, start: Codes, effects: Floats) -> Floats:
    total = np.zeros(len(codes))
    for first, code in zip(start[:-1], codes.T, strict=True):
        total += effects[first + code]
    return total


def _gradient(codes: Codes, sizes: tuple[int, ...], residual: Floats) -> Floats:
    parts = [np.bincount(code, residual, size) for code, size in zip(codes.T, sizes, strict=True)]
    return np.concatenate([[residual.sum()], *parts])


def _curve(codes: Codes, sizes: tuple[int, ...], start: Codes, mass: Floats) -> Floats:
    """Cross tables of the columns, weighted: the curvature, intercept first; shape (1 + codes, 1 + codes)."""
    found = np.zeros((1 + start[-1], 1 + start[-1]))
    found[0, 0] = mass.sum()
    for i, (code, size) in enumerate(zip(codes.T, sizes, strict=True)):
        rows = slice(1 + start[i], 1 + start[i + 1])
        found[rows, rows] = np.diag(np.bincount(code, mass, size))
        found[0, rows] = found[rows, 0] = np.diag(found[rows, rows])
        for j in range(i):
            pair = np.bincount(code * sizes[j] + codes[:, j], mass, size * sizes[j])
            columns = slice(1 + start[j], 1 + start[j + 1])
            found[rows, columns] = pair.reshape(size, sizes[j])
            found[columns, rows] = found[rows, columns].T
    return found


def _chance(logodds: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * logodds)), dtype=np.float64)
