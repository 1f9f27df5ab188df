"""Messages make visitors known, once and by the first word; they merge no customers."""

from datetime import UTC, datetime, timedelta

import polars as pl

from vostro.engine import QueueSession, Workspace, append_events
from vostro.portrait import hear_visitors, unmerge_people

from .banks import MOMENT
from .test_over_time import WHY, told

DAY = timedelta(days=1)


def say(workspace: Workspace, customer: str, previous: str, number: int) -> None:
    row = {"customer": customer, "kind": "identity", "event_time": MOMENT, "load_time": MOMENT + number * DAY}
    row |= {"idempotency_key": f"identity:{number}", "body": f'{{"previous": "{previous}"}}'}
    with workspace.store.begin() as connection:
        append_events(connection, pl.DataFrame([row]))


def hear(workspace: Workspace) -> int:
    with QueueSession(workspace.store) as session, session.glance() as cursor:
        return hear_visitors(cursor)


def test_visitors_are_heard_of_once_and_customers_are_not_merged_by_a_message(matched: Workspace) -> None:
    for number, (customer, previous) in enumerate(
        [
            ("Q00003", "anon:1"),
            ("P00200", "anon:1"),
            ("new", "anon:2"),
            ("P00200", "P00201"),
            ("anon:4", "anon:3"),
        ]
    ):
        say(matched, customer, previous, number)
    assert hear(matched) == 2
    assert hear(matched) == 0
    known = told(matched)
    assert (known["anon:1"], known["anon:2"]) == ("P00003", "new")
    assert not {"anon:3", "P00201"} & known.keys()
    assert told(matched, MOMENT)["anon:1"] == "P00003", "known since it was said"
    unmerge_people(matched.lake, "anon:1", moment=datetime.now(UTC), **WHY)
    assert hear(matched) == 0, "who was taken away stays away"
    assert "anon:1" not in told(matched)
