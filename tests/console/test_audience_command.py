"""``vostro audience`` as a person types it: counts that can be checked by hand, in both languages, as JSON."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from cyclopts import App

import vostro
from vostro.bank import read_bank
from vostro.console.commands.audience import SampleFileError, audience
from vostro.portrait import IndexMissingError, RuleError, build_index, index_folder
from vostro.portrait.rule import polars_type

STARTER = Path(vostro.__file__).parent / "starter"
AGES = [20, 30, 40, 50, 60, None, 25, 35]
CHANNELS = """\
- {channel: call, name: {en: Call centre, zh: 呼叫中心}, file: call_list.csv, reachable: holds_card}
- {channel: mail, name: {en: E-mail, zh: 邮件}, file: mail.csv}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    bank = tmp_path / "bank"
    shutil.copytree(STARTER, bank, ignore=shutil.ignore_patterns(".vostro"))
    shutil.rmtree(bank / "channels")
    (bank / "channels").mkdir()
    (bank / "channels" / "all.yaml").write_text(CHANNELS, encoding="utf-8")
    return bank


@pytest.fixture
def built(folder: Path) -> Path:
    """The starter bank with an index of eight customers; half hold a card."""
    bank = read_bank(folder)
    given = {"age": AGES, "holds_card": [True, False] * 4, "balance_cny": [i * 1000 for i in range(8)]}
    columns = {
        code: pl.Series(given.get(code, [None] * 8)).cast(polars_type(tag)) for code, tag in bank.tags.items()
    }
    portraits = pl.DataFrame({"customer": [f"C{i:03d}" for i in range(8)]} | columns)
    index = build_index(portraits, bank.tags, datetime(2026, 7, 1, tzinfo=UTC), bank.version)
    index.save(index_folder(folder / ".vostro"))
    return folder


def say(*words: object) -> None:
    app = App()
    app.command(audience)
    app(["audience", *map(str, words)], exit_on_error=False, result_action="return_value")


def test_count_conditions_reach_and_portrait(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    say("age BETWEEN 25 AND 50 AND balance_cny >= 2000", built, "--language", "en")
    out = capsys.readouterr().out
    assert "4 of 8 customers (50.0 %), exactly, as of 2026-07-01T00:00:00" in out
    assert "Age is between 25 and 50" in out
    assert "no rule 'reachable'" in out  # e-mail
    assert "Portrait: what sets it apart" in out
    assert "definitions have changed" not in out


def test_chinese(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    say("NOT holds_card", built, "--against", "age > 30", "--language", "zh")
    out = capsys.readouterr().out
    assert "8 位客户中有 4 位（50.0 %），精确计数" in out
    assert "人群重合" in out
    assert "呼叫中心" in out


def test_json_holds_all(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    say("holds_card AND age IS NOT NULL", built, "--against", "age > 30", "--json", "--tenth", 2)
    found = json.loads(capsys.readouterr().out)
    assert (found["count"], found["customers"]) == (4, 8)
    assert [(each["alone"], each["running"]) for each in found["conditions"]] == [(4, 4), (7, 4)]
    assert found["overlap"] == {"first": 4, "second": 4, "both": 2, "jaccard": 2 / 6, "lift": 1.0}
    assert found["reach"]["mail"] is None
    assert found["in_tenth"] == found["reach"]["call"] <= 4
    assert found["as_of"] == "2026-07-01T00:00:00Z"


def test_identifiers_are_written_and_said_to_be_personal(
    built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "ids.csv"
    say("holds_card", built, "--ids", path, "--language", "en")
    assert path.read_text() == "customer\nC000\nC002\nC004\nC006\n"
    out = capsys.readouterr().out
    assert "personal data, not masked" in out
    assert "C000" not in out  # no identifier on the screen
    say("holds_card", built, "--ids", path, "--sample", 2, "--language", "en")
    assert len(path.read_text().split()) == 3
    with pytest.raises(SampleFileError):
        say("holds_card", built, "--sample", 2)


def test_other_definitions_are_told(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (built / "segments" / "more.yaml").write_text(
        "- {segment: more, name: {en: More, zh: 更多}, rule: age > 1}\n", encoding="utf-8"
    )
    say("holds_card", built, "--language", "en")
    assert "definitions have changed since the index was built" in capsys.readouterr().out


def test_what_cannot_be_counted(folder: Path) -> None:
    with pytest.raises(IndexMissingError, match="vostro build"):
        say("age > 3", folder)
    with pytest.raises(RuleError, match="did you mean age"):
        say("agee > 3", folder)
