"""N-grams: counted in Python by hand, and by scikit-learn."""

from collections import Counter
from itertools import pairwise

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.insight.text.ngrams import character_ngrams, spans, word_ngrams, word_spans
from vostro.insight.text.pieces import clean, pieces_of

TEXTS = st.lists(st.text(alphabet="ab c信用卡", max_size=12), min_size=1, max_size=4)


def _said(counted: tuple[np.ndarray, np.ndarray, np.ndarray]) -> list[list[float]]:
    """The sorted counts of each text: hashes themselves mean nothing."""
    first, hashes, counts = counted
    for begin, end in pairwise(first):
        assert (np.diff(hashes[begin:end].astype(object)) > 0).all(), "sorted and different"
    return [sorted(counts[a:b].tolist()) for a, b in pairwise(first)]


def _by_hand(text: str) -> Counter[str]:
    """Runs of characters as the module promises them, told from the text alone."""
    found: Counter[str] = Counter()
    for word in text.split():
        runs = "".join(c if c in "abc" else " " for c in word).split()
        for run in (f" {each} " for each in runs):
            found.update(
                "L" + run[i:j] for i in range(len(run)) for j in range(i + 2, min(i + 5, len(run)) + 1)
            )
        for i in range(len(word)):
            for j in range(i + 1, min(i + 4, len(word)) + 1):
                if any(c not in "abc" for c in word[i:j]):
                    found["H" + word[i:j]] += 1
    return found


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_runs_of_characters_are_those_counted_by_hand(texts: list[str]) -> None:
    plain = clean(pl.Series(texts, dtype=pl.String))
    said = _said(character_ngrams(pieces_of(plain)))
    assert said == [sorted(map(float, _by_hand(text).values())) for text in plain]


def test_letters_as_scikit_learn_counts_them() -> None:
    from sklearn.feature_extraction.text import CountVectorizer

    texts = ["my card payment is pending", "banana banana", "a", "fees fee"]
    counts = CountVectorizer(analyzer="char_wb", ngram_range=(2, 5)).fit_transform(texts).toarray()
    wanted = [sorted(row[row > 0].astype(float).tolist()) for row in counts]
    assert _said(character_ngrams(pieces_of(pl.Series(texts)))) == wanted


def test_words_and_pairs_as_scikit_learn_counts_them() -> None:
    from sklearn.feature_extraction.text import CountVectorizer

    texts = ["no fee no fee no", "card", "", "the card the fee"]
    counts = CountVectorizer(ngram_range=(1, 2), token_pattern=r"\w+").fit_transform(texts).toarray()
    wanted = [sorted(row[row > 0].astype(float).tolist()) for row in counts]
    assert _said(word_ngrams(pieces_of(pl.Series(texts)))) == wanted


def test_the_same_word_has_one_hash_and_another_another() -> None:
    words = [f"{a}{b}{c}" for a in "abcdefgh" for b in "ijklmnop" for c in "qrstuvwx"]
    pieces = pieces_of(pl.Series([" ".join(words), " ".join(words[::-1])]))
    first, hashes, _ = word_ngrams(pieces)
    of_one, of_other = set(hashes[: first[1]].tolist()), set(hashes[first[1] :].tolist())
    assert len(of_one) == len(of_other) == 2 * len(words) - 1, "each word, each pair"
    assert len(of_one & of_other) == len(words), "the words are shared; turned around, no pair is"


def test_spans_lie_inside_their_text() -> None:
    pieces = pieces_of(clean(pl.Series(["my fee 手续费", "", "a卡b"])))
    for hashes, begins, ends, first in (spans(pieces), word_spans(pieces)):
        assert len(hashes) == first[-1]
        text = np.repeat(np.arange(3), np.diff(first))
        assert (begins < ends).all()
        assert (begins >= pieces.text_from[text]).all()
        assert (ends < pieces.text_from[text + 1]).all()
