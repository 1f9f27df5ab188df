"""Histories: every version stays, what was known at a moment is told exactly, by files and by arrivals alike."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.capture import current, drain, history, history_relation
from vostro.capture.histories import known_versions
from vostro.engine import append_events, read_events

PAYMENTS = """
contract: payments
meaning: {en: Payments, zh: 支付}
file: payments.csv
key: [payment_id]
customer: customer_id
event: payment
event_time: {column: paid, zone: Europe/Prague}
columns:
  payment_id: {type: text, meaning: {en: Payment, zh: 支付号}}
  customer_id: {type: integer, meaning: {en: Customer, zh: 客户号}}
  paid: {type: date, meaning: {en: Paid, zh: 支付日}}
  amount: {type: decimal, decimal: [12, 2], meaning: {en: Amount, zh: 金额}}
  rate: {type: number, meaning: {en: Rate, zh: 费率}}
  count: {type: integer, meaning: {en: Count, zh: 次数}}
  sure: {type: boolean, meaning: {en: Sure, zh: 确定}}
  seen: {type: moment, zone: UTC, meaning: {en: Seen, zh: 看到}}
  undoes: {type: text, meaning: {en: Undoes, zh: 冲正}}
"""
HEADER = "payment_id,customer_id,paid,amount,rate,count,sure,seen,undoes\n"
ROWS = (
    HEADER
    + 'a/1,7,2020-07-01,12.50,0.1,3,true,2020-07-01T10:00:00.123456,\n"b,""2",8,2020-01-31,,,,false,,\n'
    + "c,8,2020-12-31,-0.01,1e-7,-4,,2021-01-01T00:00:00,\n"
)
T0 = datetime(2026, 1, 31, 12, tzinfo=UTC)
REVERSING = PAYMENTS.replace("event: payment\n", "event: payment\nreverses: undoes\n")


def test_what_arrived_one_by_one_becomes_the_rows_that_a_file_would_have_made(desk):
    desk.load(ROWS, PAYMENTS, name="payments.csv")
    arriving = desk.contract(
        PAYMENTS.replace("payments", "arrivals").replace("event: payment", "event: arrival")
    )
    with desk.store.begin() as connection:
        events = read_events(connection, kind="payment", versions=True)
        assert events["event_id"].to_list() == ["a//1", 'b,"2', "c"]
        fresh = events.drop("sequence").with_columns(
            pl.lit("arrival").alias("kind"),
            pl.lit("api").alias("origin"),
            pl.col("idempotency_key").str.replace("payments", "arrivals"),
        )
        assert append_events(connection, fresh, queue=True) == 3
    assert drain(desk.store, desk.lake, arriving) == 3
    assert drain(desk.store, desk.lake, arriving) == 0, "each arrival is copied once"
    by_file = current(desk.lake, desk.contract(PAYMENTS)).collect().drop("_line")
    arrived = current(desk.lake, arriving).collect().drop("_line")
    assert arrived.select(by_file.columns).sort("payment_id").equals(by_file.sort("payment_id"))


def test_a_correction_is_a_version_and_both_moments_are_kept(desk):
    contract = desk.contract(PAYMENTS)
    desk.load(ROWS, PAYMENTS, name="payments.csv", load_time=T0)
    corrected = ROWS.replace("12.50", "12.99")
    desk.load(corrected, PAYMENTS, name="second.csv", load_time=T0 + timedelta(days=1))
    amounts = {
        moment: dict(
            history(desk.lake, contract, loaded_by=moment).select("payment_id", "amount").collect().rows()
        )
        for moment in (T0, T0 + timedelta(days=2))
    }
    assert [str(each["a/1"]) for each in amounts.values()] == ["12.50", "12.99"]
    with desk.store.begin() as connection:
        versions = read_events(connection, kind="payment", versions=True)
        now = read_events(connection, kind="payment")
    assert versions["operation"].to_list() == ["new"] * 3 + ["correct"], "unchanged records are no versions"
    assert now.height == 3
    assert "12.99" in now.filter(pl.col("customer") == "7")["body"][0]
    relation = history_relation(desk.lake, contract, store=desk.store)
    assert not relation.unique
    engine = known_versions(relation.table.to_polars().lazy()).collect().sort("event_id")
    ours = history(desk.lake, contract).collect().sort("event_id")
    assert engine.select(ours.columns).equals(ours)


def test_back_to_the_first_content_is_a_third_version(desk):
    for number, amount in enumerate(["1.00", "2.00", "1.00", "1.00"]):
        desk.load(
            HEADER + f"a,7,2020-07-01,{amount},{number / 10},,,,\n".replace(f"{number / 10}", ""),
            PAYMENTS,
            name=f"f{number}-{amount}.csv",
        ) if number != 3 else None
    with desk.store.begin() as connection:
        versions = read_events(connection, kind="payment", versions=True)
    # the third file is the first file again: known by its digest, it adds nothing
    assert versions["operation"].to_list() == ["new", "correct"]


def test_a_row_that_reverses_another_undoes_it(desk):
    contract = desk.contract(REVERSING)
    desk.load(ROWS, REVERSING, name="payments.csv", load_time=T0)
    undo = HEADER + "z,7,2020-07-02,-12.50,,,,,a/1\n"
    desk.load(undo, REVERSING, name="undo.csv", load_time=T0 + timedelta(days=1))
    assert set(history(desk.lake, contract, loaded_by=T0).collect()["payment_id"]) == {"a/1", 'b,"2', "c"}
    assert set(history(desk.lake, contract).collect()["payment_id"]) == {'b,"2', "c"}
    with desk.store.begin() as connection:
        assert len(read_events(connection, kind="payment")) == 2
    relation = history_relation(desk.lake, contract, store=desk.store)
    engine = known_versions(relation.table.to_polars().lazy()).collect()
    assert set(engine["payment_id"]) == {'b,"2', "c"}
    assert set(current(desk.lake, contract).collect()["payment_id"]) == {'b,"2', "c"}


@pytest.mark.parametrize("store", [True, False])
def test_a_table_without_second_versions_says_so(desk, store):
    contract = desk.contract(PAYMENTS)
    desk.load(ROWS, PAYMENTS, name="payments.csv")
    desk.load(HEADER + "d,9,2020-07-01,1.00,,,,,\n", PAYMENTS, name="more.csv")
    assert history_relation(desk.lake, contract, store=desk.store if store else None).unique


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(1, 5), st.integers(0, 9), st.booleans()), max_size=30
    ),
    st.integers(1, 5),
)
def test_known_versions_are_those_of_a_slow_walk(rows, until):
    frame = pl.DataFrame(
        [(event, load, line, load, gone) for line, (event, load, _, gone) in enumerate(rows)],
        schema={
            "event_id": pl.String,
            "_load": pl.Int64,
            "_line": pl.Int64,
            "load_time": pl.Int64,
            "_deleted": pl.Boolean,
        },
        orient="row",
    )
    known: dict[str, tuple[int, int, bool]] = {}
    for event, load, line, load_time, gone in frame.rows():
        if load_time <= until and (load, line) >= known.get(event, (-1, -1, False))[:2]:
            known[event] = (load, line, gone)
    expected = {(event, load, line) for event, (load, line, gone) in known.items() if not gone}
    found = known_versions(frame.lazy().filter(pl.col("load_time") <= until)).collect()
    assert set(found.select("event_id", "_load", "_line").rows()) == expected


def test_a_file_without_a_key_that_is_read_otherwise_is_corrected_in_the_log(desk):
    keyless = PAYMENTS.replace("key: [payment_id]\n", "")
    desk.load(ROWS, keyless, name="payments.csv")
    desk.load(ROWS, keyless.replace("decimal: [12, 2]", "decimal: [12, 3]"), name="payments.csv")
    with desk.store.begin() as connection:
        versions = read_events(connection, kind="payment", versions=True)
        now = read_events(connection, kind="payment")
    assert versions["operation"].to_list() == ["new"] * 3 + ["correct"] * 2, (
        "a row without an amount is the same"
    )
    assert now.height == 3
    assert '"12.500"' in now.filter(pl.col("customer") == "7")["body"][0]
