"""Events: appended once, never changed, read back as they were."""

import json
import time
from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from vostro.engine import EventInvalidError, Workspace, append_events, event, read_events

NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)


def frame(count: int, *, first: int = 0, kind: str = "call_answered") -> pl.DataFrame:
    return pl.select(i=pl.int_range(first, first + count)).select(
        customer=pl.format("c{}", pl.col("i") % 100),
        kind=pl.lit(kind),
        event_time=pl.lit(NOON) + pl.duration(seconds="i"),
        load_time=pl.lit(NOON + timedelta(days=1)),
        idempotency_key=pl.format("k{}", "i"),
        body=pl.format('{{"i": {}, "say": "a \\"b\\", 你好"}}', "i"),
    )


def test_events_come_back_as_they_went_in(workspace: Workspace) -> None:
    fresh = frame(1000)
    with workspace.store.begin() as connection:
        assert append_events(connection, fresh) == 1000
        found = read_events(connection)
    assert found["sequence"].is_sorted()
    assert found.select("customer", "kind", "event_time", "load_time", "idempotency_key").equals(
        fresh.drop("body")
    )
    assert [json.loads(body) for body in found["body"]] == [json.loads(body) for body in fresh["body"]]


def test_the_same_key_again_adds_nothing(workspace: Workspace) -> None:
    with workspace.store.begin() as connection:
        assert append_events(connection, frame(10)) == 10
        assert append_events(connection, frame(15)) == 5
    with workspace.store.begin() as connection:
        assert (
            append_events(
                connection, pl.concat([frame(5), frame(5), frame(2, first=100), frame(2, first=100)])
            )
            == 2
        )
        found = read_events(connection)
    assert found["idempotency_key"].is_unique().all()
    assert found["sequence"].to_list() == list(range(1, 18)), "a repeated load uses up no sequence numbers"


def test_the_first_of_one_key_is_kept(workspace: Workspace) -> None:
    twice = pl.concat([frame(1, kind="first"), frame(1, kind="second")])
    with workspace.store.begin() as connection:
        assert append_events(connection, twice) == 1
        assert read_events(connection)["kind"].to_list() == ["first"]


def test_filters(workspace: Workspace) -> None:
    with workspace.store.begin() as connection:
        append_events(connection, frame(200))
        late = frame(1, first=500, kind="o'clock").with_columns(load_time=pl.lit(NOON + timedelta(days=2)))
        append_events(connection, late)
        assert read_events(connection, customer="c7").height == 2
        assert read_events(connection, kind="o'clock").height == 1
        assert read_events(connection, loaded_by=NOON + timedelta(days=1)).height == 200
        assert read_events(connection, loaded_by=NOON).height == 0
        assert read_events(connection, kind="none").schema == read_events(connection).schema


def test_a_moment_in_another_zone_is_the_same_moment(workspace: Workspace) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=8)))
    local = frame(1).with_columns(event_time=pl.lit(there).dt.convert_time_zone("Asia/Shanghai"))
    with workspace.store.begin() as connection:
        append_events(connection, local)
        assert read_events(connection)["event_time"].to_list() == [NOON]


@pytest.mark.parametrize("order", ["UPDATE event SET kind = 'x'", "DELETE FROM event", "TRUNCATE event"])
def test_the_log_cannot_be_changed(workspace: Workspace, order: str) -> None:
    with workspace.store.begin() as connection:
        append_events(connection, frame(3))
    with pytest.raises(IntegrityError, match="append-only"), workspace.store.begin() as connection:
        connection.execute(sa.text(order))
    with workspace.store.begin() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(event)) == 3


def test_an_undone_transaction_leaves_nothing(workspace: Workspace) -> None:
    with pytest.raises(ZeroDivisionError), workspace.store.begin() as connection:
        append_events(connection, frame(3))
        raise ZeroDivisionError
    with workspace.store.begin() as connection:
        assert read_events(connection).height == 0


@pytest.mark.parametrize(
    ("change", "column"),
    [
        (lambda f: f.drop("kind"), "kind"),
        (lambda f: f.with_columns(customer=pl.lit(1)), "customer"),
        (lambda f: f.with_columns(customer=pl.lit(None, pl.String)), "customer"),
        (lambda f: f.with_columns(event_time=pl.lit(NOON.replace(tzinfo=None))), "event_time"),
        (lambda f: f.with_columns(body=pl.lit("{no json")), "body"),
        (lambda f: f.with_columns(body=pl.lit('{"a": "\\u0000"}')), "body"),
        (lambda f: f.with_columns(kind=pl.lit("a\x00b")), "kind"),
    ],
)
def test_a_bad_frame_is_refused_whole(workspace: Workspace, change, column: str) -> None:
    with pytest.raises(EventInvalidError) as caught, workspace.store.begin() as connection:
        append_events(connection, change(frame(3)))
    assert caught.value.data["column"] == column
    with workspace.store.begin() as connection:
        assert read_events(connection).height == 0


texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(texts, texts, texts, texts), min_size=1, max_size=8),
    moment=st.datetimes(
        NOON.replace(1900, tzinfo=None), NOON.replace(2200, tzinfo=None), timezones=st.just(UTC)
    ),
)
def test_any_text_survives(
    workspace: Workspace, rows: list[tuple[str, str, str, str]], moment: datetime
) -> None:
    with workspace.store.begin() as connection:
        start = read_events(connection).height
        fresh = pl.DataFrame(
            {
                "customer": [row[0] for row in rows],
                "kind": [row[1] for row in rows],
                "event_time": [moment] * len(rows),
                "load_time": [moment] * len(rows),
                "idempotency_key": [f"{start}-{i}-{row[2]}" for i, row in enumerate(rows)],
                "body": [json.dumps({"text": row[3]}) for row in rows],
            }
        )
        assert append_events(connection, fresh) == len(rows)
        found = read_events(connection).tail(len(rows))
    assert found.drop("sequence", "body").equals(fresh.drop("body"))
    assert [json.loads(body)["text"] for body in found["body"]] == [row[3] for row in rows]


def test_bulk_is_fast(workspace: Workspace) -> None:
    many = frame(100_000)
    start = time.perf_counter()
    with workspace.store.begin() as connection:
        append_events(connection, many)
    seconds = time.perf_counter() - start
    assert seconds < 10, f"{100_000 / seconds:,.0f} events/s; 50,000 on a quiet machine"
