"""Features 文本特征: a text as a row of a sparse matrix: its words and its runs of characters.

Each n-gram weighs (1 + log count) x log(texts / texts that hold it); the words of a text and its runs of
characters are brought to length 1 each, so that neither drowns the other.

Source: Salton and Buckley (1988), "Term-weighting approaches in automatic text retrieval".
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from vostro.insight.text.ngrams import character_ngrams, word_ngrams
from vostro.insight.text.pieces import pieces_of

__all__ = ["Counts", "Space", "Vocabulary", "count_texts", "learn_space", "learn_vocabulary"]

Hashes = npt.NDArray[np.uint64]
Singles = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]

LEARN_TEXTS = 20_000  # texts that the vocabulary is made of; of more, a sample by the seed
VOCABULARY_MOST = 400_000  # n-grams of either kind; of more, those in the most texts
CHUNK = 5_000  # texts
TEXTS_EACH = (1, 2)  # fewest texts that hold a word, a run of characters


class Vocabulary(msgspec.Struct, frozen=True):
    """The n-grams that are known, as sorted hashes."""

    words: bytes
    characters: bytes

    def hashes(self) -> tuple[Hashes, Hashes]:
        """Return words and runs of characters, each sorted."""
        return np.frombuffer(self.words, dtype="<u8"), np.frombuffer(self.characters, dtype="<u8")


class Counts(msgspec.Struct, frozen=True):
    """How often each known n-gram stands in each text."""

    words: Any  # CSR, shape (n, words), float32
    characters: Any  # CSR, shape (n, runs), float32

    def take(self, rows: Rows) -> "Counts":
        """Return the counts of some texts."""
        return Counts(self.words[rows], self.characters[rows])


class Space(msgspec.Struct, frozen=True):
    """What turns counts into rows: the weight of each n-gram, and of words against characters."""

    words: bytes  # float32, shape (words,); 0: too rare to be used
    characters: bytes
    word_weight: float  # length of the words' part; the characters' part has length 1

    def weights(self) -> tuple[Singles, Singles]:
        """Return the weights of words and of runs of characters."""
        return np.frombuffer(self.words, dtype="<f4"), np.frombuffer(self.characters, dtype="<f4")

    def scales(self, counts: Counts) -> tuple[Singles, Singles]:
        """Return by what each text's words and runs are multiplied, shape (n,) each."""
        words, characters = self.weights()
        of_words = np.float32(self.word_weight) * _scale(_weighted(counts.words, words))
        return of_words, _scale(_weighted(counts.characters, characters))

    def rows(self, counts: Counts) -> sparse.csr_matrix:
        """Return the matrix that a model sees, shape (n, words + runs), float32."""
        blocks = []
        for matrix, weight, scale in zip(
            (counts.words, counts.characters), self.weights(), self.scales(counts), strict=True
        ):
            block = _weighted(matrix, weight)
            block.data *= np.repeat(scale, np.diff(block.indptr))
            blocks.append(block)
        return sparse.hstack(blocks, format="csr", dtype=np.float32)


def learn_vocabulary(texts: pl.Series, seed: int) -> Vocabulary:
    """Return the n-grams of cleaned texts, shape (n,)."""
    if len(texts) > LEARN_TEXTS:
        drawn = np.random.default_rng(seed).choice(len(texts), LEARN_TEXTS, replace=False)
        texts = texts.gather(np.sort(drawn))
    found: tuple[list[tuple[Hashes, Any]], list[tuple[Hashes, Any]]] = ([], [])
    for chunk in _chunks(texts):
        pieces = pieces_of(chunk)
        for each, grams in zip(found, (word_ngrams, character_ngrams), strict=True):
            each.append(np.unique(grams(pieces)[1], return_counts=True))
    words, characters = (_commonest(each, least) for each, least in zip(found, TEXTS_EACH, strict=True))
    return Vocabulary(words.astype("<u8").tobytes(), characters.astype("<u8").tobytes())


def count_texts(texts: pl.Series, vocabulary: Vocabulary) -> Counts:
    """Return the counts of cleaned texts, shape (n,)."""
    known = vocabulary.hashes()
    parts: tuple[list[Any], list[Any]] = ([], [])
    for chunk in _chunks(texts):
        pieces = pieces_of(chunk)
        for part, grams, hashes in zip(parts, (word_ngrams, character_ngrams), known, strict=True):
            part.append(_matrix(*grams(pieces), hashes))
    if not parts[0]:
        return Counts(*(sparse.csr_matrix((0, len(hashes)), dtype=np.float32) for hashes in known))
    return Counts(*(sparse.vstack(part, format="csr") for part in parts))


def learn_space(counts: Counts, word_weight: float) -> Space:
    """Return the weights of n-grams by how many texts hold them."""
    of_words, of_characters = (
        _rarity(matrix, least)
        for matrix, least in zip((counts.words, counts.characters), TEXTS_EACH, strict=True)
    )
    return Space(of_words.tobytes(), of_characters.tobytes(), word_weight)


def _chunks(texts: pl.Series) -> Iterator[pl.Series]:
    for first in range(0, len(texts), CHUNK):
        yield texts[first : first + CHUNK]


def _commonest(parts: list[tuple[Hashes, Any]], least: int) -> Hashes:
    """Return the sorted hashes that stand in enough texts."""
    hashes, place = np.unique(np.concatenate([part[0] for part in parts]), return_inverse=True)
    texts = np.bincount(place, np.concatenate([part[1] for part in parts]), minlength=len(hashes))
    kept = np.flatnonzero(texts >= least)
    if len(kept) > VOCABULARY_MOST:
        kept = np.sort(kept[np.argsort(-texts[kept], kind="stable")[:VOCABULARY_MOST]])
    return np.asarray(hashes[kept], dtype=np.uint64)


def _matrix(
    first: npt.NDArray[np.int64], hashes: Hashes, counts: Singles, known: Hashes
) -> sparse.csr_matrix:
    """Return counts of known n-grams, shape (n, known); a text's hashes are sorted, so its columns are too."""
    if not len(known):
        return sparse.csr_matrix((len(first) - 1, 0), dtype=np.float32)
    column = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    hit = known[column] == hashes
    starts = np.concatenate([[0], np.cumsum(hit)])[first]
    return sparse.csr_matrix(
        (counts[hit], column[hit].astype(np.int32), starts.astype(np.int32)),
        shape=(len(first) - 1, len(known)),
    )


def _rarity(matrix: sparse.csr_matrix, least: int) -> Singles:
    texts = np.bincount(matrix.indices, minlength=matrix.shape[1])
    rare = np.log((1 + matrix.shape[0]) / (1 + texts)) + 1
    return np.where(texts >= least, rare, 0).astype("<f4")


def _weighted(matrix: sparse.csr_matrix, weight: Singles) -> sparse.csr_matrix:
    values = (1 + np.log(matrix.data)) * weight[matrix.indices]
    return sparse.csr_matrix((values.astype(np.float32), matrix.indices, matrix.indptr), shape=matrix.shape)


def _scale(block: sparse.csr_matrix) -> Singles:
    """Return 1 / length of each row, 0 for an empty one."""
    row = np.repeat(np.arange(block.shape[0]), np.diff(block.indptr))
    length = np.sqrt(np.bincount(row, block.data.astype(np.float64) ** 2, minlength=block.shape[0]))
    return np.divide(1, length, out=np.zeros_like(length), where=length > 0).astype(np.float32)
