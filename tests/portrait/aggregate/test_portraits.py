"""From files to portraits: corrections, deletions, late files, moments of the past, training sets without leaks."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from vostro.capture import load, read_contracts
from vostro.portrait import build_portraits, portraits_at, read_tags

CONTRACTS = """
- contract: clients
  meaning: {en: Clients, zh: 客户}
  file: clients.csv
  key: [client]
  customer: client
  columns:
    client: {type: text, meaning: {en: Client, zh: 客户}}
    age: {type: integer, meaning: {en: Age, zh: 年龄}}
- contract: card_payment
  meaning: {en: Payments, zh: 支付}
  file: payments_*.csv
  key: [payment]
  customer: client
  event: paid_by_card
  reverses: undoes
  event_time: {column: paid, zone: Europe/Prague}
  columns:
    payment: {type: text, meaning: {en: Payment, zh: 支付号}}
    client: {type: text, meaning: {en: Client, zh: 客户}}
    paid: {type: moment, zone: Europe/Prague, meaning: {en: Paid, zh: 支付}}
    amount: {type: decimal, decimal: [12, 2], personal_data: financial, meaning: {en: Amount, zh: 金额}}
    place: {type: text, meaning: {en: Place, zh: 地点}}
    undoes: {type: text, meaning: {en: Undoes, zh: 冲正}}
"""
TAGS = """
- {tag: age, name: {en: Age, zh: 年龄}, dimension: basic, attribute: clients.age}
- {tag: spent, name: {en: Spent, zh: 消费}, dimension: consumption,
   aggregate: {of: paid_by_card, measure: sum(amount), window: 30 days}}
- {tag: visits, name: {en: V, zh: 次}, dimension: consumption, aggregate: {of: card_payment, measure: count}}
- {tag: place, name: {en: P, zh: 地}, dimension: consumption, aggregate: {of: card_payment, measure: top(place)}}
- {tag: trend, name: {en: T, zh: 势}, dimension: consumption,
   aggregate: {of: card_payment, measure: sum(amount), window: 7 days, trend: true}}
