"""The engine is asked only of customers whom the bitmaps leave open."""

import polars as pl
import pytest

from vostro.portrait import build_index, parse_rule

from .test_index import AS_OF, FRAME, TAGS


@pytest.fixture(scope="module")
def index():
    return build_index(FRAME, TAGS, AS_OF, "v1")


def test_questions_for_the_engine_are_asked_of_few(index, monkeypatch):
    from vostro.portrait.index import answers

    asked = []
    before = answers._decided
    monkeypatch.setattr(
        answers, "_decided", lambda i, q, rows: asked.append(rows.tolist()) or before(i, q, rows)
    )
    assert index.count(parse_rule("job = 'x' AND age + age > 45", TAGS)) == 1
    assert asked == [[0, 1]]  # those whose job leaves it open
    asked.clear()
    assert index.count(parse_rule("job = 'x' OR age + age > 85", TAGS)) == 3
    assert asked == [[2, 3, 4]]


def test_a_scattered_dictionary_is_looked_up(monkeypatch):
    from vostro.portrait.index import columns

    monkeypatch.setattr(columns, "_RUNS_MAX", 3)
    names = [f"{i % 50:03d}" for i in range(500)]
    frame = pl.DataFrame({"customer": [f"{i:04d}" for i in range(500)], "job": names})
    index = build_index(frame, {"job": TAGS["job"]}, AS_OF, "v1")
    rule = parse_rule("job LIKE '%7'", TAGS)
    assert index.count(rule) == sum(name.endswith("7") for name in names) == 50
    assert index.count(parse_rule("NOT job LIKE '%7'", TAGS)) == 450
