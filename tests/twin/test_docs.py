"""The description of the quickstart data says what the files hold and what is broken in them."""

import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from vostro.capture import read_contracts
from vostro.twin import TwinBank

ROOT = Path(__file__).parents[2]
PAGES = {"en": "data.md", "zh": "data.zh.md"}


def _rows(language: str) -> list[list[str]]:
    text = (ROOT / "docs" / "quickstart" / PAGES[language]).read_text(encoding="utf-8")
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"
    ]


@pytest.mark.parametrize("language", PAGES)
def test_every_column_is_described_as_in_its_contract(language: str) -> None:
    contracts = read_contracts(ROOT / "examples" / "quickstart")
    expected = [
        [f"`{name}`", column.type, column.personal_data, column.meaning.say(language)]
        for source in ("customers", "past_calls", "outcomes")
        for name, column in contracts[source].columns.items()
    ]
    types = {"text", "integer", "decimal", "date", "moment", "boolean"}
    assert [row for row in _rows(language) if len(row) == 4 and row[1] in types] == expected


@pytest.mark.parametrize("language", PAGES)
def test_broken_records_are_counted_as_told(language: str, bank: TwinBank) -> None:
    kinds = {row.kind for row in bank.dirty_rows}
    told, file = Counter(), ""
    for row in _rows(language):
        if len(row) == 4 and row[1].strip("`") in kinds:
            file = row[0].strip("`") or file
            told[file, row[1].strip("`")] = int(row[3])
    assert told == Counter((row.file, row.kind) for row in bank.dirty_rows)


def test_the_program_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "docs" / "quickstart" / "data.md").read_text(encoding="utf-8")
    block = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert block
    monkeypatch.chdir(tmp_path)
    exec(compile(block[1], "data.md", "exec"), vars(ModuleType("data")))
    assert -2 < float(capsys.readouterr().out) < 2
