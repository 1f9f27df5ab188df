"""``vostro tags`` and ``vostro customer`` as a person types them: on a real bank, in both languages, as JSON."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cyclopts import App

from vostro.bank import read_bank
from vostro.capture import load_all
from vostro.console.commands.customer import customer
from vostro.console.commands.tags import tags
from vostro.engine import Workspace
from vostro.portrait import build_portraits, keep_history
from vostro.words import VostroError

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
FILES = {
    "contracts/pay.yaml": """\
contract: payments
meaning: {en: Card payments, zh: 刷卡交易}
file: pay.csv
key: [id]
customer: who
event_time: {column: at}
event: card_payment
columns:
  id: {type: integer, meaning: {en: Number, zh: 流水号}}
  who: {type: text, personal_data: identity, meaning: {en: Customer, zh: 客户号}}
  at: {type: moment, meaning: {en: When, zh: 时间}}
  amount: {type: decimal, decimal: [12, 2], meaning: {en: Amount, zh: 金额}}
""",
    "tags/tags.yaml": """\
- tag: spend_90d
  name: {en: "Spent, last 90 days", zh: 近90天消费}
  dimension: consumption
  aggregate: {of: card_payment, measure: sum(amount), window: 90 days}
  owner: cards
  unit: {en: CNY, zh: 元}
- {tag: care, name: {en: Care, zh: 关怀}, dimension: experience, manual: text, values: {high: {en: high, zh: 高}}}
- {template: rfm, of: card_payment, amount: amount}
""",
    "segments/s.yaml": "- {segment: big, name: {en: Big spenders, zh: 大额客户}, rule: spend_90d > 20}\n",
    "pay.csv": "id,who,at,amount\n1,ann,2026-02-01T10:00Z,30.00\n2,bob,2026-02-02T10:00Z,5.00\n3,ann,2026-02-20T10:00Z,1.50\n",
}


@pytest.fixture
def folder(workspace: Workspace, database_url: str) -> Path:
    header = "bank: b\nname: {en: Bank, zh: 银行}\ncurrency: CNY\nzone: Asia/Shanghai\nas_of: '2026-03-01T17:00+08:00'\n"
    settings = f"settings: {{database_url: '{database_url}', memory_limit_mb: 512}}\n"
    for name, text in (FILES | {"bank.yaml": header + settings}).items():
        path = workspace.bank / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    bank = read_bank(workspace.bank)
    load_all(
        bank.contracts,
        workspace.bank,
        store=workspace.store,
        lake=workspace.lake,
        load_time=datetime(2026, 2, 21, tzinfo=UTC),
    )
    portraits = build_portraits(bank.tags, bank.contracts, workspace.lake, as_of=NOW)
    workspace.lake.write("portrait", "latest", portraits)
    keep_history(workspace.lake, bank.tags, portraits, moment=NOW)
    workspace.close()
    return workspace.bank


@pytest.fixture
def say(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "160")
    app = App(name="vostro", result_action="return_value")
    app.command(tags)
    app.command(customer)

    def run(*words: str, language: str = "en") -> str:
        app([*words, str(folder), "--language", language])
        return capsys.readouterr().out

    def with_options(words: list[str], *options: str, language: str = "en") -> str:
        app([*words, str(folder), "--language", language, *options])
        return capsys.readouterr().out

    run.options = with_options  # type: ignore[attr-defined]
    return run


def test_list_and_show(say) -> None:
    said = say("tags", "list")
    assert "spend_90d" in said and "rfm_recency" in said and "unused" in said
    shown = say("tags", "show", "spend_90d")
    assert "sum of amount of card payments, last 90 days" in shown
    assert "Big spenders" in shown and "payments.amount" in shown and "100.0 %" in shown
    chinese = say("tags", "show", "spend_90d", language="zh")
    assert "近90天刷卡交易的金额合计" in chinese and "大额客户" in chinese
    plain = json.loads(say.options(["tags", "show", "spend_90d"], "--json"))
    assert plain["coverage"] == 1.0 and plain["owner"] == "cards" and plain["unused"] is False
    listed = json.loads(say.options(["tags", "list"], "--json", "--kind", "manual"))
    assert [each["tag"] for each in listed] == ["care"]


def test_history_and_lineage(say) -> None:
    assert "100.0 %" in say("tags", "history", "spend_90d")
    assert len(json.loads(say.options(["tags", "history", "spend_90d"], "--json"))) == 1
    assert "big" in say("tags", "lineage", "payments.amount")
    assert json.loads(say.options(["tags", "lineage", "spend_90d"], "--json"))["columns"] == [
        "payments.amount",
        "payments.at",
    ]


@pytest.mark.parametrize("command", ["show", "history", "lineage"])
def test_a_slip_of_the_keyboard_is_told(say, command: str) -> None:
    with pytest.raises(VostroError, match="Did you mean 'spend_90d'"):
        say("tags", command, "spend90d")


def test_set_show_and_clear(say) -> None:
    why = ("--by", "eve", "--reason", "loyal")
    assert "care' is high" in say.options(["tags", "set", "care", "ann", "high"], *why)
    seen = say("customer", "ann")
    assert "high" in seen and "set by eve: loyal" in seen and "Big spenders" in seen
    assert "31.50 CNY" in seen and "Events 1 to 2 of 2" in seen
    assert "已清除" in say.options(["tags", "clear", "care", "ann"], *why, language="zh")
    assert "set by eve" not in say("customer", "ann").split("Events")[0]
    with pytest.raises(VostroError, match="one of high"):
        say.options(["tags", "set", "care", "ann", "higher"], *why)
    with pytest.raises(VostroError, match="no customer 'zoe'"):
        say.options(["tags", "set", "care", "zoe", "high"], *why)


def test_a_customer_of_the_past_and_as_json(say) -> None:
    past = json.loads(say.options(["customer", "ann"], "--json", "--as-of", "2026-02-21T00:00Z"))
    assert past["events_known"] == 2 and past["as_of"] == "2026-02-21T00:00:00+00:00"
    with pytest.raises(VostroError, match="known at 2026-02-20"):
        say.options(["customer", "ann"], "--as-of", "2026-02-20T00:00Z")
    second = say.options(["customer", "ann"], "--page", "2", "--limit", "1")
    assert "Events 2 to 2 of 2" in second and "30.00" in second.split("Events")[1]
    assert "No events on this page" in say.options(["customer", "ann"], "--page", "9")


def test_cuts_are_a_line_of_yaml(say) -> None:
    said = say("tags", "cuts", "rfm")
    assert "cuts: {recency: [8, 8, 26, 26]" in said.replace("\n", " ")
    with pytest.raises(VostroError, match="Templates: rfm"):
        say("tags", "cuts", "fmr")


def test_commands_start_without_the_rooms() -> None:
    """What is slow is imported when a command runs."""
    import subprocess

    code = (
        "import sys, vostro.console.commands.tags, vostro.console.commands.customer;"
        "print([m for m in ('polars', 'ibis', 'sqlglot', 'sqlalchemy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
