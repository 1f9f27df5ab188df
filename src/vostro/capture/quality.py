"""Quality 数据质量: how complete, unique, valid and fresh is a source, and has it changed?

Computed while the file streams by. Counts, extremes and validity are of all records; distinct
values are counted exactly up to 4,096 and estimated beyond (the k smallest of uniform hashes,
standard error about 1.6 %). Distributions are exact up to 100,000
accepted records; beyond, they come from a sample of 50,000 to 100,000, drawn by a hash of the line
so that it is the same each time.

Change is the population stability index of the distributions of two loads (Siddiqi, 2006,
"Credit Risk Scorecards"): below 0.1 stable, above 0.25 another population. Beside it stands what
an index of so many records reaches by chance; a load is compared with the one before and with
a reference load.

Source of the estimate: Bar-Yossef et al. (2002), "Counting Distinct Elements in a Data Stream".
"""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, cast

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from vostro.capture.contracts import Contract, PersonalData
from vostro.capture.watch.usual import psi, psi_noise
from vostro.words import Text

__all__ = ["ColumnQuality", "QualityProfile", "SourceQuality"]

SAMPLE_ROWS = 50_000
DISTINCT_KEPT = 4_096
SHOWN = 10
HIDDEN = ("identity", "contact")
RECORDS_A_BIN = 5  # on the average, at least: with fewer, chance has no law (Cochran, 1954)
CHANCE = 0.01  # that any column of an unchanged source exceeds its noise
_SEED = 11
_TWO_64 = float(2**64)


class ColumnQuality(msgspec.Struct, frozen=True, kw_only=True):
    """How good one column of one load is. Shares are from 0 to 1."""

    name: str
    meaning: Text
    type: str
    personal_data: PersonalData
    completeness: float  # share of accepted records with a value; 1 when there are none
    uniqueness: float  # distinct values per value; 1: no value twice
    validity: float  # share of all records whose value kept the contract
    minimum: str | None = None  # hidden, like the distribution, for identity and contact data
    maximum: str | None = None
    distribution: list[
        tuple[str, int]
    ] = []  # value or range, and records; the most frequent 10, or 10 ranges
    edges: list[float] = []  # the borders of the ranges
    others: int = 0  # records with a value that is not among the distribution
    change: float | None = None  # population stability index against the last load
    change_noise: float | None = None  # what it reaches by chance; None: too few records to tell
    change_reference: float | None = None  # against the reference load
    change_reference_noise: float | None = None


class SourceQuality(msgspec.Struct, frozen=True, kw_only=True):
    """How good one load of a source is."""

    source: str
    meaning: Text
    rows: int  # accepted records
    rows_rejected: int
    rows_sampled: int  # of which distributions are
    event_time_min: datetime | None  # freshness
    event_time_max: datetime | None
    columns: list[ColumnQuality]
    change: float | None = None  # the largest of the columns'
    reference: int | None = None  # the load that ``change_reference`` compares with

    @property
    def freshness(self) -> tuple[datetime, datetime] | None:
        """Return the first and the last event time, or None for a source without."""
        if self.event_time_min is None or self.event_time_max is None:
            return None
        return self.event_time_min, self.event_time_max


