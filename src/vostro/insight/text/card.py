"""Text card 文本模型卡: what was learnt from how many texts, and how good is it?

Every figure is taken on texts that neither the weights nor the calibration had seen.
"""

import platform

import msgspec
import numpy as np
import numpy.typing as npt

from vostro.insight.text.deciding import accuracy_of, macro_f1_of
from vostro.insight.text.reading import Class, Marks
from vostro.insight.text.training import FOLDS, Heard, Learnt, Setting, TextPlan

__all__ = ["ClassRow", "TextCard", "describe", "sureness_error"]

Floats = npt.NDArray[np.float64]
BINS = 10


class ClassRow(msgspec.Struct, frozen=True):
    """How well one class is told; NaN is written as None."""

    name: Class
    texts: int  # count in training
    precision: float | None  # of the texts said to be of the class, the share that is; None: never said
    recall: float  # of the texts of the class, the share that was said to be
    f1: float
    top_words: tuple[str, ...]  # that speak for it, strongest first


class TextCard(msgspec.Struct, frozen=True):
    """The facts of a trained text model."""

    seed: int
    aim: str
    texts: int
    texts_empty: int  # without any word
    texts_language: dict[str, int]  # en, zh, mixed, none -> count
    several: bool  # a text may have several classes
    method: str  # how the measures below were taken
    accuracy: float  # share of texts whose classes are said exactly
    accuracy_commonest: float  # what always saying the commonest class, or none, would reach
    macro_f1: float
    log_loss: float  # nats a text
    calibration_error: float  # mean distance of said and come true, 10 bins of equal count
    classes: tuple[ClassRow, ...]
    settings: tuple[Setting, ...]  # that were tried; the best was kept
    embeddings: dict[str, float]  # what words, embeddings and both reached; empty: not asked for
    embeddings_used: bool
    libraries: dict[str, str]
    version: str = ""  # digest of the whole estimator


def describe(learnt: Learnt, marks: Marks, plan: TextPlan, told: "dict[str, int]", empty: int) -> TextCard:
    """Write the card.

    Args:
        learnt: what training gave, except the top words, which the caller adds.
        marks: the classes of the training texts.
        plan: what was asked.
        told: language -> count.
        empty: count of texts without any word.
    """
    heard, marked = learnt.heard, marks.marked
    several = marks.several
    return TextCard(
        seed=plan.seed,
        aim=plan.aim,
        texts=len(marked),
        texts_empty=empty,
        texts_language=told,
        several=several,
        method=f"{FOLDS}-fold, equal texts together; of {len(learnt.tried)} settings the best on these folds, "
        "so expect slightly less; weights, calibration and decision had not seen the text",
        accuracy=accuracy_of(marked, heard.said),
        accuracy_commonest=_commonest(marks),
        macro_f1=macro_f1_of(marked, heard.said),
        log_loss=_log_loss(heard, marks),
        calibration_error=sureness_error(heard.probability, marked, several=several),
        classes=_rows(heard, marks),
        settings=learnt.tried,
        embeddings=learnt.embeddings_tried,
        embeddings_used=learnt.kernel is not None,
        libraries=_libraries(),
    )


def sureness_error(probability: Floats, marked: npt.NDArray[np.bool_], *, several: bool) -> float:
    """Return how far what was said is from what came true, mean over 10 bins of equal count.

    With one class a text, of its most likely class; with several, of every class.
    Source: Naeini and others (2015) and Guo and others (2017), expected calibration error.
    """
    best = probability.argmax(axis=1)
    rows = np.arange(len(best))
    said = probability.ravel() if several else probability[rows, best]
    true = marked.ravel() if several else marked[rows, best]
    bins = np.array_split(np.argsort(said, kind="stable"), BINS)
    return float(
        sum(len(each) * abs(said[each].mean() - true[each].mean()) for each in bins if len(each)) / len(said)
    )


def _commonest(marks: Marks) -> float:
    """Return the accuracy of saying the same of every text."""
    _, counts = np.unique(marks.marked, axis=0, return_counts=True)
    return float(counts.max() / len(marks.marked))


def _log_loss(heard: Heard, marks: Marks) -> float:
    said = np.where(marks.marked, heard.probability, 1 - heard.probability)
    if marks.several:
        return float(-np.log(said).sum(axis=1).mean())
    return float(-np.log(heard.probability[marks.marked]).mean())


def _rows(heard: Heard, marks: Marks) -> tuple[ClassRow, ...]:
    hits = (heard.said & marks.marked).sum(axis=0)
    had, said = marks.marked.sum(axis=0), heard.said.sum(axis=0)
    return tuple(
        ClassRow(
            name=name,
            texts=int(had[i]),
            precision=float(hits[i] / said[i]) if said[i] else None,
            recall=float(hits[i] / had[i]),
            f1=float(2 * hits[i] / (had[i] + said[i])),
            top_words=(),
        )
        for i, name in enumerate(marks.classes)
    )


def _libraries() -> dict[str, str]:
    import numba
    import polars as pl
    import scipy

    return {
        "numba": numba.__version__,
        "numpy": np.__version__,
        "polars": pl.__version__,
        "python": platform.python_version(),
        "scipy": scipy.__version__,
    }
