"""Topic words 主题词: which words set a group of texts apart, and do they belong together?

Source: Grootendorst (2022), "BERTopic" (class-based TF-IDF); Bouma (2009) and Lau, Newman and Baldwin
(2014) for coherence by normalised pointwise mutual information; Dieng, Ruiz and Blei (2020), "Topic
Modeling in Embedding Spaces" for diversity.
"""

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy import sparse

from vostro.insight.text.effects import word_texts
from vostro.insight.text.pieces import pieces_of
from vostro.insight.text.stopwords import stop_words

__all__ = ["coherence", "count_words", "distinct_words", "diversity", "known_words", "word_frame"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

SAYS_SOMETHING = r"^(\p{Han}{2,}|\p{L}[\p{L}\p{N}]{2,}|[^\x00-\x7f\p{Han}]\p{L}+|.*\p{Han}.+)$"
TEXTS_LEAST = 3  # that hold a word
TEXTS_SHARE_MOST = 0.5  # of all texts
WORDS_MOST = 20_000


def word_frame(texts: pl.Series) -> pl.DataFrame:
    """Return how often each word that says something stands in each cleaned text: row, word, count."""
    pieces = pieces_of(texts)
    row = np.repeat(np.arange(len(texts)), np.diff(pieces.text_words))
    words = pl.DataFrame({"row": row, "word": word_texts(pieces)})
    words = words.filter(pl.col("word").str.contains(SAYS_SOMETHING))
    words = words.filter(~pl.col("word").is_in(stop_words()))
    return words.group_by("row", "word").agg(count=pl.len()).sort("row", "word")


def known_words(frame: pl.DataFrame, texts: int) -> pl.Series:
    """Return the words that stand in enough texts but not in most, sorted."""
    held = frame.group_by("word").agg(texts=pl.len())
    held = held.filter((pl.col("texts") >= TEXTS_LEAST) & (pl.col("texts") <= TEXTS_SHARE_MOST * texts))
    return held.sort(["texts", "word"], descending=[True, False]).head(WORDS_MOST)["word"].sort()


def count_words(frame: pl.DataFrame, words: pl.Series, rows: int) -> sparse.csr_matrix:
    """Return counts of known words, shape (rows, words)."""
    place = pl.DataFrame({"word": words, "column": np.arange(len(words))})
    kept = frame.join(place, on="word", how="inner", maintain_order="left")
    at = (kept["row"].to_numpy(), kept["column"].to_numpy())
    return sparse.csr_matrix((kept["count"].to_numpy().astype(np.float64), at), shape=(rows, len(words)))


def distinct_words(counts: sparse.csr_matrix, group: Integers, groups: int, k: int) -> Integers:
    """Return the ``k`` words that set each group apart, strongest first, shape (groups, k).

    A word weighs its share of the group's words x log(1 + mean words of a group / how often it stands anywhere).
    """
    member = sparse.csr_matrix(
        (np.ones(len(group)), (group, np.arange(len(group)))), shape=(groups, len(group))
    )
    held = np.asarray((member @ counts).todense())
    share = held / np.maximum(held.sum(axis=1, keepdims=True), 1)
    rare = np.log1p(held.sum() / groups / np.maximum(held.sum(axis=0), 1))
    return np.argsort(-(share * rare), axis=1, kind="stable")[:, :k].astype(np.int64)


def coherence(counts: sparse.csr_matrix, words: Integers) -> Floats:
    """Return how much more often the words of each topic meet in a text than by chance, shape (topics,), -1 to 1.

    Mean normalised pointwise mutual information over all pairs of a topic's words.

    Args:
        counts: shape (n, words).
        words: shape (topics, k); columns of counts.
    """
    places, spot = np.unique(words, return_inverse=True)
    present = (counts[:, places] > 0).astype(np.float64)
    together = np.asarray((present.T @ present).todense()) / counts.shape[0]
    alone = np.diag(together)
    spare = 1 / counts.shape[0] ** 2  # two words that never meet count as nearly never
    pmi = np.log((together + spare) / np.outer(alone, alone))
    normal = pmi / -np.log(together + spare)
    first, second = np.triu_indices(words.shape[1], 1)
    spot = spot.reshape(words.shape)
    return np.asarray(np.clip(normal[spot[:, first], spot[:, second]], -1, 1).mean(axis=1))


def diversity(words: Integers) -> float:
    """Return the share of different words among the words of all topics.

    >>> diversity(np.array([[1, 2], [2, 3]]))
    0.75
    """
    return len(np.unique(words)) / words.size
