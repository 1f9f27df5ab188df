"""One definition, one value: a slow oracle, DuckDB for all customers and DuckDB point in time, 0 differences.

Spark answers the same cases in ``test_spark``, the online portrait in its own room.
"""

from collections import defaultdict
from types import SimpleNamespace

import ibis
import polars as pl
from hypothesis import HealthCheck, given, settings
from polars.testing import assert_frame_equal

from vostro.portrait.aggregate.batch import aggregate_customers, aggregate_moments

from .cases import CONTRACT, MOMENT, bulk, cases, for_oracle, parse
from .oracle import oracle


def relation_of(frame, *, unique=False):
    return SimpleNamespace(table=ibis.memtable(frame), unique=unique)


def asked_of(case):
    return {f"t{i}": parse(each, case.clock) for i, each in enumerate(case.definitions)}


def check(case, as_of, found):
    """Compare an answer's rows with the oracle; a customer who is not in it has nothing in any window."""
    rows = {row[0]: list(row[1:]) for row in found.iter_rows()}
    definitions = [for_oracle(each) for each in case.definitions]
    nothing = [oracle(each, (), "", as_of, case.clock.offset_us) for each in definitions]
    own = known_of(case)
    for customer in {row["customer"] for row in case.versions} | set(rows):
        for number, one in enumerate(rows.get(customer, nothing)):
            other = oracle(definitions[number], own.get(customer, ()), customer, as_of, case.clock.offset_us)
            written = case.definitions[number]
            assert one == other, f"{written} of {customer} as of {as_of}: {one!r}, oracle {other!r}"


def known_of(case):
    """Hand the oracle only versions of events that ever touch a customer, so that large cases end soon."""
    touched = defaultdict(set)
    by_event = defaultdict(list)
    for row in case.versions:
        touched[row["customer"]].add(row["event_id"])
        by_event[row["event_id"]].append(row)
    return {who: [row for event in events for row in by_event[event]] for who, events in touched.items()}


def repeats(case):
    return len({row["event_id"] for row in case.versions}) < len(case.versions)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_batch_says_what_the_oracle_says(case):
    unique = not repeats(case) and not any(row["_deleted"] for row in case.versions)
    for as_of in case.moments:
        for flag in {False, unique}:
            relation = relation_of(case.frame, unique=flag)
            check(case, as_of, aggregate_customers(asked_of(case), CONTRACT, relation, as_of))
            folded = aggregate_customers(asked_of(case), CONTRACT, relation, as_of, folded_from=0)
            check(case, as_of, folded)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_point_in_time_says_what_the_oracle_says(case):
    asked = [(customer, as_of) for as_of in case.moments for customer in ("1", "2", "3")]
    moments = pl.DataFrame(asked, schema={"customer": pl.String, "as_of": pl.Int64}, orient="row").select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("row"), "customer", pl.col("as_of").cast(MOMENT)
    )
    found = aggregate_moments(asked_of(case), CONTRACT, relation_of(case.frame), moments)
    for as_of in case.moments:
        rows = moments.filter(pl.col("as_of").dt.epoch("us") == as_of).select("row", "customer")
        check(case, as_of, rows.join(found, on="row").drop("row"))


def test_many_customers_and_many_values():
    case = bulk(1, customers=120, events=800, tags=60, moments=2)
    for as_of in case.moments:
        found = aggregate_customers(asked_of(case), CONTRACT, relation_of(case.frame), as_of)
        check(case, as_of, found)
        assert_frame_equal(
            aggregate_customers(asked_of(case), CONTRACT, relation_of(case.frame), as_of, folded_from=0),
            found,
            check_row_order=False,
        )
    assert found.height > 60
    assert min(found.row(by_predicate=pl.col("customer") == "999")[-6:]) > 1_024, "the sketch was needed"
