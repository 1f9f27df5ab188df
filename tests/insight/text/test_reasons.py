"""Reasons: the words that speak most, in both languages."""

import numpy as np
import polars as pl

from vostro.insight.text.reasons import best_words, reason_lists, top_words

EFFECTS = pl.DataFrame(
    {
        "row": [0, 0, 0, 0, 2, 2],
        "word": ["fee", "my", "42", "card", "手续费", "高"],
        "effect_logodds": [2.0, -1.0, 9.0, 0.5, 1.0, 1.5],
    }
)


def test_best_words_speak_for_the_class_and_are_words() -> None:
    best = best_words(EFFECTS, 2)
    assert best["word"].to_list() == ["fee", "card", "高", "手续费"]
    assert best_words(EFFECTS, 1)["word"].to_list() == ["fee", "高"]


def test_lists_have_one_entry_a_text() -> None:
    said = reason_lists(best_words(EFFECTS, 1), pl.Series(["费用", "none", "price"]), 3).to_list()
    assert [len(each) for each in said] == [1, 0, 1]
    assert said[0][0]["en"] == "'fee' speaks for '费用'"
    assert said[2][0]["zh"] == "“高”支持“price”"


def test_top_words_need_three_texts_or_two_in_a_small_class() -> None:
    rows = 24
    effects = pl.DataFrame(
        {
            "row": [*range(rows), 0, 1, 20, 20, 21],
            "word": ["common"] * rows + ["rare", "rare", "single", "twice", "twice"],
            "effect_logodds": [0.1] * rows + [5.0] * 5,
        }
    )
    of = np.where(np.arange(rows) < 20, 0, 1)
    assert top_words(effects, of, 3, 5) == [("common",), ("twice", "common"), ()]
