"""Postmaster 主进程: which PostgreSQL, if any, works on this data folder right now?"""

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import psutil  # type: ignore[import-untyped]

__all__ = ["Postmaster", "end_survivors", "read_postmaster"]

_LINES_WHEN_READY = 8
_POLL_SECONDS = 0.05
_FAST_SECONDS, _QUIT_SECONDS = 60.0, 10.0


class Postmaster(msgspec.Struct, frozen=True):
    """What ``postmaster.pid`` says, and whether that process is really there."""

    pid: int
    socket_folder: Path
    port: int
    ready: bool
    alive: bool


def read_postmaster(data: Path) -> Postmaster | None:
    """Read ``postmaster.pid`` of a data folder; None when there is none or it is half written."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid, port, socket_folder = int(lines[0]), int(lines[3]), Path(lines[4])
    except (FileNotFoundError, IndexError, ValueError):
        return None
    ready = len(lines) >= _LINES_WHEN_READY and lines[7].strip() == "ready"
    return Postmaster(pid, socket_folder, port, ready, _works_on(pid, data))


def _works_on(pid: int, data: Path) -> bool:
    """Return whether a process is a PostgreSQL of that folder: a number may have been used again."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or not process.name().startswith("postgres"):
            return False
        return _same(process, data)
    except psutil.NoSuchProcess:
        return False


def _same(process: psutil.Process, data: Path) -> bool:
    real = os.path.realpath(data)
    try:
        return bool(process.cwd() == real)
    except psutil.AccessDenied:  # root in a container may not look into other users' processes
        words = process.cmdline()
        return "-D" in words[:-1] and os.path.realpath(words[words.index("-D") + 1]) == real


def _survivors(data: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["name", "status"]):
        if process.info["name"] == "postgres" and process.info["status"] != psutil.STATUS_ZOMBIE:
            with contextlib.suppress(psutil.NoSuchProcess):
                if _same(process, data):
                    found.append(process)
    return found


def end_survivors(data: Path) -> None:
    """End a server that a killed owner left behind, and take its stale pid file away.

    Only call as the owner of the folder. Asks for a fast shutdown; only when that hangs, ends it as
    a crash would, which loses nothing: the write-ahead log has every commit.
    """
    if not (data / "postmaster.pid").exists():
        return  # it was stopped in good order
    postmaster = read_postmaster(data)
    if postmaster is not None and postmaster.alive:
        _signal(postmaster.pid, signal.SIGINT)
        _wait(lambda: not _works_on(postmaster.pid, data), _FAST_SECONDS)
    for number in (signal.SIGQUIT, signal.SIGKILL):
        # Children of a killed postmaster notice by themselves, usually at once.
        if _wait(lambda: not _survivors(data), _QUIT_SECONDS / 2):
            break
        for process in _survivors(data):
            _signal(process.pid, number)
    if postmaster is not None and psutil.pid_exists(postmaster.pid):
        # Another program has the number now (or nobody reaps the dead one): PostgreSQL would refuse to start.
        (data / "postmaster.pid").unlink(missing_ok=True)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _wait(done: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            return False
        time.sleep(_POLL_SECONDS)
    return True
