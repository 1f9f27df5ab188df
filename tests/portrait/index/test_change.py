"""After any changes, insertions and removals the index is as if it had been built from what is true now."""

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vostro.portrait import CustomerNotIndexedError, IndexTagError, RuleError, build_index, parse_rule

from ..oracle import condition, render
from ..test_rule_agreement import CONDITIONS, KINDS, SCHEMA, TAGS, VALUES

AS_OF = datetime(2026, 7, 1, tzinfo=UTC)
PORTRAITS = st.fixed_dictionaries({code: st.none() | VALUES[kind] for code, kind in KINDS.items()})
SOME = st.fixed_dictionaries({}, optional={code: st.none() | VALUES[kind] for code, kind in KINDS.items()})
DEEDS = st.lists(
    st.tuples(st.just("change"), st.integers(0, 9), SOME)
    | st.tuples(st.just("insert"), st.integers(0, 9), SOME)
    | st.tuples(st.just("remove"), st.integers(0, 9), st.just({})),
    max_size=8,
)


def frame_of(portraits):
    frame = pl.DataFrame(list(portraits.values()), schema=SCHEMA)
    return frame.insert_column(0, pl.Series("customer", list(portraits), dtype=pl.String))


def told(value, kind):
    """What the index tells: a float that is not finite is unknown, and -0.0 is 0.0."""
    if kind == "number" and value is not None:
        return None if value in (float("inf"), float("-inf")) else value + 0.0
    return value


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PORTRAITS, min_size=1, max_size=5), DEEDS, st.lists(CONDITIONS, min_size=1, max_size=4))
def test_changes(rows, deeds, trees):
    truth = {f"c{i}": row for i, row in enumerate(rows)}
    index = build_index(frame_of(truth), TAGS, AS_OF, "v1")
    entered = 0
    for deed, number, values in deeds:
        name = f"c{number}"
        if deed == "insert":
            truth[name] = dict.fromkeys(KINDS) | values
            index.insert(name, values)
        elif name not in truth:
            with pytest.raises(CustomerNotIndexedError):
                index.change(name, values) if deed == "change" else index.remove(name)
            continue
        elif deed == "change":
            truth[name] = truth[name] | values
            index.change(name, values)
        else:
            del truth[name]
            index.remove(name)
        entered += 1
    assert index.freshness.changes == entered
    assert index.as_of == AS_OF  # never fresher than what it was built from
    assert index.size == len(truth)
    for name, row in truth.items():
        assert index.read(name) == {code: told(value, KINDS[code]) for code, value in row.items()}
    for tree in trees:
        try:
            rule = parse_rule(render(tree), TAGS)
        except RuleError:
            continue
        expected = {name for name, row in truth.items() if condition(tree, row, KINDS) is True}
        assert set(index.select(rule).customers()) == expected, rule.text


def test_values_beyond_the_range_make_the_column_anew():
    rows = {f"c{i}": dict.fromkeys(KINDS) | {"count": i, "born": date(2000, 1, 1)} for i in range(10, 20)}
    index = build_index(frame_of(rows), TAGS, AS_OF, "v1")
    index.change("c10", {"count": -5, "born": date(1900, 1, 1), "amount": Decimal("-0.01")})
    index.change("c11", {"count": 1_000_000})
    assert index.count(parse_rule("count < 0", TAGS)) == 1
    assert index.count(parse_rule("count BETWEEN 12 AND 19", TAGS)) == 8
    assert index.count(parse_rule("count > 999999", TAGS)) == 1
    assert index.count(parse_rule("born < '1950-01-01'", TAGS)) == 1
    assert index.read("c10")["amount"] == Decimal("-0.01")
    assert index.read("c12")["amount"] is None


def test_many_new_customers_make_room():
    rows = {f"c{i}": dict.fromkeys(KINDS) | {"count": i} for i in range(3)}
    index = build_index(frame_of(rows), TAGS, AS_OF, "v1")
    for i in range(300):
        index.insert(f"later {i}", {"count": i, "city": f"city {i}"})
    assert index.size == 303
    assert index.count(parse_rule("count >= 250", TAGS)) == 50
    assert index.count(parse_rule("city = 'city 7'", TAGS)) == 1
    assert index.count(parse_rule("city LIKE '%29_'", TAGS)) == 10
    assert index.count(parse_rule("city IS NULL", TAGS)) == 3


def test_unknown_tags_are_refused():
    index = build_index(frame_of({"c0": dict.fromkeys(KINDS)}), TAGS, AS_OF, "v1")
    for act in (index.change, index.insert):
        with pytest.raises(IndexTagError):
            act("c0", {"count": 1, "shoe_size": 42})
    assert index.read("c0")["count"] is None  # nothing of it was entered