class QualityProfile:
    """What is remembered of a load while it streams by; memory does not grow with the file."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.rows = 0
        self.times: list[datetime | None] = [None, None]
        self.filled = dict.fromkeys(contract.columns, 0)
        self.extremes: dict[str, tuple[Any, Any]] = {}
        self.sketches = {name: _Sketch() for name in contract.columns}
        self.faults: dict[str, int] = {}
        self.sample: list[pl.DataFrame] = []
        self.sampled = 0
        self.share = 1.0

    def add(self, accepted: pl.DataFrame, faults_by_field: dict[str, int]) -> None:
        """Take note of a block's accepted records, and of how many faults each field had."""
        for name, count in faults_by_field.items():
            self.faults[name] = self.faults.get(name, 0) + count
        if accepted.height == 0:
            return
        self.rows += accepted.height
        names = list(self.contract.columns)
        ordered = [
            name
            for name in names
            if accepted.schema[name].is_numeric() or accepted.schema[name].is_temporal()
        ]
        timed = ["event_time"] if "event_time" in accepted.columns else []
        seen = accepted.select(
            *(pl.col(name).null_count().alias(f"{name}/null") for name in names),
            *(pl.col(name).min().alias(f"{name}/min") for name in {*ordered, *timed}),
            *(pl.col(name).max().alias(f"{name}/max") for name in {*ordered, *timed}),
        ).row(0, named=True)
        for name in names:
            self.filled[name] += accepted.height - seen[f"{name}/null"]
            self.sketches[name].add(accepted[name])
        for name in ordered:
            self._stretch(name, seen[f"{name}/min"], seen[f"{name}/max"])
        if timed:
            self._stretch("event_time", seen["event_time/min"], seen["event_time/max"])
        self._draw(accepted)

    def finish(
        self,
        rows_rejected: int,
        previous: SourceQuality | None,
        reference: tuple[int, SourceQuality] | None = None,
    ) -> SourceQuality:
        """Return the quality of the load, compared with earlier ones where there are any.

        Args:
            rows_rejected: records that broke the contract.
            previous: the quality of the source's last load.
            reference: number and quality of the load that drift is measured against, too.
        """
        frame = pl.concat(self.sample) if self.sample else None
        before = {each.name: each for each in previous.columns} if previous else {}
        fixed = {each.name: each for each in reference[1].columns} if reference else {}
        columns = [
            self._column(name, frame, rows_rejected, before.get(name), fixed.get(name))
            for name in self.contract.columns
        ]
        changes = [each.change for each in columns if each.change is not None]
        first, last = self.extremes.get("event_time", (None, None))
        return SourceQuality(
            source=self.contract.contract,
            meaning=self.contract.meaning,
            rows=self.rows,
            rows_rejected=rows_rejected,
            rows_sampled=frame.height if frame is not None else 0,
            event_time_min=first if isinstance(first, datetime) else None,
            event_time_max=last if isinstance(last, datetime) else None,
            columns=columns,
            change=max(changes) if changes else None,
            reference=reference[0] if reference else None,
        )

    def _stretch(self, name: str, low: Any, high: Any) -> None:
        if low is None:
            return
        was = self.extremes.get(name)
        if was is None:
            self.extremes[name] = (low, high)
        else:
            self.extremes[name] = (min(was[0], low), max(was[1], high))

    def _draw(self, accepted: pl.DataFrame) -> None:
        """Add to the sample; when it has grown to twice its size, halve the share that is kept."""
        self.sample.append(self._chosen(accepted))
        self.sampled += self.sample[-1].height
        while self.sampled > 2 * SAMPLE_ROWS:
            self.share /= 2
            self.sample = [self._chosen(pl.concat(self.sample))]
            self.sampled = self.sample[0].height

    def _chosen(self, frame: pl.DataFrame) -> pl.DataFrame:
        if self.share >= 1:
            return frame
        return _compact(frame.filter(pl.Series(_uniform(frame["_line"].to_numpy()) < self.share)))

    def _column(
        self,
        name: str,
        frame: pl.DataFrame | None,
        rows_rejected: int,
        before: ColumnQuality | None,
        fixed: ColumnQuality | None,
    ) -> ColumnQuality:
        column = self.contract.columns[name]
        hidden = column.personal_data in HIDDEN
        rows, filled = self.rows, self.filled[name]
        faults = self.faults.get(self.contract.headers.get(name, name), 0)
        low, high = self.extremes.get(name, (None, None))
        values = None if frame is None or hidden else frame[name].drop_nulls()
        edges, counts, others = ([], [], 0) if values is None else _distribution(values)
        chance = CHANCE / max(len(self.contract.columns), 1)
        change = _change(before, column.type, values, chance)
        change_reference = _change(fixed, column.type, values, chance)
        return ColumnQuality(
            name=name,
            meaning=column.meaning,
            type=column.type,
            personal_data=column.personal_data,
            completeness=filled / rows if rows else 1.0,
            uniqueness=min(1.0, self.sketches[name].distinct() / filled) if filled else 1.0,
            validity=1 - faults / (rows + rows_rejected) if rows + rows_rejected else 1.0,
            minimum=None if hidden or low is None else _say(low),
            maximum=None if hidden or high is None else _say(high),
            distribution=counts,
            edges=edges,
            others=others,
            change=change[0],
            change_noise=change[1],
            change_reference=change_reference[0],
            change_reference_noise=change_reference[1],
        )


