"""A file comes in once, whole or not at all."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vostro.capture import (
    HeaderError,
    ReferenceMissingError,
    RejectsMaxError,
    SourceMissingError,
    current,
    load_all,
)

from .conftest import CLIENTS, LOAD_TIME

HEADER = "client_id,age,opened,balance,job\n"


def test_accepted_and_rejected(desk):
    report = desk.load(HEADER + "a,30,2020-01-05,12.50,clerk\nb,7,2020-01-05,1,\nc,,,,\n")
    assert (report.rows_read, report.rows_loaded, report.rows_rejected) == (3, 2, 1)
    table = desk.table()
    assert table["client_id"].to_list() == ["a", "c"]
    assert table["_line"].to_list() == [2, 4]
    assert table["age"].to_list() == [30, None]
    assert str(table["balance"][0]) == "12.50"
    (reject,) = desk.rejects()
    assert (reject["line"], reject["field"], reject["value"], reject["code"]) == (3, "age", "7", "below_min")
    assert reject["message_zh"] == "age 小于下限 17"
    assert report.rejects_by_reason == {"below_min": 1}


def test_same_file_again_adds_nothing(desk):
    content = HEADER + "a,30,,,\nb,x,,,\n"
    first = desk.load(content)
    before = desk.content()
    again = desk.load(content, name="another_name.csv")
    assert again.already_loaded
    assert not first.already_loaded
    assert desk.content() == before
    assert (again.rows_read, again.rows_loaded, again.rows_rejected) == (2, 1, 1)
    assert again.rejects_by_reason == {"not_integer": 1}
    assert again.quality == first.quality


def test_changed_contract_replaces_partition_and_changes_back(desk):
    content = HEADER + "a,30,,,\nb,7,,,\n"
    desk.load(content)
    wider = CLIENTS.replace("min: 17", "min: 1")
    report = desk.load(content, wider)
    assert not report.already_loaded
    assert desk.table()["client_id"].to_list() == ["a", "b"]
    assert desk.rejects() == []
    assert len(desk.rejects("dropped")) == 1
    back = desk.load(content)
    assert not back.already_loaded
    assert desk.table()["client_id"].to_list() == ["a"]
    assert [row["field"] for row in desk.rejects()] == ["age"]
    assert len(desk.lake.partitions("clients")) == 1


def test_changed_words_do_not_load_again(desk):
    desk.load(HEADER + "a,30,,,\n")
    assert desk.load(HEADER + "a,30,,,\n", CLIENTS.replace("en: Clients,", "en: Our clients,")).already_loaded


def test_repeated_key_is_a_reject_and_later_file_supersedes(desk):
    report = desk.load(HEADER + "a,30,,,clerk\na,31,,,clerk\nb,7,,,\nb,40,,,\n")
    assert report.rejects_by_reason == {"key_repeated": 1, "below_min": 1}
    assert sorted(desk.table()["client_id"]) == ["a", "b"]
    desk.load(HEADER + "a,32,,,boss\nc,50,,,\n", name="later.csv")
    contract = desk.contract()
    latest = {
        row["client_id"]: row["age"] for row in current(desk.lake, contract).collect().iter_rows(named=True)
    }
    assert latest == {"a": 32, "b": 40, "c": 50}


def test_header_faults_are_told_at_once(desk):
    with pytest.raises(HeaderError) as caught:
        desk.load("client_id,agee,opened,balance,job,extra\n1,2,3,4,5,6\n")
    said = caught.value.say("en")
    for part in ("'age' is missing", "'agee'", "'extra'"):
        assert part in said
    assert "age" in caught.value.say("zh")
    assert desk.content()["lake"] == {}


def test_ignored_header_is_not_loaded(desk):
    contract = CLIENTS + "ignore: {duration: known only after the call}\n"
    desk.load("client_id,age,opened,balance,job,duration\na,30,,,,99\n", contract)
    assert "duration" not in desk.table().columns


def test_too_many_rejects_refuse_the_whole(desk):
    contract = CLIENTS + 'rejects_max: "30 %"\n'
    with pytest.raises(RejectsMaxError) as caught:
        desk.load(HEADER + "a,30,,,\nb,x,,,\n", contract)
    assert "1 of 2 records (50.0%)" in caught.value.say("en")
    assert desk.content() == {"lake": {}, "rejects": [], "events": [], "loads": [], "folders": []}
    assert desk.lake.sweep() == 0


ACCOUNTS = """
contract: accounts
meaning: {en: Accounts, zh: 账户}
file: accounts.csv
key: [account_id]
columns:
  account_id: {type: integer, required: true, meaning: {en: Account, zh: 账号}}
"""
ORDERS = """
contract: orders
meaning: {en: Orders, zh: 指令}
file: orders_*.csv
references: [{column: account_id, to: accounts.account_id}]
columns:
  account_id: {type: integer, meaning: {en: Account, zh: 账号}}
  text: {type: text, meaning: {en: Text, zh: 文本}}
