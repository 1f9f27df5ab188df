"""What the engine is asked: one pass, and only operations that mean the same on DuckDB and on Spark."""

from types import SimpleNamespace

import ibis
import ibis.expr.operations as ops
import pytest

from vostro.portrait.aggregate import batch
from vostro.portrait.aggregate.batch import aggregate_customers
from vostro.portrait.aggregate.definition import Clock

from .cases import CONTRACT, FILTERS, MEASURES, SCHEMA, WIDE, bulk, parse

# Of the stack: what fails on Spark, and what differs there without a word.
FAILING = {
    "ArrayCollect",
    "GroupConcat",
    "Mode",
    "BitAnd",
    "BitOr",
    "BitXor",
    "Bucket",
    "JSONGetItem",
}
DIFFERING = {
    "TimestampDelta",  # between dates it is the same: whole days
    "ExtractEpochSeconds",
    "First",
    "Last",
    "NthValue",
    "Median",
    "Quantile",
    "MultiQuantile",
    "ApproxMedian",
    "ApproxQuantile",
    "ApproxCountDistinct",
    "Hash",
    "Levenshtein",
    "Arbitrary",
    "ArgMax",  # of ties it takes which it likes
    "ArgMin",
    "Divide",  # x / 0 fails on Spark; quotients are finished outside
    "Modulus",
    "FloorDivide",
}


@pytest.fixture
def asked(monkeypatch):
    """Every query that is run."""
    queries = []
    read = batch._read

    def spy(query):
        queries.append(query)
        return read(query)

    monkeypatch.setattr(batch, "_read", spy)
    return queries


def every_measure():
    where = sorted(FILTERS)
    written = [{"measure": each, "where": where[i % len(where)]} for i, each in enumerate(MEASURES)]
    written += [{"measure": each, "window": "7 days"} for each in MEASURES]
    written += [{"measure": "sum(amount)", "window": "7 days", "trend": True}, *WIDE]
    return {f"t{i}": parse(each, Clock(3_600_000_000)) for i, each in enumerate(written)}


@pytest.mark.parametrize("unique", [True, False])
def test_only_what_is_equal_everywhere_is_asked(asked, unique):
    case = bulk(3, customers=10, events=60, tags=0)
    history = SimpleNamespace(table=ibis.memtable(case.frame), unique=unique)
    aggregate_customers(every_measure(), CONTRACT, history, case.moments[0])
    assert len(asked) > 10
    for query in asked:
        used = {type(node).__name__ for node in query.op().find(ops.Node)}
        assert not used & (FAILING | DIFFERING)


def test_the_names_of_the_banned_lists_exist():
    """A ban of what is not there any more would guard nothing."""
    assert set(dir(ops)) >= FAILING | DIFFERING


def test_all_measures_compile_for_spark():
    pytest.importorskip("pyspark", reason="Spark is an extra: pip install 'vostro[spark]'")
    assert ibis.pyspark.name == "pyspark", "which also loads its options"
    table = ibis.table(ibis.memtable(bulk(3, customers=3, events=3, tags=0).frame).schema(), name="history")
    from vostro.portrait.aggregate import compile as engine
    from vostro.portrait.aggregate.plan import plan

    asked = plan(aggregate for aggregate, _ in every_measure().values())
    keep = {engine.KEY: table["customer"], engine.TIME: table["event_time"]}
    rows = engine.prepare(engine.latest(table), asked, keep)
    bounds = {
        span: lambda each: [each[engine.TIME] >= ibis.literal("2024-01-01").cast("timestamp")]
        for span in asked.spans
    }
    sums = engine.sums(rows, asked, bounds)
    assert "GROUP BY" in ibis.to_sql(rows.group_by(engine.KEY).agg(**sums), dialect="pyspark")
    for column in asked.tables:
        assert ibis.to_sql(engine.values_of(rows, column, asked, bounds), dialect="pyspark")


def test_all_sums_of_a_source_are_one_query(asked):
    case = bulk(4, customers=5, events=40, tags=0)
    history = SimpleNamespace(table=ibis.memtable(case.frame), unique=True)
    plain = [name for name in MEASURES if name.partition("(")[0] in ("count", "sum", "mean", "min", "max")]
    tags = {f"t{i}": parse({"measure": each, "window": "7 days"}) for i, each in enumerate(plain)}
    aggregate_customers(tags | {"ever": parse({"measure": "count"})}, CONTRACT, history, case.moments[0])
    assert len(asked) == 1
    assert len(list(asked[0].op().find(ops.InMemoryTable))) == 1, "and it reads the history once"


def test_old_events_are_not_read_when_no_window_sees_them(asked):
    case = bulk(4, customers=5, events=40, tags=0)
    history = SimpleNamespace(table=ibis.memtable(case.frame), unique=True)
    tags = {"week": parse({"measure": "count", "window": "7 days"})}
    found = aggregate_customers(tags, CONTRACT, history, case.moments[0] + 10**15)
    assert len(asked) == 2, "the customers, and the rows of the window"
    assert set(found["week"]) == {0}
    assert found.height > 3


def test_schema_of_the_cases_is_that_of_a_history():
    from vostro.capture.histories import HISTORY_COLUMNS

    assert set(HISTORY_COLUMNS) <= set(SCHEMA)
