"""Training 训练: try a few settings on texts held back, keep the best, calibrate, learn from all.

Every figure of the card comes from texts that neither the weights nor the calibration had seen. Equal
texts stand in one fold, so that a text written twice is not known by heart.
"""

from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.folds import Rows, stratified_folds
from vostro.insight.text.blend import Blend, learn_blend
from vostro.insight.text.deciding import Aim, Decision, accuracy_of, learn_decision, macro_f1_of
from vostro.insight.text.features import Counts, Space, Vocabulary, count_texts, learn_space, learn_vocabulary
from vostro.insight.text.kernel import KernelHead, KernelTried, cross_fit_kernel, learn_kernel
from vostro.insight.text.reading import Marks
from vostro.insight.text.solver import learn_weights, margins

__all__ = ["Heard", "Learnt", "Setting", "TextPlan", "learn_text"]

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Marked = npt.NDArray[np.bool_]
_Both = tuple[list[Floats], KernelHead | None, dict[str, float]]

FOLDS = 3
WORD_WEIGHTS = (0.5, 1.0)
COSTS = (0.1, 0.3, 1.0, 3.0)
BALANCE = 0.5  # power of rarity in the weight of a class; calibrated, 0 to 0.5 made no difference
CHOICE_TEXTS = 10_000  # settings are chosen on this many texts; of more, a sample by the seed


class TextPlan(msgspec.Struct, frozen=True):
    """What was asked of a text model."""

    seed: int
    aim: Aim
    embeddings: bool


class Setting(msgspec.Struct, frozen=True):
    """Settings of the linear model, and what they reached on texts held back."""

    word_weight: float
    cost: float
    measure: float  # the aim's, on texts held back


class Heard(msgspec.Struct, frozen=True):
    """What the model said of texts that it had not seen."""

    probability: Floats
    said: Marked


@dataclass(frozen=True, slots=True)
class Learnt:
    """What training gives."""

    vocabulary: Vocabulary
    space: Space
    weights: Singles
    kernel: KernelHead | None
    blend: Blend
    decision: Decision
    tried: tuple[Setting, ...]
    embeddings_tried: dict[str, float]
    heard: Heard


@dataclass(frozen=True, slots=True)
class _Texts:
    """Training texts as numbers."""

    counts: Counts
    marks: Marks
    folds: list[Rows]


