"""The worked figures of docs/statistics.md are those of the code."""

import inspect
from importlib import import_module

import pages
import polars as pl
import pytest

from vostro.decide import VERDICT_WORDS, draw
from vostro.learn import difference, rate
from vostro.learn.capacity import SHARES
from vostro.learn.effect import DRAWS

PAGE = pages.read("statistics.md")
VECTORS = [row for row in pages.rows(pages.section(PAGE, "The draw")) if len(row) == 3]


@pytest.mark.parametrize("row", VECTORS, ids=[row[0] for row in VECTORS])
def test_vectors_of_the_draw(row: list[str]) -> None:
    (customer,), (question,) = pages.codes(row[0]), pages.codes(row[1])
    assert float(draw(pl.Series([customer]), question)[0]) == float(row[2])


def test_there_are_vectors_beyond_ascii() -> None:
    assert len(VECTORS) > 5
    assert any(not row[0].isascii() for row in VECTORS)


def test_questions_of_the_draw_are_those_of_the_code() -> None:
    told = [pages.codes(row[0])[0] for row in pages.rows(pages.section(PAGE, "The draw")) if len(row) == 2]
    sources = inspect.getsource(import_module("vostro.decide.decide"))
    assert {question.split(":")[0] for question in told} == {"holdout", "explore", "tie"}
    for question in told:
        assert f'f"{question.split(":")[0]}:' in sources


def test_worked_intervals() -> None:
    wilson, newcombe = pages.rows(pages.section(PAGE, "Success rates and their difference"))
    found = rate(8, 10)
    assert wilson[1:] == [f"{value:.4f}" for value in (found.rate, found.low, found.high)]
    gap = difference(rate(56, 70), rate(48, 80))
    assert gap is not None
    assert newcombe[1:] == [f"{value:.4f}" for value in gap]


def test_numbers_in_the_text_are_those_of_the_code() -> None:
    from vostro.insight.waves import REDRAWN, SHARE, WAVES_LEAST

    assert f"{DRAWS:,} times" in PAGE
    assert f"{REDRAWN:,} draws" in PAGE
    assert f"fewer than {WAVES_LEAST} waves" in PAGE
    assert f"best {100 * SHARE:g} %" in PAGE
    assert (SHARES[0], SHARES[1], SHARES[-1]) == (0.05, 0.1, 1.0)
    assert "(5 %, 10 %, … 100 %" in PAGE


def test_words_of_reasons_are_those_of_the_code() -> None:
    from vostro.insight.reasons import CLEAR, SLIGHT

    text = " ".join(pages.section(PAGE, "Reasons").split())
    assert f'"Clearly" is {CLEAR:g} or more, "slightly" is below {SLIGHT:g}' in text


def test_every_verdict_is_explained() -> None:
    text = pages.section(PAGE, "How a decision is made")
    for verdict in VERDICT_WORDS:
        assert (
            f"*{verdict.removeprefix('not_').replace('_', ' ')}*" in text
            or f"*{verdict.replace('_', ' ')}*" in text
        )
