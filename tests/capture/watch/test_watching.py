"""Files are loaded day by day into a real store and lake; what goes wrong becomes an alert, once."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from vostro.capture import load_all
from vostro.capture.watch import (
    ALERT,
    RESOLVED,
    Check,
    WatchReport,
    past_loads,
    raise_alerts,
    read_alerts,
    watch_and_raise,
    watch_sources,
)
from vostro.engine import Store, Workspace, read_events
from vostro.words import Text

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, 6, tzinfo=UTC)

BRANCHES = """
contract: branches
meaning: {en: Branches, zh: 网点}
file: branches_*.csv
key: [branch]
watch: {snapshot: true}
columns:
  branch: {type: text, meaning: {en: Branch, zh: 网点号}}
"""
PAYMENTS = """
contract: payments
meaning: {en: Payments, zh: 支付}
file: payments_*.csv
key: [payment]
customer: customer
event_time: {column: paid}
event: payment
references: [{column: branch, to: branches.branch}]
columns:
  payment: {type: text, meaning: {en: Payment, zh: 支付号}}
  customer: {type: text, personal_data: identity, meaning: {en: Customer, zh: 客户号}}
  paid: {type: moment, meaning: {en: When, zh: 时间}}
  branch: {type: text, meaning: {en: Branch, zh: 网点号}}
  amount: {type: number, meaning: {en: Amount, zh: 金额}}
"""


def payments(day: int, rows: int = 60, missing: float = 0.0, branch: str = "b1") -> str:
    rng = np.random.default_rng(day)
    lines = ["payment,customer,paid,branch,amount"]
    for n in range(rows):
        when = START + day * DAY - timedelta(hours=6, minutes=int(rng.integers(1, 1_441)))
        amount = "" if rng.random() < missing else f"{rng.lognormal(3, 1):.2f}"
        lines.append(f"p{day}-{n},c{rng.integers(0, 50)},{when.isoformat()},{branch},{amount}")
    return "\n".join(lines) + "\n"


class Bank:
    """The bank's days: each morning a file."""

    def __init__(self, desk: Any, payments: str = PAYMENTS) -> None:
        self.desk = desk
        self.contracts = desk.contracts(BRANCHES, payments)
        self.day = 0
        self.branches("b1", "b2")

    def branches(self, *names: str) -> None:
        content = "branch\n" + "".join(f"{name}\n" for name in names)
        path = self.desk.file(content, f"branches_{self.day}.csv")
        self.desk.load(path, self.contracts["branches"], load_time=self.now)

    @property
    def now(self) -> datetime:
        return START + self.day * DAY

    def morning(self, **options: Any) -> None:
        self.day += 1
        path = self.desk.file(payments(self.day, **options), f"payments_{self.day:03}.csv")
        self.desk.load(path, self.contracts["payments"], load_time=self.now)

    def watch(self, at: datetime | None = None) -> WatchReport:
        return watch_sources(self.desk.store, self.desk.lake, self.contracts, at or self.now)

    def look(self) -> WatchReport:
        return watch_and_raise(self.desk.store, self.desk.lake, self.contracts, self.now)

    def check(self, kind: str, subject: str = "", at: datetime | None = None) -> Check:
        source = next(each for each in self.watch(at).sources if each.source == "payments")
        return next(each for each in source.checks if (each.check, each.subject) == (kind, subject))


@pytest.fixture
def bank(desk: Any) -> Bank:
    return Bank(desk)


def log(store: Store) -> pl.DataFrame:
    with store.begin() as connection:
        return pl.concat(read_events(connection, kind=kind) for kind in (ALERT, RESOLVED)).sort("sequence")


def test_a_bad_day_is_an_alert_and_the_next_good_day_resolves_it(bank: Bank) -> None:
    for _ in range(10):
        bank.morning()
    assert read_alerts(bank.desk.store) == []
    bank.morning(rows=8, missing=0.9)
    found = read_alerts(bank.desk.store)
    assert {(each.check, each.subject) for each in found} >= {("volume", ""), ("null_rate", "amount")}
    assert {each.since for each in found} == {bank.now}
    before = log(bank.desk.store).height
    bank.look()
    bank.look()
    assert log(bank.desk.store).height == before, "looked at again, nothing is written"
    bank.morning()
    assert read_alerts(bank.desk.store) == []
    told = {(each.check, each.state) for each in read_alerts(bank.desk.store, resolved=True)}
    assert {("volume", "resolved"), ("null_rate", "resolved")} <= told
    then = bank.now - timedelta(hours=1)
    assert {each.check for each in read_alerts(bank.desk.store, as_of=then)} == {each.check for each in found}
    assert [each.check for each in bank.watch(then).alerts] == [each.check for each in found]


def test_the_log_of_alerts_names_no_customer_and_no_value(bank: Bank) -> None:
    for _ in range(10):
        bank.morning()
    bank.morning(rows=8)
    events = log(bank.desk.store)
    assert set(events["customer"]) == {""}
    body = json.loads(events["body"][0])
    assert set(body) == {"source", "check", "subject", "load_id", "value", "low", "high", "words"}


def test_freshness_is_measured_by_the_sources_own_rhythm(bank: Bank) -> None:
    bank.morning()
    assert bank.check("freshness").verdict == "too_little_history"
    for _ in range(6):
        bank.morning()
    usual = bank.check("freshness")
    assert usual.verdict == "ok" and usual.value == pytest.approx(6.5 * 3600, abs=3600)
    assert bank.check("freshness", at=bank.now + DAY).verdict == "ok"
    assert bank.check("freshness", at=bank.now + 1.7 * DAY).verdict == "watch"
    assert bank.check("freshness", at=bank.now + 3 * DAY).verdict == "alert"


