"""Pieces: every letter belongs to exactly one word, whatever the script."""

import re

import numpy as np
import polars as pl
import pytest
import rjieba
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.insight.text.effects import word_texts
from vostro.insight.text.pieces import GAP, clean, languages, pieces_of

SCRIPTS = st.text(alphabet=st.sampled_from("ab1 é,!？信用卡额度太低了のк😀\n\t ＡＴＭ"), max_size=30)


def _words(*texts: str) -> list[list[str]]:
    pieces = pieces_of(clean(pl.Series(texts, dtype=pl.String)))
    words = word_texts(pieces).to_list()
    return [words[a:b] for a, b in zip(pieces.text_words[:-1], pieces.text_words[1:], strict=True)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("My card's fee", ["my", "card", "s", "fee"]),
        ("信用卡额度", ["信用卡", "额度"]),
        ("招行APP闪退!!", ["招行", "app", "闪退", "!", "!"]),
        ("ＡＴＭ１００元", ["atm100", "元"]),
        ("good👍好", ["good", "👍", "好"]),
        ("naïve café", ["naïve", "café"]),
        ("", []),
        (" ,，。 ", []),
    ],
)
def test_words_of_both_languages(text: str, words: list[str]) -> None:
    assert _words(text) == [words]


@settings(deadline=None)
@given(st.lists(st.one_of(SCRIPTS, st.text(max_size=20)), max_size=6))
def test_every_character_that_is_no_gap_is_in_exactly_one_word(texts: list[str]) -> None:
    plain = clean(pl.Series(texts, dtype=pl.String))
    pieces = pieces_of(plain)
    covered = np.zeros(len(pieces.codes), dtype=int)
    for begin, end in zip(pieces.word_from, pieces.word_to, strict=True):
        assert begin < end
        covered[begin:end] += 1
    assert np.array_equal(covered, (pieces.kinds != GAP).astype(int))
    assert np.array_equal(np.diff(pieces.text_from), plain.str.len_chars().to_numpy() + 1)


@settings(deadline=None)
@given(st.lists(SCRIPTS, min_size=1, max_size=5))
def test_a_text_is_cut_alone_as_among_others(texts: list[str]) -> None:
    assert _words(*texts) == [_words(text)[0] for text in texts]


@settings(deadline=None)
@given(st.text(alphabet="the quick bank, card. 42", max_size=40))
def test_english_is_cut_as_a_regular_expression_would(text: str) -> None:
    assert _words(text) == [re.findall(r"[a-z0-9]+", text)]


@pytest.mark.parametrize("text", ["工商银行的信用卡额度太低", "手续费怎么这么高我要投诉你们的客服人员"])
def test_chinese_is_cut_as_jieba_does(text: str) -> None:
    assert _words(text) == [rjieba.cut(text)]


def test_word_by_place_is_the_word_of_the_column() -> None:
    pieces = pieces_of(clean(pl.Series(["fee 手续费高", "", "ok"])))
    assert [pieces.word(i) for i in range(len(pieces.word_from))] == word_texts(pieces).to_list()


def test_languages_go_by_script() -> None:
    said = languages(pl.Series(["My card", "信用卡", "APP 闪退", "", None, "42!", "Ελλάδα"]))
    assert said.to_list() == ["en", "zh", "mixed", "none", "none", "none", "en"]