def _compact(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame with texts of its own: a filtered one keeps all texts of its block alive."""
    arrow = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    return cast("pl.DataFrame", pl.from_arrow(arrow, rechunk=True))


class _Sketch:
    """The smallest hashes of the values seen: how many different ones are there?"""

    def __init__(self) -> None:
        self.smallest: NDArray[np.uint64] = np.empty(0, dtype=np.uint64)

    def add(self, values: pl.Series) -> None:
        full = len(self.smallest) == DISTINCT_KEPT
        if not full:
            values = values.unique()  # few different ones: hash those only
        hashes = (values.to_physical() if values.dtype.is_decimal() else values).hash(_SEED).to_numpy()
        if values.null_count():
            hashes = hashes[values.is_not_null().to_numpy()]
        if full:
            hashes = hashes[hashes < self.smallest[-1]]
        if len(hashes):
            self.smallest = np.unique(np.concatenate([self.smallest, hashes]))[:DISTINCT_KEPT]

    def distinct(self) -> float:
        if len(self.smallest) < DISTINCT_KEPT:
            return float(len(self.smallest))
        return (DISTINCT_KEPT - 1) / (float(self.smallest[-1]) / _TWO_64)


def _uniform(lines: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return a fixed number in [0, 1) for each line (SplitMix64's finisher)."""
    mixed = lines.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (mixed ^ (mixed >> np.uint64(31))) / _TWO_64


def _distribution(values: pl.Series) -> tuple[list[float], list[tuple[str, int]], int]:
    """Return borders, counts and the count of all others: ranges for numbers, else the most frequent."""
    numbers = _numbers(values)
    if numbers is not None and values.n_unique() > SHOWN:
        edges = sorted({float(each) for each in np.quantile(numbers, np.linspace(0.1, 0.9, SHOWN - 1))})
        ranges = _ranges(edges, values.dtype.is_temporal())
        return edges, list(zip(ranges, _in_ranges(numbers, edges), strict=True)), 0
    top = _words(values).sort(["count", "value"], descending=[True, False])
    shown = [(value, count) for value, count in top.head(SHOWN).iter_rows()]
    return [], shown, int(top["count"].slice(SHOWN).sum())


def _change(
    before: ColumnQuality | None, kind: str, values: pl.Series | None, chance: float
) -> tuple[float | None, float | None]:
    """Return the index of values against an earlier load's distribution, in its own bins, and its noise."""
    if before is None or values is None or before.type != kind or not before.distribution:
        return None, None
    numbers = _numbers(values)
    then = [count for _, count in before.distribution]
    if before.edges:
        if numbers is None:
            return None, None
        now = _in_ranges(numbers, before.edges)
    else:
        counted = dict(_words(values).iter_rows())
        now = [int(counted.get(word, 0)) for word, _ in before.distribution]
        then, now = [*then, before.others], [*now, len(values) - sum(now)]
        if not then[-1] and not now[-1]:
            then, now = then[:-1], now[:-1]
    index = psi(then, now)
    if index is None:
        return None, None
    if min(sum(then), sum(now)) < RECORDS_A_BIN * len(then):
        return index, None
    return index, psi_noise(sum(then), sum(now), len(then), chance=chance)


def _numbers(values: pl.Series) -> NDArray[np.float64] | None:
    """Return numbers as they are and moments as seconds, or None for what has no order."""
    if values.dtype.is_temporal():
        values = values.cast(pl.Datetime("us")).dt.epoch("s")
    return values.cast(pl.Float64).to_numpy() if values.dtype.is_numeric() else None


def _in_ranges(numbers: NDArray[np.float64], edges: list[float]) -> list[int]:
    found = np.bincount(np.searchsorted(edges, numbers, side="right"), minlength=len(edges) + 1)
    return [int(count) for count in found]


def _words(values: pl.Series) -> pl.DataFrame:
    """Return each different value as text, with its count."""
    return values.cast(pl.String).rename("value").value_counts()


def _ranges(edges: list[float], days: bool) -> list[str]:
    says = [f"{datetime.fromtimestamp(each, UTC):%Y-%m-%d}" if days else f"{each:g}" for each in edges]
    return [
        f"< {says[0]}",
        *(f"{low} – {high}" for low, high in pairwise(says)),
        f"≥ {says[-1]}",
    ]


def _say(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
