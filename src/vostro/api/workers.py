"""Workers 画像更新子进程: who folds events into portraits while the server answers?

A process of its own, so that it has a core of its own; it joins the bank's folder that the server
owns. It ends when the server does, however that ends, and is started again when it was killed:
nothing is lost or doubled by that.
"""

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

__all__ = ["WorkerProcess", "run_worker"]

_MODULE = "vostro.api.workers"
_RESTART_SECONDS = 0.5
_STOP_SECONDS = 15
_AWAY = 503  # the database is: it is being started again


class WorkerProcess:
    """The process that updates portraits; a context manager."""

    def __init__(self, bank: Path) -> None:
        self._bank = bank
        self._ends = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._keep, name="vostro-worker-keeper", daemon=True)

    @property
    def pid(self) -> int | None:
        """The process's number, or None between two of them."""
        child = self._child
        return None if child is None or child.poll() is not None else child.pid

    def __enter__(self) -> "WorkerProcess":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        with self._lock:
            child = self._child
            if child is not None and child.stdin is not None:
                child.stdin.close()  # the sign to finish
        if child is not None:
            try:
                child.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
        self._thread.join()

    def _keep(self) -> None:
        while not self._ends.is_set():
            with self._lock:
                if self._ends.is_set():
                    return
                self._child = subprocess.Popen(  # noqa: S603 - our own module
                    [sys.executable, "-m", _MODULE, str(self._bank)],
                    stdin=subprocess.PIPE,
                    start_new_session=True,  # Ctrl-C in the terminal is for the server, which tells us
                )
            self._child.wait()
            self._ends.wait(_RESTART_SECONDS)


def run_worker(bank: Path, stop: threading.Event) -> None:
    """Update the portraits of a bank whose folder another process owns, until told to stop.

    Raises:
        DefinitionsChangedError: the bank's definitions are others now; start again with those.
        StoreLostError: the owner has ended.
        VostroError: of ``read_bank`` and ``Workspace.open``.
    """
    from vostro.bank import read_bank
    from vostro.engine import Workspace
    from vostro.portrait import read_identity
    from vostro.portrait.online import Worker

    definitions = read_bank(bank)
    with Workspace.open(bank, guest=True) as workspace:
        tags, contracts = definitions.tags, definitions.contracts
        worker = Worker(workspace.store, workspace.lake, tags, contracts, clock=definitions.clock)
        worker.visitors = read_identity(bank, contracts) is not None
        worker.run(stop)


def _watch(stop: threading.Event) -> None:
    """Wait until the server lets go of our standard input."""
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    stop.set()


def main() -> int:
    """Run as the server's child; errors become one line on the error stream."""
    from vostro.words import VostroError

    stop = threading.Event()
    threading.Thread(target=_watch, args=(stop,), daemon=True).start()
    try:
        run_worker(Path(sys.argv[1]), stop)
    except VostroError as error:
        if not stop.is_set() and error.status != _AWAY:
            print(f"worker [{error.code}] {error}", file=sys.stderr)  # noqa: T201 - the server's error stream
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
