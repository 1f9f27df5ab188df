"""Serving 启动服务: how does the API of a bank run until it is told to stop?

One process owns the bank's folder and answers; other commands may join it meanwhile. Whatever
was acknowledged is on the disk, so it may be killed at any moment; SIGTERM and Ctrl-C let it
finish what it has begun.
"""

import gc
import ipaddress
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vostro.api.errors import KeysMissingError, PortTakenError
from vostro.api.keys import read_keys
from vostro.api.workers import WorkerProcess
from vostro.bank import read_bank
from vostro.engine import Workspace

__all__ = ["Served", "serve"]

_BACKLOG = 2_048
_STOP_SECONDS = 20
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Served:
    """Where the API is served."""

    url: str
    keys: int  # 0: no key is needed, and only this machine may ask


def serve(
    bank: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8642,
    started: Callable[[Served], None] = lambda served: None,
) -> None:
    """Serve the API of a bank until SIGTERM or Ctrl-C.

    Args:
        bank: the bank's folder.
        host: the address to listen on; other than this machine's own only with keys.
        port: 0 takes any that is free.
        started: called once the port is open.

    Raises:
        PortTakenError: another program listens there.
        KeysMissingError, ApiKeysError: nobody has a key, or they cannot be read.
        VostroError: of ``read_bank`` and ``Workspace.open``.
    """
    from vostro.api.app import create_app

    definitions = read_bank(bank)
    listening = _listen(host, port)
    with listening, Workspace.open(bank, shared=True) as workspace:
        keys = len(read_keys(workspace.settings.api_keys).keys)
        if not keys and not _is_loopback(host):
            raise KeysMissingError(host=host)
        app = create_app(workspace, definitions)
        shown = f"[{host}]" if ":" in host else host
        with WorkerProcess(workspace.bank):
            started(Served(f"http://{shown}:{listening.getsockname()[1]}", keys))
            _run(app, listening)


def _run(app: Any, listening: socket.socket) -> None:
    """Answer requests until a signal says to end; then finish what has begun."""
    import uvicorn

    class Server(uvicorn.Server):
        """Uvicorn's, which ends quietly: it would send itself the signal again afterwards."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            before = {number: signal.signal(number, self.handle_exit) for number in _SIGNALS}
            try:
                yield
            finally:
                for number, handler in before.items():
                    signal.signal(number, handler)

    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    gc.collect()
    gc.freeze()  # what was made so far stays: the collector need not look at it again and again
    Server(config).run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """Open the port before anything else: a taken one is told at once.

    Raises:
        PortTakenError: it cannot be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        found = socket.socket(family, kind, protocol)
    except OSError as error:
        raise PortTakenError(host=host, port=port, reason=error.strerror) from error
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(address)
        found.listen(_BACKLOG)
        found.set_inheritable(True)
    except OSError as error:
        found.close()
        raise PortTakenError(host=host, port=port, reason=error.strerror) from error
    return found


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
