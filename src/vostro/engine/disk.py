"""Disk 磁盘: is what was written really there, and is there room for more?"""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from vostro.engine.errors import DiskFullError

__all__ = ["disk_guard", "flush_file", "flush_folder", "folder_bytes", "is_disk_full", "memory_peak_mb"]

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FULL_WORDS = ("No space left on device", "os error 28", "os error 122", "Disk quota exceeded")
_POSTGRES_DISK_FULL = "53100"


def is_disk_full(error: BaseException) -> bool:
    """Return whether an error, or what caused it, says that no space is left.

    Polars and DuckDB tell it in words only, PostgreSQL by its code.
    """
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    cause = getattr(error, "orig", None) or error.__cause__
    if getattr(error, "sqlstate", None) == _POSTGRES_DISK_FULL:
        return True
    if any(words in str(error) for words in _FULL_WORDS):
        return True
    return isinstance(cause, BaseException) and is_disk_full(cause)


@contextlib.contextmanager
def disk_guard(folder: Path) -> Iterator[None]:
    """Turn "no space left" of any library into one error that names the folder.

    Raises:
        DiskFullError: the disk of ``folder`` (or the user's quota) is full.
    """
    try:
        yield
    except DiskFullError:
        raise
    except Exception as error:
        if is_disk_full(error):
            raise DiskFullError(folder=str(folder)) from error
        raise


def flush_file(path: Path) -> None:
    """Wait until a file's bytes are on the disk."""
    _flush(path, os.O_RDONLY)


def flush_folder(path: Path) -> None:
    """Wait until a folder's entries (names made, renamed, removed) are on the disk."""
    _flush(path, os.O_RDONLY | os.O_DIRECTORY)


def _flush(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def folder_bytes(folder: Path) -> int:
    """Return the bytes of all files below a folder; 0 when it is not there."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def memory_peak_mb() -> float:
    """Return the most memory that this process has held, MB.

    Not ``ru_maxrss`` where there is a better source: a process that was started by a large one
    inherits that one's peak there.
    """
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        line = next(each for each in status.splitlines() if each.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    except (OSError, StopIteration):
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
