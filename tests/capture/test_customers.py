"""Whose record is it, when only another table knows? And since when was it known?"""

from datetime import UTC, datetime
from itertools import count

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vostro.capture import ReferenceMissingError, load_all, replay_rejects
from vostro.words import FaultsError

from .conftest import LOAD_TIME

HOLDERS = """
contract: holders
meaning: {en: Who may use which account, zh: 使用权}
file: holders_*.csv
key: [right_id]
customer: client_id
columns:
  right_id: {type: integer, meaning: {en: Right, zh: 编号}}
  account: {type: text, meaning: {en: Account, zh: 账号}}
  client_id: {type: integer, personal_data: identity, meaning: {en: Client, zh: 客户号}}
  role: {type: text, meaning: {en: Role, zh: 角色}}
"""
MOVES = """
contract: moves
meaning: {en: Transactions, zh: 交易}
file: moves.csv
key: [move_id]
customer: {via: account, to: holders.account, is: client_id, where: "role = 'owner'"}
event_time: {column: day}
event: moved
columns:
  move_id: {type: integer, meaning: {en: Number, zh: 编号}}
  account: {type: text, meaning: {en: Account, zh: 账号}}
  day: {type: date, meaning: {en: Day, zh: 日期}}
"""
NUMBERS = count(1)
OWNERS = "right_id,account,client_id,role\n1,a,7,owner\n2,a,8,user\n3,b,9,owner\n4,b,9,owner\n5,c,1,owner\n6,c,2,owner\n7,d,3,\n"


@pytest.fixture
def contracts(desk):
    return desk.contracts(MOVES, HOLDERS)


def load(desk, contracts, moves):
    desk.file("move_id,account,day\n" + moves, "moves.csv")
    return load_all(contracts, desk.folder, store=desk.store, lake=desk.lake, load_time=LOAD_TIME)


def test_rows_and_events_carry_the_customer(desk, contracts):
    desk.file(OWNERS, "holders_1.csv")
    reports = load(desk, contracts, "1,a,2026-01-01\n2,b,2026-01-02\n3,a,2026-01-03\n")
    assert [each.source for each in reports] == ["holders", "moves"], "what is looked up comes first"
    assert desk.table("moves")["client_id"].to_list() == [7, 9, 7]
    assert desk.table("moves").schema["client_id"] == pl.Int64
    assert desk.events()["customer"].to_list() == ["7", "9", "7"]
    assert '"account":"a"' in desk.events()["body"][0].replace(" ", "")


def test_no_customer_and_several_are_rejects_of_their_own(desk, contracts):
    desk.file(OWNERS, "holders_1.csv")
    reports = load(
        desk, contracts, "1,z,2026-01-01\n2,c,2026-01-02\n3,d,2026-01-02\n4,,2026-01-02\n5,a,2026-01-02\n"
    )
    assert reports[1].rejects_by_reason == {"customer_unknown": 2, "customer_ambiguous": 1, "required": 1}
    said = {each["code"]: (each["field"], each["message_en"], each["message_zh"]) for each in desk.rejects()}
    assert said["customer_unknown"][0] == "account"
    assert "holders.account" in said["customer_unknown"][1] and "找不到" in said["customer_unknown"][2]
    assert "several" in said["customer_ambiguous"][1] and "多个客户" in said["customer_ambiguous"][2]


def test_a_reject_without_a_customer_is_replayed_when_the_owner_is_known(desk, contracts):
    desk.file(OWNERS, "holders_1.csv")
    load(desk, contracts, "1,z,2026-01-01\n")
    desk.file("right_id,account,client_id,role\n8,z,5,owner\n", "holders_2.csv")
    load(desk, contracts, "1,z,2026-01-01\n")
    report = replay_rejects(desk.store, desk.lake, contracts, load_time=LOAD_TIME)
    assert (report.accepted, report.still_open) == (1, 0)
    assert desk.events()["customer"].to_list() == ["5"]


def test_the_latest_record_of_a_right_counts(desk, contracts):
    desk.file(OWNERS, "holders_1.csv")
    desk.file("right_id,account,client_id,role\n1,a,7,user\n2,a,8,owner\n", "holders_2.csv")
    load(desk, contracts, "1,a,2026-01-01\n")
    assert desk.table("moves")["client_id"].to_list() == [8]


