"""Counts condition by condition, and the refusal of tags that the index does not hold."""

from datetime import UTC, datetime

import polars as pl
import pytest

from vostro.portrait import IndexTagError, Tag, TagInfo, build_index, parse_rule
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


def test_tags_that_are_not_held(index):
    more = TAGS | {"shoe": tag("shoe", "integer")}
    with pytest.raises(IndexTagError, match="shoe"):
        index.count(parse_rule("shoe > 40", more))
    other = TAGS | {"age": TagInfo(type="number", name=Text(en="Age", zh="甲"))}
    with pytest.raises(IndexTagError, match="age"):
        index.count(parse_rule("age > 40", other))