- {tag: big, name: {en: B, zh: 大}, dimension: consumption, rule: spent > 100 AND age >= 18}
"""
HEADER = "payment,client,paid,amount,place,undoes\n"
FIRST = (
    HEADER
    + "p1,a,2026-01-02 10:00:00,60.00,x,\np2,a,2026-01-03 10:00:00,50.00,x,\np3,b,2026-01-03 11:00:00,9.99,y,\n"
)
SECOND = (
    HEADER
    + "p2,a,2026-01-03 10:00:00,30.00,y,\np4,b,2026-01-01 08:00:00,5.00,y,\np5,b,2026-01-10 09:00:00,0.01,z,\n"
)
THIRD = HEADER + "r1,a,2026-01-12 09:00:00,60.00,x,p1\n"
DAYS = {"first": 4, "second": 11, "third": 13}


def day(number):
    return datetime(2026, 1, number, 12, tzinfo=UTC)


@pytest.fixture
def bank(workspace, tmp_path):
    for name, text in (("contracts", CONTRACTS), ("tags", TAGS)):
        (workspace.bank / name).mkdir()
        (workspace.bank / name / "a.yaml").write_text(text, encoding="utf-8")
    contracts = read_contracts(workspace.bank)
    files = {"clients": "client,age\na,40\nb,17\nc,30\n", "first": FIRST, "second": SECOND, "third": THIRD}
    for name, text in files.items():
        path = tmp_path / ("clients.csv" if name == "clients" else f"payments_{name}.csv")
        path.write_text(text, encoding="utf-8")
        contract = contracts["clients" if name == "clients" else "card_payment"]
        load(contract, path, store=workspace.store, lake=workspace.lake, load_time=day(DAYS.get(name, 1)))
    return contracts, read_tags(workspace.bank, contracts), workspace.lake


def known(bank, as_of):
    contracts, tags, lake = bank
    return {row["customer"]: row for row in build_portraits(tags, contracts, lake, as_of=as_of).to_dicts()}


def test_what_was_known_then(bank):
    found = known(bank, day(5))
    assert (found["a"]["spent"], found["a"]["visits"], found["a"]["place"]) == (Decimal("110.00"), 2, "x")
    assert (found["a"]["big"], found["b"]["big"]) == (True, False)
    assert (found["b"]["spent"], found["b"]["visits"]) == (Decimal("9.99"), 1)
    assert (found["c"]["spent"], found["c"]["visits"], found["c"]["place"]) == (Decimal(0), 0, None)


def test_a_correction_a_late_payment_and_a_reversal(bank):
    corrected, reversed_ = known(bank, day(12)), known(bank, day(14))
    assert (corrected["a"]["spent"], corrected["a"]["place"], corrected["a"]["big"]) == (
        Decimal(90),
        "x",
        False,
    )
    assert (corrected["b"]["spent"], corrected["b"]["visits"]) == (Decimal("15.00"), 3)
    assert (reversed_["a"]["spent"], reversed_["a"]["visits"], reversed_["a"]["place"]) == (
        Decimal(30),
        1,
        "y",
    )


def test_without_a_moment_all_that_is_loaded_counts(bank):
    contracts, tags, lake = bank
    assert build_portraits(tags, contracts, lake).equals(
        build_portraits(tags, contracts, lake, as_of=day(13))
    )


def asked():
    """Every customer at many moments, out of order, and somebody whom nobody knows."""
    moments = [day(1) + timedelta(hours=17 * i) for i in range(25)]
    rows = [(customer, moment) for moment in moments for customer in ("b", "a", "nobody", "c")]
    schema = {"customer": pl.String, "as_of": pl.Datetime("us", "UTC")}
    return pl.DataFrame(rows, schema=schema, orient="row").sample(fraction=1, shuffle=True, seed=1)


def test_a_training_set_is_what_was_known_at_each_moment(bank):
    contracts, tags, lake = bank
    moments = asked()
    found = portraits_at(tags, contracts, lake, moments)
    assert found.select("customer", "as_of").equals(moments)
    for (as_of,), rows in found.group_by("as_of"):
        whole = build_portraits(tags, contracts, lake, as_of=as_of)
        mine = rows.filter(pl.col("customer") != "nobody").drop("as_of").sort("customer")
        assert mine.equals(whole.sort("customer")), as_of
    nobody = found.filter(pl.col("customer") == "nobody")
    assert (nobody["visits"] == 0).all() and nobody["age"].is_null().all()


def test_a_training_set_never_sees_the_future(bank, workspace, tmp_path):
    """Whatever happens or is loaded after the moment: the same answer."""
    contracts, tags, lake = bank
    moments = asked().filter(pl.col("as_of") < day(11))
    before = portraits_at(tags, contracts, lake, moments)
    future = HEADER + (
        "p1,c,2026-01-02 10:00:00,9999.00,w,\n"  # a correction that moves the payment to somebody else
        "p3,b,2026-01-05 11:00:00,7777.00,w,\n"
        "p9,a,2026-01-02 01:00:00,5555.00,w,\n"  # late
        "r9,a,2026-01-04 01:00:00,0.00,w,p2\n"  # undone
        "p10,b,2026-02-01 01:00:00,4444.00,w,\n"
    )
    path = tmp_path / "payments_future.csv"
    path.write_text(future, encoding="utf-8")
    load(contracts["card_payment"], path, store=workspace.store, lake=lake, load_time=day(20))
    people = tmp_path / "clients.csv"
    people.write_text("client,age\na,99\nb,99\nc,99\nnobody,99\n", encoding="utf-8")
    load(contracts["clients"], people, store=workspace.store, lake=lake, load_time=day(20))
    assert portraits_at(tags, contracts, lake, moments).equals(before)
    assert not build_portraits(tags, contracts, lake, as_of=day(21)).equals(
        build_portraits(tags, contracts, lake, as_of=day(19))
    ), "the test would see a leak"


def test_a_source_of_which_nothing_came_has_no_events(bank, workspace):
    contracts, tags, lake = bank
    with workspace.store.begin() as connection:
        for each in lake.partitions("card_payment"):
            lake.retire(connection, "card_payment", each.partition)
    found = build_portraits(tags, contracts, lake, as_of=day(14))
    assert found["visits"].to_list() == [0, 0, 0]
    assert found["place"].to_list() == [None] * 3
    assert portraits_at(tags, contracts, lake, asked())["spent"].sum() == 0


def test_lineage_and_sensitivity_come_from_the_columns(bank):
    _, tags, _ = bank
    assert tags["spent"].sensitivity == tags["big"].sensitivity == "financial"
    assert tags["big"].columns == {"clients.age", "card_payment.amount", "card_payment.paid"}


def test_households_count_all_customers_at_each_moment(bank, workspace):
    contracts, _, lake = bank
    together = """
- {tag: together, name: {en: T, zh: 同}, dimension: social, household: {by: place}}
- {tag: theirs, name: {en: S, zh: 和}, dimension: social, household: {by: place, sum: spent}}
"""
    (workspace.bank / "tags" / "b.yaml").write_text(together, encoding="utf-8")
    tags = read_tags(workspace.bank, contracts)
    moments = pl.DataFrame({"customer": ["a", "b", "a"], "as_of": [day(14), day(5), day(12)]})
    found = portraits_at(tags, contracts, lake, moments)
    assert found["together"].to_list() == [2, 1, 1]
    for row in found.iter_rows(named=True):
        whole = build_portraits(tags, contracts, lake, as_of=row.pop("as_of"))
        assert whole.row(by_predicate=pl.col("customer") == row["customer"], named=True) == row
