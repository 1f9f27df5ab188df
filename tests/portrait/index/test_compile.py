"""Four roads, one answer: the bitmaps agree with DuckDB, the one-customer function and a slow walk."""

from datetime import UTC, datetime

import polars as pl
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from vostro.portrait import RuleError, mask_rules, parse_rule, rules_for_customer
from vostro.portrait.index import build_index
from vostro.portrait.index.bits import as_flags

from ..oracle import condition, render
from ..test_rule_agreement import CONDITIONS, KINDS, ROWS, SCHEMA, TAGS

AS_OF = datetime(2026, 7, 1, tzinfo=UTC)


def frame_of(rows):
    names = pl.Series("customer", [f"c{i:03d}" for i in range(len(rows))])
    return pl.DataFrame(rows, schema=SCHEMA).insert_column(0, names)


def true_rows(index, rule):
    return as_flags(index.select(rule).words, index.height).tolist()


def check(index, trees, rows, frame):
    try:
        rules = {f"r{i}": parse_rule(render(tree), TAGS) for i, tree in enumerate(trees)}
    except RuleError:
        assume(False)  # a range that is empty as written is refused
    expected = [[condition(tree, row, KINDS) is True for row in rows] for tree in trees]
    ask = rules_for_customer(rules)
    answers = [ask(row) for row in rows]
    for i, (rule, mask) in enumerate(zip(rules.values(), mask_rules(rules, frame).values(), strict=True)):
        assert true_rows(index, rule) == expected[i], rule.text
        assert mask.tolist() == expected[i], rule.text
        assert [row[i] is True for row in answers] == expected[i], rule.text
        assert index.count(rule) == sum(expected[i]), rule.text


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(trees=st.lists(CONDITIONS, min_size=1, max_size=8), rows=ROWS)
def test_index_engine_function_and_oracle_agree(trees, rows):
    frame = frame_of(rows)
    check(build_index(frame, TAGS, AS_OF, "v1"), trees, rows, frame)
