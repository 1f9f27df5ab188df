"""Text model 文本分类模型: what is a complaint, comment or question about?

English and Chinese in one door. Words, pairs of words and runs of characters, weighed by rarity, feed one
linear machine a class; the margins are calibrated by cross-fitting, so that a probability of 0.8 comes
true four times in five. Sentence embeddings can be added and are kept only where they help on texts held
back.
"""

from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.errors import NotFittedError
from vostro.insight.files import read_state, state_digest, write_state
from vostro.insight.text.blend import Blend
from vostro.insight.text.card import TextCard, describe
from vostro.insight.text.deciding import Aim, Decision
from vostro.insight.text.effects import word_effects, word_texts
from vostro.insight.text.embedding import Embedder
from vostro.insight.text.errors import EmbeddingModelError, UnknownClassError
from vostro.insight.text.features import Space, Vocabulary, count_texts
from vostro.insight.text.kernel import KernelHead
from vostro.insight.text.packing import pack_weights, unpack_weights
from vostro.insight.text.pieces import clean, languages, pieces_of
from vostro.insight.text.reading import Class, Marks, as_texts, read_marks
from vostro.insight.text.reasons import TextReason, best_words, reason_lists, top_words
from vostro.insight.text.solver import margins
from vostro.insight.text.training import Learnt, TextPlan, learn_text
from vostro.words import Text, suggest

__all__ = ["TextModel", "TextState"]

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]

TOP_WORDS = 15  # of a class, kept on the card
SAMPLE_TEXTS = 5_000  # that the top words are counted in


class TextState(msgspec.Struct, frozen=True):
    """All that a trained text model is; the same texts, seed and libraries give the same bytes."""

    plan: TextPlan
    classes: tuple[Class, ...]
    several: bool
    vocabulary: Vocabulary
    space: Space
    weights: bytes  # see packing
    kernel: KernelHead | None
    blend: Blend
    decision: Decision
    card: TextCard
    kind: str = "text"