"""


def test_references_and_order_of_loading(desk):
    contracts = desk.contracts(ORDERS, ACCOUNTS)
    desk.file("account_id,text\n1,a\n3,b\n,c\n", "orders_1.csv")
    desk.file("account_id,text\n2,d\n", "orders_2.csv")
    with pytest.raises(SourceMissingError, match=r"accounts\.csv"):
        load_all(contracts, desk.folder, store=desk.store, lake=desk.lake, load_time=LOAD_TIME)
    assert desk.content()["loads"] == []
    with pytest.raises(ReferenceMissingError):
        desk.load(desk.folder / "orders_1.csv", contracts["orders"])
    desk.file("account_id\n1\n2\n", "accounts.csv")
    seen = []
    reports = load_all(
        contracts,
        desk.folder,
        store=desk.store,
        lake=desk.lake,
        load_time=LOAD_TIME,
        progress=lambda *told: seen.append(told),
    )
    assert [report.file for report in reports] == ["accounts.csv", "orders_1.csv", "orders_2.csv"]
    assert [row["code"] for row in desk.rejects()] == ["reference"]
    assert seen[-1][0] == "orders"
    assert seen[-1][1] == seen[-1][2]


CALLS = """
contract: calls
meaning: {en: Calls, zh: 外呼}
file: calls.csv
key: [call_id]
customer: client
event_time: {column: called_at, zone: Asia/Shanghai}
event: call_answered
lateness: 7 days
columns:
  call_id: {type: integer, meaning: {en: Call, zh: 编号}}
  client: {type: text, meaning: {en: Client, zh: 客户}}
  called_at: {type: moment, meaning: {en: At, zh: 时间}}
  fee: {type: decimal, meaning: {en: Fee, zh: 费用}}
"""


def test_events_once_and_lateness(desk):
    content = (
        "call_id,client,called_at,fee\n"
        "1,ann,2026-01-30T09:00:00,1.50\n"
        "2,bob,2026-01-30T09:00:00Z,\n"
        "3,bob,2026-02-01T09:00:00,\n"
        "4,bob,2026-01-01 09:00,\n"
        "5,bob,,\n"
    )
    report = desk.load(content, CALLS, name="calls.csv")
    assert report.rejects_by_reason == {"in_future": 1, "late": 1, "required": 1}
    events = desk.events()
    assert events["customer"].to_list() == ["ann", "bob"]
    assert [moment.hour for moment in events["event_time"]] == [1, 9]
    assert events["idempotency_key"].to_list() == ["calls:1", "calls:2"]
    assert '"fee": "1.50"' in events["body"][0] or '"fee":"1.50"' in events["body"][0]
    # the same calls in another file are the same events
    desk.load(
        content + "6,cat,2026-01-31T09:00:00,\n",
        CALLS,
        name="calls2.csv",
        load_time=LOAD_TIME + timedelta(hours=1),
    )
    assert desk.events()["customer"].to_list() == ["ann", "bob", "cat"]


def test_events_of_row_numbers_are_named_by_file_and_line(desk):
    contract = CALLS.replace("call_id: {type", "call_id: {from: row_number, type")
    desk.load("client,called_at,fee\nann,2026-01-30T09:00:00,\n", contract, name="one.csv")
    desk.load("client,called_at,fee\nann,2026-01-30T09:00:01,\n", contract, name="two.csv")
    assert desk.events().height == 2


cells = st.sampled_from(["", "a", "7", "30", "1,5", "2020-02-30", "2020-02-03", "12.345", '"x"', " 9 "])
records = st.lists(st.tuples(cells, cells, cells, cells, cells), max_size=12)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=records)
def test_every_record_is_accepted_or_rejected_and_twice_is_once(desk, rows):
    body = "".join(",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) + "\n" for row in rows)
    partitions = len(desk.lake.partitions("clients"))
    report = desk.load(HEADER + body)
    assert report.rows_loaded + report.rows_rejected == report.rows_read == len(rows)
    before = desk.content()
    assert desk.load(HEADER + body).already_loaded
    assert desk.content() == before
    assert len(desk.lake.partitions("clients")) in (partitions, partitions + 1)
    lines = desk.table().filter(_load=report.load_id)["_line"].to_list()
    kept = [row["line"] for row in desk.rejects() if row["load_id"] == report.load_id]
    assert sorted(lines + kept) == list(range(2, len(rows) + 2))


def test_real_file_loads_without_rejects(desk, data_dir):
    example = Path(__file__).parents[2] / "examples" / "term_deposit"
    from vostro.capture import read_contracts

    contracts = read_contracts(example)
    reports = load_all(
        contracts, data_dir / "bank_marketing", store=desk.store, lake=desk.lake, load_time=LOAD_TIME
    )
    clients = next(report for report in reports if report.source == "clients")
    assert (clients.rows_read, clients.rows_loaded, clients.rows_rejected) == (41188, 41188, 0)
    table = desk.table("clients")
    assert table["event_time"].is_sorted()
    # the file's own README: May 2008 to November 2010
    local = table["event_time"].dt.convert_time_zone("Europe/Lisbon")
    assert (local[0].year, local[0].month) == (2008, 5)
    assert (local[-1].year, local[-1].month) == (2010, 11)
    assert table["days_since_contact"].null_count() == 39673  # the README: pdays 999 means never
