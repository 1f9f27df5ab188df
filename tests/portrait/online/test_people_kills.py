"""Kills while events arrive and people are merged and taken apart: nothing is lost, nothing counts twice."""

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, deque
from datetime import UTC, datetime

import pytest

from vostro.engine import Lake, QueueSession, Store, StoreLostError, append_events
from vostro.portrait.online import PortraitReader

from ..people_bank import Move, move
from .benches import CONTRACTS, CUSTOMERS, log_frame, tags_of
from .test_kills import EVENTS_AT_ONCE, SETTINGS, WORKER, server, wait_for_more, wait_for_none
from .test_worker import _clock, _row

__all__ = ["server"]
KILLS = 8
MOVES = [("2", "1"), ("3", "1"), ("2", "2"), ("3", "3"), ("3", "2"), ("3", "3")]


def write(store, lake, rows, written, moved, stop):
    """Let events come, and now and then let somebody be somebody else."""
    while not stop.is_set():
        at = written[0]
        try:
            with store.begin() as connection:
                append_events(connection, log_frame(rows[at : at + EVENTS_AT_ONCE]), queue=True)
            written[0] = at + EVENTS_AT_ONCE
            if at // EVENTS_AT_ONCE % 12 == 0:
                go_on(lake, moved)
        except StoreLostError:  # said again: it changes nothing where it was heard
            time.sleep(0.05)
        time.sleep(0.005)


def go_on(lake, moved):
    who, person = MOVES[moved[0] % len(MOVES)]
    move(lake, Move(who, person, datetime.now(UTC)))
    moved[0] += 1


@pytest.mark.timeout(300)
def test_kills_while_people_move(server, tmp_path):
    tags = tags_of([{"measure": "count"}, {"measure": "sum(points)"}, {"measure": "max(points)"}], _clock())
    store = Store(server.ensure_database("bank"))
    lake = Lake(tmp_path / "lake", store, SETTINGS)
    rows = [_row(i) for i in range(100_000)]
    written, moved, stop = [0], [0], threading.Event()

    (tmp_path / "bank.pickle").write_bytes(pickle.dumps((store.url, lake.folder, SETTINGS, tags, CONTRACTS)))

    def worker():
        return subprocess.Popen([sys.executable, "-c", WORKER, str(tmp_path / "bank.pickle")])

    writing = threading.Thread(target=write, args=(store, lake, rows, written, moved, stop))
    writing.start()
    workers = deque([worker(), worker()])
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
        while moved[0] % len(MOVES) not in (2, 5):  # two, or all three, are one person
            go_on(lake, moved)
        wait_for_none(store)
        wait_for_nobody(store)
        check(PortraitReader(lake, tags, CONTRACTS), rows[: written[0]], moved[0] % len(MOVES))
        assert moved[0] > KILLS
    finally:
        stop.set()
        writing.join()
        for each in workers:
            each.kill()
            each.wait()
        store.close()


def check(reader, rows, moves):
    """Compare with what was written: after two moves all are one person, after five customers 2 and 3."""
    people = {"1": "1", "2": "1", "3": "1"} if moves == 2 else {"1": "1", "2": "2", "3": "2"}
    found = reader.read_many(CUSTOMERS)
    events = [(people[row["customer"]], row["points"]) for row in rows]
    count = Counter(person for person, _ in events)
    total = {person: sum(points for who, points in events if who == person) for person in count}
    for customer, person in people.items():
        assert found[customer].customer == person
        assert found[customer].tags["t0"] == count[person]
        assert found[customer].tags["t1"] == total[person]


def wait_for_nobody(store):
    end = time.monotonic() + 60
    with QueueSession(store) as session, session.glance() as cursor:
        while cursor.execute("SELECT count(*) FROM moved").fetchone() != (0,):
            assert time.monotonic() < end, "people still wait"
            time.sleep(0.02)
