"""Blend 概率校准: margins of one or two models become probabilities that come true.

``probability = link(sum of slope x margins + intercept of the class)``: one slope a model, one intercept
a class, learnt on texts that the models had not seen. The link is the softmax where a text has one class,
the logistic function where it may have several. A second model that does not help gets a slope near 0.

Source: Platt (1999) and Guo and others (2017), "On Calibration of Modern Neural Networks" (one slope for
all classes stays steady where classes are rare).
"""

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt

__all__ = ["Blend", "learn_blend"]

Floats = npt.NDArray[np.float64]
Marked = npt.NDArray[np.bool_]

PENALTY = 1.0  # of an intercept's square, in units of one text
LEAST = 1e-12  # a probability is never exactly 0 or 1


class Blend(msgspec.Struct, frozen=True):
    """Slopes of the models and intercepts of the classes."""

    slopes: tuple[float, ...]
    intercepts: tuple[float, ...]
    several: bool

    def logits(self, margins: Sequence[Floats]) -> Floats:
        """Return calibrated log-odds (several classes) or logs of odds up to a constant, shape (n, classes)."""
        total = np.asarray(self.intercepts, dtype=np.float64) + self.slopes[0] * margins[0]
        for slope, margin in zip(self.slopes[1:], margins[1:], strict=True):
            total = total + slope * margin
        return np.asarray(total, dtype=np.float64)

    def probability(self, margins: Sequence[Floats]) -> Floats:
        """Return probabilities in (0, 1), shape (n, classes); with one class a text, rows sum to 1."""
        return np.clip(_link(self.logits(margins), self.several), LEAST, 1 - LEAST)


def learn_blend(margins: Sequence[Floats], marked: Marked, *, several: bool) -> Blend:
    """Fit slopes and intercepts by maximum likelihood.

    Args:
        margins: of each model, shape (n, classes), of texts that it had not seen.
        marked: shape (n, classes).
        several: whether a text may have several classes.
    """
    from scipy.optimize import minimize

    models, classes = len(margins), marked.shape[1]
    stacked, aims = np.stack(margins), _smoothed(marked, several)

    def loss(at: Floats) -> tuple[float, Floats]:
        logits = np.tensordot(at[:models], stacked, axes=1) + at[models:]
        said = _link(logits, several)
        away = said - aims
        value = _nats(logits, aims, several) + 0.5 * PENALTY * float((at[models:] ** 2).sum())
        slope = (stacked * away).sum(axis=(1, 2))
        return value, np.concatenate([slope, away.sum(axis=0) + PENALTY * at[models:]])

    start = np.concatenate([np.full(models, 2.0 / models), np.zeros(classes)])
    bounds = [(0.0, None)] * models + [(None, None)] * classes  # a model is never turned around
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 500})
    return Blend(tuple(found.x[:models].tolist()), tuple(found.x[models:].tolist()), several)


def _link(logits: Floats, several: bool) -> Floats:
    if several:
        return np.asarray(0.5 * (1 + np.tanh(0.5 * logits)), dtype=np.float64)
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)


def _smoothed(marked: Marked, several: bool) -> Floats:
    """Return marks a little less sure than they are, so that separated classes keep finite slopes (Platt)."""
    spare = 1 / (len(marked) + 2)
    others = spare if several else spare / (marked.shape[1] - 1)
    return np.where(marked, 1 - spare, others)


def _nats(logits: Floats, aims: Floats, several: bool) -> float:
    """Return the log loss, summed over texts."""
    said = float((aims * logits).sum())
    if several:
        return float(np.logaddexp(0, logits).sum()) - said
    top = logits.max(axis=1, keepdims=True)
    return float((top[:, 0] + np.log(np.exp(logits - top).sum(axis=1))).sum()) - said
