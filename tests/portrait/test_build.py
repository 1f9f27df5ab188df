"""Portraits from tables: latest rows, joins, moments, rule tags; against plain loops and on the real lake."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from vostro.capture import Contract, ContractColumn, EventTime, load_all, read_contracts
from vostro.portrait import AmountRangeError, PortraitColumnError, build_portraits, read_tags, select
from vostro.portrait.build import build_from
from vostro.words import Text

MEANING = Text(en="a", zh="甲")
UTC_DAY = datetime(2026, 1, 1, tzinfo=UTC)


def contract(name: str, key: list[str], **columns: str) -> Contract:
    made = {"customer_id": "integer", **columns}
    return Contract(
        contract=name,
        meaning=MEANING,
        file="a.csv",
        key=key,
        customer="customer_id",
        event_time=EventTime(column="at") if "at" in columns else None,
        columns={code: ContractColumn(type=kind, meaning=MEANING) for code, kind in made.items()},
    )


CONTRACTS = {
    "people": contract("people", ["customer_id"], age="integer", aum="decimal", rate="number", since="date"),
    "visits": contract("visits", ["visit_id"], visit_id="text", at="moment", place="text"),
}
TABLES = {
    "people": pl.DataFrame(
        {
            "customer_id": [3, 1, 2],
            "age": [17, 40, None],
            "aum": [Decimal("1.50"), Decimal("600.00"), None],
            "rate": [float("nan"), 0.5, float("inf")],
            "since": [date(2020, 1, 1), None, date(2021, 5, 5)],
            "load_time": [UTC_DAY] * 3,
        },
        schema_overrides={"aum": pl.Decimal(38, 2)},
    ),
    "visits": pl.DataFrame(
        {
            "customer_id": [1, 1, 4, 1, 4, None],
            "visit_id": list("abcdef"),
            "at": [UTC_DAY + timedelta(hours=h) for h in (5, 9, 2, 9, 1, 3)],
            "place": ["old", "tie, loaded first", "new", "tie, loaded last", "old", "nobody"],
            "event_time": [UTC_DAY + timedelta(hours=h) for h in (5, 9, 2, 9, 1, 3)],
            "load_time": [UTC_DAY + timedelta(hours=10)] * 6,
            "_load": [1, 1, 1, 2, 2, 2],
            "_line": [2, 3, 4, 2, 3, 4],
        }
    ),
}
TAGS = """\
- {tag: grown, name: {en: Grown, zh: 成年}, dimension: basic, rule: age >= 18}
- {tag: place, name: {en: Place, zh: 地点}, dimension: behaviour, attribute: visits.place}
- {tag: kind, name: {en: Kind, zh: 类别}, dimension: basic, tiers: {vip: tier = 'gold' AND grown, guest: age IS NULL}}
- {tag: tier, name: {en: Tier, zh: 等级}, dimension: basic, tiers: {gold: aum >= 500, some: aum > 0, none: otherwise}}
- {tag: age, name: {en: Age, zh: 年龄}, dimension: basic, attribute: people.age}
- {tag: aum, name: {en: Assets, zh: 资产}, dimension: consumption, attribute: people.aum}
- {tag: rate, name: {en: Rate, zh: 利率}, dimension: credit, attribute: people.rate}
- {tag: since, name: {en: Since, zh: 开户}, dimension: basic, attribute: people.since}
- {tag: visited_at, name: {en: Visited, zh: 到访}, dimension: behaviour, attribute: visits.at}
"""


def tags_of(tmp_path: Path, text: str = TAGS):
    (tmp_path / "tags").mkdir(exist_ok=True)
    (tmp_path / "tags" / "a.yaml").write_text(text, encoding="utf-8")
    return read_tags(tmp_path, CONTRACTS)


def read(each: Contract) -> pl.LazyFrame:
    return TABLES[each.contract].lazy()


def test_portraits(tmp_path):
    tags = tags_of(tmp_path)
    portraits = build_from(tags, CONTRACTS, read)
    assert portraits.columns == ["customer", *tags]
    assert portraits["customer"].to_list() == ["1", "2", "3", "4"]
    assert portraits["place"].to_list() == ["tie, loaded last", None, None, "new"]
    assert portraits["rate"].to_list() == [0.5, None, None, None]  # not finite is unknown
    assert portraits["aum"].to_list() == [Decimal("600.00"), None, Decimal("1.50"), None]
    assert portraits["grown"].to_list() == [True, None, False, None]
    assert portraits["tier"].to_list() == ["gold", "none", "some", "none"]
    assert portraits["kind"].to_list() == ["vip", "guest", None, "guest"]
    assert portraits.schema["visited_at"] == pl.Datetime("us", "UTC")


def test_rule_tags_equal_the_function_for_one_customer(tmp_path):
    tags = tags_of(tmp_path)
    portraits = build_from(tags, CONTRACTS, read)
    for portrait in portraits.iter_rows(named=True):
        assert tags["grown"].rule.for_customer()(portrait) == portrait["grown"]
        for code in ("tier", "kind"):
            held = (
                value for value, rule in tags[code].tiers if rule is None or rule.for_customer()(portrait)
            )
            assert next(held, None) == portrait[code]
    assert select(tags["grown"].rule, portraits).tolist() == [True, False, False, False]


def test_nothing_after_the_moment_is_known(tmp_path):
    tags = tags_of(tmp_path)
    before = build_from(tags, CONTRACTS, read, as_of=UTC_DAY + timedelta(hours=9))
    assert before["place"].to_list() == [None, None, None]  # visits were loaded an hour later
    after = build_from(tags, CONTRACTS, read, as_of=UTC_DAY + timedelta(hours=10))
    assert after["place"].to_list() == ["tie, loaded last", None, None, "new"]
    assert build_from(tags, CONTRACTS, read, as_of=UTC_DAY - timedelta(days=1)).height == 0


def test_an_amount_that_no_tag_can_hold_is_an_error(tmp_path):
    tags = tags_of(tmp_path)
    large = TABLES["people"].with_columns(aum=pl.lit(Decimal(10) ** 30).cast(pl.Decimal(38, 2)))
    with pytest.raises(AmountRangeError, match="'aum' holds at most 18 digits"):
        build_from(tags, CONTRACTS, lambda each: large.lazy() if each.contract == "people" else read(each))


def test_a_column_that_the_lake_lacks_is_an_error(tmp_path):
    tags = tags_of(tmp_path)
    with pytest.raises(PortraitColumnError, match=r"'since' needs people\.since"):
        build_from(tags, CONTRACTS, lambda each: read(each).drop("since", strict=False))


def test_no_tags_make_no_customers(tmp_path):
    assert build_from({}, CONTRACTS, read).columns == ["customer"]


CLIENTS = """\
contract: clients
meaning: {en: Clients, zh: 客户}
file: clients_*.csv
key: [customer_id]
customer: customer_id
columns:
  customer_id: {type: text, required: true, meaning: {en: Number, zh: 编号}}
  age: {type: integer, meaning: {en: Age, zh: 年龄}}
