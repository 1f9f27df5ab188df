"""Sentiment 情感分析: is a comment content, angry, or neither?

A text model that treats the rare feelings as fairly as the common one (most comments are neutral), with
one number from -1 to 1. It is learnt from labelled comments; there is no built-in list of good and bad
words, because such lists misread banking ("interest", "debt", "降额").
"""

from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.errors import NotFittedError
from vostro.insight.files import read_state, state_digest, write_state
from vostro.insight.text.card import TextCard
from vostro.insight.text.embedding import Embedder
from vostro.insight.text.errors import UnknownClassError
from vostro.insight.text.model import TextModel, TextState
from vostro.insight.text.reading import Class
from vostro.insight.text.reasons import TextReason
from vostro.words import suggest

__all__ = ["SentimentModel"]

Floats = npt.NDArray[np.float64]


class _SentimentState(msgspec.Struct, frozen=True):
    text: TextState
    positive: Class
    negative: Class
    kind: str = "sentiment"


class SentimentModel:
    """Tells how a customer feels from what he wrote, in English, Chinese or both.

    Args:
        positive: the class of content texts.
        negative: the class of angry texts; other classes (neutral) may exist.
        seed: the same seed, texts and library versions give the same model, byte for byte.
        embeddings: see ``TextModel``.
    """

    def __init__(
        self,
        *,
        positive: Class = "positive",
        negative: Class = "negative",
        seed: int = 0,
        embeddings: bool | Path | Embedder = False,
    ) -> None:
        self._positive, self._negative = positive, negative
        self._model = TextModel(seed=seed, aim="macro_f1", embeddings=embeddings)
        self._state: _SentimentState | None = None

    def fit(self, texts: Any, targets: Any) -> Self:
        """Learn from texts whose feeling is known; see ``TextModel.fit``.

        Raises:
            UnknownClassError: no text is of the positive or of the negative class.
        """
        self._model.fit(texts, targets)
        for name in (self._positive, self._negative):
            if name not in self._model.classes:
                nearest = suggest(str(name), [str(each) for each in self._model.classes])
                raise UnknownClassError(name=name, nearest=nearest or "-")
        self._state = _SentimentState(self._model.state, self._positive, self._negative)
        return self

    def predict(self, texts: Any) -> pl.Series:
        """Return the feeling of each text, shape (n,), one of the classes that were trained on."""
        self._ready()
        return self._model.predict(texts)

    def score(self, texts: Any) -> Floats:
        """Return the probability of positive less that of negative, shape (n,), in (-1, 1), never NaN."""
        state = self._ready()
        said = self._model.probabilities(texts)
        places = [state.text.classes.index(each) for each in (state.positive, state.negative)]
        return np.asarray(said[:, places[0]] - said[:, places[1]], dtype=np.float64)

    def reasons(self, texts: Any, k: int = 3, *, of: Class | None = None) -> list[list[TextReason]]:
        """Return the ``k`` words that speak most for each text's feeling; see ``TextModel.reasons``."""
        self._ready()
        return self._model.reasons(texts, k, of=of)

    def card(self) -> TextCard:
        """Return the model card."""
        self._ready()
        return msgspec.structs.replace(self._model.card(), version=self.version)

    def save(self, path: Path) -> None:
        """Write the model as one JSON file, whole or not at all."""
        write_state(path, self._ready(), self.version)

    @classmethod
    def load(cls, path: Path, *, embeddings: Path | Embedder | None = None) -> Self:
        """Read a model that ``save`` wrote.

        Raises:
            ModelFileError: the file is absent, damaged, changed or of another version.
        """
        state = read_state(path, _SentimentState)
        model = cls(positive=state.positive, negative=state.negative)
        model._model = TextModel.of(state.text, embeddings=embeddings)
        model._state = state
        return model

    @property
    def version(self) -> str:
        """Digest of all that the model is, 64 hexadecimal digits."""
        return state_digest(self._ready())

    @property
    def classes(self) -> tuple[Class, ...]:
        """The classes that were trained on, sorted."""
        return self._ready().text.classes

    def _ready(self) -> _SentimentState:
        if self._state is None:
            raise NotFittedError
        return self._state
