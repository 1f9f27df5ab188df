"""A rule over frames, customers and many at once: order, types, absent tags, exactness, and no user text in code."""

from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import polars as pl
import pytest

from vostro.portrait import (
    RuleError,
    TagInfo,
    TagMissingError,
    mask_rules,
    parse_rule,
    rules_for_customer,
    select,
)
from vostro.words import Text


def tag(kind, **more):
    return TagInfo(type=kind, name=Text(en="A", zh="甲"), **more)


TAGS = {
    "age": tag("integer"),
    "aum": tag("decimal", digits=38, scale=2),
    "due": tag("decimal", digits=18, scale=2),
    "rate": tag("number"),
    "job": tag("text"),
    "opted": tag("boolean"),
    "seen": tag("moment"),
}


def test_mask_keeps_the_order_of_a_large_chunked_frame():
    ages = pl.Series("age", np.random.default_rng(0).integers(0, 100, 300_000))
    frame = pl.concat([pl.DataFrame({"other": ages, "age": ages})[i::7] for i in range(7)], rechunk=False)
    mask = parse_rule("age >= 37", TAGS).mask(frame)
    assert mask.dtype == np.bool_
    assert np.array_equal(mask, frame["age"].to_numpy() >= 37)


def test_null_selects_nobody():
    frame = pl.DataFrame({"age": [40, None, 10]})
    assert parse_rule("age > 18", TAGS).mask(frame).tolist() == [True, False, False]
    assert parse_rule("NOT age > 18", TAGS).mask(frame).tolist() == [False, False, True]
    assert select(parse_rule("age IS NULL", TAGS), frame).tolist() == [False, True, False]


@pytest.mark.parametrize(
    "column",
    [
        pl.Series("job", ["a", "b", None], dtype=pl.Categorical()),
        pl.Series("job", ["a", "b", None], dtype=pl.Enum(["a", "b"])),
        pl.Series("job", ["a", "b", None]),
    ],
)
def test_mask_takes_texts_of_any_kind(column):
    assert parse_rule("job = 'a'", TAGS).mask(pl.DataFrame([column])).tolist() == [True, False, False]


def test_mask_of_narrow_types_and_other_zones():
    frame = pl.DataFrame(
        {
            "age": pl.Series([18, 17], dtype=pl.Int8),
            "rate": pl.Series([0.5, None], dtype=pl.Float32),
            "seen": pl.Series([datetime(2026, 1, 31, 1, tzinfo=UTC)] * 2).dt.convert_time_zone(
                "Asia/Shanghai"
            ),
        }
    )
    rule = parse_rule("age >= 18 AND rate = 0.5 AND seen = '2026-01-31T09:00+08:00'", TAGS)
    assert rule.mask(frame).tolist() == [True, False]


def test_mask_of_no_rows_and_of_a_constant_rule():
    assert parse_rule("age > 1", TAGS).mask(pl.DataFrame(schema={"age": pl.Int64})).shape == (0,)
    assert parse_rule("TRUE", TAGS).mask(pl.DataFrame({"age": [1, 2]})).tolist() == [True, True]
    assert parse_rule("NULL", TAGS).mask(pl.DataFrame({"age": [1, 2]})).tolist() == [False, False]


def test_many_rules_in_one_pass():
    frame = pl.DataFrame({"age": [1, 50, None], "job": ["a", None, "b"]})
    rules = {"old": parse_rule("age > 40", TAGS), "a": parse_rule("job = 'a'", TAGS)}
    masks = mask_rules(rules, frame)
    assert {name: mask.tolist() for name, mask in masks.items()} == {
        "old": [False, True, False],
        "a": [True, False, False],
    }
    assert rules_for_customer(rules)({"age": 50, "job": None}) == (True, None)
    assert mask_rules({}, frame) == {}
    assert rules_for_customer({})({}) == ()


def test_an_absent_tag_is_an_error_and_not_unknown():
    rule = parse_rule("age > 1 AND opted", TAGS)
    with pytest.raises(TagMissingError, match="'opted'"):
        rule.for_customer()({"age": 5})
    with pytest.raises(TagMissingError, match="'opted'"):
        rule.mask(pl.DataFrame({"age": [5]}))


def test_money_is_exact_where_floats_are_not():
    due = parse_rule("due * 3 = 0.3 AND due + 0.2 = 0.3", TAGS)
    assert due.for_customer()({"due": Decimal("0.10")}) is True
    assert due.mask(pl.DataFrame({"due": [Decimal("0.10")]})).tolist() == [True]
    assert 0.1 * 3 != 0.3  # what a float would have said


def test_floats_that_are_not_finite_are_unknown():
    frame = pl.DataFrame({"rate": [float("nan"), float("inf"), -float("inf"), None, 1.0]})
    rule = parse_rule("rate > 0 OR rate <= 0", TAGS)
    ask = rule.for_customer()
    assert [ask({"rate": rate}) for rate in frame["rate"]] == [None, None, None, None, True]
    assert rule.mask(frame).tolist() == [False, False, False, False, True]
    overflow = parse_rule("rate * 1e300 * 1e300 IS NULL", TAGS)
    assert overflow.for_customer()({"rate": 1.0}) is True
    assert overflow.mask(pl.DataFrame({"rate": [1.0, 0.0]})).tolist() == [True, False]


def test_parts_tell_which_condition_failed():
    rule = parse_rule("age >= 18 AND (opted OR job = 'a') AND rate < 1", TAGS)
    assert [part.words("en") for part in rule.parts()] == [
        "A is at least 18",
        "A is yes or A is 'a'",
        "A is less than 1",
    ]
    assert [part.tags for part in rule.parts()] == [{"age"}, {"opted", "job"}, {"rate"}]
    assert [
        part.for_customer()({"age": 20, "opted": False, "job": "b", "rate": None}) for part in rule.parts()
    ] == [
        True,
        False,
        None,
    ]


def test_a_rule_can_be_stored_and_compared():
    import msgspec

    one, two = (parse_rule("age >= 18 AND job IN ('a', 'b')", TAGS) for _ in range(2))
    assert one == two
    assert msgspec.json.encode(one.tree) == msgspec.json.encode(two.tree)


def test_deep_and_wide_rules_compile():
    wide = parse_rule(" OR ".join(f"age = {i} AND NOT job = 'x{i}'" for i in range(400)), TAGS)
    assert wide.for_customer()({"age": 399, "job": "y"}) is True
    assert wide.mask(pl.DataFrame({"age": [399, 400], "job": ["y", "y"]})).tolist() == [True, False]
    for depth in (20, 40, 60):
        text = "age > 1"
        for i in range(depth):
            text = (
                f"NOT ({text})"
                if i % 3 == 0
                else f"({text}) AND opted"
                if i % 3 == 1
                else f"({text}) OR opted"
            )
        try:
            deep = parse_rule(text, TAGS)
        except RuleError as error:
            assert "nested" in error.reason.en  # a clear refusal, never a RecursionError
        else:
            deep.for_customer()({"age": 5, "opted": False})
            deep.mask(pl.DataFrame({"age": [5], "opted": [False]}))
