"""Counts condition by condition, reach, and the refusal of tags that the index does not hold."""

from datetime import UTC, datetime

import polars as pl
import pytest

from vostro.portrait import IndexTagError, Tag, TagInfo, build_index, describe_audience, parse_rule
from vostro.portrait.index.describe import distance
from vostro.words import Text

AS_OF = datetime(2026, 7, 1, tzinfo=UTC)


def tag(code, kind):
    return Tag(tag=code, type=kind, name=Text(en=code.title(), zh="甲"), dimension="basic")


TAGS = {code: tag(code, kind) for code, kind in (("age", "integer"), ("calls", "boolean"), ("job", "text"))}
FRAME = pl.DataFrame(
    {
        "customer": ["a", "b", "c", "d", "e"],
        "age": [20, 30, 40, 50, None],
        "calls": [True, False, None, True, True],
        "job": ["x", "x", "y", None, "y"],
    }
)


@pytest.fixture(scope="module")
def index():
    return build_index(FRAME, TAGS, AS_OF, "v1")


def test_steps(index):
    steps = index.steps(parse_rule("age >= 30 AND (job = 'x' OR job IS NULL) AND NOT calls", TAGS))
    assert [(step.alone, step.running) for step in steps] == [(3, 3), (3, 2), (1, 1)]
    (step,) = index.steps(parse_rule("age >= 30 OR calls", TAGS))
    assert (step.alone, step.running) == (5, 5)


def test_description(index):
    rule, other = parse_rule("age >= 30", TAGS), parse_rule("job = 'y'", TAGS)
    channels = {"call": parse_rule("calls", TAGS), "mail": None}
    chosen, answer = describe_audience(index, rule, TAGS, version="v2", channels=channels, against=other)
    assert chosen.customers().to_list() == ["b", "c", "d"]
    assert (answer.count, answer.customers, answer.as_of, answer.outdated) == (3, 5, AS_OF, True)
    assert answer.reach == {"call": 1, "mail": None}
    assert answer.overlap is not None
    assert (answer.overlap.both, answer.overlap.jaccard) == (1, 1 / 4)
    assert answer.conditions[0].words.en == "Age is at least 30"
    # One of the two who are known wants calls, of all three of four; jobs are x, y beside x, x, y, y.
    far = {each.tag: distance(each) for each in answer.portrait}
    assert far == {"calls": pytest.approx(50), "age": pytest.approx(50), "job": pytest.approx(0)}
    assert [each.tag for each in answer.portrait][-1] == "job"
    chosen, answer = describe_audience(index, rule, TAGS, version="v1", tenth=1)
    assert answer.in_tenth == chosen.size <= 3
    assert not answer.outdated


def test_tags_that_are_not_held(index):
    more = TAGS | {"shoe": tag("shoe", "integer")}
    with pytest.raises(IndexTagError, match="shoe"):
        index.count(parse_rule("shoe > 40", more))
    other = TAGS | {"age": TagInfo(type="number", name=Text(en="Age", zh="甲"))}
    with pytest.raises(IndexTagError, match="age"):
        index.count(parse_rule("age > 40", other))


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
