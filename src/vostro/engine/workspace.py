"""Workspace 工作区: one bank's folder, owned by one process, with store and lake open.

The owner may share the folder: others then join him and use the store that he runs.
"""

import atexit
import contextlib
import os
import signal
import threading
from pathlib import Path
from types import FrameType, TracebackType

from vostro.engine.definitions import BankFolderError
from vostro.engine.disk import disk_guard
from vostro.engine.errors import StateFolderError, StoreLostError
from vostro.engine.lake import Lake
from vostro.engine.owner import OwnerLock, read_owner
from vostro.engine.postmaster import read_postmaster
from vostro.engine.server import USER, Server, server_url
from vostro.engine.settings import Settings, load_settings
from vostro.engine.store import Store

__all__ = ["Workspace"]


class Workspace:
    """The right to work in a bank's folder, and what is in it.

    Ends its PostgreSQL with ``close``, at the end of the ``with`` block, at the end of the
    process, and on SIGTERM; after ``kill -9`` a keeper ends it.
    """

    bank: Path
    settings: Settings
    store: Store
    lake: Lake

    def __init__(self, bank: Path, settings: Settings, state: Path) -> None:
        """Use ``Workspace.open``."""
        self.bank = bank
        self.settings = settings
        self.state = state
        self.server: Server | None = None
        self._process = os.getpid()
        self._ends = contextlib.ExitStack()

    @classmethod
    def open(
        cls, bank: Path, settings: Settings | None = None, *, shared: bool = False, guest: bool = False
    ) -> "Workspace":
        """Own the bank's state folder, start and migrate its store, open its lake.

        When the owner shares the folder (``vostro serve``), join him instead: use the store that he
        runs, and leave it running.

        Args:
            bank: the bank's folder.
            settings: None reads them from ``bank.yaml`` and the environment.
            shared: let other processes join for as long as this one owns the folder.
            guest: join the owner, and never own the folder oneself.

        Raises:
            BankFolderError: the folder does not exist.
            OwnerError: another process works in it.
            StoreLostError: to be a guest, and there is nobody to join.
            VostroError: of ``Server.start``, ``Store`` and ``load_settings``.
        """
        if not bank.is_dir():
            raise BankFolderError(folder=str(bank), file="bank.yaml")
        bank = Path(os.path.abspath(bank))  # noqa: PTH100 - links stay as the user chose them
        chosen = load_settings(bank, os.environ) if settings is None else settings
        workspace = cls(bank, chosen, bank / chosen.state_dir)
        try:
            workspace._open(shared=shared, guest=guest)
        except PermissionError as error:
            workspace.close()
            raise _not_ours(workspace.state, error) from error
        except BaseException:
            workspace.close()
            raise
        return workspace

    def revive(self) -> bool:
        """Start our own PostgreSQL again when it was killed under us; return whether that was needed.

        A transaction that was open is undone; what was committed is there.

        Raises:
            VostroError: as for ``Server.start``.
        """
        return self.server is not None and self.server.revive()

    def close(self) -> None:
        """Close the lake and the store, stop the server, give the folder free; twice does nothing."""
        if os.getpid() == self._process:
            self._ends.close()

    def __enter__(self) -> "Workspace":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self, *, shared: bool, guest: bool) -> None:
        _make_state(self.state)
        owner = read_owner(self.state)
        joins = owner is not None and owner.shared and not shared
        if guest and not joins:
            raise StoreLostError(url=str(self.state))
        guest = joins
        if not guest:
            lock = OwnerLock(self.state, shared=shared)
            self._ends.callback(lock.release)
            self._ends.callback(_give_back, self.state, self.bank)
        self._end_with_process()
        url, folder = self.settings.database_url, None
        if url is None:
            url, folder = self._join() if guest else self._start()
        with disk_guard(self.state):
            self.store = Store(url, folder=folder)
            self._ends.callback(self.store.close)
            self.lake = Lake(self.state / "lake", self.store, self.settings)
        self._ends.callback(self.lake.close)
        if not guest:
            self.lake.sweep()
        os.register_at_fork(after_in_child=self._forget)

    def _start(self) -> tuple[str, Path]:
        """Start our own PostgreSQL, and return its URL and where its data lie."""
        self.server = Server(self.state, bank=self.bank, shared_buffers_mb=self.settings.shared_buffers_mb)
        self._ends.callback(self.server.stop)
        self.server.start()
        return self.server.ensure_database(USER), self.server.data

    def _join(self) -> tuple[str, Path]:
        """Return the URL of the PostgreSQL that the folder's owner runs, and where its data lie."""
        data = self.state / "store"
        found = read_postmaster(data)
        if found is None or not found.alive:
            raise StoreLostError(url=str(data))
        return server_url(found.socket_folder, USER), data

    def _forget(self) -> None:
        """Let go of all in a forked child: the parent still owns it."""
        self._ends.pop_all()
        if self.server is not None:
            self.server.forget()
        self.store.forget()

    def _end_with_process(self) -> None:
        atexit.register(self.close)
        self._ends.callback(atexit.unregister, self.close)
        main = threading.current_thread() is threading.main_thread()
        if main and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
            # By default SIGTERM ends Python without a word to anyone: no `with`, no atexit.
            signal.signal(signal.SIGTERM, _leave)
            self._ends.callback(_restore_default)


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def _restore_default() -> None:
    in_main = threading.current_thread() is threading.main_thread()
    if in_main and signal.getsignal(signal.SIGTERM) is _leave:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _give_back(state: Path, bank: Path) -> None:
    """Give what root wrote in somebody's bank to that user, who could not go on otherwise."""
    owner = bank.stat()
    if os.geteuid() != 0 or owner.st_uid == 0:
        return
    os.chown(state, owner.st_uid, owner.st_gid)
    for folder, folders, files in os.walk(state):
        if "store" in folders and folder == str(state):
            folders.remove("store")  # PostgreSQL's own, already that user's
        for name in [*folders, *files]:
            path = os.path.join(folder, name)  # noqa: PTH118 - os.walk is the one that prunes
            if os.lstat(path).st_uid == 0:
                os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def _not_ours(state: Path, error: PermissionError) -> StateFolderError:
    return StateFolderError(folder=error.filename or str(state), reason=error.strerror)


def _make_state(state: Path) -> None:
    """Make the state folder: its data are the bank's, so others may not look in.

    As root, PostgreSQL's account has to pass through it to the store, and may not list it.
    """
    try:
        with disk_guard(state):
            if not state.exists():
                state.mkdir(parents=True, mode=0o711 if os.geteuid() == 0 else 0o700)
            ignore = state / ".gitignore"
            if not ignore.exists():
                ignore.write_text("*\n")
    except OSError as error:
        raise StateFolderError(folder=str(state), reason=error.strerror) from error
