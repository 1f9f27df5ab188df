"""``vostro models``: list, show, approve and go back, in both languages and as JSON."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "stages"))

import models_bank

from vostro.cli import app
from vostro.console.model_views import STATES, say_learnt
from vostro.console.terminal import Terminal
from vostro.insight.card_words import FIGURES, VERDICTS, card_markdown
from vostro.stages import build_bank
from vostro.stages.models import show_model
from vostro.words import VostroError

UNTIL = models_bank.START + timedelta(days=200)


@pytest.fixture
def built(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VOSTRO_DATABASE_URL", database_url)
    monkeypatch.setenv("COLUMNS", "160")
    folder = models_bank.write_bank(tmp_path / "bank")
    data = models_bank.write_data(tmp_path / "data", models_bank.events(250), until=UNTIL)
    build_bank(folder, moment=UNTIL, data=data, by="ann")
    return folder


def _said(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    with pytest.raises(SystemExit) as done:
        app([*map(str, words)])
    assert done.value.code in (0, None)
    return capsys.readouterr().out


def test_from_the_list_to_the_champion(built: Path, capsys: pytest.CaptureFixture[str]) -> None:
    say_learnt(build_bank(built, moment=UNTIL, by="ann")[0].models, Terminal("en"))
    told = capsys.readouterr().out
    assert "Unknown until it is approved: chance" in told and "approve buys_soon --as PERSON" in told
    (line,) = json.loads(_said(capsys, "models", built, "--json"))
    assert line["champion"] is None and line["proposed"]["proposed_by"] == "ann"
    card = json.loads(_said(capsys, "models", "show", "buys_soon", built, "--json"))
    assert card["version"] == line["proposed"]["version"] and card["figures"]["auc"]["low"] > 0.5
    with pytest.raises(VostroError, match="somebody else"):
        app(["models", "approve", "buys_soon", str(built), "--as", "ann"])
    capsys.readouterr()
    assert card["version"][:12] in _said(capsys, "models", "approve", "buys_soon", built, "--as", "bob")
    shown = _said(capsys, "models", built)
    assert "champion" in shown and card["version"][:8] in shown and "bob" in shown
    assert "冠军" in _said(capsys, "models", built, "--language", "zh")
    with pytest.raises(VostroError, match="no earlier champion"):
        app(["models", "rollback", "buys_soon", str(built), "--as", "bob"])


def test_a_card_is_said_in_both_languages_with_the_same_figures(built: Path) -> None:
    card = show_model(built, "buys_soon")
    english, chinese = card_markdown(card, "en"), card_markdown(card, "zh")
    for text in (english, chinese):
        assert f"{card.figures['auc'].value:.4f}" in text and card.version[:12] in text
        assert text.count("\n## ") == 5 and "`visits_30d`" in text
        for row in card.fairness[0].groups:
            assert f"| {row.group} | {row.rows:,} |" in text
    assert "## Limits" in english and "## 局限" in chinese


def test_every_word_has_both_languages() -> None:
    for words in (*FIGURES.values(), *VERDICTS.values(), *STATES.values()):
        assert words.en and words.zh


def test_the_command_starts_without_heavy_libraries() -> None:
    code = "import sys; from vostro.cli import app; app.parse_args(['models','show','x']); print('lightgbm' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split()[-1] == "False"
