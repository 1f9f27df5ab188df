"""Effects 词语作用: which words of a text speak for a class, and how strongly?

What an n-gram adds to the margin is shared out evenly over the characters it covers, then summed by
word. Nothing is lost: the effects of a text's words and the intercept sum to the margin.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
from numba import njit

from vostro.insight.text.features import Counts, Space, Vocabulary
from vostro.insight.text.ngrams import spans, word_spans
from vostro.insight.text.pieces import GAP, Pieces

__all__ = ["word_effects", "word_texts"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Singles = npt.NDArray[np.float32]


def word_effects(
    pieces: Pieces, counts: Counts, space: Space, vocabulary: Vocabulary, weights: Singles, of: Integers
) -> Floats:
    """Return what each word adds to the margin of its text's class, shape (words,).

    Args:
        pieces: of cleaned texts.
        counts: of the same texts.
        space: weights of n-grams.
        vocabulary: known n-grams.
        weights: shape (columns + 1, classes).
        of: shape (n,); the class of each text that is asked for.
    """
    on_characters = np.zeros(len(pieces.codes))
    found, offset = (word_spans(pieces), spans(pieces)), 0
    scales = zip(space.weights(), space.scales(counts), strict=True)
    matrices = (counts.words, counts.characters)
    for known, span, matrix, scale in zip(vocabulary.hashes(), found, matrices, scales, strict=True):
        if len(known):
            table = (matrix.indptr, matrix.indices, matrix.data)
            block = weights[offset : offset + len(known)]
            _share(span, known, table, scale, block, of, pieces.kinds, on_characters)
        offset += len(known)
    sums = np.concatenate([[0.0], np.cumsum(on_characters)])
    return np.asarray(sums[pieces.word_to] - sums[pieces.word_from])


def word_texts(pieces: Pieces) -> pl.Series:
    """Return all words as texts, shape (words,), without a loop over them."""
    sizes = 1 + (pieces.codes >= 0x80) + (pieces.codes >= 0x800) + (pieces.codes >= 0x10000).astype(np.int64)
    at = np.concatenate([[0], np.cumsum(sizes)])
    # words and the gaps between them, one after another: the odd ones are words
    bounds = np.column_stack([pieces.word_from, pieces.word_to]).ravel()
    offsets = np.concatenate([[0], at[bounds], [at[-1]]]).astype(np.int64)
    raw = pieces.codes.tobytes().decode("utf-32-le").encode()
    every = pa.LargeStringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(raw))
    return pl.Series("word", every.take(pa.array(np.arange(1, len(offsets) - 1, 2))), dtype=pl.String)


@njit(cache=True)
def _share(
    span: Any, known: Any, matrix: Any, scales: Any, weights: Any, of: Any, kinds: Any, out: Any
) -> None:
    """Add what each n-gram of each text adds to the margin to the characters it covers."""
    hashes, begins, ends, first = span
    starts, columns, counts = matrix
    rarity, scale = scales
    for text in range(len(first) - 1):
        own = columns[starts[text] : starts[text + 1]]
        for i in range(first[text], first[text + 1]):
            column = np.searchsorted(known, hashes[i])
            if column == len(known) or known[column] != hashes[i]:
                continue
            count = counts[starts[text] + np.searchsorted(own, column)]
            value = (1 + np.log(count)) / count * rarity[column] * scale[text]
            covered = 0
            for j in range(begins[i], ends[i]):
                covered += kinds[j] != GAP
            for j in range(begins[i], ends[i]):
                if kinds[j] != GAP:
                    out[j] += value * weights[column, of[text]] / covered
