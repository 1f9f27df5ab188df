"""Parquet: native types, batches, damage."""

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given
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


def test_text_that_calls_itself_parquet(put, read):
    with pytest.raises(VostroError) as caught:
        read(put("a,b\n1,2\n", "f.parquet"))
    assert caught.value.code == "capture.parquet_corrupt"


@given(cut=st.integers(1, 3000))
def test_cut_short(cut, tmp_path_factory, read):
    path = tmp_path_factory.mktemp("cut") / "f.parquet"
    FRAME.write_parquet(path)
    data = path.read_bytes()
    path.write_bytes(data[: cut % len(data)] or b"P")
    with pytest.raises(VostroError) as caught:
        read(path)
    assert caught.value.code == "capture.parquet_corrupt"


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