def test_the_table_that_knows_must_be_loaded(desk, contracts):
    with pytest.raises(ReferenceMissingError, match="holders"):
        desk.load("move_id,account,day\n1,a,2026-01-01\n", contracts["moves"], name="moves.csv")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rights=st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(1, 3), st.sampled_from(["owner", "user", ""])),
        max_size=8,
    ),
    moves=st.lists(st.sampled_from("abcz"), min_size=1, max_size=10),
)
def test_the_join_is_what_a_loop_would_find(desk, rights, moves):
    number = next(NUMBERS)
    contracts = desk.contracts(MOVES, HOLDERS.replace("holders_*", f"holders_{number}_*"))
    # rights of their own numbers, so that earlier examples in the same lake say nothing about these accounts
    names = {letter: f"{letter}-{number}" for letter in "abcz"}
    body = "".join(f"{number * 100 + i},{names[a]},{c},{r}\n" for i, (a, c, r) in enumerate(rights))
    desk.file("right_id,account,client_id,role\n" + body, f"holders_{number}_1.csv")
    lines = "".join(f"{number * 100 + i},{names[a]},2026-01-01\n" for i, a in enumerate(moves))
    reports = load(desk, contracts, lines)
    owners = {a: {c for b, c, r in rights if b == a and r == "owner"} for a in "abcz"}
    expected = {
        "customer_unknown": sum(not owners[a] for a in moves),
        "customer_ambiguous": sum(len(owners[a]) > 1 for a in moves),
    }
    assert reports[-1].rejects_by_reason == {code: count for code, count in expected.items() if count}
    mine = desk.table("moves").filter(pl.col("account").str.ends_with(f"-{number}"))
    got = {(row["account"], row["client_id"]) for row in mine.iter_rows(named=True)}
    assert got == {(names[a], next(iter(owners[a]))) for a in moves if len(owners[a]) == 1}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("via: account,", "via: acount,", "did you mean 'account'"),
        ("to: holders.account", "to: holder.account", "did you mean 'holders'"),
        ("to: holders.account", "to: holders.acount", "did you mean 'account'"),
        ("is: client_id", "is: client", "did you mean 'client_id'"),
        ("to: holders.account", "to: holders.right_id", "give both one type"),
        ("role = 'owner'", "roll = 'owner'", "roll"),
        ("role = 'owner'", "role", "no condition"),
        ("role = 'owner'", "COUNT(role) > 1", "each record"),
        ("to: holders.account", "to: moves.account", "no other contract"),
        ("is: client_id", "is: account", "already a column"),
    ],
)
def test_faults_of_the_way_are_told_with_their_line(desk, old, new, words):
    with pytest.raises(FaultsError) as caught:
        desk.contracts(MOVES.replace(old, new), HOLDERS)
    (fault,) = [each for each in caught.value.faults if words in each.data["message_en"]]
    assert fault.data["line"] == 6


def test_circles_through_customers_are_told(desk):
    around = HOLDERS + "references: [{column: right_id, to: moves.move_id}]\n"
    with pytest.raises(FaultsError, match="circle"):
        desk.contracts(MOVES, around)


def test_known_says_since_when_records_are_known(desk):
    day = datetime(2026, 1, 1, tzinfo=UTC)
    for known, expected in (
        ("event_time", day),
        ("2026-01-20", datetime(2026, 1, 19, 23, tzinfo=UTC)),
        (None, LOAD_TIME),
    ):
        text = MOVES.replace(
            "{via: account, to: holders.account, is: client_id, where: \"role = 'owner'\"}", "account"
        )
        text += "zone: Etc/GMT-1\n" if known else ""
        text = text.replace("event_time: {column: day}", "event_time: {column: day, zone: UTC}")
        text += f"known: {known}\n" if known else ""
        report = desk.load("move_id,account,day\n1,a,2026-01-01\n", text, name="moves.csv")
        assert report.rows_loaded == 1
        assert desk.table("moves")["load_time"].to_list() == [expected]


def test_known_needs_an_event_time_or_a_date(desk):
    plain = HOLDERS + "known: event_time\n"
    with pytest.raises(FaultsError, match="event_time"):
        desk.contracts(plain)
    with pytest.raises(FaultsError, match="2024-12-31"):
        desk.contracts(HOLDERS + "known: soon\n")


DISTRICTS = """
contract: districts
meaning: {en: Districts, zh: 行政区}
file: districts_*.csv
key: [code]
columns:
  code: {type: text, meaning: {en: Code, zh: 代码}}
  salary: {type: decimal, decimal: [8, 2], missing: ["", "?"], personal_data: basic, meaning: {en: Salary, zh: 工资}}
  region: {type: text, meaning: {en: Region, zh: 大区}}
"""
HOMES = """
contract: homes
meaning: {en: Homes, zh: 居住地}
file: homes.csv
key: [client_id]
customer: client_id
references: [{column: code, to: districts.code, brings: [salary, region]}]
columns:
  client_id: {type: integer, meaning: {en: Client, zh: 客户号}}
  code: {type: text, meaning: {en: District, zh: 行政区}}
"""


def test_a_reference_brings_columns_of_the_latest_record(desk):
    contracts = desk.contracts(HOMES, DISTRICTS)
    column = contracts["homes"].columns["salary"]
    assert (column.type, column.decimal, column.personal_data) == ("decimal", (8, 2), "basic")
    desk.file("code,salary,region\na,100.5,north\nb,?,south\n", "districts_1.csv")
    desk.file("code,salary,region\na,120,north\n", "districts_2.csv")
    desk.file("client_id,code\n1,a\n2,b\n3,\n4,z\n", "homes.csv")
    reports = load_all(contracts, desk.folder, store=desk.store, lake=desk.lake, load_time=LOAD_TIME)
    assert reports[-1].rejects_by_reason == {"reference": 1}
    rows = desk.table("homes").select("client_id", pl.col("salary").cast(pl.String), "region").rows()
    assert rows == [(1, "120.00", "north"), (2, None, "south"), (3, None, None)]
    assert [each.name for each in reports[-1].quality.columns] == ["client_id", "code", "salary", "region"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("brings: [salary", "brings: [salry", "did you mean 'salary'"),
        ("brings: [salary", "brings: [code", "already a column"),
        ("to: districts.code", "to: districts.region", "not the key"),
    ],
)
def test_faults_of_what_is_brought(desk, old, new, words):
    with pytest.raises(FaultsError, match=words):
        desk.contracts(HOMES.replace(old, new), DISTRICTS)
