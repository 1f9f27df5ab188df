"""Effects: nothing is lost between a text's words and its margin."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.insight.text.effects import word_effects
from vostro.insight.text.features import count_texts, learn_space, learn_vocabulary
from vostro.insight.text.pieces import clean, pieces_of
from vostro.insight.text.solver import margins

LEARNT = pl.Series(
    ["my card fee", "card fee 手续费高", "app 闪退了 card", "闪退 fee!", "手续费 my app", "高 了"]
)
VOCABULARY = learn_vocabulary(LEARNT, 0)
SPACE = learn_space(count_texts(LEARNT, VOCABULARY), 0.5)
COLUMNS = sum(len(each) for each in VOCABULARY.hashes())
WEIGHTS = np.random.default_rng(0).normal(size=(COLUMNS + 1, 3)).astype(np.float32)


@settings(deadline=None)
@given(
    st.lists(st.text(alphabet="mycardfe ap!手续费高闪退了zq", max_size=25), min_size=1, max_size=4),
    st.integers(0, 2),
)
def test_effects_and_intercept_sum_to_the_margin(texts: list[str], of: int) -> None:
    plain = clean(pl.Series(texts, dtype=pl.String))
    pieces, counts = pieces_of(plain), count_texts(plain, VOCABULARY)
    asked = np.full(len(plain), of)
    effects = word_effects(pieces, counts, SPACE, VOCABULARY, WEIGHTS, asked)
    text = np.repeat(np.arange(len(plain)), np.diff(pieces.text_words))
    sums = np.bincount(text, effects, minlength=len(plain)) + WEIGHTS[-1, of]
    assert sums == pytest.approx(margins(SPACE.rows(counts), WEIGHTS)[:, of], abs=1e-4)


def test_each_text_is_asked_for_its_own_class() -> None:
    plain = clean(pl.Series(["card fee", "card fee"]))
    pieces, counts = pieces_of(plain), count_texts(plain, VOCABULARY)
    both = word_effects(pieces, counts, SPACE, VOCABULARY, WEIGHTS, np.array([0, 2]))
    first, last = (
        word_effects(pieces, counts, SPACE, VOCABULARY, WEIGHTS, np.full(2, each)) for each in (0, 2)
    )
    assert both[:2] == pytest.approx(first[:2])
    assert both[2:] == pytest.approx(last[2:])


def test_a_word_that_was_never_seen_has_no_effect() -> None:
    plain = clean(pl.Series(["xxqq card"]))
    pieces, counts = pieces_of(plain), count_texts(plain, VOCABULARY)
    effects = word_effects(pieces, counts, SPACE, VOCABULARY, WEIGHTS, np.array([0]))
    assert effects[0] == 0
    assert effects[1] != 0
