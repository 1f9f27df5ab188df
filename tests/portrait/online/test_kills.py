"""20 kill -9 of the worker and of PostgreSQL while events arrive: none is lost, none counts twice."""

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections import deque

import pytest

from vostro.engine import Lake, QueueSession, Settings, Store, StoreLostError, append_events
from vostro.engine.server import Server
from vostro.portrait.online import PortraitReader

from .benches import CONTRACTS, CUSTOMERS, log_frame, tags_of
from .test_worker import _clock, _row

KILLS = 20
EVENTS_AT_ONCE = 25
SETTINGS = Settings(memory_limit_mb=256, threads=1)
WORKER = """
import pickle, sys, threading, time
from vostro.engine import Lake, Store
from vostro.words import VostroError
from vostro.portrait.online.worker import Worker
url, folder, settings, tags, contracts = pickle.load(open(sys.argv[1], "rb"))
while True:  # as whoever supervises a worker does: the killed PostgreSQL may be starting still
    try:
        store = Store(url)
        break
    except VostroError:
        time.sleep(0.1)
Worker(store, Lake(folder, store, settings), tags, contracts).run(threading.Event())
"""


@pytest.fixture
def server(tmp_path):
    running = Server(tmp_path, durable=True)
    running.start()
    yield running
    running.stop()


@pytest.mark.timeout(300)
def test_kills_lose_and_double_nothing(server, tmp_path):
    tags = tags_of(
        [{"measure": "count"}, {"measure": "sum(points)"}, {"measure": "distinct(points)"}], _clock()
    )
    url = server.ensure_database("bank")
    store = Store(url)
    lake = Lake(tmp_path / "lake", store, SETTINGS)
    rows = [_row(i) for i in range(100_000)]
    written, stop = [0], threading.Event()

    def write():
        while not stop.is_set():
            at = written[0]
            try:
                with store.begin() as connection:
                    append_events(connection, log_frame(rows[at : at + EVENTS_AT_ONCE]), queue=True)
                written[0] = at + EVENTS_AT_ONCE
            except StoreLostError:  # sent again: what was in the log already adds nothing
                time.sleep(0.05)
            time.sleep(0.005)

    (tmp_path / "bank.pickle").write_bytes(pickle.dumps((url, lake.folder, SETTINGS, tags, CONTRACTS)))

    def worker():
        return subprocess.Popen([sys.executable, "-c", WORKER, str(tmp_path / "bank.pickle")])

    writing = threading.Thread(target=write)
    writing.start()
    workers = deque([worker(), worker()])  # one works, the other waits for its slice
    applied = 0
    try:
        for kill in range(KILLS):
            applied = wait_for_more(store, applied)
            if kill % 4 == 3:
                os.kill(server.pid, signal.SIGKILL)
                while server.pid is not None:
                    time.sleep(0.01)
                assert server.revive()
            else:
                workers[0].kill()
                workers.popleft().wait()
                workers.append(worker())
        stop.set()
        writing.join()
        wait_for_none(store)
    finally:
        stop.set()
        writing.join()
        for each in workers:
            each.kill()
            each.wait()
    total = written[0]
    found = PortraitReader(lake, tags, CONTRACTS).read_many(CUSTOMERS)
    assert sum(each.tags["t0"] for each in found.values()) == total
    assert sum(each.tags["t1"] for each in found.values()) == sum(range(total))
    assert total > KILLS * EVENTS_AT_ONCE
    store.close()


def wait_for_more(store, applied):
    """Wait until the worker has written something since the last kill, and is likely at it again."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with QueueSession(store) as session, session.glance() as cursor:
                row = cursor.execute("SELECT coalesce(max(sequence), 0) FROM portrait").fetchone()
                if row[0] > applied:
                    return row[0]
        except StoreLostError:
            pass
        time.sleep(0.01)
    raise AssertionError("the worker does not work")


def wait_for_none(store):
    end = time.monotonic() + 60
    with QueueSession(store) as session, session.glance() as cursor:
        while time.monotonic() < end:
            if cursor.execute("SELECT count(*) FROM pending").fetchone() == (0,):
                return
            time.sleep(0.02)
    raise AssertionError("events are still pending")
