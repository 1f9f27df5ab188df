"""``vostro watch`` as a person types it: a table, the open alerts, JSON, a look back, and an exit code."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cyclopts import App

from vostro.bank import read_bank
from vostro.capture import load, read_alerts
from vostro.console.commands.watch import watch
from vostro.engine import Workspace

NOW = datetime.now(UTC)
CONTRACT = """\
contract: rates
meaning: {en: Rates, zh: 利率}
file: rates_*.csv
key: [code]
columns:
  code: {type: text, meaning: {en: Code, zh: 代码}}
  rate: {type: number, meaning: {en: Rate, zh: 利率}}
"""
LOADS = 10


@pytest.fixture
def folder(workspace: Workspace, database_url: str) -> Path:
    """A bank with ten hourly loads of a hundred records, the last of them cut off."""
    header = "bank: b\nname: {en: Bank, zh: 银行}\ncurrency: CNY\nzone: UTC\n"
    settings = f"settings: {{database_url: '{database_url}', memory_limit_mb: 512}}\n"
    (workspace.bank / "bank.yaml").write_text(header + settings, encoding="utf-8")
    (workspace.bank / "contracts").mkdir()
    (workspace.bank / "contracts" / "rates.yaml").write_text(CONTRACT, encoding="utf-8")
    contract = read_bank(workspace.bank).contracts["rates"]
    for n in range(1, LOADS + 1):
        rows = 4 if n == LOADS else 100 + n % 3
        path = workspace.bank / f"rates_{n:02}.csv"
        path.write_text(
            "code,rate\n" + "".join(f"r{i},{i / 7 + n / 100}\n" for i in range(rows)), encoding="utf-8"
        )
        when = NOW - timedelta(hours=LOADS - n)
        load(contract, path, store=workspace.store, lake=workspace.lake, load_time=when)
    workspace.close()
    return workspace.bank


def run(*arguments: str) -> int:
    app = App()
    app.command(watch)
    try:
        app(["watch", *arguments])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_it_shows_what_needs_a_look(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(str(folder), "--language", "en") == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "Records a load" in said and "4 records" in said and "Open alerts" in said
    assert "Freshness" not in said and "without a finding" in said
    assert run(str(folder), "--language", "zh", "--all") == 0
    said = capsys.readouterr().out
    assert "每次记录数" in said and "及时性" in said and "未解除的告警" in said


def test_strict_ends_with_one_and_json_holds_everything(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(str(folder), "--strict", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    (source,) = found["sources"]
    assert source["verdict"] == "alert" and len(source["loads"]) == LOADS
    assert [each["check"] for each in found["alerts"]] == ["volume"]


def test_a_look_back_sees_what_was_known_and_writes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str], database_url: str
) -> None:
    from vostro.engine import Store

    store = Store(database_url)
    before = read_alerts(store, resolved=True)
    then = (NOW - timedelta(hours=1, minutes=30)).isoformat()
    assert run(str(folder), "--as-of", then, "--strict", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["sources"][0]["loads"]) == LOADS - 2 and found["alerts"] == []
    assert read_alerts(store, resolved=True) == before
    store.close()
