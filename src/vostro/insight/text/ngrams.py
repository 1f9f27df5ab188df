"""N-grams 字词片段: which words, pairs of words and runs of characters does each text hold, and how often?

Each n-gram is known by a 64-bit hash, so nothing is looked up in Python and a vocabulary is a sorted
array. Two different n-grams of a million share a hash with a chance below one in ten million.

* words: one word, and two that follow one another;
* characters: runs of 2 to 5 inside a word of letters, its borders marked by blanks; runs of 1 to 4 that
  hold a Han character and no gap, across the words of jieba (it errs on product names).
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from numba import njit

from vostro.insight.text.pieces import GAP, HAN, LETTER, Pieces

__all__ = ["character_ngrams", "spans", "word_ngrams", "word_spans"]

Hashes = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]
Spans = tuple[Hashes, Integers, Integers, Integers]
Counted = tuple[Integers, Hashes, npt.NDArray[np.float32]]  # first of each text (n + 1,), hashes, counts

LETTERS_LEAST, LETTERS_MOST = 2, 5
HAN_MOST = 4
WORDS_SEED = np.uint64(0x9E3779B97F4A7C15)
CHARACTERS_SEED = np.uint64(0xC2B2AE3D27D4EB4F)
_PRIME = np.uint64(0xFF51AFD7ED558CCD)
_SHIFT = np.uint64(32)
_BORDER = np.uint32(32)


def word_ngrams(pieces: Pieces) -> Counted:
    """Return the words and pairs of words of each text, each text's hashes sorted."""
    hashes, _, _, first = word_spans(pieces)
    return _counted(hashes, first)


def character_ngrams(pieces: Pieces) -> Counted:
    """Return the runs of characters of each text, each text's hashes sorted."""
    hashes, _, _, first = spans(pieces)
    return _counted(hashes, first)


def word_spans(pieces: Pieces) -> Spans:
    """Return every word and pair of words: hash, where it begins and ends in codes, the first of each text."""
    found: Spans = _words(pieces.codes, pieces.word_from, pieces.word_to, pieces.text_words)
    return found


def spans(pieces: Pieces) -> Spans:
    """Return every run of characters: hash, where it begins and ends in codes, the first of each text."""
    found: Spans = _characters(pieces.codes, pieces.kinds, pieces.text_from)
    return found


@njit(cache=True)
def _mixed(state: np.uint64, code: np.uint64) -> np.uint64:
    """Return the next state of a hash (the finaliser of MurmurHash3)."""
    state = (state ^ code) * _PRIME
    return state ^ (state >> _SHIFT)


@njit(cache=True)
def _words(codes: Any, word_from: Any, word_to: Any, text_words: Any) -> Any:
    n = len(text_words) - 1
    size = 2 * len(word_from)
    hashes = np.empty(size, dtype=np.uint64)
    begins, ends = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    first = np.zeros(n + 1, dtype=np.int64)
    at = 0
    for text in range(n):
        before = WORDS_SEED
        for word in range(text_words[text], text_words[text + 1]):
            state = WORDS_SEED
            for i in range(word_from[word], word_to[word]):
                state = _mixed(state, np.uint64(codes[i]))
            hashes[at], begins[at], ends[at] = state, word_from[word], word_to[word]
            at += 1
            if word > text_words[text]:
                hashes[at] = _mixed(_mixed(before, WORDS_SEED), state)
                begins[at], ends[at] = word_from[word - 1], word_to[word]
                at += 1
            before = state
        first[text + 1] = at
    return hashes[:at], begins[:at], ends[:at], first


@njit(cache=True)
def _characters(codes: Any, kinds: Any, text_from: Any) -> Any:
    """Return hashes with their spans; a first pass counts, a second writes."""
    n = len(text_from) - 1
    size = 0
    for i in range(len(codes)):
        if kinds[i] == LETTER:
            size += 2 * LETTERS_MOST
        elif kinds[i] != GAP:
            size += LETTERS_MOST + HAN_MOST
    size += 1
    hashes = np.empty(size, dtype=np.uint64)
    begins, ends = np.empty(size, dtype=np.int64), np.empty(size, dtype=np.int64)
    first = np.zeros(n + 1, dtype=np.int64)
    at = 0
    for text in range(n):
        for i in range(text_from[text], text_from[text + 1]):
            if kinds[i] == GAP:
                continue
            at = _han_runs(codes, kinds, i, at, hashes, begins, ends)
            if kinds[i] == LETTER:
                if i == 0 or kinds[i - 1] != LETTER:
                    at = _letter_runs(codes, kinds, i, True, at, hashes, begins, ends)
                at = _letter_runs(codes, kinds, i, False, at, hashes, begins, ends)
        first[text + 1] = at
    return hashes[:at], begins[:at], ends[:at], first


@njit(cache=True)
def _han_runs(codes: Any, kinds: Any, i: Any, at: Any, hashes: Any, begins: Any, ends: Any) -> Any:
    """Write the runs from i on that hold a Han character; the text's last gap stops them."""
    state, han = CHARACTERS_SEED, False
    for j in range(i, i + HAN_MOST):
        if kinds[j] == GAP:
            break
        state = _mixed(state, np.uint64(codes[j]))
        han = han or kinds[j] == HAN
        if han:
            hashes[at], begins[at], ends[at] = state, i, j + 1
            at += 1
    return at


@njit(cache=True)
def _letter_runs(
    codes: Any, kinds: Any, i: Any, border: Any, at: Any, hashes: Any, begins: Any, ends: Any
) -> Any:
    """Write the runs of letters from i on; with ``border`` those that begin with the word's border."""
    state, length = CHARACTERS_SEED, 0
    if border:
        state, length = _mixed(state, np.uint64(_BORDER)), 1
    j = i
    while length < LETTERS_MOST:
        letter = kinds[j] == LETTER
        state = _mixed(state, np.uint64(codes[j]) if letter else np.uint64(_BORDER))
        length += 1
        j += 1
        if length >= LETTERS_LEAST:
            hashes[at], begins[at], ends[at] = state, i, j if letter else j - 1
            at += 1
        if not letter:
            break
    return at


def _counted(hashes: Hashes, first: Integers) -> Counted:
    found, counts, starts = _count(hashes, first)
    return starts, found, counts


@njit(cache=True)
def _count(hashes: Any, first: Any) -> Any:
    """Return each text's different hashes, sorted, with their counts."""
    n = len(first) - 1
    found, counts = np.empty(len(hashes), dtype=np.uint64), np.empty(len(hashes), dtype=np.float32)
    starts = np.zeros(n + 1, dtype=np.int64)
    at = 0
    for text in range(n):
        row = np.sort(hashes[first[text] : first[text + 1]])
        for i in range(len(row)):
            if i > 0 and row[i] == row[i - 1]:
                counts[at - 1] += 1
            else:
                found[at], counts[at] = row[i], 1
                at += 1
        starts[text + 1] = at
    return found[:at], counts[:at], starts
