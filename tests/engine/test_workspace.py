"""Workspace: one owner, and every accident that can end it; all with Vostro's own PostgreSQL."""

import contextlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import psutil
import pytest

from vostro.engine import (
    BankFolderError,
    DiskFullError,
    OwnerError,
    StateFolderError,
    StoreForeignError,
    StoreLostError,
    Workspace,
    append_events,
    read_events,
)
from vostro.engine.postmaster import read_postmaster

from .owners import ordinary_user, owner_of

ROOT = os.geteuid() == 0
ADD = (
    "from vostro.engine import *; import polars as pl; from datetime import *; n = datetime(2026, 1, 1, tzinfo=UTC);"
    "c = workspace.store.begin(); k = c.__enter__(); append_events(k, pl.DataFrame({'customer': ['a'], 'kind': ['b'],"
    "'event_time': [n], 'load_time': [n], 'idempotency_key': ['%s'], 'body': ['{}']}));"
)
COMMIT = "c.__exit__(None, None, None)"


def keys(workspace: Workspace) -> list[str]:
    with workspace.store.begin() as connection:
        return read_events(connection)["idempotency_key"].to_list()


def wait(done: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not done() and time.monotonic() < end:
        time.sleep(0.1)
    return done()


def servers_of(bank: Path) -> list[int]:
    data = os.path.realpath(bank / ".vostro/store")
    found = []
    for process in psutil.process_iter(["name"]):
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.info["name"] == "postgres" and process.cwd() == data:
                found.append(process.pid)
    return found


@pytest.fixture(scope="session")
def used_bank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank that was opened and closed once, to copy: initdb takes longer than most tests."""
    folder = tmp_path_factory.mktemp("used") / "bank"
    folder.mkdir()
    Workspace.open(folder).close()
    return folder


@pytest.fixture
def bank(tmp_path: Path, used_bank: Path) -> Path:
    subprocess.run(["cp", "-a", str(used_bank), str(tmp_path)], check=True)
    return tmp_path / "bank"


@pytest.fixture
def new_bank(tmp_path: Path) -> Path:
    folder = tmp_path / "new"
    folder.mkdir()
    return folder


def test_open_close_open_keeps_what_was_committed(new_bank: Path) -> None:
    bank = new_bank
    with Workspace.open(bank) as workspace:
        workspace.lake.write("clients", "a", pl.DataFrame({"id": [1]}))
        assert workspace.server is not None and workspace.server.pid is not None
        with workspace.store.begin() as connection:
            setting = connection.exec_driver_sql("SHOW fsync").scalar()
            listening = connection.exec_driver_sql("SHOW listen_addresses").scalar()
        assert (setting, listening) == ("on", "")
        state = bank / ".vostro"
        assert (state / ".gitignore").exists()
        closed = [
            stat.S_IMODE((state / name).stat().st_mode) & 0o077 for name in ("store.log", "lake", "store")
        ]
        assert closed == [0, 0, 0], "customers' data are nobody else's to read"
    assert servers_of(bank) == []
    with Workspace.open(bank) as workspace:
        assert workspace.lake.scan("clients").collect().height == 1
        workspace.close()
        workspace.close()


def test_a_second_process_is_refused_and_told_who_owns(bank: Path) -> None:
    with owner_of(bank) as owner:
        with pytest.raises(OwnerError) as caught:
            Workspace.open(bank)
        assert caught.value.data["pid"] == owner.process.pid
        assert owner.end() == ""
    assert servers_of(bank) == []
    Workspace.open(bank).close()


def test_kill_9_of_postgresql_keeps_every_commit(bank: Path) -> None:
    with owner_of(bank) as owner:
        owner.run(ADD % "kept" + COMMIT)
        owner.run(ADD % "open")
        os.kill(owner.server_pid, signal.SIGKILL)
        owner.process.kill()
        owner.process.wait()
    with Workspace.open(bank) as workspace:
        assert keys(workspace) == ["kept"]


def test_kill_9_of_postgresql_under_an_owner_is_one_clear_error(bank: Path) -> None:
    with Workspace.open(bank) as workspace:
        assert workspace.server is not None and workspace.server.pid is not None
        with pytest.raises(StoreLostError), workspace.store.begin() as connection:
            os.kill(workspace.server.pid, signal.SIGKILL)
            assert wait(lambda: len(servers_of(bank)) == 0)
            connection.exec_driver_sql("SELECT 1")
        with pytest.raises(StoreLostError), workspace.store.begin():
            pass
    Workspace.open(bank).close()


def test_kill_9_of_the_owner_stops_the_server_soon(bank: Path) -> None:
    with owner_of(bank) as owner:
        owner.run(ADD % "kept" + COMMIT)
        owner.run(ADD % "open")
        owner.process.kill()
        owner.process.wait()
        assert wait(lambda: servers_of(bank) == [])
    with Workspace.open(bank) as workspace:
        assert keys(workspace) == ["kept"]


def test_reopening_at_once_after_kill_9_waits_for_the_old_server(bank: Path) -> None:
    with owner_of(bank) as owner:
        owner.run(ADD % "kept" + COMMIT)
        owner.process.kill()
        owner.process.wait()
        with Workspace.open(bank) as workspace:
            assert keys(workspace) == ["kept"]


def test_kill_9_of_owner_and_keeper_leaves_an_orphan_that_is_taken_over(bank: Path) -> None:
    with owner_of(bank) as owner:
        owner.run(ADD % "kept" + COMMIT)
        keeper = psutil.Process(owner.server_pid).parent()
        assert keeper is not None and "keeper.py" in " ".join(keeper.cmdline())
        keeper.kill()
        owner.process.kill()
        owner.process.wait()
        found = read_postmaster(bank / ".vostro/store")
        assert found is not None and found.alive
    with Workspace.open(bank) as workspace:
        assert keys(workspace) == ["kept"]
        assert workspace.server is not None and workspace.server.pid != found.pid


def test_a_stale_pid_file_with_the_number_of_a_living_stranger(bank: Path) -> None:
    data = bank / ".vostro/store"
    text = f"{os.getpid()}\n{data}\n1700000000\n5432\n/tmp\n\n1 1\nready\n"
    (data / "postmaster.pid").write_text(text)
    Workspace.open(bank).close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_server_too(bank: Path, number: signal.Signals) -> None:
    with owner_of(bank) as owner:
        owner.run("1")
        owner.process.send_signal(number)
        owner.end()
        assert owner.process.returncode != 0
        assert servers_of(bank) == []
        assert not (bank / ".vostro/store/postmaster.pid").exists()


def test_the_end_of_the_process_stops_the_server_without_a_word(bank: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from vostro.engine import *; Workspace.open(Path(sys.argv[1]))"
    )
    environ = {name: value for name, value in os.environ.items() if name != "XDG_RUNTIME_DIR"}
    command = [sys.executable, "-W", "default", "-c", script, str(bank)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environ)
    assert "RuntimeDir" not in done.stderr and "platformdirs" not in done.stderr
    assert servers_of(bank) == []


def test_killed_while_initialising_begins_again(new_bank: Path) -> None:
    bank = new_bank
    half = bank / ".vostro/store.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    Workspace.open(bank).close()
    assert not half.exists()


def test_a_long_path_and_strange_names_work(tmp_path: Path) -> None:
    bank = tmp_path / ('a bank\'s, "folder"' + "很长的目录名" * 8) / ("x" * 120)
    bank.mkdir(parents=True)
    with owner_of(bank) as owner:
        socket_folder = read_postmaster(bank / ".vostro/store").socket_folder
        assert len(os.fsencode(socket_folder)) < 90
        assert stat.S_IMODE(socket_folder.stat().st_mode) == 0o700
        owner.process.kill()
        owner.process.wait()
        assert wait(lambda: servers_of(bank) == [])
    with Workspace.open(bank) as workspace:
        second = workspace.server._socket_folder
        assert not socket_folder.exists(), "what the killed one left is gone"
    assert not second.exists()


def test_a_forked_child_ends_without_ending_the_server(bank: Path) -> None:
    with Workspace.open(bank) as workspace:
        child = os.fork()
        if child == 0:
            workspace.close()
            os._exit(0)
        os.waitpid(child, 0)
        assert keys(workspace) == []


def test_it_opens_in_a_thread_and_outlives_it(bank: Path) -> None:
    opened: list[Workspace] = []
    thread = threading.Thread(target=lambda: opened.append(Workspace.open(bank)))
    thread.start()
    thread.join()
    time.sleep(0.2)
    assert keys(opened[0]) == []
    opened[0].close()


def test_the_handler_of_sigterm_is_given_back(bank: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    Workspace.open(bank).close()
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_bank_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BankFolderError):
        Workspace.open(tmp_path / "nothing")


def test_a_state_folder_that_is_a_file(new_bank: Path) -> None:
    bank = new_bank
    (bank / ".vostro").write_text("")
    with pytest.raises(StateFolderError):
        Workspace.open(bank)


@pytest.mark.skipif(not ROOT, reason="needs root, to become somebody else")
def test_an_ordinary_user(new_bank: Path) -> None:
    bank = new_bank
    os.chown(bank, 65534, 65534)
    with owner_of(bank, prefix=ordinary_user()) as owner:
        owner.run(ADD % "kept" + COMMIT)
        assert psutil.Process(owner.server_pid).uids().real == 65534
        os.kill(owner.server_pid, signal.SIGKILL)
        owner.process.kill()
        owner.process.wait()
    with Workspace.open(bank) as workspace:  # root runs it as the owner of the files
        assert keys(workspace) == ["kept"]
        assert psutil.Process(workspace.server.pid).uids().real == 65534
        workspace.lake.write("clients", "a", pl.DataFrame({"id": [1]}))
    with owner_of(bank, prefix=ordinary_user()) as owner:
        owner.run("import polars as pl; workspace.lake.write('clients', 'a', pl.DataFrame({'id': [1]}))")
        owner.run("assert workspace.lake.sweep() == 1 and workspace.lake.sweep() == 0")
    bank.joinpath(".vostro/lake/.staging").chmod(0o500)
    bank.joinpath(".vostro/store.log").unlink()
    bank.joinpath(".vostro").chmod(0o500)
    script = (
        "import sys; from pathlib import Path; from vostro.engine import *; Workspace.open(Path(sys.argv[1]))"
    )
    command = [*ordinary_user(), sys.executable, "-c", script, str(bank)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert StateFolderError.__name__ in done.stderr.splitlines()[-1]


@pytest.mark.skipif(not ROOT, reason="needs root, to become somebody else")
def test_root_leaves_no_permission_changed_and_runs_nothing_as_root(new_bank: Path) -> None:
    bank = new_bank
    bank.parent.chmod(0o700)
    with Workspace.open(bank) as workspace:
        uids = psutil.Process(workspace.server.pid).uids()
        assert 0 not in (uids.real, uids.effective, uids.saved)
        data = workspace.server.data.stat()
        assert data.st_uid == uids.real and stat.S_IMODE(data.st_mode) == 0o700
    assert stat.S_IMODE(bank.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(not ROOT, reason="needs root, to become somebody else")
def test_the_store_of_somebody_else_is_refused(bank: Path) -> None:
    for path in (bank, bank / ".vostro", bank / ".vostro/owner.lock"):
        os.chown(path, 65534, 65534)
    script = (
        "import sys; from pathlib import Path; from vostro.engine import *; Workspace.open(Path(sys.argv[1]))"
    )
    command = [*ordinary_user(), sys.executable, "-c", script, str(bank)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert StoreForeignError.__name__ in done.stderr and "nobody" in done.stderr


def test_kill_9_of_postgresql_while_copying(bank: Path) -> None:
    now = pl.lit(datetime(2026, 1, 1, tzinfo=UTC))
    many = pl.select(i=pl.int_range(300_000)).select(
        customer=pl.lit("a"), kind=pl.lit("b"), event_time=now, load_time=now,
        idempotency_key=pl.format("k{}", "i"), body=pl.lit("{}"),
    )  # fmt: skip
    with Workspace.open(bank) as workspace:
        with workspace.store.begin() as connection:
            append_events(connection, many.head(10))
        killer = threading.Timer(0.3, os.kill, (workspace.server.pid, signal.SIGKILL))
        killer.start()
        with pytest.raises(StoreLostError), workspace.store.begin() as connection:
            append_events(connection, many)
            killer.join()
            connection.exec_driver_sql("SELECT 1")
    with Workspace.open(bank) as workspace:
        assert len(keys(workspace)) == 10


@pytest.mark.skipif(not ROOT, reason="needs root, to mount a small disk")
def test_a_full_disk_in_the_middle_keeps_what_was_committed(bank: Path, tmp_path: Path) -> None:
    now = pl.lit(datetime(2026, 1, 1, tzinfo=UTC))
    batch = pl.select(i=pl.int_range(20_000)).select(
        customer=pl.lit("a"), kind=pl.lit("b"), event_time=now, load_time=now,
        idempotency_key=pl.format("{}-{}", pl.lit("0"), "i"), body=pl.lit("{}"),
    )  # fmt: skip
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(small)], check=False
    ).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        subprocess.run(["cp", "-a", f"{bank}/.vostro", str(small)], check=True)
        done = 0
        with Workspace.open(small) as workspace, pytest.raises((DiskFullError, StoreLostError)):
            for round_ in range(50):
                fresh = batch.with_columns(
                    pl.format("{}-{}", pl.lit(str(round_)), "idempotency_key").alias("idempotency_key")
                )
                with workspace.store.begin() as connection:
                    append_events(connection, fresh)
                done += batch.height
        subprocess.run(["mount", "-o", "remount,size=400m", str(small)], check=True)
        with Workspace.open(small) as workspace:
            assert len(keys(workspace)) == done > 0
    finally:
        subprocess.run(["umount", "--lazy", str(small)], check=True)


@pytest.mark.skipif(not ROOT, reason="needs root, to mount a small disk")
def test_a_full_disk_at_the_start_is_told(tmp_path: Path) -> None:
    bank = tmp_path / "small"
    bank.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(bank)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        with pytest.raises(DiskFullError, match=str(bank)):
            Workspace.open(bank)
        shutil.rmtree(bank / ".vostro")
    finally:
        subprocess.run(["umount", "--lazy", str(bank)], check=True)


def test_a_guest_joins_an_owner_who_shares_and_leaves_his_store_running(tmp_path: Path) -> None:
    bank = tmp_path / "bank"
    bank.mkdir()
    script = (
        "import sys; from pathlib import Path; from vostro.engine import Workspace\n"
        "import polars as pl; w = Workspace.open(Path(sys.argv[1]))\n"
        "print(w.lake.write('t', 'one', pl.DataFrame({'a': [1]})).rows)\n"
    )
    with Workspace.open(bank, shared=True) as owner:
        staged = owner.lake.stage("t", "half")  # what the owner is writing, a guest must not sweep
        run = [sys.executable, "-c", script, str(bank)]
        done = subprocess.run(run, capture_output=True, text=True, check=False)
        assert done.stdout == "1\n", done.stderr
        assert staged.path.exists()
        assert owner.lake.scan("t").collect().height == 1, "the store still runs"
        with pytest.raises(OwnerError):
            Workspace.open(bank, shared=True)
    with Workspace.open(bank), pytest.raises(OwnerError):
        Workspace.open(bank)
