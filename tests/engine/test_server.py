"""Server: what it says when it cannot start, and how it is set."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from vostro.engine import StoreStartError, StoreVersionError
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
