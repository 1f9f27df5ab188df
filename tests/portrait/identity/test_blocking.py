"""Candidates: exactly the pairs that share a value, no rule beyond its budget, and the same for new records."""

from itertools import combinations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.portrait.identity.blocking import BlockingRule, candidates, choose_rules, key_pairs
from vostro.portrait.identity.prepared import fields_of, prepare

from .banks import again, people

FIELDS = fields_of({"first": "name", "second": "name", "dob": "date"})
VALUES = st.sampled_from(["ann", "bea", "annabel", None])


def prepared(rows: list[tuple[str | None, ...]]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(("first", "second", "dob"), pl.String), orient="row")
    ids = [f"r{i}" for i in range(len(rows))]
    return prepare(
        frame.insert_column(0, pl.Series("id", ids)).insert_column(0, pl.lit("s").alias("source")), FIELDS
    )


@given(
    st.lists(st.tuples(VALUES, VALUES, st.sampled_from(["1990-01-02", None])), min_size=2, max_size=8),
    st.data(),
)
@settings(max_examples=40, deadline=None)
def test_candidates_are_the_pairs_that_share_the_parts(rows, data) -> None:
    frame = prepared(rows)
    fresh = np.array(data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows))))
    rules = [BlockingRule(("c0_start", "c2"), 0), BlockingRule(("names+c0+c1",), 0)]

    def start(name):
        return None if name is None else name[:3]

    def agree(a, b):
        by_start = None not in (start(a[0]), a[2], b[2]) and (start(a[0]), a[2]) == (start(b[0]), b[2])
        by_names = None not in (*a[:2], *b[:2]) and sorted(a[:2]) == sorted(b[:2])
        return by_start or by_names

    expected = [(i, j) for i, j in combinations(range(len(rows)), 2) if agree(rows[i], rows[j])]
    assert candidates(frame, rules).rows() == expected
    some = [pair for pair in expected if fresh[pair[0]] or fresh[pair[1]]]
    assert candidates(frame, rules, fresh).rows() == some


def test_rules_stay_inside_their_budget_and_none_repeats_another() -> None:
    both = pl.concat([people(2_000), again(people(2_000))], how="diagonal")
    frame = both.select(source=pl.lit("s"), id="client", first="first_name", second="surname", dob="dob")
    rules = choose_rules(prepare(frame, FIELDS), FIELDS)
    assert rules
    assert all(rule.pairs <= 10 * both.height for rule in rules)
    assert sum(rule.pairs for rule in rules) <= 100 * both.height + 100_000
    parts = [set(rule.parts) for rule in rules]
    assert not any(a < b for a in parts for b in parts)


def test_a_value_that_everybody_has_blocks_nothing() -> None:
    rows = [("ann" if i % 2 else f"n{i}", f"s{i}", "1900-01-01") for i in range(2_100)]
    rules = choose_rules(prepared(rows), FIELDS)
    assert any(rule.parts == ("c2",) for rule in rules) is False
    assert all(rule.pairs < 600_000 for rule in rules)


def test_key_pairs_join_each_record_with_the_first() -> None:
    frame = pl.DataFrame(
        {"source": "s", "id": ["a", "b", "c", "d"], "card": ["X1", "x1 ", None, "x1"], "no": ["1"] * 4}
    )
    found = key_pairs(prepare(frame, (), [["card", "no"]]))
    assert found.rows() == [(0, 1, 0), (0, 3, 0)]
