"""Topic words: coherence against its closed form, words that set a group apart."""

import math

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from vostro.insight.text.pieces import clean
from vostro.insight.text.topic_words import (
    coherence,
    count_words,
    distinct_words,
    diversity,
    known_words,
    word_frame,
)


def _counts(rows: list[list[int]]) -> sparse.csr_matrix:
    return sparse.csr_matrix(np.array(rows, dtype=float))


def test_coherence_of_words_that_always_never_and_by_chance_meet() -> None:
    always = _counts([[1, 1], [1, 2], [0, 0], [0, 0]])
    never = _counts([[1, 0], [1, 0], [0, 1], [0, 1]])
    chance = _counts([[1, 1], [1, 0], [0, 1], [0, 0]])
    pair = np.array([[0, 1]])
    assert coherence(_counts([[1, 1], [1, 2], *[[0, 0]] * 998]), pair)[0] == pytest.approx(1.0, abs=0.001)
    assert coherence(always, pair)[0] > 0.8
    assert coherence(never, pair)[0] < -0.2
    assert coherence(chance, pair)[0] == pytest.approx(0.0, abs=0.2)


def test_coherence_is_the_published_formula() -> None:
    draw = np.random.default_rng(0)
    held = draw.random((2000, 3)) < [0.5, 0.3, 0.4]
    held[:, 1] |= held[:, 0] & (draw.random(2000) < 0.5)
    said = coherence(_counts(held.astype(int).tolist()), np.array([[0, 1, 2]]))[0]

    def npmi(a: int, b: int) -> float:
        both = float((held[:, a] & held[:, b]).mean())
        return math.log(both / held[:, a].mean() / held[:, b].mean()) / -math.log(both)

    assert said == pytest.approx((npmi(0, 1) + npmi(0, 2) + npmi(1, 2)) / 3, abs=1e-4)


def test_distinct_words_prefer_what_others_do_not_say() -> None:
    counts = _counts([[5, 3, 0, 0], [5, 3, 0, 0], [5, 0, 4, 1]])
    best = distinct_words(counts, np.array([0, 0, 1]), 2, 2)
    assert best[0].tolist()[0] == 1 or best[0].tolist() == [0, 1]
    assert best[1].tolist()[0] == 2
    assert diversity(np.array([[0, 1], [2, 3]])) == 1.0


def test_words_that_say_nothing_are_left_out() -> None:
    texts = clean(
        pl.Series(
            ["The fee is 12 too high 我们 手续费 高", "手续费 fee branch", "fee 手续费 branch", "branch"]
        )
    )
    frame = word_frame(texts)
    assert set(frame["word"]) == {"fee", "high", "手续费", "branch"}
    assert known_words(frame, 10).to_list() == ["branch", "fee", "手续费"], "in at least 3, in at most half"
    assert known_words(frame, 4).to_list() == [], "each stands in most of the texts"
    counts = count_words(frame, pl.Series(["branch", "fee"]), 4).toarray()
    assert counts.tolist() == [[0, 1], [1, 1], [1, 1], [1, 0]]