class TextModel:
    """Tells the class of texts in English, Chinese or both.

    A text without any known word (empty, missing, unseen script) gets the shares that the classes had in
    training. An estimate depends on that text alone.

    Args:
        seed: the same seed, texts and library versions give the same model, byte for byte.
        aim: ``accuracy`` says the likeliest class; ``macro_f1`` treats rare classes as fairly as
            common ones, at the price of more errors in all.
        embeddings: True adds sentence embeddings of the installed package (see ``Embedder``), a path
            those of a folder or zip with such a model, an ``Embedder`` shares one that is read already;
            kept only if they help on texts held back.
    """

    def __init__(
        self, *, seed: int = 0, aim: Aim = "accuracy", embeddings: bool | Path | Embedder = False
    ) -> None:
        self._plan = TextPlan(seed, aim, bool(embeddings))
        self._embedder_path = embeddings if isinstance(embeddings, Path) else None
        self._embedder = embeddings if isinstance(embeddings, Embedder) else None
        self._state: TextState | None = None
        self._weights: Singles | None = None
        self._version = ""

    def fit(self, texts: Any, targets: Any) -> Self:
        """Learn from texts whose class is known.

        Args:
            texts: shape (n,), at least 20 different ones: a list, array, series, or frame of one column; null is an empty text.
            targets: shape (n,): texts, whole numbers or booleans, none missing; or lists of them, for texts
                with several classes or none.

        Raises:
            TextsKindError, TextsFewError: the texts.
            TargetUnknownError, TargetTypeError, LengthMismatchError: the targets.
            ExtraMissingError, EmbeddingModelAbsentError, EmbeddingModelError: the embeddings that were asked for.
        """
        given = as_texts(texts)
        plain = clean(given)
        marks = read_marks(targets, len(given), plain.n_unique())
        embedded = self._embedded(given) if self._plan.embeddings else None
        learnt = learn_text(plain, marks, self._plan, embedded)
        told = dict(languages(given).value_counts(name="count").sort("language").iter_rows())
        card = describe(learnt, marks, self._plan, told, int((plain == "").sum()))
        self._hold(_state(self._plan, marks, learnt, card))
        return self._with_top_words(given, marks)

    def predict(self, texts: Any) -> pl.Series:
        """Return the class of each text, shape (n,), of the type that was trained on, never null.

        With several classes a text: lists of classes, possibly empty.

        Raises:
            NotFittedError: neither trained nor loaded.
            TextsKindError: no column of texts.
        """
        state, _ = self._ready()
        marks = state.decision.marks(self.probabilities(texts))
        classes = pl.Series("class", list(state.classes))
        row, column = np.nonzero(marks)
        said = classes.gather(column)
        if not state.several:
            return said
        lists = pl.DataFrame({"row": row, "class": said}).group_by("row", maintain_order=True).agg("class")
        every = pl.DataFrame({"row": np.arange(len(marks))})
        joined = every.join(lists, on="row", how="left", maintain_order="left")["class"]
        return joined.fill_null(pl.Series([[]], dtype=pl.List(classes.dtype)))

    def probabilities(self, texts: Any) -> Floats:
        """Return calibrated probabilities, shape (n, len(classes)), in (0, 1), never NaN.

        With one class a text, rows sum to 1.
        """
        state, weights = self._ready()
        given = as_texts(texts)
        counts = count_texts(clean(given), state.vocabulary)
        both = [margins(state.space.rows(counts), weights)]
        unknown = (counts.words.getnnz(axis=1) + counts.characters.getnnz(axis=1)) == 0
        if state.kernel is not None:
            both.append(state.kernel.margins(self._embedded(given)[0]))
        found = state.blend.probability(both)
        found[unknown] = np.asarray(state.decision.shares)
        return found

    def reason_series(self, texts: Any, k: int = 3, *, of: Class | None = None) -> pl.Series:
        """Return the ``k`` words of each text that speak most for its class, shape (n,): lists of structs.

        A struct has word, effect_logodds, en and zh. Words that do not speak for the class are no reasons,
        so a text may have fewer than ``k``, an empty one none. What embeddings add has no words.

        Args:
            texts: shape (n,).
            k: count, at least 1.
            of: a class; None: the class that is said; of several the likeliest.

        Raises:
            UnknownClassError: ``of`` was not learnt.
        """
        state, _ = self._ready()
        given = as_texts(texts)
        classes = self._asked(given, of)
        best = best_words(self.word_effects(given, of=classes), k)
        names = pl.Series("name", [str(each) for each in state.classes])
        return reason_lists(best, names.gather(classes), len(given))

    def reasons(self, texts: Any, k: int = 3, *, of: Class | None = None) -> list[list[TextReason]]:
        """Return the reasons of each text as objects, for the texts that a person reads."""
        return [
            [TextReason(r["word"], r["effect_logodds"], Text(en=r["en"], zh=r["zh"])) for r in each]
            for each in self.reason_series(texts, k, of=of).to_list()
        ]

    def word_effects(self, texts: Any, *, of: npt.NDArray[np.int64]) -> pl.DataFrame:
        """Return what each different word of each text adds to the log-odds of a class.

        Args:
            texts: shape (n,).
            of: shape (n,); places in ``classes``.

        Returns:
            Columns row (from 0), word, effect_logodds. With the class's slope, the effects of a text, its
            intercept and what embeddings add sum to its log-odds before the link.
        """
        state, weights = self._ready()
        plain = clean(as_texts(texts))
        pieces, counts = pieces_of(plain), count_texts(plain, state.vocabulary)
        effects = word_effects(pieces, counts, state.space, state.vocabulary, weights, of)
        row = np.repeat(np.arange(len(of)), np.diff(pieces.text_words))
        frame = pl.DataFrame({"row": row, "word": word_texts(pieces), "effect_logodds": effects})
        frame = frame.with_columns(pl.col("effect_logodds") * state.blend.slopes[0])
        return frame.group_by("row", "word", maintain_order=True).agg(pl.col("effect_logodds").sum())

    def top_words(self, of: Class, k: int = 10) -> tuple[str, ...]:
        """Return the words that spoke most for a class in the training texts, strongest first, at most 15."""
        state, _ = self._ready()
        return state.card.classes[self._place(of)].top_words[:k]

    def card(self) -> TextCard:
        """Return the model card."""
        return msgspec.structs.replace(self._ready()[0].card, version=self._version)

    def save(self, path: Path) -> None:
        """Write the model as one JSON file, whole or not at all; the embedding model is not in it."""
        write_state(path, self._ready()[0], self._version)

    @classmethod
    def load(cls, path: Path, *, embeddings: Path | Embedder | None = None) -> Self:
        """Read a model that ``save`` wrote.

        Args:
            path: the file.
            embeddings: folder or zip of the embedding model, if one was used and it is not the installed one.

        Raises:
            ModelFileError: the file is absent, damaged, changed or of another version.
        """
        return cls.of(read_state(path, TextState), embeddings=embeddings)

    @classmethod
    def of(cls, state: TextState, *, embeddings: Path | Embedder | None = None) -> Self:
        """Return a model that was learnt earlier."""
        model = cls(seed=state.plan.seed, aim=state.plan.aim, embeddings=embeddings or state.plan.embeddings)
        model._hold(state)
        return model

    @property
    def state(self) -> TextState:
        """All that was learnt.

        Raises:
            NotFittedError: nothing was.
        """
        return self._ready()[0]

    @property
    def version(self) -> str:
        """Digest of all that the model is, 64 hexadecimal digits."""
        self._ready()
        return self._version

    @property
    def classes(self) -> tuple[Class, ...]:
        """The classes, in the order of the columns of ``probabilities``."""
        return self._ready()[0].classes

    def _asked(self, texts: pl.Series, of: Class | None) -> npt.NDArray[np.int64]:
        if of is None:
            return self.state.decision.first(self.probabilities(texts))
        return np.full(len(texts), self._place(of), dtype=np.int64)

    def _place(self, of: Class) -> int:
        classes = self.classes
        if of not in classes:
            nearest = suggest(str(of), [str(each) for each in classes])
            raise UnknownClassError(name=of, nearest=nearest or "-")
        return classes.index(of)

    def _embedded(self, texts: pl.Series) -> tuple[Singles, str]:
        """Return embeddings and the version of what made them.

        Raises:
            EmbeddingModelError: it is not the embedding model that was trained with.
        """
        self._embedder = self._embedder or Embedder(self._embedder_path)
        kernel = self._state.kernel if self._state else None
        if kernel is not None and kernel.embedder != self._embedder.version:
            raise EmbeddingModelError(path=self._embedder.path, reason="another version than in training")
        return self._embedder.embed(texts), self._embedder.version

    def _with_top_words(self, texts: pl.Series, marks: Marks) -> Self:
        """Add the words that spoke for each class, in a sample of the training texts."""
        state, _ = self._ready()
        rows = np.flatnonzero(marks.marked.any(axis=1))
        if len(rows) > SAMPLE_TEXTS:
            draw = np.random.default_rng(self._plan.seed)
            rows = np.sort(draw.choice(rows, SAMPLE_TEXTS, replace=False))
        of = marks.first[rows]
        words = top_words(self.word_effects(texts.gather(rows), of=of), of, len(state.classes), TOP_WORDS)
        lines = tuple(
            msgspec.structs.replace(line, top_words=each)
            for line, each in zip(state.card.classes, words, strict=True)
        )
        card = msgspec.structs.replace(state.card, classes=lines)
        self._hold(msgspec.structs.replace(state, card=card))
        return self

    def _hold(self, state: TextState) -> None:
        self._state, self._version = state, state_digest(state)
        self._weights = unpack_weights(state.weights, len(state.classes))

    def _ready(self) -> tuple[TextState, Singles]:
        if self._state is None or self._weights is None:
            raise NotFittedError
        return self._state, self._weights


def _state(plan: TextPlan, marks: Marks, learnt: Learnt, card: TextCard) -> TextState:
    return TextState(
        plan=plan,
        classes=marks.classes,
        several=marks.several,
        vocabulary=learnt.vocabulary,
        space=learnt.space,
        weights=pack_weights(learnt.weights),
        kernel=learnt.kernel,
        blend=learnt.blend,
        decision=learnt.decision,
        card=card,
    )
