"""A rule that stands for a cluster selects what it says."""

import numpy as np
import polars as pl

from vostro.insight import cluster_rule
from vostro.portrait import TagInfo, parse_rule
from vostro.words import Text

from .groups import three_groups

NAME = Text("x", "x")
TAGS = {
    "age": TagInfo(type="number", name=NAME),
    "balance": TagInfo(type="number", name=NAME),
    "city": TagInfo(type="text", name=NAME),
    "card": TagInfo(type="boolean", name=NAME),
}


def test_the_rule_is_as_good_as_it_says() -> None:
    frame, group = three_groups(2000)
    for number in range(3):
        rule = cluster_rule(frame, group == number, TAGS, seed=4)
        assert rule is not None
        mask = parse_rule(rule.rule, TAGS).mask(frame)
        precision = (mask & (group == number)).sum() / mask.sum()
        recall = (mask & (group == number)).sum() / (group == number).sum()
        assert abs(precision - rule.precision) < 0.05 and abs(recall - rule.recall) < 0.05
        assert rule.precision > 0.85 and rule.recall > 0.8


def test_what_is_unknown_is_asked_for() -> None:
    frame = pl.DataFrame({"balance": [None] * 200 + [float(i) for i in range(400)]})
    rule = cluster_rule(frame, np.arange(600) < 200, TAGS)
    assert rule is not None and rule.rule == "balance IS NULL" and rule.precision == rule.recall == 1


def test_words_with_quotes_are_written_so_that_they_can_be_read() -> None:
    frame = pl.DataFrame({"city": ["it's"] * 200 + ["b"] * 200 + ["c"] * 200})
    rule = cluster_rule(frame, np.arange(600) < 200, TAGS)
    assert rule is not None and rule.rule == "city = 'it''s'"
    other = cluster_rule(frame, np.arange(600) >= 200, TAGS)
    assert other is not None and other.recall == 1


def test_a_lot_has_no_rule_and_tags_that_may_not_segment_are_not_used() -> None:
    frame, group = three_groups(600)
    assert cluster_rule(frame, np.random.default_rng(0).random(600) < 0.3, TAGS) is None
    closed = {name: TagInfo(type=tag.type, name=NAME, uses=("decide",)) for name, tag in TAGS.items()}
    assert cluster_rule(frame, group == 0, closed) is None
