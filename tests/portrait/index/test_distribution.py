"""The index draws the same portrait as ``audience_portrait``, bin by bin and to the last digit."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vostro.portrait import Tag, audience_portrait, build_index
from vostro.portrait.index.bits import pack
from vostro.portrait.index.selection import Audience
from vostro.words import Text

AS_OF = datetime(2026, 7, 1, tzinfo=UTC)


def tag(code, kind, **more):
    return Tag(
        tag=code, type=kind, name=Text(en=code, zh="甲"), dimension="basic", digits=18, scale=2, **more
    )


TAGS = {
    "small": tag("small", "integer"), "large": tag("large", "integer"), "amount": tag("amount", "decimal"),
    "rate": tag("rate", "number"), "job": tag("job", "text"), "name": tag("name", "text"),
    "tier": tag("tier", "text", tiers=(("low", None), ("mid", None), ("high", None))),
    "opted": tag("opted", "boolean"), "born": tag("born", "date"), "seen": tag("seen", "moment"),
    "hidden": tag("hidden", "integer", sensitivity="contact"), "nothing": tag("nothing", "integer"),
}  # fmt: skip


def frame_of(rows, seed, unknown):
    rng = np.random.default_rng(seed)
    columns = {
        "small": pl.Series(rng.integers(0, 6, rows)),
        "large": pl.Series(rng.integers(-(10**12), 10**12, rows)),
        "amount": pl.Series((rng.lognormal(5, 2, rows) * 100).astype(np.int64))
        .cast(pl.Decimal(18, 0))
        .cast(pl.Float64)
        / 100,
        "rate": pl.Series(np.where(rng.random(rows) < 0.4, 0.0, rng.random(rows))),
        "job": pl.Series([f"job {i}" for i in rng.integers(0, 5, rows)]),
        "name": pl.Series([f"name {i}" for i in (rng.random(rows) ** 3 * 30).astype(int)]),
        "tier": pl.Series(["low", "mid", "high"]).gather(rng.integers(0, 3, rows)),
        "opted": pl.Series(rng.random(rows) < 0.3),
        "born": pl.Series([date(1930, 1, 1) + timedelta(days=int(d)) for d in rng.integers(0, 30_000, rows)]),
        "seen": pl.Series([AS_OF - timedelta(minutes=int(d)) for d in rng.integers(0, 9_999_999, rows)]),
        "hidden": pl.Series(rng.integers(0, 6, rows)),
        "nothing": pl.Series([None] * rows, dtype=pl.Int64),
    }
    columns["amount"] = columns["amount"].cast(pl.Decimal(18, 2))
    kept = {
        code: pl.select(pl.when(pl.Series(rng.random(rows) >= unknown)).then(column)).to_series()
        for code, column in columns.items()
    }
    return pl.DataFrame({"customer": [f"{i:06d}" for i in range(rows)]} | kept)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from([1, 3, 40, 700]), st.integers(0, 10**6), st.sampled_from([0.0, 0.3]), st.floats(0, 1))
def test_same_portrait(rows, seed, unknown, share):
    frame = frame_of(rows, seed, unknown)
    mask = np.random.default_rng(seed).random(rows) < share
    index = build_index(frame, TAGS, AS_OF, "v1")
    audience = Audience(index, pack(mask, (rows + 63) // 64))
    found = index.portrait(audience, TAGS)
    assert found == audience_portrait(frame, mask, TAGS)


def test_after_a_change_the_base_is_counted_again():
    frame = frame_of(300, 1, 0.1)
    index = build_index(frame, TAGS, AS_OF, "v1")
    everybody = index.everybody()
    index.change("000007", {"job": "job 4", "small": None, "opted": True, "rate": 0.5})
    index.remove("000008")
    for each in index.portrait(index.everybody(), TAGS):
        assert sum(b.base_share for b in each.bins) == pytest.approx(1)
        assert all(b.index == pytest.approx(100) for b in each.bins)
    assert everybody.size == 300  # an audience is the answer of its moment
    job = next(each for each in index.portrait(index.everybody(), TAGS) if each.tag == "job")
    said = {b.value: b.base_share for b in job.bins}
    jobs = frame["job"].to_list()
    jobs[7] = "job 4"
    del jobs[8]
    known = [job for job in jobs if job is not None]
    assert said["job 4"] == known.count("job 4") / len(known)
