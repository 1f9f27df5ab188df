"""Doctor: the state of a folder, told without touching it."""

import os
import signal
from pathlib import Path

import polars as pl
import pytest

from vostro.engine import Finding, Settings, Store, Workspace, diagnose
from vostro.engine.migrations import HEAD
from vostro.words import LANGUAGES

from .owners import owner_of

SETTINGS = Settings(disk_free_min_mb=1)


def findings(bank: Path, settings: Settings = SETTINGS) -> dict[str, Finding]:
    found = diagnose(bank, settings)
    assert all(each.say.say(language) for each in found for language in LANGUAGES)
    return {each.name: each for each in found}


def test_a_new_bank_is_well_and_stays_untouched(tmp_path: Path) -> None:
    found = findings(tmp_path)
    assert {each.state for each in found.values()} == {"ok"}, found
    assert "not initialised" in found["store"].say.en
    assert list(tmp_path.iterdir()) == []


def test_owned_then_killed_then_stopped(tmp_path: Path) -> None:
    with owner_of(tmp_path) as owner:
        found = findings(tmp_path)
        assert str(owner.process.pid) in found["owner"].say.en
        assert f"pid {owner.server_pid}" in found["store"].say.en and found["store"].state == "ok"
        assert HEAD in found["schema"].say.en and "0 folder" in found["lake"].say.en
        os.kill(owner.server_pid, signal.SIGKILL)
        owner.process.kill()
        owner.process.wait()
        found = findings(tmp_path)
        assert found["store"].state == "warn" and "stale" in found["store"].say.en
        assert found["store"].mend is not None and "no process" in found["owner"].say.en
    Workspace.open(tmp_path, SETTINGS).close()
    assert "stopped" in findings(tmp_path)["store"].say.en


def test_a_database_by_url(workspace: Workspace) -> None:
    workspace.lake.write("clients", "a", pl.DataFrame({"id": [1]}))
    workspace.lake.stage("clients", "b")
    found = findings(workspace.bank, workspace.settings)
    assert "PostgreSQL 18" in found["store"].say.en and "1 folder" in found["lake"].say.en


def test_a_newer_store_is_bad(workspace: Workspace) -> None:
    with workspace.store.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    assert findings(workspace.bank, workspace.settings)["schema"].state == "bad"


def test_an_unmigrated_database_is_told(server_url: str, tmp_path: Path) -> None:
    found = findings(tmp_path, Settings(database_url=server_url, disk_free_min_mb=1))
    assert "next command migrates" in found["schema"].say.en


def test_what_cannot_be_reached_is_a_finding(tmp_path: Path) -> None:
    url = "postgresql://ann:s3cret@127.0.0.1:1/x"
    found = findings(tmp_path, Settings(database_url=url, disk_free_min_mb=1))
    assert found["store"].state == "bad" and "s3cret" not in repr(found)


def test_little_space_is_a_warning(tmp_path: Path) -> None:
    found = findings(tmp_path, Settings(disk_free_min_mb=10**9))
    assert found["disk"].state == "warn" and found["disk"].mend is not None


def test_a_broken_store_is_a_finding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("vostro.engine.doctor.read_owner", broken)
    assert findings(tmp_path)["owner"].say.en.endswith("RuntimeError: two")
    assert Store is not None