"""


def test_portraits_from_a_real_lake_as_of_two_moments(tmp_path, workspace):
    bank, data = tmp_path / "b", tmp_path / "data"
    for folder in (bank / "contracts", bank / "tags", data):
        folder.mkdir(parents=True)
    (bank / "contracts" / "clients.yaml").write_text(CLIENTS, encoding="utf-8")
    (bank / "tags" / "age.yaml").write_text(
        "- {tag: age, name: {en: Age, zh: 年龄}, dimension: basic, attribute: clients.age}\n"
        "- {tag: old, name: {en: Old, zh: 年长}, dimension: basic, rule: age > 60}\n",
        encoding="utf-8",
    )
    contracts = read_contracts(bank)
    tags = read_tags(bank, contracts)
    (data / "clients_1.csv").write_text("customer_id,age\nb,30\na,60\n")
    load_all(contracts, data, store=workspace.store, lake=workspace.lake, load_time=UTC_DAY)
    (data / "clients_2.csv").write_text("customer_id,age\na,61\nc,\n")
    later = UTC_DAY + timedelta(days=1)
    load_all(contracts, data, store=workspace.store, lake=workspace.lake, load_time=later)

    now = build_portraits(tags, contracts, workspace.lake)
    assert now.rows() == [("a", 61, True), ("b", 30, False), ("c", None, None)]
    assert build_portraits(tags, contracts, workspace.lake, as_of=later).equals(now)
    # The later load superseded a's row: what was known before is still to be seen.
    then = build_portraits(tags, contracts, workspace.lake, as_of=UTC_DAY)
    assert then.rows() == [("a", 60, False), ("b", 30, False)]
