"""Server: what it says when it cannot start, and how it is set."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from vostro.engine import StoreStartError, StoreVersionError, Workspace
from vostro.engine.account import Account, _closed_folder
from vostro.engine.server import DURABLE, SETTINGS, Server, programs_folder


def test_the_settings_are_in_force(tmp_path: Path) -> None:
    server = Server(tmp_path, shared_buffers_mb=32)
    server.start()
    try:
        with psycopg.connect(server.ensure_database("vostro")) as connection:
            found = dict(
                connection.execute("SELECT lower(name), current_setting(name) FROM pg_settings").fetchall()
            )
            with pytest.raises(psycopg.errors.DivisionByZero):
                connection.execute("SELECT 1 / 0, 'a private word'")
        assert {name: found[name] for name in SETTINGS | DURABLE} == SETTINGS | DURABLE
        assert found["shared_buffers"] == "32MB" and found["server_encoding"] == "UTF8"
        assert "private word" not in server.log.read_text(), "no statement in the log"
        assert server.ensure_database("vostro") == server.url("vostro")
    finally:
        server.stop()
        server.stop()
    assert server.pid is None

    (server.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(StoreVersionError, match="17"):
        server.start()
    (server.data / "PG_VERSION").write_text("18\n")
    (server.data / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(StoreStartError) as caught:
        server.start()
    assert "configuration file" in caught.value.say("en") and "store.log" in caught.value.say("zh")


def test_finding_the_programs_imports_nothing_of_the_wheel() -> None:
    script = "import sys; from vostro.engine.server import *; programs_folder(); print('platformdirs' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n" and done.stderr == ""
    assert (programs_folder() / "postgres").exists()


def test_a_closed_folder_is_found(tmp_path: Path) -> None:
    inner = tmp_path / "closed" / "inner"
    inner.mkdir(parents=True)
    stranger = Account(54321, 54321)
    tmp_path.chmod(0o755)
    (tmp_path / "closed").chmod(0o700)
    assert _closed_folder(stranger, inner) is not None
    assert _closed_folder(Account(os.geteuid(), os.getegid()), inner) in (None, *inner.parents)


def test_importing_the_room_is_cheap() -> None:
    script = (
        "import sys, vostro.engine; print(*({'sqlalchemy', 'polars', 'ibis', 'psycopg'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"


def test_a_server_that_was_killed_comes_back_at_the_same_url(tmp_path: Path) -> None:
    bank = tmp_path / ("long-" * 20)  # no socket can be named in there, so the URL has a folder of its own
    bank.mkdir()
    with Workspace.open(bank) as workspace:
        assert not workspace.revive(), "it runs"
        assert workspace.server is not None
        url, pid = workspace.server.url(), workspace.server.pid
        with workspace.store.begin() as connection:
            connection.execute(sa.text("CREATE TABLE kept AS SELECT 42 AS answer"))
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        while workspace.server.pid is not None:
            time.sleep(0.01)
        assert workspace.revive()
        assert workspace.server.url() == url
        assert workspace.server.pid != pid
        with workspace.store.begin() as connection:
            assert connection.scalar(sa.text("SELECT answer FROM kept")) == 42
