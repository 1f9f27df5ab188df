"""Keeper 守护: starts a program under another account, and stops it when its owner is gone.

Run as a script by ``server``, never imported. It needs nothing but the standard library
and stays small: for as long as the store runs, this process waits. Its standard input is a
pipe from the owner: when the owner ends, however it ends, the pipe closes, and PostgreSQL
gets a fast shutdown instead of staying behind for ever.

As root, the program runs under an unprivileged account. Where that account cannot reach
the bank's folder or the Python installation (``/root`` is closed to others), the program
keeps one capability, to pass closed folders; nobody's permissions are changed.
"""

import contextlib
import json
import os
import select
import signal
import sys
from typing import Any

PR_SET_KEEPCAPS, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE = 8, 47, 2
CAPABILITY_VERSION_3 = 0x20080522


def become(uid: int, gid: int, capability: int | None) -> None:
    """Give up root for an account, keeping at most one capability."""
    libc = None
    if capability is not None:
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(gid, gid, gid)
    os.setresuid(uid, uid, uid)
    if libc is not None and capability is not None:
        bit = 1 << capability
        header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
        sets = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)  # effective, permitted, inheritable
        if libc.capset(header, sets) or libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0):
            raise OSError(ctypes.get_errno(), "the capability cannot be kept")


def execute(plan: dict[str, Any]) -> None:
    """Become the account and turn into the program; returns never."""
    try:
        if plan["uid"] is not None:
            become(plan["uid"], plan["gid"], plan["capability"])
        os.execv(plan["argv"][0], plan["argv"])  # noqa: S606 - no shell is what we want
    except OSError as error:
        os.write(2, f"keeper: {plan['argv'][0]}: {error.strerror}\n".encode())
    os._exit(126)


def keep(plan: dict[str, Any]) -> int:
    """Run the program until it ends by itself, or until the owner lets go of the pipe."""
    woken, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        execute(plan)
    watched = [0, woken]
    while True:
        ready = select.select(watched, [], [])[0]
        stop = 0 in ready
        if woken in ready:
            stop = stop or signal.SIGTERM in os.read(woken, 512)
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status)
        if stop:
            os.kill(child, signal.SIGINT)  # PostgreSQL's fast shutdown
            watched = [woken]


if __name__ == "__main__":
    PLAN = json.loads(sys.argv[1])
    if not PLAN["keep"]:
        execute(PLAN)
    CODE = keep(PLAN)
    if PLAN["socket_folder"] is not None:
        with contextlib.suppress(OSError):
            os.rmdir(PLAN["socket_folder"])  # noqa: PTH106 - pathlib would double this process's size
    sys.exit(abs(CODE))
