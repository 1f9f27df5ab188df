"""A history replayed by event time: what happened counts from its moment, whenever it was loaded; nothing later does."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import polars as pl
import pytest

from vostro.capture import load, read_contracts
from vostro.portrait import portraits_at, read_tags

CONTRACTS = """
- contract: clients
  meaning: {en: Clients, zh: 客户}
  file: clients.csv
  key: [client]
  customer: client
  columns:
    client: {type: text, meaning: {en: Client, zh: 客户}}
    age: {type: integer, meaning: {en: Age, zh: 年龄}}
- contract: payment
  meaning: {en: Payments, zh: 支付}
  file: payments.csv
  key: [payment]
  customer: client
  event: paid
  event_time: {column: paid, zone: UTC}
  columns:
    payment: {type: text, meaning: {en: Payment, zh: 支付号}}
    client: {type: text, meaning: {en: Client, zh: 客户}}
    paid: {type: moment, zone: UTC, meaning: {en: Paid, zh: 支付}}
    amount: {type: decimal, decimal: [12, 2], meaning: {en: Amount, zh: 金额}}
"""
TAGS = """
- {tag: age, name: {en: Age, zh: 年龄}, dimension: basic, attribute: clients.age}
- {tag: spent, name: {en: Spent, zh: 消费}, dimension: consumption, aggregate: {of: paid, measure: sum(amount)}}
- {tag: rich, name: {en: Rich, zh: 富}, dimension: consumption, rule: spent > 50 AND age > 20}
"""
BULK, LATER = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return datetime(2020, 1, number, tzinfo=UTC)


@pytest.fixture
def bank(workspace, tmp_path):
    for name, text in (("contracts", CONTRACTS), ("tags", TAGS)):
        (workspace.bank / name).mkdir()
        (workspace.bank / name / "a.yaml").write_text(text, encoding="utf-8")
    contracts = read_contracts(workspace.bank)

    def bring(contract: str, text: str, moment: datetime) -> None:
        path = tmp_path / contracts[contract].file
        path.write_text(text, encoding="utf-8")
        load(contracts[contract], path, store=workspace.store, lake=workspace.lake, load_time=moment)

    bring("clients", "client,age\na,40\nb,17\n", BULK)
    bring(
        "payment",
        "payment,client,paid,amount\n1,a,2020-01-02T00:00:00,60.00\n2,a,2020-01-05T00:00:00,5.00\n"
        "3,b,2020-01-03T00:00:00,70.00\n",
        BULK,
    )
    return contracts, read_tags(workspace.bank, contracts), workspace.lake, bring


def asked(*rows: tuple[str, datetime]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema={"customer": pl.String, "as_of": pl.Datetime("us", "UTC")}, orient="row")


MOMENTS = asked(("a", day(2)), ("a", day(4)), ("a", day(9)), ("b", day(9)))


def test_bulk_history_was_unknown_then_and_is_replayed_by_event_time(bank):
    contracts, tags, lake, _ = bank
    strict = portraits_at(tags, contracts, lake, MOMENTS)
    assert strict["age"].null_count() == 4 and strict["spent"].sum() == 0, "in 2020 nothing was loaded"
    replayed = portraits_at(tags, contracts, lake, MOMENTS, loaded_by=LATER)
    assert replayed["spent"].to_list() == [Decimal(0), Decimal(60), Decimal(65), Decimal(70)]
    assert replayed["age"].to_list() == [40, 40, 40, 17], "a snapshot counts as it was first loaded"
    assert replayed["rich"].to_list() == [False, True, True, False]


def test_what_happened_later_changes_nothing_and_a_later_snapshot_neither(bank):
    contracts, tags, lake, bring = bank
    before = portraits_at(tags, contracts, lake, MOMENTS, loaded_by=LATER)
    bring("clients", "client,age\na,99\nb,99\n", LATER)
    bring("payment", "payment,client,paid,amount\n9,a,2020-01-09T00:00:00,999.00\n", LATER)
    after = portraits_at(tags, contracts, lake, MOMENTS, loaded_by=LATER + timedelta(days=1))
    assert after.equals(before)
    new = portraits_at(tags, contracts, lake, asked(("a", LATER + timedelta(days=1))), loaded_by=LATER)
    assert new["age"].to_list() == [99], "the test would see a leak"


def test_the_last_version_that_was_loaded_counts(bank):
    contracts, tags, lake, bring = bank
    bring("payment", "payment,client,paid,amount\n1,a,2020-01-02T00:00:00,10.00\n", LATER)
    first = portraits_at(tags, contracts, lake, MOMENTS, loaded_by=BULK)
    second = portraits_at(tags, contracts, lake, MOMENTS, loaded_by=LATER)
    assert first["spent"].to_list() == [Decimal(0), Decimal(60), Decimal(65), Decimal(70)]
    assert second["spent"].to_list() == [Decimal(0), Decimal(10), Decimal(15), Decimal(70)]
