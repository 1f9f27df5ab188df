"""Versions of events: what is read is what a slow walk over all that ever came would say."""

from datetime import UTC, datetime

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vostro.engine import Workspace, append_events, is_contested, read_events

T = datetime(2026, 1, 1, tzinfo=UTC)
COMING = st.lists(  # each load: which events come, with which content
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 2)), max_size=4, unique_by=lambda row: row[0]),
    min_size=1,
    max_size=5,
)


def frame(load: int, rows: list[tuple[str, int]], kind: str) -> pl.DataFrame:
    return pl.DataFrame(
        [(f"C{event}", kind, T, T, f"s{kind}:{event}", f'{{"x": {content}}}', event, "new", load, "file")
         for event, content in rows],
        schema={
            "customer": pl.String, "kind": pl.String, "event_time": pl.Datetime("us", "UTC"),
            "load_time": pl.Datetime("us", "UTC"), "idempotency_key": pl.String, "body": pl.String,
            "event_id": pl.String, "operation": pl.String, "load_id": pl.Int64, "origin": pl.String,
        },
        orient="row",
    )  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(loads=COMING, data=st.data())
def test_the_last_content_of_each_event_is_read(workspace: Workspace, loads, data) -> None:
    with workspace.store.begin() as connection:
        kind = f"k{connection.exec_driver_sql('SELECT count(DISTINCT kind) FROM event').scalar()}"
        known: dict[str, int] = {}
        versions = 0
        for load, rows in enumerate(loads):
            came = append_events(connection, frame(load, rows, kind), queue=True, revise=True)
            again = append_events(connection, frame(load, rows, kind), queue=True, revise=True)
            news = [row for row in rows if known.get(row[0]) != row[1]]
            assert (came, again) == (len(news), 0), "only what is new is a version, and a load counts once"
            known |= dict(rows)
            versions += len(news)
        gone = data.draw(st.sampled_from("abcd"))
        deletion = frame(len(loads), [(gone, 9)], kind).with_columns(
            operation=pl.lit("delete"), idempotency_key=pl.lit(f"{kind}:gone")
        )
        append_events(connection, deletion)
        found = read_events(connection, kind=kind)
        expected = {f"C{event}": f'{{"x": {content}}}' for event, content in known.items() if event != gone}
        assert dict(zip(found["customer"], found["body"], strict=True)) == expected
        assert read_events(connection, kind=kind, versions=True).height == versions + 1
        assert is_contested(connection, kind)
        queued = connection.exec_driver_sql(
            f"SELECT count(*) FROM pending JOIN event USING (sequence) WHERE kind = '{kind}'"
        ).scalar()
        assert queued == versions, "every version waits for the portraits, once"
