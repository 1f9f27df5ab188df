"""Rejects can be seen, taken out, mended and brought back, and none is ever lost."""

import csv
from datetime import timedelta

import pytest

from vostro.capture import (
    MendedFileError,
    SourceUnknownError,
    current,
    export_rejects,
    list_rejects,
    replay_rejects,
)

from .conftest import CLIENTS, LOAD_TIME
from .test_loading import CALLS, HEADER

LATER = LOAD_TIME + timedelta(days=1)
BAD = HEADER + 'a,30,2020-01-01,1.00,ok\nb,7,2023-02-30,"1,234.00",clerk\nc,x,,,\nd,40,,\n'


def replay(desk, mended=None, source=None, contract=CLIENTS, load_time=LATER):
    return replay_rejects(
        desk.store, desk.lake, desk.contracts(contract), source=source, mended=mended, load_time=load_time
    )


def mend(path, changes):
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row.update(changes.get(int(row["_line"]), {}))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_list_masks_personal_values_and_tells_all_faults(desk):
    desk.load(BAD)
    shown = list_rejects(desk.store)
    assert [(each.line, each.field, each.value, each.code) for each in shown] == [
        (3, "age", "9", "below_min"),
        (4, "age", "a", "not_integer"),
        (5, None, None, "fields_count"),
    ]
    assert shown[0].reason.en.count(";") >= 2
    assert "balance" in shown[0].reason.en
    assert "opened 是日历上不存在的日期" in shown[0].reason.zh
    assert [each.value for each in list_rejects(desk.store, unmask=True, limit=2)] == ["7", "x"]
    assert list_rejects(desk.store, source="other") == []


def test_export_mend_replay(desk, tmp_path):
    desk.load(BAD)
    path = tmp_path / "mend.csv"
    assert export_rejects(desk.store, path, "clients") == 3
    assert path.stat().st_mode & 0o077 == 0
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:5] == ["_reject_id", "_file", "_line", "_field", "_reason"]
    assert rows[0]["balance"] == "1,234.00"
    assert rows[2]["_record"] == "d,40,,"
    mend(
        path,
        {3: {"age": "27", "opened": "2023-02-28", "balance": "1234.00"}, 5: {"client_id": "d", "age": "40"}},
    )
    report = replay(desk, path)
    assert (report.considered, report.accepted, report.still_open, report.already) == (3, 2, 1, 0)
    assert report.rejects_by_reason == {"not_integer": 1}
    table = current(desk.lake, desk.contract()).collect()
    assert sorted(table["client_id"]) == ["a", "b", "d"]
    mended = table.filter(client_id="b")
    assert mended["_line"].item() == 3
    assert mended["load_time"].item() == LATER
    assert [row["state"] for row in desk.rejects("replayed")] == ["replayed", "replayed"]
    before = desk.content()
    again = replay(desk, path)
    assert (again.accepted, again.already, again.still_open) == (0, 2, 1)
    assert desk.content() == before
    assert desk.load(BAD).already_loaded


def test_replay_under_a_changed_contract(desk):
    desk.load(BAD)
    wider = CLIENTS.replace("min: 17, ", "").replace("type: decimal, decimal: [12, 2]", "type: text")
    report = replay(desk, contract=wider.replace("type: date", "type: text"))
    assert (report.considered, report.accepted) == (2, 1)
    assert sorted(desk.table()["client_id"]) == ["a", "b"]


def test_mended_records_stay_when_the_file_is_loaded_again(desk, tmp_path):
    desk.load(BAD)
    path = tmp_path / "mend.csv"
    export_rejects(desk.store, path, "clients")
    mend(path, {4: {"age": "50"}})
    assert replay(desk, path).accepted == 1
    report = desk.load(BAD, CLIENTS.replace("max: 110", "max: 111"))
    assert (report.rows_read, report.rows_loaded, report.rows_rejected, report.rows_mended) == (4, 1, 2, 1)
    assert dict(current(desk.lake, desk.contract()).select("client_id", "age").collect().iter_rows()) == {
        "a": 30,
        "c": 50,
    }


