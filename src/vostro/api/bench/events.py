"""``vostro bench events`` 事件基准: what does POST /events reach, and what is left after twenty ``kill -9``?

A real server is started on a fresh bank: HTTP server, its process that updates portraits, and its own
PostgreSQL with fsync. Requests come from another process. CPU seconds are those of server, worker and
PostgreSQL together, until every portrait holds every event.
"""

import contextlib
import http.client
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import msgspec

from vostro.api.bench.bank import COUNT_TAG, make_bank, messages
from vostro.api.bench.driver import Task, Told

__all__ = ["bench_events"]

_PROGRAM = """
import sys
from pathlib import Path
from vostro.api import serve
serve(Path(sys.argv[1]), port=int(sys.argv[2]), started=lambda served: print(served.url, flush=True))
"""
_WARM, _BATCH = 20_000, 1_000
_BATCH_CONNECTIONS, _SINGLE_CONNECTIONS = 4, 64
_KILLED_CUSTOMERS = 40
_SENDERS = 4
_WAIT_SECONDS = 120


def bench_events(
    folder: Path | None = None,
    *,
    events: int = 200_000,
    singles: int = 20_000,
    looks: int = 300,
    kills: int = 20,
) -> dict[str, Any]:
    """Serve a fresh bank, send it events, and kill its processes.

    Args:
        folder: where the bank lies for the while; a temporary one by default.
        events: sent in batches of 1,000.
        singles: sent one by one, over 64 connections.
        looks: how often an acknowledged event is looked for in its customer's portrait.
        kills: of the worker, PostgreSQL and the server in turn, under load.

    Returns:
        ``per_second`` (batches, wall clock), ``per_second_core`` (batches by CPU second of all processes,
        portraits updated), ``single_per_second``, ``single_p99_ms``, ``visible_p99_ms`` (from the answer until
        GET shows the event), ``kills``, ``lost`` and ``doubled`` (events, in log and portraits).
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix="bench-events-") as name:
        bank = make_bank(Path(name) / "b")
        server = _Server(bank)
        try:
            numbers = _Numbers()
            _drive(server, numbers, _WARM, _BATCH, _BATCH_CONNECTIONS)
            server.settled()
            found = _batches(server, numbers, events) | _singles(server, numbers, singles)
            found |= {"visible_p99_ms": _visible(server, numbers, looks)}
            found |= _killed(server, numbers, kills)
        finally:
            server.stop()
    return found


class _Numbers:
    """Numbers of events, each given once."""

    def __init__(self) -> None:
        self._next = itertools.count()
        self._lock = threading.Lock()
        self._first = 0

    def take(self, count: int) -> int:
        with self._lock:
            first, self._first = self._first, self._first + count
        return first


class _Server:
    """The server in a process of its own; started again after a kill, at the same port."""

    def __init__(self, bank: Path) -> None:
        self.bank, self.port = bank, 0
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", _PROGRAM, str(self.bank), str(self.port)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the server has started"
        self.port = int(line.strip().rpartition(":")[2])

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(_WAIT_SECONDS)

    def settled(self) -> None:
        """Wait until every portrait holds every event."""
        from vostro.engine import Workspace

        with Workspace.open(self.bank, guest=True) as workspace:
            end = time.monotonic() + _WAIT_SECONDS
            while _pending(workspace):
                assert time.monotonic() < end, "portraits are updated"
                time.sleep(0.05)

    def cpu_seconds(self) -> float:
        """CPU seconds so far of the server, its worker and its PostgreSQL, ended processes among them."""
        import psutil  # type: ignore[import-untyped]

        whole = 0.0
        me = psutil.Process(self.process.pid)
        for process in [me, *me.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                whole += times.user + times.system + times.children_user + times.children_system
        return whole

    def pids(self) -> dict[str, int | None]:
        """Numbers of the processes that may be killed."""
        import psutil

        worker = None
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.Error):  # it may end while we look
                worker = child.pid if "vostro.api.workers" in child.cmdline() else worker
        file = self.bank / ".vostro" / "store" / "postmaster.pid"
        store = int(file.read_text().split()[0]) if file.exists() else None
        return {"worker": worker, "store": store, "server": self.process.pid}


def _batches(server: _Server, numbers: _Numbers, events: int) -> dict[str, Any]:
    before = server.cpu_seconds()
    told = _drive(server, numbers, events, _BATCH, _BATCH_CONNECTIONS)
    server.settled()
    cpu = server.cpu_seconds() - before
    return {
        "events": events,
        "per_second": round(events / told.seconds),
        "per_second_core": round(events / cpu),
        "batch_p99_ms": round(told.p99_ms, 1),
    }


def _singles(server: _Server, numbers: _Numbers, events: int) -> dict[str, Any]:
    before = server.cpu_seconds()
    told = _drive(server, numbers, events, 1, _SINGLE_CONNECTIONS)
    server.settled()
    cpu = server.cpu_seconds() - before
    return {
        "single_per_second": round(events / told.seconds),
        "single_per_second_core": round(events / cpu),
        "single_p50_ms": round(told.p50_ms, 1),
        "single_p99_ms": round(told.p99_ms, 1),
    }


def _drive(server: _Server, numbers: _Numbers, events: int, size: int, connections: int) -> Told:
    task = Task(server.port, numbers.take(events), events, size, connections)
    done = subprocess.run(
        [sys.executable, "-m", "vostro.api.bench.driver"],
        input=msgspec.json.encode(task),
        stdout=subprocess.PIPE,
        check=True,
    )
    told = msgspec.json.decode(done.stdout, type=Told)
    assert told.accepted == events // size, f"{told.accepted} of {events // size} requests were taken in"
    return told


def _visible(server: _Server, numbers: _Numbers, looks: int) -> float:
    """Return milliseconds from the answer to a post until GET shows it, 99th percentile, while others post."""
    stop = threading.Event()
    others = [threading.Thread(target=_send, args=(server, numbers, stop, {}), daemon=True) for _ in range(2)]
    for each in others:
        each.start()
    taken = []
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_WAIT_SECONDS)
    for number in range(looks):
        (said,) = messages(1, numbers.take(1))
        customer = f"C{99_000_000 + number}"
        status, _ = _ask(connection, "POST", "/events", said | {"customer": customer})
        assert status == 202
        began = time.perf_counter()
        while True:
            status, portrait = _ask(connection, "GET", f"/customers/{customer}")
            if status == 200 and portrait["tags"][COUNT_TAG] == 1:
                break
        taken.append(1e3 * (time.perf_counter() - began))
    stop.set()
    for each in others:
        each.join()
    connection.close()
    return round(sorted(taken)[int(0.99 * len(taken))], 1)


def _killed(server: _Server, numbers: _Numbers, kills: int) -> dict[str, Any]:
    """Kill processes under load, and count what is lost and what is double in log and portraits."""
    stop = threading.Event()
    kept: list[dict[str, str]] = [{} for _ in range(_SENDERS)]  # event -> customer, acknowledged
    senders = [threading.Thread(target=_send, args=(server, numbers, stop, own), daemon=True) for own in kept]
    for each in senders:
        each.start()
    for number in range(kills):
        before = sum(map(len, kept))
        victim = ("worker", "store", "server")[number % 3]
        _kill(server, victim)
        end = time.monotonic() + _WAIT_SECONDS
        while sum(map(len, kept)) < before + 100:
            assert time.monotonic() < end, f"events are taken in again after kill -9 of the {victim}"
            time.sleep(0.02)
    stop.set()
    for each in senders:
        each.join()
    server.settled()
    acknowledged = {event: customer for own in kept for event, customer in own.items()}
    return {"kills": kills, **_compare(server, acknowledged)}


def _kill(server: _Server, victim: str) -> None:
    end = time.monotonic() + _WAIT_SECONDS
    while (pid := server.pids()[victim]) is None:
        assert time.monotonic() < end, f"the {victim} runs"
        time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    if victim == "server":
        server.process.wait()
        server.start()


def _send(server: _Server, numbers: _Numbers, stop: threading.Event, kept: dict[str, str]) -> None:
    """Send small batches until told to stop, each again until it is acknowledged."""
    while not stop.is_set():
        batch = messages(20, numbers.take(20), customers=_KILLED_CUSTOMERS)
        while True:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_WAIT_SECONDS)
                status, _ = _ask(connection, "POST", "/events", batch)
            except (OSError, http.client.HTTPException):
                status = 0
            finally:
                connection.close()
            if status == 202:
                kept.update({str(each["id"]): str(each["customer"]) for each in batch})
                break
            time.sleep(0.05)


def _ask(connection: http.client.HTTPConnection, method: str, path: str, said: Any = None) -> tuple[int, Any]:
    body = None if said is None else json.dumps(said)
    connection.request(method, path, body, {} if body is None else {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def _compare(server: _Server, acknowledged: dict[str, str]) -> dict[str, int]:
    """Compare what was acknowledged with the log and with the portraits."""
    import sqlalchemy as sa

    from vostro.engine import Workspace

    with Workspace.open(server.bank, guest=True) as workspace, workspace.store.begin() as connection:
        rows = connection.execute(
            sa.text("SELECT event_id, customer FROM event WHERE kind = 'card_payment'")
        ).all()
    logged: dict[str, int] = {}
    held: dict[str, int] = {}
    for event, customer in rows:
        logged[event] = logged.get(event, 0) + 1
        held[customer] = held.get(customer, 0) + 1
    lost = sum(event not in logged for event in acknowledged)
    doubled = sum(count - 1 for count in logged.values())
    asked = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_WAIT_SECONDS)
    for customer in sorted(set(acknowledged.values())):
        status, portrait = _ask(asked, "GET", f"/customers/{customer}")
        counted = portrait["tags"][COUNT_TAG] if status == 200 else 0
        lost += max(0, held[customer] - counted)
        doubled += max(0, counted - held[customer])
    asked.close()
    return {"acknowledged": len(acknowledged), "lost": lost, "doubled": doubled}


def _pending(workspace: Any) -> bool:
    import sqlalchemy as sa

    with workspace.store.begin() as connection:
        return bool(connection.scalar(sa.text("SELECT EXISTS (SELECT FROM pending)")))
