"""Records built in columns from the lake are the records that folding gives, and nothing is lost meanwhile."""

import threading

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from vostro.engine import QueueSession, read_records
from vostro.portrait.online import PortraitReader, SourceEvent, Tiles, Worker, seed
from vostro.portrait.online.record import MARK, WAITING, unpack

from ..aggregate.cases import cases
from .benches import CONTRACTS, CUSTOMERS, body_of, differences, fresh_lake, log, log_frame, moment, tags_of

ODD = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "phases": (Phase.explicit, Phase.generate),
}


def folded(tiles, case, customer, now):
    """Return the record of folding what counts, one by one."""
    last = {
        row["event_id"]: row for row in sorted(case.versions, key=lambda row: (row["_load"], row["_line"]))
    }
    events = [
        SourceEvent(
            "payment",
            row["event_time"],
            row["_load"],
            place + 1,
            tiles.readers["payment"].read(body_of(row), customer, row["event_time"]),
        )
        for place, row in enumerate(case.versions)
        if last[row["event_id"]] is row and not row["_deleted"] and row["customer"] == customer
    ]
    return tiles.record_of(events, now)


def plain(tiles, record):
    """Return a record with what waits in it as values: its JSON may be spaced and ordered otherwise."""
    read = tiles.readers["payment"].read
    return [
        *record[:WAITING],
        [[*each[:-1], read(each[-1], "", each[0])] for each in record[WAITING]],
        *record[3:],
    ]


@settings(max_examples=25, **ODD)
@given(case=cases(), data=st.data())
def test_seeding_is_folding(server_url, tmp_path_factory, case, data):
    tags = tags_of(case.definitions, case.clock)
    tiles = Tiles(tags, CONTRACTS)
    now = data.draw(st.sampled_from([row["event_time"] for row in case.versions] + list(case.moments)))
    with fresh_lake(server_url, tmp_path_factory.mktemp("lake")) as lake:
        log(lake.store, case.versions)
        count = seed(lake, tags, CONTRACTS, now=moment(now))
        with QueueSession(lake.store) as session, session.glance() as cursor:
            assert cursor.execute("SELECT count(*) FROM pending").fetchone() == (0,)
            rows = read_records(cursor, [MARK, *CUSTOMERS])
        assert rows.pop(MARK).version == tiles.plan.version
        assert len(rows) == count
        for customer in CUSTOMERS:
            wanted = plain(tiles, folded(tiles, case, customer, now))
            if customer in rows:
                assert plain(tiles, unpack(rows[customer].record)) == wanted
            else:
                assert wanted == plain(tiles, tiles.record_of([], now))


@settings(max_examples=12, **ODD)
@given(case=cases(tags=3, moments=1), data=st.data())
def test_seeding_between_events_loses_and_doubles_none(server_url, tmp_path_factory, case, data):
    """Events, batches of the worker and seedings in any order."""
    tags = tags_of(case.definitions, case.clock)
    now = max([row["load_time"] for row in case.versions] + list(case.moments)) + 1
    with fresh_lake(server_url, tmp_path_factory.mktemp("lake")) as lake:
        worker = Worker(lake.store, lake, tags, CONTRACTS, batch=2, clock=lambda: moment(now))
        with QueueSession(lake.store) as session:
            worker.prepare(session)
            for at in range(len(case.versions)):
                log(lake.store, case.versions, at, at + 1)
                match data.draw(st.integers(0, 3)):
                    case 0:
                        worker.step(session)
                    case 1:
                        seed(lake, tags, CONTRACTS, now=moment(now))
            while worker.step(session):
                pass
        found = PortraitReader(lake, tags, CONTRACTS).read_many(CUSTOMERS, as_of=moment(now))
        for customer, portrait in found.items():
            assert differences(case, now, customer, portrait.tags.values()) == []
        last = {
            row["event_id"]: row
            for row in sorted(case.versions, key=lambda row: (row["_load"], row["_line"]))
        }
        assert found.keys() >= {row["customer"] for row in last.values() if not row["_deleted"]}


def test_events_that_arrive_while_everyone_is_rebuilt(server_url, tmp_path):
    """A thread writes on, another works, a third rebuilds over and over: every event counts once."""
    from vostro.engine import append_events

    from .test_worker import _clock, _row

    tags = tags_of([{"measure": "count"}, {"measure": "sum(points)"}], _clock())
    rows = [_row(i) for i in range(600)]
    frame = log_frame(rows)
    with fresh_lake(server_url, tmp_path) as lake:
        worker = Worker(lake.store, lake, tags, CONTRACTS, batch=20)
        stop = threading.Event()
        working = threading.Thread(target=worker.run, args=(stop,))
        working.start()

        def write():
            for at in range(0, len(rows), 5):
                with lake.store.begin() as connection:
                    append_events(connection, frame[at : at + 5], queue=True)

        writing = threading.Thread(target=write)
        writing.start()
        seeds = 0
        while writing.is_alive() or seeds < 3:
            seed(lake, tags, CONTRACTS, now=moment(rows[-1]["load_time"] + 10**9))
            seeds += 1
        writing.join()
        stop.set()
        working.join()
        worker.drain()
        found = PortraitReader(lake, tags, CONTRACTS).read_many(CUSTOMERS)
        assert [found[each].tags["t0"] for each in CUSTOMERS] == [200, 200, 200]
        assert sum(each.tags["t1"] for each in found.values()) == sum(range(600))
