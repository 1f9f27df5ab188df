"""An audience described: figures that can be counted by hand."""

import pytest

from vostro.portrait import build_index, describe_audience, parse_rule
from vostro.portrait.index.describe import distance

from .test_index import AS_OF, FRAME, TAGS


@pytest.fixture(scope="module")
def index():
    return build_index(FRAME, TAGS, AS_OF, "v1")


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
