"""Deciding 判类: from probabilities to classes, for accuracy or for fairness to rare classes.

With one class a text, the class with the largest ``log probability - balance x log share`` is said:
balance 0 makes the fewest errors, balance 1 treats every class as if it were as common as any other.
With several, every class whose probability reaches a threshold is said. The one number is chosen on
texts that the model had not seen.

Source: Menon and others (2021), "Long-tail learning via logit adjustment", ICLR.
"""

from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

__all__ = ["Aim", "Decision", "accuracy_of", "learn_decision", "macro_f1_of"]

Floats = npt.NDArray[np.float64]
Marked = npt.NDArray[np.bool_]
Aim = Literal["accuracy", "macro_f1"]

BALANCES = np.arange(0, 1.01, 0.1)
THRESHOLDS = np.arange(0.1, 0.71, 0.05)


class Decision(msgspec.Struct, frozen=True):
    """How classes are said."""

    shares: tuple[float, ...]  # of each class in training
    balance: float = 0.0
    threshold: float | None = None  # of several classes a text; None: one class

    def marks(self, probability: Floats) -> Marked:
        """Return which classes are said, shape (n, classes)."""
        if self.threshold is not None:
            return np.asarray(probability >= self.threshold - 1e-9)
        marks = np.zeros(probability.shape, dtype=np.bool_)
        marks[np.arange(len(marks)), self.first(probability)] = True
        return marks

    def first(self, probability: Floats) -> npt.NDArray[np.int64]:
        """Return the one class that is said, or that is said first, shape (n,)."""
        lifted = np.log(probability) - self.balance * np.log(np.asarray(self.shares))
        return np.asarray(lifted.argmax(axis=1), dtype=np.int64)


def learn_decision(probability: Floats, marked: Marked, *, aim: Aim, several: bool) -> Decision:
    """Return the decision that serves the aim best; of equals the one nearest to the plain one."""
    shares = tuple(np.maximum(marked.mean(axis=0), 0.5 / len(marked)).tolist())
    plain = Decision(shares, threshold=0.5 if several else None)
    if aim == "accuracy":
        return plain
    if several:
        tried = [Decision(shares, threshold=float(t)) for t in sorted(THRESHOLDS, key=lambda t: abs(t - 0.5))]
    else:
        tried = [Decision(shares, balance=float(b)) for b in BALANCES]
    return max(tried, key=lambda each: macro_f1_of(marked, each.marks(probability)))


def accuracy_of(marked: Marked, said: Marked) -> float:
    """Return the share of texts whose classes are said exactly."""
    return float((marked == said).all(axis=1).mean())


def macro_f1_of(marked: Marked, said: Marked) -> float:
    """Return the mean over classes of 2 x hits / (had + said); a class neither had nor said is left out.

    >>> macro_f1_of(np.eye(2, dtype=bool), np.array([[True, False], [True, False]]))
    0.333...
    """
    hits, size = (marked & said).sum(axis=0), marked.sum(axis=0) + said.sum(axis=0)
    seen = size > 0
    return float(np.mean(2 * hits[seen] / size[seen])) if seen.any() else 0.0
