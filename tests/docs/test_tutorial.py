"""The tutorial is taken, step by step, on a small generated bank; both languages tell the same steps."""

import os
import subprocess
import sys
from pathlib import Path

import pages
import pytest

from vostro.console.texts import TEXTS

EN, ZH = pages.read("tutorial.md"), pages.read("tutorial.zh.md")
PARTS = ("quality", "audience", "model", "decisions", "effect", "capacity", "made")
DEMO = "vostro demo --folder out/demo --customers 1000"  # what `make demo` does, on fewer customers


def _steps(text: str) -> list[pages.Block]:
    return [block for block in pages.blocks(text) if block.name != "language"]


def _run(command: str, folder: Path, language: str) -> subprocess.CompletedProcess[str]:
    programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": programs, "VOSTRO_LANGUAGE": language, "COLUMNS": "400"}
    return subprocess.run(
        ["sh", "-eu", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def _command(block: pages.Block) -> str:
    """Return what to run in place of a block: the demo on fewer customers, nothing on data that is not here."""
    if "make demo" in block.text:
        return DEMO
    return "" if "--data DIR" in block.text else block.text


def _says(done: subprocess.CompletedProcess[str], wanted: str) -> bool:
    said = " ".join((done.stdout + done.stderr).split())
    return all(" ".join(line.split()) in said for line in wanted.splitlines())


def test_both_languages_take_the_same_steps() -> None:
    english, chinese = _steps(EN), _steps(ZH)
    assert [block[:2] for block in english] == [block[:2] for block in chinese]
    for ours, theirs in zip(english, chinese, strict=True):
        assert ours.text == theirs.text or ours.language == "text"


@pytest.mark.parametrize(("text", "language"), [(EN, "en"), (ZH, "zh")])
def test_the_parts_of_the_report_have_these_names(text: str, language: str) -> None:
    for part in PARTS:
        title = TEXTS[f"{part}.title"].say("zh" if language == "zh" else "en")
        assert f"| *{title}* |" in text or f"| 《{title}》 |" in text


@pytest.mark.timeout(600)
def test_every_step_does_what_is_told(tmp_path: Path) -> None:
    done: subprocess.CompletedProcess[str] | None = None
    command = ""
    for ours, theirs in zip(_steps(EN), _steps(ZH), strict=True):
        if ours.language == "text":
            assert done is not None
            assert _says(done, ours.text), done
            last = command.strip().splitlines()[-1]
            assert _says(_run(last, tmp_path, "zh"), theirs.text), theirs.text
        elif ours.language == "sh":
            command = _command(ours)
            done = _run(command, tmp_path, "en")
            assert done.returncode == (1 if ours.name == "fails" else 0), (command, done)
        else:
            path = tmp_path / ours.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(ours.text, encoding="utf-8")
    assert (tmp_path / "out" / "mine" / "call_list.csv").exists()
    assert (tmp_path / "last.html").exists()
