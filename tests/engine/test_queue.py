"""The queue: taken in order, seen truly whatever was committed when, and only what counts is history."""

import threading
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from vostro.engine import (
    QueueSession,
    StoredRecord,
    append_events,
    claim,
    customers_about,
    events_of,
    last_sequence,
    look,
    own_events,
    read_records,
    replace_records,
    settle_pending,
    versions_of,
    write_records,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KINDS = {"paid": "payment"}


def event(code, customer="1", *, operation="new", load=1, hours=0, kind="paid", origin="api"):
    key = f"payment:{code}" + ("" if operation == "new" else f"#{operation}{load}")
    return {
        "customer": customer, "kind": kind, "event_time": NOW, "load_time": NOW + timedelta(hours=hours),
        "idempotency_key": key, "body": f'{{"load": {load}}}', "event_id": code, "operation": operation,
        "load_id": load, "origin": origin,
    }  # fmt: skip


def append(workspace, *events):
    times = {name: pl.Datetime("us", "UTC") for name in ("event_time", "load_time")}
    with workspace.store.begin() as connection:
        append_events(connection, pl.DataFrame(list(events), schema_overrides=times), queue=True)


@pytest.fixture
def session(workspace):
    with QueueSession(workspace.store) as opened:
        yield opened


def test_events_are_taken_in_their_order_and_only_with_the_transaction(workspace, session):
    append(workspace, *(event(code) for code in "abc"))
    with pytest.raises(ZeroDivisionError), session.batch() as cursor:
        assert [each.event_id for each in claim(cursor, 2)] == ["a", "b"]
        raise ZeroDivisionError
    with session.batch() as cursor:
        assert [each.event_id for each in claim(cursor, 2)] == ["a", "b"]
    with session.batch() as cursor:
        assert [(each.event_id, each.time_us, each.contested) for each in claim(cursor, 2)] == [
            ("c", round(NOW.timestamp() * 1e6), False)
        ]
        assert claim(cursor, 2) == []


def test_slices_share_out_all_customers(workspace, session):
    append(workspace, *(event(f"e{i}", str(i)) for i in range(60)))
    found = []
    for number in range(3):
        with session.batch() as cursor:
            found.append({each.customer for each in claim(cursor, 100, slice_number=number, slices=3)})
    assert sum(map(len, found)) == 60
    assert set().union(*found) == {str(i) for i in range(60)}
    assert all(found)


def test_only_the_last_version_is_history(workspace, session):
    append(workspace, event("a"), event("b"), event("c", "2"))
    append(
        workspace,
        event("a", operation="correct", load=2, hours=1),
        event("b", operation="delete", load=2, hours=1),
    )
    append(workspace, event("c", "1", operation="correct", load=3, hours=2))
    with session.glance() as cursor:

        def known(hours, customers=("1", "2")):
            by = NOW + timedelta(hours=hours)
            return sorted(
                (e.customer, e.event_id, e.load_id)
                for e in versions_of(cursor, customers, KINDS, loaded_by=by)
            )

        assert known(0) == [("1", "a", 1), ("1", "b", 1), ("2", "c", 1)]
        assert known(1) == [("1", "a", 2), ("2", "c", 1)]
        assert known(2) == [("1", "a", 2), ("1", "c", 3)]
        assert known(-1) == []
        assert customers_about(cursor, [("paid", "payment", "c")]) == {"1", "2"}
        assert customers_about(cursor, []) == set()
        assert versions_of(cursor, ["1", "2"], KINDS) == [], "all of it is still pending"
    with session.batch() as cursor:
        assert [each.contested for each in claim(cursor, 5)] == [True] * 5
        assert sorted(e.event_id for e in versions_of(cursor, ["1", "2"], KINDS)) == ["a", "c"]
        assert len(versions_of(cursor, ["1", "2"], KINDS, pending=True)) == 2


def test_a_look_sees_what_is_pending_though_numbers_are_committed_out_of_order(workspace, session):
    """The first event's transaction ends last: its number is lower than one that was taken in before."""
    first_is_in, go_on = threading.Event(), threading.Event()

    def slow():
        with workspace.store.begin() as connection:
            times = {name: pl.Datetime("us", "UTC") for name in ("event_time", "load_time")}
            append_events(connection, pl.DataFrame([event("slow")], schema_overrides=times), queue=True)
            first_is_in.set()
            go_on.wait(10)

    thread = threading.Thread(target=slow)
    thread.start()
    first_is_in.wait(10)
    append(workspace, event("fast"))
    with session.batch() as cursor:
        taken = claim(cursor, 10)
        write_records(cursor, [StoredRecord("1", taken[-1].sequence, "v", b"x")], NOW)
    with session.glance() as cursor:
        assert look(cursor, ["1"], [0])[0].missing == []
    go_on.set()
    thread.join()
    with session.glance() as cursor:
        seen = look(cursor, ["1", "nobody"], [0, 0])
        missing = {each.customer: each.missing for each in seen}
        assert [each.event_id for each in events_of(cursor, missing["1"])] == ["slow"]
        assert missing["1"][0] < taken[-1].sequence == last_sequence(cursor)
        assert (missing["nobody"], seen[1].mark) == ([], None)


def test_a_record_that_was_seen_is_not_sent_again(workspace, session):
    with session.transaction() as cursor:
        write_records(cursor, [StoredRecord("1", 5, "v", b"one")], NOW)
    with session.glance() as cursor:
        first = look(cursor, ["1"], [0])[0]
        assert (first.record, first.sequence, first.version) == (b"one", 5, "v")
        assert look(cursor, ["1"], [first.mark])[0].record is None
    with session.transaction() as cursor:
        write_records(cursor, [StoredRecord("1", 3, "v", b"two")], NOW)
    with session.glance() as cursor:
        again = look(cursor, ["1"], [first.mark])[0]
        assert (again.record, again.sequence) == (b"two", 5), "the last event is never an earlier one"


def test_records_are_replaced_all_at_once(workspace, session):
    with session.transaction() as cursor:
        write_records(cursor, [StoredRecord("1", 1, "v", b"a"), StoredRecord("2", 1, "v", b"b")], NOW)
    with pytest.raises(ZeroDivisionError), session.transaction() as cursor:
        replace_records(cursor, iter([StoredRecord("3", 2, "w", b"c")]), NOW)
        raise ZeroDivisionError
    with session.glance() as cursor:
        assert read_records(cursor, ["1", "2", "3"]).keys() == {"1", "2"}
    with session.transaction() as cursor:
        assert replace_records(cursor, iter([StoredRecord("3", 2, "w", b"\0c")]), NOW) == 1
    with session.glance() as cursor:
        assert read_records(cursor, ["1", "2", "3"]) == {"3": StoredRecord("3", 2, "w", b"\0c")}


def test_only_what_the_lake_holds_leaves_the_queue(workspace, session):
    append(
        workspace,
        event("file", origin="file"),
        event("drained"),
        event("alone"),
        event("other", kind="seen", origin="file"),
    )
    with session.transaction() as cursor:
        drained = cursor.execute("SELECT sequence FROM event WHERE event_id = 'drained'").fetchone()[0]
        cursor.execute("INSERT INTO drain VALUES ('paid', %s)", [drained])
        assert settle_pending(cursor, ["paid"]) == 2
    with session.batch() as cursor:
        assert [each.event_id for each in claim(cursor, 9)] == ["alone", "other"]


def test_what_vostro_wrote_has_no_version(workspace, session):
    append(workspace, event("a"), event(None, kind="vostro.sent") | {"idempotency_key": "x"})
    with session.glance() as cursor:
        assert [each.kind for each in own_events(cursor, "1")] == ["vostro.sent"]
        assert own_events(cursor, "1", loaded_by=NOW - timedelta(hours=1)) == []
