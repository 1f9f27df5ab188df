"""``vostro identity`` as a person types it: on a real bank, in both languages, as JSON."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cyclopts import App

from vostro.bank import read_bank
from vostro.capture import load_all
from vostro.console.commands.identity import identity
from vostro.engine import Workspace
from vostro.words import VostroError

CONTRACT = """\
contract: {name}
meaning: {{en: Customers, zh: 客户}}
file: {name}.csv
key: [num]
customer: num
columns:
  num: {{type: text, meaning: {{en: Number, zh: 客户号}}}}
  name: {{type: text, personal_data: identity, meaning: {{en: Name, zh: 姓名}}}}
  born: {{type: date, personal_data: basic, meaning: {{en: Born, zh: 生日}}}}
  card: {{type: text, personal_data: identity, meaning: {{en: Identity card, zh: 身份证}}}}
"""
IDENTITY = """\
sources:
  crm: {name: name, born: born, card: card}
  core: {name: name, born: born, card: card}
fields: {name: name, born: date, card: id_number}
keys: [[card]]
household: {same: [name]}
"""
FILES = {
    "contracts/crm.yaml": CONTRACT.format(name="crm"),
    "contracts/core.yaml": CONTRACT.format(name="core"),
    "identity.yaml": IDENTITY,
    "crm.csv": "num,name,born,card\nP1,Ann Lee,1990-01-02,K77\nP2,王小明,1985-05-05,K88\nP3,Bo Wu,1970-12-31,\n",
    "core.csv": "num,name,born,card\nQ1,Anne Lee,1990-01-02,K77\nQ2,Bo Wu,1970-12-30,\n",
}


@pytest.fixture
def folder(workspace: Workspace, database_url: str) -> Path:
    header = "bank: b\nname: {en: Bank, zh: 银行}\ncurrency: CNY\nzone: Asia/Shanghai\n"
    settings = f"settings: {{database_url: '{database_url}', memory_limit_mb: 512}}\n"
    for name, text in (FILES | {"bank.yaml": header + settings}).items():
        path = workspace.bank / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    bank = read_bank(workspace.bank)
    now = datetime(2026, 2, 21, tzinfo=UTC)
    load_all(bank.contracts, workspace.bank, store=workspace.store, lake=workspace.lake, load_time=now)
    workspace.close()
    return workspace.bank


@pytest.fixture
def say(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "200")
    app = App(name="vostro", result_action="return_value")
    app.command(identity)

    def run(*words: str, language: str = "en") -> str:
        app(["identity", *words, "--bank", str(folder), "--language", language])
        return capsys.readouterr().out

    return run


def test_a_bank_is_matched_shown_and_decided_on(say) -> None:
    done = json.loads(say("run", "--json"))
    assert (done["customers"], done["compared"]) == (5, 5)
    shown = say("show", "Q1")
    assert "Person Q1: Q1, P1" in shown, "the core system was loaded first"
    assert "Aaaa Aaa" in shown and "Ann" not in shown.replace("Anna", ""), "names are masked"
    assert "Anne Lee" in say("show", "Q1", "--unmask")
    assert "黄金记录" in say("show", "Q1", language="zh")
    moved = json.loads(say("merge", "P2", "P3", "--reason", "same passport", "--by", "ann", "--json"))[
        "moved"
    ]
    assert moved == [["P2", "P2", "Q2"]], "P3 is one person with Q2, who is older"
    assert "ann: same passport" in say("show", "P3")
    assert "P3" in say("unmerge", "P3", "P2", "--reason", "a slip")
    assert json.loads(say("show", "P2", "--json"))["identifiers"] == ["P2"]
    assert "没有待复核" in say("review", language="zh") or "待复核配对" in say("review", language="zh")
    assert "open" in json.loads(say("review", "--json"))


def test_without_a_definition_the_page_is_named(say, folder: Path) -> None:
    (folder / "identity.yaml").unlink()
    with pytest.raises(VostroError, match=r"docs/identity\.md"):
        say("run")
