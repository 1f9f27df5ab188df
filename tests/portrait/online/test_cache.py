"""The reader never answers with less than what was acknowledged before it was asked, and caches all the same."""

import random
import threading
import time
from datetime import UTC, datetime

import pytest

from vostro.engine import QueueSession, append_events
from vostro.portrait.online import EventUnseenError, PastReader, PortraitReader, Worker, seed

from .benches import CONTRACTS, CUSTOMERS, fresh_lake, log, log_frame, tags_of
from .test_worker import _clock, _row

DEFINITIONS = [{"measure": "count"}, {"measure": "sum(points)"}, {"measure": "days_since_last"}]


@pytest.fixture
def lake(server_url, tmp_path):
    with fresh_lake(server_url, tmp_path) as opened:
        yield opened


@pytest.fixture
def tags():
    return tags_of(DEFINITIONS, _clock())


def prepared(lake, tags, **options):
    worker = Worker(lake.store, lake, tags, CONTRACTS, **options)
    with QueueSession(lake.store) as session:
        worker.prepare(session)
    return worker


def test_what_was_acknowledged_is_read_in_a_race(lake, tags):
    """Writers whose transactions overlap (numbers are committed out of order), a worker, rebuilds, and readers."""
    worker = prepared(lake, tags, batch=3)
    frame = log_frame([_row(i) for i in range(360)])
    acknowledged, begun = dict.fromkeys(CUSTOMERS, 0), dict.fromkeys(CUSTOMERS, 0)
    guard, done, faults, reads = threading.Lock(), threading.Event(), [], [0]

    def write(start):
        chance = random.Random(start)
        for at in range(start, 360, 4):
            customer = frame["customer"][at]
            with guard:
                begun[customer] += 1
            with lake.store.begin() as connection:
                append_events(connection, frame[at : at + 1], queue=True)
                time.sleep(chance.random() * 0.01)  # a later number may be committed earlier
            with guard:
                acknowledged[customer] += 1

    def read(reader):
        while not done.is_set():
            for customer in CUSTOMERS:
                least = acknowledged[customer]
                found = reader.read(customer)
                most = begun[customer]
                count = 0 if found is None else found.tags["t0"]
                reads[0] += 1
                if not least <= count <= most:
                    faults.append((customer, least, count, most))

    readers = [PortraitReader(lake, tags, CONTRACTS) for _ in range(2)]
    stop = threading.Event()
    reading = [threading.Thread(target=read, args=(readers[i % 2],)) for i in range(3)]
    writing = [threading.Thread(target=write, args=(i,)) for i in range(4)]
    working = threading.Thread(target=worker.run, args=(stop,))
    [each.start() for each in (*reading, *writing, working)]
    seed(lake, tags, CONTRACTS, now=datetime.now(UTC))
    [each.join() for each in writing]
    done.set()
    stop.set()
    [each.join() for each in (*reading, working)]
    assert faults == []
    assert reads[0] > 100
    assert {c: readers[0].read(c).tags["t0"] for c in CUSTOMERS} == dict.fromkeys(CUSTOMERS, 120)


def test_a_true_entry_is_not_read_again(lake, tags):
    worker = prepared(lake, tags)
    reader = PortraitReader(lake, tags, CONTRACTS)
    log(lake.store, [_row(0)])
    assert reader.read("1").tags["t0"] == 1  # pending: folded by the reader
    assert reader.read("1").tags["t0"] == 1
    assert (reader.hits, reader.misses) == (1, 1)
    worker.drain()
    assert reader.read("1").tags["t0"] == 1  # written meanwhile: another mark
    assert reader.read("1").tags["t0"] == 1
    assert (reader.hits, reader.misses) == (2, 2)
    assert reader.read("1").sequence == 1


def test_a_full_cache_forgets_the_oldest(lake, tags):
    worker = prepared(lake, tags)
    reader = PortraitReader(lake, tags, CONTRACTS, size=2)
    log(lake.store, [_row(i) for i in range(3)])
    worker.drain()
    for _ in range(2):
        assert [reader.read(each).tags["t0"] for each in CUSTOMERS] == [1, 1, 1]
    assert reader.hits == 0
    reader.read("3")
    assert reader.hits == 1
    reader.forget()
    reader.read("3")
    assert reader.hits == 1


def test_nobody_is_none_and_a_fresh_customer_is_known_at_once(lake, tags):
    prepared(lake, tags)
    reader = PortraitReader(lake, tags, CONTRACTS)
    assert reader.read("1") is None
    log(lake.store, [_row(0)])
    assert reader.read("1").tags == {"t0": 1, "t1": 0, "t2": reader.read("1").tags["t2"]}


def test_corrections_and_deletions_that_are_pending_count(lake, tags):
    worker = prepared(lake, tags)
    reader = PortraitReader(lake, tags, CONTRACTS)
    rows = [_row(0), _row(3), _row(6), _row(3) | {"points": 50}, _row(6) | {"_deleted": True}]
    rows = [row | {"_load": load} for load, row in enumerate(rows)]
    log(lake.store, rows, 0, 3)
    worker.drain()
    assert reader.read("1").tags["t1"] == 9
    log(lake.store, rows, 3)
    assert (reader.read("1").tags["t0"], reader.read("1").tags["t1"]) == (2, 50)
    worker.drain()
    assert (reader.read("1").tags["t0"], reader.read("1").tags["t1"]) == (2, 50)


def test_before_there_are_records_the_history_is_read(lake, tags):
    """After the definitions changed and before everyone is rebuilt, an answer is slower and not older."""
    log(lake.store, [_row(i) for i in range(4)])
    reader = PortraitReader(lake, tags, CONTRACTS)
    past = PastReader(lake, tags, CONTRACTS)
    assert reader.read("1").tags == past.read("1", datetime.now(UTC)).tags
    assert reader.read("1").tags["t0"] == 2


def test_an_event_that_never_comes_is_told(lake, tags, monkeypatch):
    monkeypatch.setattr("vostro.portrait.online.cache._WAIT_SECONDS", 0.05)
    prepared(lake, tags)
    reader = PortraitReader(lake, tags, CONTRACTS)
    log(lake.store, [_row(0)])
    assert reader.read("1", at_least=1).tags["t0"] == 1
    with pytest.raises(EventUnseenError):
        reader.read("1", at_least=99)


def test_a_live_portrait_does_not_go_back(lake, tags):
    worker = prepared(lake, tags)
    log(lake.store, [_row(0)])
    worker.drain()
    found = PortraitReader(lake, tags, CONTRACTS).read("1", as_of=datetime(2000, 1, 1, tzinfo=UTC))
    assert found.as_of > datetime(2020, 1, 1, tzinfo=UTC)
    assert found.tags["t0"] == 1
