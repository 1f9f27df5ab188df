"""Who was who at any moment, told by events; visitors follow their customers through the past, too."""

from datetime import datetime, timedelta

import polars as pl

from vostro.engine import QueueSession, Workspace
from vostro.portrait import identify, identity_map, merge_people, person_at, unmerge_people
from vostro.portrait.identity.over_time import (
    PeopleThen,
    known_people,
    last_step,
    people_at,
    people_over_time,
)

from .banks import MOMENT

DAY = timedelta(days=1)
WHY = {"reason": "r", "by": "ann"}


def told(workspace: Workspace, as_of: datetime | None = None) -> dict[str, str]:
    found = known_people(workspace.lake, as_of)
    return {} if found is None else dict(found.rows())


def test_nobody_has_moved(workspace: Workspace) -> None:
    with workspace.store.begin() as connection:
        assert last_step(connection) == 0
    assert known_people(workspace.lake) is None
    assert person_at(workspace.lake, "x", MOMENT) == "x"


def test_the_past_stays_as_it_was_known(matched: Workspace) -> None:
    lake = matched.lake
    with matched.store.begin() as connection:
        identify(connection, "anon:1", "P00300", moment=MOMENT + DAY)
    merge_people(lake, "P00100", "P00300", moment=MOMENT + 2 * DAY, **WHY)
    unmerge_people(lake, "P00100", "P00300", moment=MOMENT + 4 * DAY, **WHY)
    assert told(matched, MOMENT - DAY) == {}
    assert told(matched, MOMENT)["Q00003"] == "P00003"
    assert "anon:1" not in told(matched, MOMENT)
    days = {day: told(matched, MOMENT + timedelta(days=day)).get("anon:1") for day in range(1, 6)}
    assert days == {1: "P00300", 2: "P00100", 3: "P00100", 4: "P00300", 5: "P00300"}
    assert [person_at(lake, "P00300", MOMENT + timedelta(days=day)) for day in (1, 2, 4)] == [
        "P00300", "P00100", "P00300",
    ]  # fmt: skip
    then = PeopleThen(lake)
    with QueueSession(matched.store) as session, session.glance() as cursor:
        names = [set(then.names(cursor, "anon:1", MOMENT + timedelta(days=day))) for day in (0, 1, 3, 5)]
    assert names == [
        {"anon:1"},
        {"P00300", "anon:1"},
        {"P00100", "Q00100", "P00300", "anon:1"},
        {"P00300", "anon:1"},
    ]


def test_the_end_of_the_time_line_is_the_book(matched: Workspace) -> None:
    with matched.store.begin() as connection:
        identify(connection, "anon:1", "Q00003", moment=MOMENT)
        identify(connection, "anon:2", "P00200", moment=MOMENT)
    merge_people(matched.lake, "P00200", "P00003", moment=MOMENT, **WHY)
    unmerge_people(matched.lake, "anon:1", moment=MOMENT, **WHY)
    with matched.store.begin() as connection:
        book = identity_map(connection).filter(pl.col("customer") != pl.col("person"))
        assert people_at(people_over_time(connection), MOMENT).equals(book)
