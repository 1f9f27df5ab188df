"""Moments 发生时间: when did each record's event happen, and was it loaded in time?

Most files state it in a column. Some hold only month names and are in order of time: then
record n of a month happened n seconds after the month began, and a month that is lower than the
one before begins a new year. The state between blocks is three numbers.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vostro.capture.contracts import Contract
from vostro.capture.errors import MonthsOrderError
from vostro.capture.faults import BlockFaults
from vostro.capture.reasons import reason

__all__ = ["MONTHS", "EventClock", "MonthState"]

_NAMES = [
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
]
MONTHS: dict[str, int] = {
    form: number
    for number, name in enumerate(_NAMES, start=1)
    for form in (name, name[:3], str(number), f"{number:02d}", f"{number}月")
} | {"sept": 9}
_SECONDS_MONTH_LEAST = 28 * 86_400
_MOMENT = pl.Datetime("us", "UTC")

MonthState = tuple[int, int, int]  # year, month, records of that month so far


class EventClock:
    """Gives every record its ``event_time`` and finds those that come too late."""

    def __init__(self, contract: Contract, load_time: datetime, file: str) -> None:
        event = contract.event_time
        assert event is not None, "only contracts with an event time have a clock"
        self.file = file
        self.first = event.first
        self.column = event.source_column
        self.header = contract.headers.get(self.column, self.column)
        self.months = event.months_in_order is not None
        self.zone = ZoneInfo(event.zone or contract.zone or "UTC")
        self.load_time = load_time
        self.lateness = contract.lateness_span
        self.lateness_text = contract.lateness
        self.ahead: timedelta | None = (
            None  # how far a clock elsewhere may go before ours; None: any, or none
        )
        year, month = (event.first or "1970-01").split("-")
        self.state: MonthState = (int(year), int(month), 0)
        self.before = _moment(self.state, self.zone)  # the event time just before the block

    def read(
        self, typed: pl.DataFrame, raw: pl.Series, faults: BlockFaults, around: pl.Series | None = None
    ) -> pl.Series:
        """Return the event time of every row (UTC, null where unknown), noting faults.

        Args:
            typed: the parsed block, all its rows in file order.
            raw: the texts of the column in the file, for the rejects.
            faults: where months that are none, and late events, are noted.
            around: months only, for rejects that come back alone: an event time at each record's place.
        """
        self.before = _moment(self.state, self.zone)
        values = typed[self.column]
        moment = self._from_months(values, raw, faults, around) if self.months else self._from_column(values)
        if self.lateness is not None or self.ahead is not None:
            self._future(moment, raw, faults)
        if self.lateness is not None:
            self._late(moment, raw, faults)
        return moment.alias("event_time")

    def _from_column(self, values: pl.Series) -> pl.Series:
        if values.dtype != pl.Date:
            return values
        midnight = values.cast(pl.Datetime("us"))
        # where clocks skip midnight, the day begins an hour later
        return self._local(midnight).fill_null(self._local(midnight + timedelta(hours=1)))

    def _local(self, naive: pl.Series) -> pl.Series:
        aware = naive.dt.replace_time_zone(str(self.zone), non_existent="null", ambiguous="earliest")
        return aware.dt.convert_time_zone("UTC")

    def _from_months(
        self, values: pl.Series, raw: pl.Series, faults: BlockFaults, around: pl.Series | None
    ) -> pl.Series:
        names = values.cast(pl.String).str.strip_chars().str.to_lowercase()
        month = names.replace_strict(MONTHS, default=None, return_dtype=pl.Int64)
        unknown = (month.is_null() & values.is_not_null()).arg_true().to_numpy().astype(np.uint32)
        faults.add(unknown, self.header, "month", reason("month", field=self.header), raw.gather(unknown))
        absent = values.is_null().arg_true().to_numpy().astype(np.uint32)
        absent = absent[faults.good[absent]]
        faults.add(absent, self.header, "required", reason("required", field=self.header), None)
        known = month.is_not_null().to_numpy()
        seconds = np.full(len(values), np.iinfo(np.int64).min)
        if around is None:
            seconds[known] = self._advance(month.drop_nulls().to_numpy())
        else:
            seconds[known] = self._place(month.drop_nulls().to_numpy(), around.filter(pl.Series(known)))
        moments = pl.Series(seconds).replace(np.iinfo(np.int64).min, None)
        return (moments * 1_000_000).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")

    def _advance(self, months: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return seconds since 1970 of records in these months, and move the state past them."""
        if len(months) == 0:
            return months
        year, month, count = self.state
        before = np.concatenate([[month], months[:-1]])
        years = year + np.cumsum(months < before)
        begins = months != before
        starts = np.maximum.accumulate(np.where(begins, np.arange(len(months)), -1))
        place = np.where(starts < 0, count + np.arange(len(months)), np.arange(len(months)) - starts)
        if years[-1] > self.load_time.year + 1:
            raise MonthsOrderError(file=self.file, field=self.header, year=int(years[-1]), first=self.first)
        self.state = (int(years[-1]), int(months[-1]), int(place[-1]) + 1)
        ordinal = years * 12 + months
        unique, which = np.unique(ordinal, return_inverse=True)
        start = np.array([_month_start(int(each), self.zone) for each in unique], dtype=np.int64)
        return start[which] + np.minimum(place, _SECONDS_MONTH_LEAST - 1)

    def _place(self, months: NDArray[np.int64], around: pl.Series) -> NDArray[np.int64]:
        """Return seconds since 1970 of single records, each with an event time at its place in the file."""
        local = around.dt.convert_time_zone(str(self.zone))
        year, month = local.dt.year().to_numpy(), local.dt.month().cast(pl.Int64).to_numpy()
        ordinal = (year + (months < month)) * 12 + months
        unique, which = np.unique(ordinal, return_inverse=True)
        start = np.array([_month_start(int(each), self.zone) for each in unique], dtype=np.int64)
        return np.where(months == month, around.dt.epoch("s").to_numpy(), start[which])

    def _future(self, moment: pl.Series, raw: pl.Series, faults: BlockFaults) -> None:
        latest = self.load_time + (self.ahead or timedelta())
        if not _any_after(moment, latest):
            return
        future = (moment > latest).fill_null(False).arg_true().to_numpy().astype(np.uint32)
        faults.add(
            future, self.header, "in_future", reason("in_future", field=self.header), raw.gather(future)
        )

    def _late(self, moment: pl.Series, raw: pl.Series, faults: BlockFaults) -> None:
        assert self.lateness is not None
        oldest = self.load_time - self.lateness
        first = moment.min()
        if not isinstance(first, datetime) or first >= oldest:
            return
        late = (moment < oldest).fill_null(False).arg_true().to_numpy().astype(np.uint32)
        say = reason("late", field=self.header, lateness=self.lateness_text)
        faults.add(late, self.header, "late", say, raw.gather(late))


def _any_after(moment: pl.Series, latest: datetime) -> bool:
    last = moment.max()
    return isinstance(last, datetime) and last > latest


def _month_start(ordinal: int, zone: ZoneInfo) -> int:
    """Return seconds since 1970 at which month ``year * 12 + month`` begins in a zone."""
    year, month = divmod(ordinal - 1, 12)
    return int(datetime(year, month + 1, 1, tzinfo=zone).astimezone(UTC).timestamp())


def _moment(state: MonthState, zone: ZoneInfo) -> datetime:
    year, month, count = state
    seconds = _month_start(year * 12 + month, zone) + min(max(count - 1, 0), _SECONDS_MONTH_LEAST - 1)
    return datetime.fromtimestamp(seconds, UTC)
