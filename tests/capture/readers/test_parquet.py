"""Parquet: native types, batches, damage."""

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.capture.readers import SourceFormat, open_source
from vostro.words import VostroError

FRAME = pl.DataFrame(
    {
        "id": range(1000),
        "name": ["王", None] * 500,
        "on": [date(2026, 1, 2)] * 1000,
        "at": [datetime(2026, 1, 2, 3, tzinfo=UTC)] * 1000,
        "amount": [Decimal("1.50")] * 1000,
        "kind": pl.Series(["a", "b"] * 500, dtype=pl.Categorical),
        "yes": [True, None] * 500,
    }
)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "file.parquet"
    FRAME.write_parquet(path, row_group_size=300)
    return path


@pytest.mark.parametrize("block_bytes", [1, 1000, 1 << 20])
def test_types_and_places(block_bytes, path, read):
    with open_source(path, SourceFormat(), block_bytes=block_bytes) as source:
        blocks = list(source)
    frame = pl.concat([block.frame for block in blocks])
    assert frame.equals(FRAME.with_columns(pl.col("kind").cast(pl.String)))
    assert frame.schema["amount"] == pl.Decimal(38, 2)
    assert [line for block in blocks for line in block.lines.tolist()] == list(range(1, 1001))
    whole = read(path, block_bytes=block_bytes)
    assert whole.numbers == whole.lines
    assert whole.broken == []


def test_two_columns_of_one_name(tmp_path, read):
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    pyarrow.parquet.write_table(table, tmp_path / "f.parquet")
    with pytest.raises(VostroError, match="names 'a' twice"):
        read(tmp_path / "f.parquet")


def test_no_rows(tmp_path, read):
    FRAME.head(0).write_parquet(tmp_path / "f.parquet")
    whole = read(tmp_path / "f.parquet")
    assert whole.rows == []
    assert whole.header == tuple(FRAME.columns)


def test_a_day_outside_the_calendar_breaks_its_row(tmp_path, read):
    days = pa.array([0, 3_000_000, None, -800_000], pa.int32()).cast(pa.date32())
    moments = pa.array([0, 0, 2**62, 0], pa.int64()).cast(pa.timestamp("us", "Asia/Shanghai"))
    table = pa.table({"on": days, "at": moments, "id": [1, 2, 3, 4]})
    pyarrow.parquet.write_table(table, tmp_path / "f.parquet")
    whole = read(tmp_path / "f.parquet")
    assert whole.rows == [(date(1970, 1, 1), datetime(1970, 1, 1, tzinfo=UTC), 1)]
    assert [(each.line, each.number) for each in whole.broken] == [(2, 2), (3, 3), (4, 4)]
    assert "Column on holds 3000000" in whole.broken[0].message.en
    assert whole.broken[1].raw == '{"on":null,"at":4611686018427387904,"id":3}'


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "+08:00", "no such zone"])
def test_a_moment_of_any_zone_comes_in_utc(zone, tmp_path, read):
    table = pa.table({"at": pa.array([0], pa.int64()).cast(pa.timestamp("ms", zone))})
    pyarrow.parquet.write_table(table, tmp_path / "f.parquet")
    assert read(tmp_path / "f.parquet").rows == [(datetime(1970, 1, 1, tzinfo=UTC),)]


def test_text_that_is_not_utf8_is_damage(tmp_path, read):
    table = pa.table({"name": pa.array([b"\xff\xfe"]).view(pa.string())})
    pyarrow.parquet.write_table(table, tmp_path / "f.parquet")
    with pytest.raises(VostroError) as caught:
        read(tmp_path / "f.parquet")
    assert caught.value.code == "capture.parquet_corrupt"


def test_text_that_calls_itself_parquet(put, read):
    with pytest.raises(VostroError) as caught:
        read(put("a,b\n1,2\n", "f.parquet"))
    assert caught.value.code == "capture.parquet_corrupt"


@settings(deadline=None)
@given(cut=st.integers(1, 3000))
def test_cut_short(cut, tmp_path_factory, read):
    path = tmp_path_factory.mktemp("cut") / "f.parquet"
    FRAME.write_parquet(path)
    data = path.read_bytes()
    path.write_bytes(data[: cut % len(data)] or b"P")
    with pytest.raises(VostroError) as caught:
        read(path)
    assert caught.value.code == "capture.parquet_corrupt"


@settings(deadline=None)
@given(place=st.integers(0), flip=st.integers(1, 255))
def test_damage_raises_only_our_errors(place, flip, tmp_path_factory, read):
    path = tmp_path_factory.mktemp("bad") / "f.parquet"
    FRAME.write_parquet(path)
    data = bytearray(path.read_bytes())
    data[place % len(data)] ^= flip
    path.write_bytes(data)
    try:
        read(path)
    except VostroError as error:
        assert error.say("zh")
