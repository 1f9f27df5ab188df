"""One definition, one value: a slow oracle, DuckDB for all customers and DuckDB point in time, 0 differences.

Spark answers the same cases in ``test_spark``, the online portrait in its own room.
"""

from types import SimpleNamespace

import ibis
import polars as pl
from hypothesis import HealthCheck, given, settings

from vostro.portrait.aggregate.batch import aggregate_customers, aggregate_moments

from .cases import CONTRACT, MOMENT, cases, for_oracle, parse
from .oracle import oracle

CUSTOMERS = ("1", "2", "3")


def relation_of(frame, *, unique=False):
    return SimpleNamespace(table=ibis.memtable(frame), unique=unique)


def expected(case, as_of):
    """Return the oracle's values of every customer, by tag."""
    return {
        customer: [
            oracle(for_oracle(each), case.versions, customer, as_of, case.clock.offset_us)
            for each in case.definitions
        ]
        for customer in CUSTOMERS
    }


def asked_of(case):
    return {f"t{i}": parse(each, case.clock) for i, each in enumerate(case.definitions)}


def check(case, as_of, found):
    """Compare an answer's rows with the oracle; a customer who is not in it has nothing in any window."""
    rows = {row[0]: list(row[1:]) for row in found.iter_rows()}
    nothing = [oracle(for_oracle(each), (), "", as_of, case.clock.offset_us) for each in case.definitions]
    for customer, values in expected(case, as_of).items():
        got = rows.get(customer, nothing)
        for definition, one, other in zip(case.definitions, got, values, strict=True):
            assert one == other, f"{definition} of {customer} as of {as_of}: {one!r}, oracle {other!r}"


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


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(cases())
def test_point_in_time_says_what_the_oracle_says(case):
    asked = [(customer, as_of) for as_of in case.moments for customer in CUSTOMERS]
    moments = pl.DataFrame(asked, schema={"customer": pl.String, "as_of": pl.Int64}, orient="row").select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("row"), "customer", pl.col("as_of").cast(MOMENT)
    )
    found = aggregate_moments(asked_of(case), CONTRACT, relation_of(case.frame), moments)
    for as_of in case.moments:
        rows = moments.filter(pl.col("as_of").dt.epoch("us") == as_of).select("row", "customer")
        check(case, as_of, rows.join(found, on="row").drop("row"))
