"""The commands for backup and restore in docs/operations.md do what they promise."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pages
import pytest
import sqlalchemy as sa

from vostro.engine import Finding, Settings, Workspace, diagnose
from vostro.engine.server import programs_folder

PAGE = pages.read("operations.md")
COUNT = sa.text("SELECT count(*) FROM event")
EVENT = sa.text(
    "INSERT INTO event (customer, kind, event_time, load_time, idempotency_key, body) "
    "VALUES ('c', 'k', now(), now(), 'x', '{}')"
)


def _run(name: str, folder: Path, url: str | None = None) -> None:
    (block,) = [each for each in pages.blocks(PAGE, "sh") if each.name == name]
    path = f"{programs_folder()}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path} | ({"VOSTRO_DATABASE_URL": url} if url else {})
    done = subprocess.run(
        ["sh", "-eu", "-c", block.text],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _bank(folder: Path) -> Path:
    bank = folder / "mybank"
    bank.mkdir()
    text = "bank: mybank\nname: {en: Mine, zh: 我行}\ncurrency: CNY\nzone: Asia/Shanghai\n"
    (bank / "bank.yaml").write_text(text, encoding="utf-8")
    return bank


def test_an_archive_brings_everything_back(tmp_path: Path) -> None:
    bank = _bank(tmp_path)
    with Workspace.open(bank) as workspace, workspace.store.begin() as connection:
        connection.execute(EVENT)
    _run("backup", tmp_path)
    shutil.rmtree(bank)
    _run("restore", tmp_path)
    assert all(finding.state == "ok" for finding in diagnose(bank, Settings()) if finding.name != "disk")
    with Workspace.open(bank) as workspace, workspace.store.begin() as connection:
        assert connection.scalar(COUNT) == 1


def test_a_dump_brings_a_database_back(tmp_path: Path, database_url: str) -> None:
    bank, settings = _bank(tmp_path), Settings(database_url=database_url)
    with Workspace.open(bank, settings) as workspace, workspace.store.begin() as connection:
        connection.execute(EVENT)
    _run("backup-url", tmp_path, database_url)
    with Workspace.open(bank, settings) as workspace, workspace.store.begin() as connection:
        connection.execute(sa.text(str(EVENT).replace("'x'", "'y'")))
    shutil.rmtree(bank)
    _run("restore-url", tmp_path, database_url)
    with Workspace.open(bank, settings) as workspace, workspace.store.begin() as connection:
        assert connection.scalar(COUNT) == 1
        with pytest.raises(sa.exc.DBAPIError, match="append"):
            connection.execute(sa.text("DELETE FROM event"))


def test_the_doctor_looks_at_what_the_page_says(tmp_path: Path) -> None:
    found: list[Finding] = diagnose(_bank(tmp_path), Settings())
    said = re.search(r"It looks at: (.+?)\n\n", PAGE, re.DOTALL)
    assert said
    assert pages.codes(said[1]) == [finding.name for finding in found]
