"""Event times: of columns, and of months that run in order."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.capture.contracts import Contract, ContractColumn, EventTime
from vostro.capture.faults import BlockFaults
from vostro.capture.moments import EventClock
from vostro.words import Text

WORDS = Text(en="x", zh="x")
NOW = datetime(2100, 1, 1, tzinfo=UTC)


def clock(event: EventTime, kind: str = "text", **said: object) -> EventClock:
    columns = {"m": ContractColumn(type=kind, meaning=WORDS)}
    return EventClock(
        Contract(contract="t", meaning=WORDS, file="t", columns=columns, event_time=event, **said), NOW, "t"
    )


def read(given: EventClock, values: pl.Series) -> tuple[list[datetime | None], list[str]]:
    frame = values.alias("m").to_frame()
    faults = BlockFaults(frame.height)
    moments = given.read(frame, frame["m"], faults)
    return moments.to_list(), faults.by_record()["code"].to_list()


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(1, 12), max_size=40),
    st.lists(st.integers(1, 10), min_size=1, max_size=5),
    st.sampled_from(["UTC", "Europe/Lisbon", "Asia/Shanghai"]),
)
def test_months_in_order_agree_with_a_loop_however_the_file_is_cut(months, cuts, zone):
    year, month, count = 2008, 5, 0
    expected = []
    for each in months:
        year, count = year + (each < month), 0 if each != month else count
        month = each
        start = datetime(year, month, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
        expected.append(start + timedelta(seconds=count))
        count += 1
    given = clock(EventTime(months_in_order="m", first="2008-05", zone=zone))
    texts = pl.Series([f"{each:02d}" if each % 2 else str(each) for each in months], dtype=pl.String)
    found: list[datetime | None] = []
    place = turn = 0
    while place < len(texts):
        step = cuts[turn % len(cuts)]
        found += read(given, texts[place : place + step])[0]
        place, turn = place + step, turn + 1
    assert found == expected


def test_names_of_months_and_what_is_none():
    given = clock(EventTime(months_in_order="m", first="2008-05"))
    moments, codes = read(given, pl.Series(["may", " May ", "6月", "September", "sept", "13", None]))
    assert [moment.month if moment else None for moment in moments] == [5, 5, 6, 9, 9, None, None]
    assert codes == ["month", "required"]


def test_dates_begin_at_midnight_there_even_where_clocks_skip_it():
    given = clock(EventTime(column="m", zone="America/Sao_Paulo"), kind="date")
    days = pl.Series([date(2018, 11, 3), date(2018, 11, 4)])
    moments, _ = read(given, days)
    # in 2018 the clocks of São Paulo went from 23:59:59 to 01:00:00 on 4 November
    assert [moment.hour for moment in moments] == [3, 3]
    assert moments[1].astimezone(ZoneInfo("America/Sao_Paulo")).hour == 1


def test_lateness_is_inclusive():
    given = clock(EventTime(column="m"), kind="moment", lateness="1 day")
    values = pl.Series(
        [NOW, NOW + timedelta(seconds=1), NOW - timedelta(days=1), NOW - timedelta(days=1, seconds=1), None]
    )
    assert read(given, values.cast(pl.Datetime("us", "UTC")))[1] == ["in_future", "late"]
