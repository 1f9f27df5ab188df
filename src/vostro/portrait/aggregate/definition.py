"""Aggregates 聚合标签: which events of a customer are measured, over which window, and how?

One definition is run three times: in batch, as of any past moment, and online. All that
decides a value is here, resolved and checked, so that the runs have nothing to decide.
Times are whole microseconds since 1970 in UTC; windows are half-open, ``low <= event_time < high``.

A value is made of one or two *parts*, each a measure over the events of a window:

* plain: the first part;
* ratio: first part / second part (``ratio_to``);
* trend: (first part - second part) / second part, the second being the window before.
"""

from datetime import datetime, timedelta
from typing import Literal as OneOfThese
from typing import get_args

import msgspec

from vostro.portrait.rule import Rule
from vostro.portrait.types import TagType
from vostro.words import zone

__all__ = [
    "ALWAYS_US",
    "DAY_US",
    "HOP_SHORT_US",
    "MEASURES",
    "NUMBER_SCALE",
    "UTC",
    "Aggregate",
    "Clock",
    "Measure",
    "MeasureName",
    "Part",
    "Ratio",
    "Window",
    "part_bounds",
    "span_bounds",
    "window_bounds",
]

MeasureName = OneOfThese[
    "count", "sum", "mean", "min", "max", "first", "last", "distinct", "top", "days_since_first", "days_since_last"
]  # fmt: skip
MEASURES: tuple[str, ...] = get_args(MeasureName)

DAY_US = 86_400_000_000  # microseconds
HOP_SHORT_US = 300_000_000  # microseconds: 5 minutes, the hop of windows shorter than 2 days
ALWAYS_US = -(2**62)  # the low bound of "all time": before every moment that a table can hold
NUMBER_SCALE = 6  # a `number` column is measured with 6 decimals


class Clock(msgspec.Struct, frozen=True):
    """Where the bank's day begins: its zone's standard offset from UTC, the same in summer."""

    offset_us: int = 0  # microseconds that the bank's clock is ahead of UTC

    @classmethod
    def of(cls, name: str) -> "Clock":
        """Return the clock of an IANA zone.

        >>> Clock.of("Asia/Shanghai").offset_us == 8 * 3_600_000_000
        True
        >>> Clock.of("Europe/Lisbon")
        Clock(offset_us=0)

        Raises:
            ZoneUnknownError: there is no such zone.
        """
        there = zone(name)
        offsets = [datetime(2026, month, 1, tzinfo=there).utcoffset() for month in (1, 7)]
        return cls(min(each // timedelta(microseconds=1) for each in offsets if each is not None))

    def floor(self, moment_us: int, hop_us: int) -> int:
        """Return the last moment at or before ``moment_us`` that begins a hop on the bank's clock.

        >>> Clock().floor(DAY_US + 5, DAY_US) == DAY_US
        True
        >>> Clock().floor(-1, DAY_US) == -DAY_US
        True
        """
        return (moment_us + self.offset_us) // hop_us * hop_us - self.offset_us


UTC = Clock()


class Window(msgspec.Struct, frozen=True):
    """How far back a measure looks. Its low end moves in hops, so that online keeps one tile a hop."""

    length_us: int  # microseconds, > 0

    @property
    def hop_us(self) -> int:
        """Return a day for windows of 2 days and more, else 5 minutes; microseconds."""
        return DAY_US if self.length_us >= 2 * DAY_US else HOP_SHORT_US


class Measure(msgspec.Struct, frozen=True):
    """What is computed of the events: ``sum(amount)``, with what its column holds.

    Column values are measured in their *plain form*, see ``vostro.portrait.aggregate.exact``.
    """

    name: MeasureName
    column: str | None = None  # None: count and days since
    type: TagType | None = None  # the column's type
    scale: int = 0  # decimals of its exact form: a decimal's own, 6 for number, else 0
    digits: int = 0  # of a decimal: all its digits
    k: int = 1  # top: how many values

    @property
    def text(self) -> str:
        """Return the measure as it is written: ``top(city, 3)``.

        >>> Measure("top", "city", "text", k=3).text
        'top(city, 3)'
        """
        if self.column is None:
            return self.name
        return f"{self.name}({self.column}, {self.k})" if self.k > 1 else f"{self.name}({self.column})"


class Ratio(msgspec.Struct, frozen=True):
    """What a tag is divided by. Measure and window default to the tag's own, the filter to none."""

    measure: Measure
    where: Rule | None = None
    window: Window | None = None


class Part(msgspec.Struct, frozen=True):
    """One measure over one window: all that a run has to compute."""

    measure: Measure
    where: Rule | None = None  # over the contract's columns; NULL counts as false
    window: Window | None = None  # None: all time
    back: int = 0  # 1: the window before


class Aggregate(msgspec.Struct, frozen=True):
    """A measure over a customer's events, as of a moment."""

    of: str  # the contract's code, whatever the definition named
    measure: Measure
    where: Rule | None = None
    window: Window | None = None  # None: all time
    ratio_to: Ratio | None = None
    trend: bool = False
    clock: Clock = UTC  # of the bank's zone

    @property
    def part(self) -> Part:
        """Return the first part: the tag itself, or what is divided."""
        return Part(self.measure, self.where, self.window)

    @property
    def base(self) -> Part | None:
        """Return the second part: what a ratio is divided by, or the window before of a trend."""
        if self.ratio_to is not None:
            return Part(self.ratio_to.measure, self.ratio_to.where, self.ratio_to.window)
        return Part(self.measure, self.where, self.window, back=1) if self.trend else None

    @property
    def parts(self) -> tuple[Part, ...]:
        """Return the one or two parts."""
        return (self.part,) if self.base is None else (self.part, self.base)


def span_bounds(window: Window | None, back: int, as_of_us: int, clock: Clock) -> tuple[int, int]:
    """Return ``(low, high)`` of a window, or of the window before (``back`` 1); microseconds."""
    if window is None:
        return ALWAYS_US, as_of_us
    low = clock.floor(as_of_us - window.length_us, window.hop_us)
    if not back:
        return low, as_of_us
    return clock.floor(as_of_us - 2 * window.length_us, window.hop_us), low


def part_bounds(part: Part, as_of_us: int, clock: Clock) -> tuple[int, int]:
    """Return ``(low, high)`` of a part's window, microseconds; events have ``low <= event_time < high``.

    >>> week = Part(Measure("count"), window=Window(7 * DAY_US))
    >>> [bound / DAY_US for bound in part_bounds(week, 10 * DAY_US + 1, UTC)][0]
    3.0
    """
    return span_bounds(part.window, part.back, as_of_us, clock)


def window_bounds(aggregate: Aggregate, as_of_us: int, clock: Clock | None = None) -> tuple[int, int]:
    """Return ``(low, high)`` of an aggregate's own window, microseconds.

    Args:
        aggregate: its ``window`` None means all time: ``low`` is ``ALWAYS_US``.
        as_of_us: the moment after which nothing may be known.
        clock: another clock than the aggregate's own.
    """
    return part_bounds(aggregate.part, as_of_us, clock or aggregate.clock)
