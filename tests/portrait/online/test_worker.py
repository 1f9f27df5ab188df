"""The worker over a real PostgreSQL says what the oracle says, however the events are cut into batches."""

import threading
import time
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from vostro.engine import QueueSession
from vostro.portrait.online import DefinitionsChangedError, PastReader, PortraitReader, Worker

from ..aggregate.cases import cases
from .benches import CONTRACTS, CUSTOMERS, differences, fresh_lake, log, moment, tags_of

# each example has a database of its own: looking for the smallest failing one would take an hour
ODD = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "phases": (Phase.explicit, Phase.generate),
}


def pieces(data, rows):
    """Cut a history into what arrives together: ``(start, stop)``."""
    start = 0
    while start < len(rows):
        stop = data.draw(st.integers(start + 1, len(rows)))
        yield start, stop
        start = stop


def moves(case):
    """Tell whether any version of an event names another customer."""
    owners = {(row["event_id"], row["customer"]) for row in case.versions}
    return len(owners) > len({row["event_id"] for row in case.versions})


def check(case, tags, lake, now):
    """Compare the live portraits, and those of every other moment, with the oracle."""
    reader, past = PortraitReader(lake, tags, CONTRACTS), PastReader(lake, tags, CONTRACTS)
    try:
        found = reader.read_many(CUSTOMERS, as_of=moment(now))
        for customer in CUSTOMERS:
            if customer in found:
                assert differences(case, now, customer, found[customer].tags.values()) == []
            else:
                assert not any(row["customer"] == customer for row in case.versions)
            for as_of in case.moments:
                then = past.read(customer, moment(as_of))
                if then is not None:
                    assert differences(case, as_of, customer, then.tags.values()) == []
    finally:
        reader.close()
        past.close()


@settings(max_examples=25, **ODD)
@given(case=cases(), data=st.data())
def test_any_batches_give_what_the_oracle_gives(server_url, tmp_path_factory, case, data):
    tags = tags_of(case.definitions, case.clock)
    now = max([row["load_time"] for row in case.versions] + list(case.moments)) + 1
    clock = {"now": now}
    with fresh_lake(server_url, tmp_path_factory.mktemp("lake")) as lake:
        worker = Worker(lake.store, lake, tags, CONTRACTS, batch=3, clock=lambda: moment(clock["now"]))
        with QueueSession(lake.store) as session:
            clock["now"] = min([row["load_time"] for row in case.versions], default=now)
            worker.prepare(session)
            for start, stop in pieces(data, case.versions):
                log(lake.store, case.versions, start, stop)
                clock["now"] = max(row["load_time"] for row in case.versions[start:stop])
                for _ in range(data.draw(st.integers(0, 3))):
                    worker.step(session)
            clock["now"] = now
            if not moves(case):  # who an event was taken from learns it from the worker, see the reader
                check(case, tags, lake, now)  # some events are still pending: the reader folds them
            while worker.step(session):
                pass
        check(case, tags, lake, now)
        with QueueSession(lake.store) as session, session.glance() as cursor:
            assert cursor.execute("SELECT count(*) FROM pending").fetchone() == (0,)


@settings(max_examples=8, **ODD)
@given(case=cases(), slices=st.integers(2, 3), data=st.data())
def test_slices_share_the_customers_and_nothing_is_done_twice(
    server_url, tmp_path_factory, case, slices, data
):
    tags = tags_of(case.definitions, case.clock)
    now = max([row["load_time"] for row in case.versions] + list(case.moments)) + 1
    with fresh_lake(server_url, tmp_path_factory.mktemp("lake")) as lake:
        workers = [
            Worker(
                lake.store, lake, tags, CONTRACTS, slice_number=i, slices=slices, clock=lambda: moment(now)
            )
            for i in range(slices)
        ]
        with QueueSession(lake.store) as session:
            workers[0].prepare(session)
        log(lake.store, case.versions)
        stop = threading.Event()
        threads = [threading.Thread(target=worker.run, args=(stop,)) for worker in workers]
        [each.start() for each in threads]
        try:
            with QueueSession(lake.store) as session, session.glance() as cursor:
                for _ in range(600):
                    if cursor.execute("SELECT count(*) FROM pending").fetchone() == (0,):
                        break
                    stop.wait(0.02)
        finally:
            stop.set()
            [each.join() for each in threads]
        assert sum(worker.applied for worker in workers) == len(case.versions)
        check(case, tags, lake, now)


def test_only_one_worker_has_a_slice(server_url, tmp_path):
    with (
        fresh_lake(server_url, tmp_path) as lake,
        QueueSession(lake.store) as one,
        QueueSession(lake.store) as other,
    ):
        assert one.take_slice(0)
        assert not other.take_slice(0)
        assert other.take_slice(1)
        one.close()
        assert any(other.take_slice(0) or time.sleep(0.02) for _ in range(500)), "PostgreSQL notices soon"


def test_two_workers_of_one_slice_do_no_harm(server_url, tmp_path):
    """Even without the lock an event is applied once: the second transaction is refused and tried again."""
    tags = tags_of([{"measure": "count"}], _clock())
    rows = [_row(i) for i in range(300)]
    with fresh_lake(server_url, tmp_path) as lake:
        workers = [Worker(lake.store, lake, tags, CONTRACTS, batch=7) for _ in range(3)]
        with QueueSession(lake.store) as session:
            workers[0].prepare(session)
        log(lake.store, rows)

        def work(worker):
            with QueueSession(lake.store) as session:
                for _ in range(400):
                    worker.step(session)

        threads = [threading.Thread(target=work, args=(worker,)) for worker in workers]
        [each.start() for each in threads]
        [each.join() for each in threads]
        assert sum(worker.applied for worker in workers) == 300
        found = PortraitReader(lake, tags, CONTRACTS).read_many(CUSTOMERS)
        assert sum(each.tags["t0"] for each in found.values()) == 300


def test_a_worker_of_other_definitions_stops(server_url, tmp_path):
    old, new = tags_of([{"measure": "count"}], _clock()), tags_of([{"measure": "sum(points)"}], _clock())
    with fresh_lake(server_url, tmp_path) as lake, QueueSession(lake.store) as session:
        worker = Worker(lake.store, lake, old, CONTRACTS)
        worker.prepare(session)
        Worker(lake.store, lake, new, CONTRACTS).prepare(session)
        log(lake.store, [_row(1)])
        with pytest.raises(DefinitionsChangedError):
            worker.step(session)
        with session.glance() as cursor:  # nothing was taken out of the queue
            assert cursor.execute("SELECT count(*) FROM pending").fetchone() == (1,)


def test_an_announced_event_wakes_at_once(server_url, tmp_path):
    from vostro.engine import announce

    with fresh_lake(server_url, tmp_path) as lake, QueueSession(lake.store) as session:
        session.wait(0)
        woken = threading.Event()
        thread = threading.Thread(target=lambda: (session.wait(30), woken.set()))
        thread.start()
        with lake.store.begin() as connection:
            announce(connection)
        thread.join(10)
        assert woken.is_set()


def _clock():
    from vostro.portrait.aggregate import Clock

    return Clock()


def _row(i):
    from ..aggregate.cases import EPOCH, START

    now = (START - EPOCH) // timedelta(microseconds=1)
    row = {"event_id": f"e{i}", "customer": str(i % 3 + 1), "event_time": now + i, "load_time": now + i}
    row |= {"_load": 1, "_line": i, "_deleted": False}
    return row | dict.fromkeys(("amount", "wide", "rate", "city", "online", "due", "seen")) | {"points": i}
