"""Visitors become known: their history and consents are found under the person, for good."""

from datetime import UTC, datetime

import polars as pl

from vostro.engine import Workspace, append_events
from vostro.portrait import (
    aliases,
    identify,
    identity_map,
    merge_people,
    person_history,
    person_of,
    resolve,
    run_identity,
    unmerge_people,
)

from .banks import CONTRACTS, DEFINITION, MOMENT

EARLIER = datetime(2026, 2, 1, tzinfo=UTC)
SAID = {"reason": "r", "by": "ann", "moment": MOMENT}


def visit(customer: str, kind: str, key: str) -> pl.DataFrame:
    row = {"customer": customer, "kind": kind, "event_time": EARLIER, "load_time": EARLIER}
    return pl.DataFrame([{**row, "idempotency_key": key, "body": "{}"}])


def test_history_and_consents_come_along(matched: Workspace) -> None:
    with matched.store.begin() as connection:
        append_events(connection, visit("anon:77", "page_view", "1"))
        append_events(connection, visit("anon:77", "consent_given", "2"))
        append_events(connection, visit("P00003", "card_payment", "3"))
        assert identify(connection, "77", "Q00003", moment=MOMENT) == "P00003"
        assert aliases(connection, "Q00003") == ["P00003", "Q00003", "anon:77"]
        kinds = person_history(connection, "Q00003")
    assert {"page_view", "consent_given", "card_payment"} <= set(kinds["kind"])
    assert set(kinds.filter(pl.col("kind") == "page_view")["customer"]) == {"anon:77"}, (
        "events stay as they came"
    )


def test_visitors_follow_their_customer(matched: Workspace) -> None:
    with matched.store.begin() as connection:
        identify(connection, "anon:1", "P00300", moment=MOMENT)
        identify(connection, "anon:2", "stranger", moment=MOMENT)
    merge_people(matched.lake, "P00100", "P00300", **SAID)
    with matched.store.begin() as connection:
        found = person_of(connection, ["anon:1", "anon:2", "anon:9", "P00300"])
    assert found == {"anon:1": "P00100", "anon:2": "stranger", "anon:9": "anon:9", "P00300": "P00100"}
    run_identity(matched.lake, DEFINITION, CONTRACTS, moment=MOMENT, redo=True)
    unmerge_people(matched.lake, "P00100", "P00300", **SAID)
    with matched.store.begin() as connection:
        assert person_of(connection, ["anon:1"]) == {"anon:1": "P00300"}


def test_a_shared_device_stays_with_the_first_and_a_detached_one_is_left_alone(matched: Workspace) -> None:
    with matched.store.begin() as connection:
        identify(connection, "anon:5", "P00010", moment=MOMENT)
        assert identify(connection, "anon:5", "P00020", moment=MOMENT) == "P00010"
    unmerge_people(matched.lake, "anon:5", **SAID)
    with matched.store.begin() as connection:
        assert identify(connection, "anon:5", "P00010", moment=MOMENT) == "anon:5"
        assert aliases(connection, "P00010") == ["P00010", "Q00010"]


def test_resolve_maps_a_column(matched: Workspace) -> None:
    with matched.store.begin() as connection:
        known = identity_map(connection)
    frame = pl.DataFrame({"amount": [1, 2, 3], "customer": ["Q00001", "nobody", "P00002"]})
    found = resolve(frame, "customer", known).collect()
    assert found.rows() == [(1, "P00001"), (2, "nobody"), (3, "P00002")]