def test_freshness_as_the_contract_promises(desk: Any) -> None:
    bank = Bank(desk, PAYMENTS + "expected: every 1 hour\n")
    bank.morning()
    assert bank.check("freshness").verdict == "ok"
    assert bank.check("freshness", at=bank.now + timedelta(hours=2, minutes=30)).verdict == "alert"
    bank = Bank(desk, PAYMENTS + "watch: {freshness_max: 2 days}\n")
    assert bank.check("freshness", at=bank.now + 3 * DAY).verdict == "alert"
    nothing = next(each for each in bank.watch(START - DAY).sources if each.source == "payments")
    assert nothing.checks[0].words.en == "nothing has come yet"


def test_a_freshness_alert_is_raised_by_looking_and_resolved_by_the_next_load(bank: Bank) -> None:
    for _ in range(8):
        bank.morning()
    bank.day += 5
    assert [each.check for each in bank.look().alerts] == ["freshness"]
    bank.day += 1
    assert len(bank.look().alerts) == 1 and log(bank.desk.store).height == 1, "one for each load"
    bank.morning()
    report = bank.look()
    assert not [each for each in report.alerts if each.check == "freshness"]
    assert report.resolved[0].check == "freshness"


def test_references_break_when_the_referred_table_changes(bank: Bank) -> None:
    bank.morning(branch="b1")
    bank.morning(branch="b2")
    subject = "branch -> branches.branch"
    assert bank.check("reference_breaks", subject).value == 0
    bank.branches("b1", "b3")  # every file is the whole table: b2 was closed
    broken = bank.check("reference_breaks", subject)
    assert (broken.value, broken.verdict) == (0.5, "alert")
    assert bank.check("reference_breaks", subject, at=bank.now - timedelta(seconds=1)).value == 0


def test_a_day_without_events_is_seen_against_its_weekday(bank: Bank) -> None:
    for _ in range(75):
        bank.morning(rows=40)
    usual = bank.check("volume_day")
    assert usual.verdict in ("ok", "watch") and usual.history >= 8
    bank.morning(rows=1)
    bank.morning(rows=40)
    short = bank.check("volume_day")
    assert short.verdict == "alert" and short.value is not None and short.low is not None
    assert short.value < short.low


def test_history_counts_a_file_once_and_stops_at_the_moment(bank: Bank) -> None:
    for _ in range(3):
        bank.morning()
    store = bank.desk.store
    assert [each.file for each in past_loads(store, "payments")] == [f"payments_00{n}.csv" for n in (1, 2, 3)]
    assert len(past_loads(store, "payments", as_of=bank.now - DAY)) == 2
    assert len(past_loads(store, "payments", last=1)) == 1
    changed = bank.desk.contracts(BRANCHES, PAYMENTS.replace("type: number,", "type: number, min: 0,"))
    path = bank.desk.folder / "payments_002.csv"
    bank.desk.load(path, changed["payments"], load_time=bank.now + DAY)
    files = [each.file for each in past_loads(store, "payments")]
    assert sorted(files) == [f"payments_00{n}.csv" for n in (1, 2, 3)]
    assert [each.file for each in past_loads(store, "payments", as_of=bank.now)] == sorted(files)


def test_loading_a_folder_looks_at_every_source(bank: Bank) -> None:
    for _ in range(3):
        bank.morning(branch="b2")
    bank.desk.file("branch\nb1\n", "branches_9.csv")
    reports = load_all(
        bank.contracts, bank.desk.folder, store=bank.desk.store, lake=bank.desk.lake, load_time=bank.now + DAY
    )
    assert sum(not each.already_loaded for each in reports) == 1
    assert [each.check for each in read_alerts(bank.desk.store)] == ["reference_breaks"]


def test_figures_of_every_load_are_those_of_its_day(bank: Bank) -> None:
    for _ in range(10):
        bank.morning()
    bank.morning(rows=8)
    bank.morning()
    source = next(each for each in bank.watch().sources if each.source == "payments")
    assert [each.rows_read for each in source.loads] == [60] * 10 + [8, 60]
    assert [each.verdict == "alert" for each in source.loads][-2:] == [True, False]
    assert "volume" in source.loads[-2].alerts
    assert sum(count for _, count in source.days) == 668
    assert source.newest is not None and source.newest < bank.now


def check(verdict: str, load_id: int = 1) -> Check:
    return Check(
        source="s",
        check="volume",
        unit="rows",
        value=1,
        verdict=verdict,  # type: ignore[arg-type]
        words=Text("x", "x"),
        load_id=load_id,
        measured=START,
    )


def test_one_alert_a_check_source_and_load(workspace: Workspace) -> None:
    store = workspace.store
    assert raise_alerts(store, [check("ok"), check("too_little_history")], START) == (0, 0)
    assert raise_alerts(store, [check("alert")], START) == (1, 0)
    assert raise_alerts(store, [check("alert")], START + DAY) == (0, 0)
    assert raise_alerts(store, [check("too_little_history")], START + DAY) == (0, 0)
    assert raise_alerts(store, [check("alert", 2)], START + DAY) == (1, 0)
    (found,) = read_alerts(store)
    assert (found.load_id, found.last_load_id, found.times, found.since) == (1, 2, 2, START)
    assert raise_alerts(store, [check("watch", 2)], START + 2 * DAY) == (0, 1)
    assert raise_alerts(store, [check("ok", 2)], START + 2 * DAY) == (0, 0)
    assert raise_alerts(store, [check("alert", 2)], START + 3 * DAY) == (1, 0), (
        "limits were changed in between"
    )
    assert raise_alerts(store, [check("ok", 2)], START + 4 * DAY) == (0, 1)
    assert [each.state for each in read_alerts(store, resolved=True)] == ["resolved", "resolved"]
