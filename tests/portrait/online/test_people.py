"""Live portraits of people with several identifiers are those of the batch build, whoever moved when."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from vostro.engine import QueueSession
from vostro.portrait import build_portraits
from vostro.portrait.online import PastReader, PortraitReader, Worker

from ..people_bank import IDS, Row, definitions, happen, histories, people_of, settle
from .benches import fresh_lake

ODD = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "phases": (Phase.explicit, Phase.generate),
}


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    return definitions(tmp_path_factory.mktemp("bank") / "b")


def batch(lake, bank, as_of):
    settle(lake, bank[1])
    rows = build_portraits(*bank, lake, as_of=as_of).drop("home")
    return {row.pop("customer"): row for row in rows.iter_rows(named=True)}


def check(found, wanted, people):
    """Compare what was read under every identifier with the batch build of everybody."""
    for name in IDS:
        person, mine = people[name], found.get(name)
        if person in wanted:
            assert mine is not None
            assert mine.customer == person
            assert {code: mine.tags[code] for code in wanted[person]} == wanted[person]
        elif mine is not None:
            said = ("vip", "level", "wanted")  # of somebody without events, who is in no batch
            assert not any(value for code, value in mine.tags.items() if code not in said)


def first_the_lake(history):
    """Return what only the lake has, and the rest: records know of it when they are made."""
    only = [each for each in history if isinstance(each, Row) and each.what in ("visit", "client")]
    return only, [each for each in history if each not in only]


@settings(max_examples=15, **ODD)
@given(history=histories(rows=16), data=st.data())
def test_live_and_past(server_url, tmp_path_factory, bank, history, data):
    before, steps = first_the_lake(history)
    now = history[-1].known + timedelta(days=1)
    with fresh_lake(server_url, tmp_path_factory.mktemp("lake")) as lake:
        for step in before:
            happen(lake, bank[1], step)
        workers = [
            Worker(lake.store, lake, *bank, batch=3, slice_number=i, slices=2, clock=lambda: now)
            for i in range(2)
        ]
        reader, past = PortraitReader(lake, *bank), PastReader(lake, *bank)
        with QueueSession(lake.store) as session:
            workers[0].prepare(session)
            for step in steps:
                happen(lake, bank[1], step)
                for worker in data.draw(st.lists(st.sampled_from(workers), max_size=3)):
                    worker.step(session)
                if data.draw(st.booleans()):  # so that the cache holds something old
                    reader.read_many(IDS, as_of=now)
            wanted, people = batch(lake, bank, now), people_of(history, now)
            check(reader.read_many(IDS, as_of=now), wanted, people)
            while any(worker.step(session) for worker in workers):
                pass
            check(reader.read_many(IDS, as_of=now), wanted, people)
            with session.glance() as cursor:
                assert cursor.execute("SELECT count(*) FROM moved").fetchone() == (0,)
                known = {row[0] for row in cursor.execute("SELECT customer FROM portrait").fetchall()}
        assert known <= {"", *people.values()}, "nobody has a record under another's name"
        for as_of in {each.known for each in history[-4:]} | {history[len(history) // 2].known}:
            then = {name: past.read(name, as_of) for name in IDS}
            check({k: v for k, v in then.items() if v}, batch(lake, bank, as_of), people_of(history, as_of))
        reader.close()
        past.close()
