"""Owner 占用: which one process may work in this bank's folder?

The lock is the kernel's (``flock``), so it ends with its process, however that ends. What
the file says (process, since when) only serves the message to the second one.
"""

import contextlib
import fcntl
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from vostro.engine.errors import OwnerError, StateFolderError

__all__ = ["OwnerLock", "OwnerNote", "read_owner"]

FILE = "owner.lock"
_TRIES = 5  # a doctor that looks at the lock holds it shared for an instant
_PAUSE_SECONDS = 0.05


class OwnerNote(msgspec.Struct, frozen=True):
    """Who owns the folder."""

    pid: int
    since: str
    command: str
    shared: bool = False  # others may join: the owner runs the store for all of them


class OwnerLock:
    """The right to work in a state folder, held until ``release`` or the end of the process."""

    def __init__(self, state: Path, *, shared: bool = False) -> None:
        """Take the lock.

        Args:
            state: the state folder.
            shared: let others join (``Workspace.open`` does so by itself).

        Raises:
            OwnerError: another process (or another workspace of this one) has it.
            StateFolderError: the folder cannot be written, or its file system has no locks.
        """
        self._descriptor = _open(state / FILE)
        try:
            _lock(self._descriptor, state)
        except BaseException:
            os.close(self._descriptor)
            raise
        _write(self._descriptor, shared=shared)
        os.register_at_fork(after_in_child=self._forget)

    def release(self) -> None:
        """Give the folder free."""
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1

    def _forget(self) -> None:
        # A forked worker that outlives us would hold the lock on: let go of it there.
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def read_owner(state: Path) -> OwnerNote | None:
    """Return who owns the folder, or None when nobody does; takes nothing, starts nothing."""
    try:
        descriptor = os.open(state / FILE, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(descriptor)
    else:
        return None
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StateFolderError(folder=str(path.parent), reason=error.strerror) from error


def _lock(descriptor: int, state: Path) -> None:
    for attempt in range(_TRIES):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if attempt == _TRIES - 1:
                note = _read(descriptor)
                told = {"pid": note.pid, "since": note.since, "command": note.command}
                raise OwnerError(folder=str(state), **told) from error
            time.sleep(_PAUSE_SECONDS)
        except OSError as error:
            raise StateFolderError(folder=str(state), reason=error.strerror) from error
        else:
            return


def _read(descriptor: int) -> OwnerNote:
    with contextlib.suppress(msgspec.DecodeError):
        return msgspec.json.decode(os.pread(descriptor, 4096, 0), type=OwnerNote)
    return OwnerNote(0, "?", "?")  # it has the lock and has not written its note yet


def _write(descriptor: int, *, shared: bool) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    command = " ".join([Path(sys.argv[0] or sys.executable).name, *sys.argv[1:2]])[:200]
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, msgspec.json.encode(OwnerNote(os.getpid(), since, command, shared)), 0)
