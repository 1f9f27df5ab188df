"""The quality report counts what a person would count."""

from datetime import UTC, datetime
from math import log

import numpy as np
import polars as pl
import pytest

from vostro.capture.contracts import Contract, ContractColumn, EventTime
from vostro.capture.quality import SAMPLE_ROWS, QualityProfile
from vostro.words import Text

WORDS = Text(en="x", zh="x")


def contract(**columns: ContractColumn) -> Contract:
    return Contract(contract="t", meaning=WORDS, file="t", columns=columns)


def column(kind: str, personal: str = "none") -> ContractColumn:
    return ContractColumn(type=kind, meaning=WORDS, personal_data=personal)


def profile(
    given: Contract, frame: pl.DataFrame, pieces: int = 1, faults: dict[str, int] | None = None
) -> QualityProfile:
    found = QualityProfile(given)
    frame = frame.with_columns(pl.Series("_line", np.arange(2, frame.height + 2)))
    size = max(1, -(-frame.height // pieces))
    for start in range(0, frame.height, size):
        found.add(frame[start : start + size], (faults or {}) if start == 0 else {})
    return found


def test_counts_by_hand():
    given = contract(age=column("integer"), job=column("text"), name=column("text", "identity"))
    frame = pl.DataFrame({"age": [3, 5, None, 3], "job": ["a", "b", "a", "a"], "name": ["x", "y", "z", None]})
    found = profile(given, frame, faults={"age": 1}).finish(1, None)
    age, job, name = found.columns
    assert (age.completeness, age.uniqueness, age.validity) == (0.75, 2 / 3, 0.8)
    assert (age.minimum, age.maximum) == ("3", "5")
    assert age.distribution == [("3", 2), ("5", 1)]
    assert job.distribution == [("a", 3), ("b", 1)]
    assert (name.distribution, name.minimum, name.uniqueness) == ([], None, 1.0)
    assert (found.rows, found.rows_rejected, found.rows_sampled, found.freshness, found.change) == (
        4,
        1,
        4,
        None,
        None,
    )


def test_blocks_make_no_difference():
    rng = np.random.default_rng(0)
    given = contract(n=column("number"), t=column("text"))
    frame = pl.DataFrame({"n": rng.normal(size=9_000), "t": [f"v{i}" for i in rng.integers(0, 6_000, 9_000)]})
    assert profile(given, frame).finish(0, None) == profile(given, frame, pieces=7).finish(0, None)


def test_distinct_values_are_estimated_within_five_per_cent():
    given = contract(t=column("text"))
    frame = pl.DataFrame({"t": [f"v{i % 80_000}" for i in range(160_000)]})
    found = profile(given, frame, pieces=4).finish(0, None)
    assert found.columns[0].uniqueness == pytest.approx(0.5, rel=0.05)


def test_sample_is_bounded_and_fair():
    given = contract(n=column("integer"))
    frame = pl.DataFrame({"n": np.arange(400_000)})
    found = profile(given, frame, pieces=8)
    quality = found.finish(0, None)
    assert SAMPLE_ROWS / 2 < quality.rows_sampled <= 2 * SAMPLE_ROWS
    # ten ranges of equal weight: the borders of a fair sample are near 40,000, 80,000, ...
    assert np.allclose(quality.columns[0].edges, np.arange(40_000, 400_000, 40_000), atol=4_000)


def test_change_is_the_population_stability_index():
    given = contract(job=column("text"))
    first = profile(given, pl.DataFrame({"job": ["a"] * 60 + ["b"] * 40})).finish(0, None)
    same = profile(given, pl.DataFrame({"job": ["a"] * 60 + ["b"] * 40})).finish(0, first)
    assert same.change == pytest.approx(0)
    other = profile(given, pl.DataFrame({"job": ["a"] * 20 + ["b"] * 70 + ["c"] * 10})).finish(0, first)
    # by hand, half a record added to each of a, b and all others
    then, now = [60.5, 40.5, 0.5], [20.5, 70.5, 10.5]
    expected = sum((n / 101.5 - t / 101.5) * log(n / t) for n, t in zip(now, then, strict=True))
    assert other.change == pytest.approx(expected)


def test_change_of_numbers_uses_the_ranges_of_the_load_before():
    rng = np.random.default_rng(1)
    given = contract(n=column("number"))
    first = profile(given, pl.DataFrame({"n": rng.normal(size=20_000)})).finish(0, None)
    again = profile(given, pl.DataFrame({"n": rng.normal(size=20_000)})).finish(0, first)
    moved = profile(given, pl.DataFrame({"n": rng.normal(1, 1, 20_000)})).finish(0, first)
    assert again.change < 0.01
    assert moved.change > 0.25
    assert again.columns[0].edges != first.columns[0].edges


def test_freshness_and_dates():
    given = Contract(
        contract="t", meaning=WORDS, file="t", columns={"d": column("date")}, event_time=EventTime(column="d")
    )
    moments = [datetime(2024, 1, day, tzinfo=UTC) for day in range(1, 21)]
    frame = pl.DataFrame({"d": [moment.date() for moment in moments], "event_time": moments})
    found = profile(given, frame.with_columns(pl.col("event_time").dt.cast_time_unit("us"))).finish(0, None)
    assert found.freshness == (moments[0], moments[-1])
    assert found.columns[0].distribution[0][0] == "< 2024-01-02"
    assert sum(count for _, count in found.columns[0].distribution) == 20


def test_nothing_loaded():
    found = profile(contract(a=column("text")), pl.DataFrame({"a": []}, schema={"a": pl.String})).finish(
        0, None
    )
    assert (found.rows, found.columns[0].completeness, found.columns[0].distribution) == (0, 1.0, [])
