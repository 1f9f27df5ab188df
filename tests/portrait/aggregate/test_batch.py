"""Batch at its ends: sums too large, nothing there, keys of any type."""

from decimal import Decimal
from types import SimpleNamespace

import ibis
import polars as pl
import pytest

from vostro.portrait import AmountRangeError
from vostro.portrait.aggregate.batch import aggregate_customers, aggregate_moments
from vostro.portrait.aggregate.errors import AggregateRangeError

from .cases import CONTRACT, EPOCH, MOMENT, START, body, frame_of, parse, version

NOW = (START - EPOCH).total_seconds() * 10**6
LATER = int(NOW) + 10**9


def history(*bodies):
    empty = dict.fromkeys(body(lambda values: next(iter(values))))
    rows = [
        version(f"e{i}", 1, int(NOW), int(NOW), i, deleted=False) | empty | each
        for i, each in enumerate(bodies)
    ]
    return SimpleNamespace(table=ibis.memtable(frame_of(rows)), unique=True)


def ask(measure, *bodies, **more):
    found = aggregate_customers({"t": parse({"measure": measure, **more})}, CONTRACT, history(*bodies), LATER)
    return found["t"].to_list()


def test_a_sum_that_no_tag_can_hold_is_an_error_that_names_the_tag():
    wide = {"wide": Decimal("9" * 17 + ".001")}
    assert ask("sum(wide)", wide, wide) == [2 * wide["wide"]]
    with pytest.raises(AmountRangeError, match="'t'"):
        ask("sum(wide)", *[wide] * 11)


def test_a_sum_that_64_bits_cannot_hold_is_an_error():
    with pytest.raises(AggregateRangeError):
        ask("sum(points)", {"points": 2**62}, {"points": 2**62})


def test_digits_beyond_a_float_stay_exact():
    assert ask("sum(points)", {"points": 2**53}, {"points": 1}) == [2**53 + 1]
    assert ask("mean(points)", {"points": 2**53}, {"points": 2**53}) == [float(2**53)]
    assert ask("sum(rate)", *[{"rate": 0.1}] * 3) == [0.3], "as decimals, not as floats"


def test_no_events_at_all():
    empty = SimpleNamespace(table=ibis.memtable(frame_of([])), unique=True)
    tags = {
        name: parse({"measure": name}) for name in ("count", "first(city)", "top(city, 2)", "distinct(due)")
    }
    found = aggregate_customers(tags, CONTRACT, empty, LATER)
    assert found.height == 0
    assert found.columns == ["customer", *tags]
    nobody = pl.DataFrame(schema={"row": pl.Int64, "customer": pl.String, "as_of": MOMENT})
    assert aggregate_moments(tags, CONTRACT, empty, nobody).height == 0


def test_an_event_at_the_moment_itself_is_not_seen():
    tags = {"t": parse({"measure": "count"})}
    for as_of, count in ((int(NOW), 0), (int(NOW) + 1, 1)):
        assert sum(aggregate_customers(tags, CONTRACT, history({}), as_of)["t"]) == count


def test_text_customers_are_grouped_as_they_are():
    from msgspec.structs import replace

    text = replace(CONTRACT, customer="city")
    relation = history({"city": "a"}, {"city": "b"}, {"city": "a"}, {})
    table = relation.table.mutate(customer=relation.table["city"])
    found = aggregate_customers(
        {"t": parse({"measure": "count"})}, text, SimpleNamespace(table=table, unique=True), LATER
    )
    assert sorted(found.rows()) == [("a", 2), ("b", 1)], "an event of nobody belongs to nobody"
