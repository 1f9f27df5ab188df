"""The fold answers as the engine does, or leaves the question to it.

``test_agreement`` compares both with the oracle over random definitions and histories.
"""

from datetime import UTC, datetime

import ibis
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from vostro.portrait.aggregate import batch
from vostro.portrait.aggregate.bench_bank import AS_OF_US, payment_contract, sixty_tags, write_payments
from vostro.portrait.aggregate.compile import KEY, TIME
from vostro.portrait.aggregate.definition import Measure, Part
from vostro.portrait.aggregate.errors import UnsuitedError
from vostro.portrait.aggregate.fold import fold
from vostro.portrait.aggregate.fold import folding as module
from vostro.portrait.aggregate.plan import Plan, Span, sums_of

ALWAYS = Span(None)
AMOUNT = Measure("sum", "amount", "integer")
TIMES = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 2, 3)]


def rows(**columns):
    frame = pl.DataFrame({KEY: ["a", "a", "b", "a"], TIME: TIMES} | columns)
    return ibis.memtable(frame.with_columns(pl.col(TIME).cast(pl.Datetime("us", "UTC"))))


def asked(*measures):
    return Plan({sums_of(Part(each))[0]: f"s{i}" for i, each in enumerate(measures)}, {}, {})


def answered(table, plan):
    return fold(table, plan, {ALWAYS: (-(2**62), 2**62)}).sort(KEY)


def test_a_small_table():
    found = answered(rows(v_amount=[1, None, None, 5]), asked(AMOUNT, Measure("max", "amount", "integer")))
    assert found.rows() == [("a", 6, 5), ("b", 0, None)]


@pytest.mark.parametrize(("name", "expected"), [("last", "y"), ("first", "x")])
def test_ties_are_told_apart_by_the_order_of_texts(name, expected):
    times = pl.Series([TIMES[0]] * 4).cast(pl.Datetime("us", "UTC"))
    table = ibis.memtable(
        pl.DataFrame({KEY: ["a", "a", "b", "a"], TIME: times, "v_city": ["y", "x", None, None]})
    )
    found = answered(table, asked(Measure(name, "city", "text")))
    assert found.rows() == [("a", expected), ("b", None)]


@pytest.mark.parametrize("amounts", [[2**61, 2**61, 0, 2**61], [2**63 - 1, 0, 0, 0], [-(2**63), 0, 0, 0]])
def test_numbers_that_may_run_over_are_left_to_the_engine(amounts):
    with pytest.raises(UnsuitedError):
        answered(rows(v_amount=amounts), asked(AMOUNT))


def test_records_that_would_not_fit_are_left_to_the_engine(monkeypatch):
    monkeypatch.setattr(module, "_BYTES_MAX", 31)  # two records of two numbers take 32
    with pytest.raises(UnsuitedError):
        answered(rows(v_amount=[1, 2, 3, 4]), asked(AMOUNT))


def test_too_many_texts_in_order_are_left_to_the_engine(monkeypatch):
    monkeypatch.setattr(module, "_TEXTS_MAX", 2)
    with pytest.raises(UnsuitedError):
        answered(rows(v_city=["x", "y", "z", "x"]), asked(Measure("last", "city", "text")))


@pytest.fixture(scope="module")
def payments(tmp_path_factory):
    folder = tmp_path_factory.mktemp("payments")
    return write_payments(folder, rows=60_000, customers=5_000)


@pytest.mark.parametrize("batch_rows", [500_000, 7_000])
def test_sixty_tags_are_the_engines_own(payments, batch_rows, monkeypatch):
    monkeypatch.setattr(module, "_BATCH_ROWS", batch_rows)
    folds = []
    monkeypatch.setattr(
        "vostro.portrait.aggregate.fold.fold", lambda *each: folds.append(fold(*each)) or folds[-1]
    )
    table = ibis.duckdb.connect().read_parquet(str(payments[0].parent / "*.parquet"))
    relation = batch_relation(table)
    tags, contract = sixty_tags(), payment_contract()
    found = batch.aggregate_customers(tags, contract, relation, AS_OF_US, folded_from=0)
    assert len(folds) == 1, "the rows were folded"
    expected = batch.aggregate_customers(tags, contract, relation, AS_OF_US, folded_from=10**9)
    assert_frame_equal(found, expected, check_row_order=False, check_exact=True)


def test_what_does_not_fit_is_answered_by_the_engine(payments, monkeypatch):
    monkeypatch.setattr(module, "_BYTES_MAX", 0)
    table = ibis.duckdb.connect().read_parquet(str(payments[0].parent / "*.parquet"))
    found = batch.aggregate_customers(
        sixty_tags(), payment_contract(), batch_relation(table), AS_OF_US, folded_from=0
    )
    assert found.height > 4_000


def batch_relation(table):
    from vostro.capture import HistoryRelation

    return HistoryRelation(table=table, unique=True)
