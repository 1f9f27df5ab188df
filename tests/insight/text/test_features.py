"""Features: the same cosines as scikit-learn's, and nothing known of texts that were not learnt from."""

import numpy as np
import polars as pl
import pytest

from vostro.insight.text import features
from vostro.insight.text.features import count_texts, learn_space, learn_vocabulary

from .conftest import spoken

TEXTS = pl.Series(
    ["my card fee is a fee", "the fee of my loan", "card card card", "late loan", "my my card", "zip"]
)


def test_words_have_the_cosines_of_scikit_learn() -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    counts = count_texts(TEXTS, learn_vocabulary(TEXTS, 0))
    space = learn_space(counts, 1.0)
    words = space.rows(counts)[:, : counts.words.shape[1]].toarray()
    theirs = TfidfVectorizer(ngram_range=(1, 2), token_pattern=r"\w+", sublinear_tf=True).fit_transform(TEXTS)
    assert words @ words.T == pytest.approx((theirs @ theirs.T).toarray(), abs=1e-6)


def test_both_parts_have_their_length() -> None:
    counts = count_texts(TEXTS, learn_vocabulary(TEXTS, 0))
    rows = learn_space(counts, 0.5).rows(counts).toarray()
    words = counts.words.shape[1]
    assert np.linalg.norm(rows[:, :words], axis=1) == pytest.approx(0.5)
    assert np.linalg.norm(rows[:5, words:], axis=1) == pytest.approx(1.0)
    assert not rows[5, words:].any(), "'zip' has no run of characters that stands in two texts"


def test_unknown_words_are_nothing() -> None:
    vocabulary = learn_vocabulary(TEXTS, 0)
    counts = count_texts(pl.Series(["qqq xxx", "", "手续费"]), vocabulary)
    assert counts.words.nnz == counts.characters.nnz == 0
    assert not learn_space(count_texts(TEXTS, vocabulary), 1.0).rows(counts).nnz


def test_no_texts_give_no_rows() -> None:
    counts = count_texts(TEXTS[:0], learn_vocabulary(TEXTS, 0))
    assert learn_space(count_texts(TEXTS, learn_vocabulary(TEXTS, 0)), 1.0).rows(counts).shape[0] == 0


def test_many_texts_are_read_in_parts_without_a_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = spoken(300, seed=1)[0]["text"]
    whole = learn_vocabulary(texts, 0)
    counts = count_texts(texts, whole)
    monkeypatch.setattr(features, "CHUNK", 70)
    assert learn_vocabulary(texts, 0) == whole
    parts = count_texts(texts, whole)
    assert (parts.words != counts.words).nnz == 0
    assert (parts.characters != counts.characters).nnz == 0


def test_a_vocabulary_that_is_too_large_keeps_the_commonest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "VOCABULARY_MOST", 2)
    counts = count_texts(TEXTS, learn_vocabulary(TEXTS, 0))
    assert counts.words.shape[1] == 2
    assert sorted(np.asarray((counts.words > 0).sum(axis=0)).ravel().tolist()) == [3, 3], "my and card"


def test_a_sample_makes_the_vocabulary_of_many_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "LEARN_TEXTS", 2)
    drawn = {learn_vocabulary(TEXTS, seed).words for seed in range(10)}
    assert len(drawn) > 1, "the seed draws the texts"
    assert learn_vocabulary(TEXTS, 3) == learn_vocabulary(TEXTS, 3)