def learn_text(
    texts: pl.Series, marks: Marks, plan: TextPlan, embedded: tuple[Singles, str] | None = None
) -> Learnt:
    """Train.

    Args:
        texts: shape (n,), cleaned.
        marks: their classes.
        plan: what was asked.
        embedded: embeddings, shape (n, size), and the version of what made them.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    with threadpool_limits(1):  # so that sums have one order; many small ones are no faster on more cores
        return _learn(texts, marks, plan, embedded)


def _learn(texts: pl.Series, marks: Marks, plan: TextPlan, embedded: tuple[Singles, str] | None) -> Learnt:
    vocabulary = learn_vocabulary(texts, plan.seed)
    every = _Texts(count_texts(texts, vocabulary), marks, _folds(texts, marks, plan.seed))
    tried = _try_settings(_sample(every, plan.seed), plan)
    best = max(tried, key=lambda each: each.measure)
    of_words = _cross_fit(every, best, plan.seed)
    both, kernel, reached = _words_only(of_words)
    if embedded is not None:
        both, kernel, reached = _with_embeddings(every, of_words, embedded, plan)
    probability = _cross_blend(both, marks, every.folds)
    decision = learn_decision(probability, marks.marked, aim=plan.aim, several=marks.several)
    space = learn_space(every.counts, best.word_weight)
    weights = learn_weights(
        space.rows(every.counts),
        marks.marked,
        cost=best.cost,
        weight=_weight(marks),
        seed=plan.seed,
    )
    return Learnt(
        vocabulary,
        space,
        weights,
        kernel,
        learn_blend(both, marks.marked, several=marks.several),
        decision,
        tuple(tried),
        reached,
        Heard(probability, _cross_decide(probability, marks, every.folds, plan.aim)),
    )


def _folds(texts: pl.Series, marks: Marks, seed: int) -> list[Rows]:
    """Return folds with the classes shared out evenly, equal texts together."""
    place = texts.rank("dense").to_numpy().astype(np.int64) - 1
    _, first = np.unique(place, return_index=True)
    dealt = stratified_folds(marks.first[first].astype(np.float64), FOLDS, seed)
    fold_of = np.empty(len(first), dtype=np.int64)
    for fold, rows in enumerate(dealt):
        fold_of[rows] = fold
    return [np.flatnonzero(fold_of[place] == fold) for fold in range(FOLDS)]


def _sample(texts: _Texts, seed: int) -> _Texts:
    n = len(texts.marks.marked)
    if n <= CHOICE_TEXTS:
        return texts
    drawn = np.sort(np.random.default_rng(seed).choice(n, CHOICE_TEXTS, replace=False))
    marks = msgspec.structs.replace(texts.marks, marked=texts.marks.marked[drawn])
    folds = [np.flatnonzero(np.isin(drawn, fold)) for fold in texts.folds]
    return _Texts(texts.counts.take(drawn), marks, folds)


def _try_settings(texts: _Texts, plan: TextPlan) -> list[Setting]:
    """Return each setting with what it reaches on texts held back."""
    found = []
    for word_weight in WORD_WEIGHTS:
        blocks = _blocks(texts, word_weight)
        for cost in COSTS:
            said = _cross_margins(texts, blocks, cost, plan.seed)
            found.append(Setting(word_weight, cost, _reached([said], texts, plan.aim)))
    return found


def _cross_fit(texts: _Texts, setting: Setting, seed: int) -> Floats:
    return _cross_margins(texts, _blocks(texts, setting.word_weight), setting.cost, seed)


def _blocks(texts: _Texts, word_weight: float) -> list[tuple[object, object]]:
    """Return, for each fold, the rows of the others and its own, weighed without looking at its own."""
    n, found = len(texts.marks.marked), []
    for fold in texts.folds:
        others = texts.counts.take(_without(fold, n))
        space = learn_space(others, word_weight)
        found.append((space.rows(others), space.rows(texts.counts.take(fold))))
    return found


def _cross_margins(texts: _Texts, blocks: list[tuple[object, object]], cost: float, seed: int) -> Floats:
    """Return margins of weights that had not seen the text, shape (n, classes)."""
    marked = texts.marks.marked
    said = np.empty(marked.shape)
    weight = _weight(texts.marks)
    for fold, (others, own) in zip(texts.folds, blocks, strict=True):
        rows = _without(fold, len(marked))
        weights = learn_weights(others, marked[rows], cost=cost, weight=weight[rows], seed=seed)
        said[fold] = margins(own, weights)
    return said


def _weight(marks: Marks) -> Singles:
    """Return the weight of each text, shape (n,): by the rarity of its class."""
    sizes = np.append(marks.marked.sum(axis=0), max(1, int((~marks.marked.any(axis=1)).sum())))
    first = marks.first
    return ((len(first) / len(marks.classes) / sizes[first]) ** BALANCE).astype(np.float32)


def _reached(both: list[Floats], texts: _Texts, aim: Aim) -> float:
    """Return what margins reach once they are calibrated and decided."""
    marks = texts.marks
    probability = learn_blend(both, marks.marked, several=marks.several).probability(both)
    said = learn_decision(probability, marks.marked, aim=aim, several=marks.several).marks(probability)
    return (accuracy_of if aim == "accuracy" else macro_f1_of)(marks.marked, said)


def _words_only(of_words: Floats) -> _Both:
    return [of_words], None, {}


def _with_embeddings(texts: _Texts, of_words: Floats, embedded: tuple[Singles, str], plan: TextPlan) -> _Both:
    """Add what embeddings say where it helps on texts held back."""
    embeddings, version = embedded
    tried = cross_fit_kernel(embeddings, texts.marks.marked, texts.folds, seed=plan.seed)
    reached = {each: _reached([of_words, said], texts, plan.aim) for each, said in tried.items()}
    best: KernelTried = max(reached, key=lambda each: reached[each])
    alone = _reached([of_words], texts, plan.aim)
    told = {"words": alone, "embeddings": _reached([tried[best]], texts, plan.aim), "both": reached[best]}
    if reached[best] <= alone:
        return [of_words], None, told
    head = learn_kernel(embeddings, texts.marks.marked, best, seed=plan.seed, embedder=version)
    return [of_words, tried[best]], head, told


def _cross_blend(both: list[Floats], marks: Marks, folds: list[Rows]) -> Floats:
    """Return probabilities whose calibration had not seen the text either."""
    found = np.empty(marks.marked.shape)
    for fold in folds:
        rows = _without(fold, len(found))
        blend = learn_blend([each[rows] for each in both], marks.marked[rows], several=marks.several)
        found[fold] = blend.probability([each[fold] for each in both])
    return found


def _cross_decide(probability: Floats, marks: Marks, folds: list[Rows], aim: Aim) -> Marked:
    """Return classes whose decision had not seen the text either."""
    said = np.empty(marks.marked.shape, dtype=np.bool_)
    for fold in folds:
        rows = _without(fold, len(said))
        decision = learn_decision(probability[rows], marks.marked[rows], aim=aim, several=marks.several)
        said[fold] = decision.marks(probability[fold])
    return said


def _without(fold: Rows, n: int) -> Rows:
    kept = np.ones(n, dtype=np.bool_)
    kept[fold] = False
    return np.flatnonzero(kept)
