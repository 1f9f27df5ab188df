"""Windows in whole microseconds: what a reader can check on a calendar."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.portrait.aggregate import Aggregate, Clock, Measure, Ratio, Window, part_bounds, window_bounds
from vostro.portrait.aggregate.definition import ALWAYS_US, DAY_US, HOP_SHORT_US
from vostro.words import ZoneUnknownError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COUNT = Measure("count")


def us(text):
    return (datetime.fromisoformat(text) - EPOCH) // timedelta(microseconds=1)


def days(number, **more):
    return Aggregate("payment", COUNT, window=Window(number * DAY_US), **more)


def test_a_window_of_days_begins_with_a_day_of_the_bank():
    as_of = us("2026-03-10T09:30:00+00:00")
    assert window_bounds(days(7), as_of) == (us("2026-03-03T00:00:00+00:00"), as_of)
    shanghai = days(7, clock=Clock.of("Asia/Shanghai"))
    assert window_bounds(shanghai, as_of) == (us("2026-03-03T00:00:00+08:00"), as_of)
    assert window_bounds(shanghai, us("2026-03-10T17:00:00+00:00"))[0] == us("2026-03-04T00:00:00+08:00")


def test_a_short_window_moves_in_five_minutes():
    hour = Aggregate("payment", COUNT, window=Window(DAY_US // 24))
    assert window_bounds(hour, us("2026-03-10T09:33:20+00:00"))[0] == us("2026-03-10T08:30:00+00:00")
    assert Window(2 * DAY_US - 1).hop_us == HOP_SHORT_US
    assert Window(2 * DAY_US).hop_us == DAY_US


def test_no_window_is_all_time():
    assert window_bounds(Aggregate("payment", COUNT), 5) == (ALWAYS_US, 5)


def test_the_bank_keeps_its_standard_time_in_summer():
    assert Clock.of("Europe/Prague").offset_us == Clock.of("Africa/Lagos").offset_us == 3_600_000_000
    assert Clock.of("America/Santiago").offset_us == -4 * 3_600_000_000, "in the south summer is in January"
    with pytest.raises(ZoneUnknownError):
        Clock.of("Mars/Olympus")


@given(
    st.integers(-(2**60), 2**60),
    st.integers(1, 400 * DAY_US),
    st.sampled_from([Clock(0), Clock(20_700_000_000), Clock(-12_600_000_000)]),
)
def test_the_window_before_ends_where_the_window_begins(as_of, length, clock):
    trend = Aggregate("payment", COUNT, window=Window(length), trend=True, clock=clock)
    now, before = (part_bounds(part, as_of, clock) for part in trend.parts)
    assert now[1] == as_of
    assert before[1] == now[0]
    hop = trend.part.window.hop_us
    assert 0 <= as_of - length - now[0] < hop
    assert 0 <= as_of - 2 * length - before[0] < hop
    assert (now[0] + clock.offset_us) % hop == 0


def test_parts():
    share = days(7, ratio_to=Ratio(COUNT))
    assert [part.window for part in share.parts] == [Window(7 * DAY_US), None]
    assert len(days(7).parts) == 1
    assert [part.back for part in days(7, trend=True).parts] == [0, 1]