def test_replayed_key_may_not_repeat_and_never_supersedes_a_newer_file(desk, tmp_path):
    desk.load(HEADER + "a,30,,,\na,31,,,\nb,7,,,\n")
    desk.load(HEADER + "b,60,,,\n", name="newer.csv")
    path = tmp_path / "mend.csv"
    export_rejects(desk.store, path, "clients")
    mend(path, {4: {"age": "55"}})
    report = replay(desk, path, source="clients")
    assert report.accepted == 1
    assert report.rejects_by_reason == {"key_repeated": 1}
    latest = dict(current(desk.lake, desk.contract()).select("client_id", "age").collect().iter_rows())
    assert latest == {"a": 30, "b": 60}


def test_replay_appends_events_once(desk, tmp_path):
    content = "call_id,client,called_at,fee\n1,ann,2026-01-30T09:00:00,x\n2,bob,2026-01-30T09:00:00,1\n"
    desk.load(content, CALLS, name="calls.csv")
    path = tmp_path / "mend.csv"
    export_rejects(desk.store, path, "calls")
    mend(path, {2: {"fee": "9.99"}})
    for _ in range(2):
        replay(desk, path, contract=CALLS)
        assert desk.events()["customer"].to_list() == ["bob", "ann"]


def test_many_rejects_come_back_in_chunks(desk, tmp_path, monkeypatch):
    monkeypatch.setattr("vostro.capture.replay._CHUNK_ROWS", 3)
    desk.load(HEADER + "".join(f"k{number % 9},x,,,\n" for number in range(10)) + "a,30,,\n")
    path = tmp_path / "mend.csv"
    assert export_rejects(desk.store, path, "clients") == 11
    mend(path, {line: {"age": "50"} for line in range(2, 12) if line != 5})
    report = replay(desk, path)
    # line 5 was not mended, line 11 repeats the key of line 2 two chunks later, line 12 was never split
    assert (report.considered, report.accepted, report.still_open) == (10, 8, 2)
    assert report.rejects_by_reason == {"not_integer": 1, "key_repeated": 1}
    assert [row["line"] for row in desk.rejects()] == [5, 11, 12]
    assert sorted(desk.table()["_line"]) == [2, 3, 4, 6, 7, 8, 9, 10]


MONTHS = """
contract: calls
meaning: {en: Calls, zh: 外呼}
file: calls.csv
customer: client
key: [client]
event_time: {months_in_order: month, first: 2008-11, zone: Europe/Lisbon}
columns:
  client: {from: row_number, type: text, meaning: {en: Client, zh: 客户}}
  month: {type: text, meaning: {en: Month, zh: 月份}}
  age: {type: integer, meaning: {en: Age, zh: 年龄}}
"""


def test_replayed_months_get_their_place_in_time(desk, tmp_path):
    desk.load("month,age\nnov,1\ndec,x\nmayy,1\njan,2\njan,y\n", MONTHS, name="calls.csv")
    path = tmp_path / "mend.csv"
    export_rejects(desk.store, path, "calls")
    mend(path, {3: {"age": "5"}, 4: {"month": "dec"}, 6: {"age": "6"}})
    assert replay(desk, path, contract=MONTHS).accepted == 3
    rows = desk.table("calls").sort("_line")
    assert rows["client"].to_list() == ["1", "2", "3", "4", "5"]
    local = (
        rows["event_time"].dt.convert_time_zone("Europe/Lisbon").dt.strftime("%Y-%m-%d %H:%M:%S").to_list()
    )
    assert [moment[:7] for moment in local] == ["2008-11", "2008-12", "2008-12", "2009-01", "2009-01"]
    assert local[4] == "2009-01-01 00:00:01"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a,b\n1,2\n", "'_reject_id' is missing"),
        ("_reject_id,age\nx,2\n", "line 2: '_reject_id' is not a number"),
        ("_reject_id,age\n1,2\n1,3\n", "reject 1 occurs twice"),
        ("_reject_id,age\n77,2\n", "no rejects numbered 77"),
        ("_reject_id,age\n1,2,3\n", "line 2"),
    ],
)
def test_a_file_that_is_no_export_is_refused(desk, content, said):
    desk.load(BAD)
    before = desk.content()
    with pytest.raises(MendedFileError) as caught:
        replay(desk, desk.file(content, "mended.csv"))
    assert said in caught.value.say("en")
    assert desk.content() == before


def test_unknown_source_is_suggested(desk):
    with pytest.raises(SourceUnknownError, match="Did you mean 'clients'"):
        replay(desk, source="client")
