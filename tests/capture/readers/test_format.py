"""The contract's ``format:``: what it refuses, and which kind a file is."""

from pathlib import Path

import msgspec
import pytest

from vostro.capture.readers import SourceFormat, kind_of
from vostro.words import VostroError


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv", "csv"),
        ("a.CSV.GZ", "csv"),
        ("a.txt", "csv"),
        ("a.tsv.gz", "csv"),
        ("a.jsonl", "jsonl"),
        ("a.ndjson.gz", "jsonl"),
        ("a.parquet", "parquet"),
        ("a.xlsx", "xlsx"),
    ],
)
def test_the_ending_tells_the_kind(name, kind):
    assert kind_of(Path(name), SourceFormat()) == kind
    assert kind_of(Path("x.dat"), SourceFormat(kind=kind)) == kind


@pytest.mark.parametrize("name", ["a.dat", "a", "a.gz", "a.xls", "a.parquet.gz"])
def test_an_unknown_ending_says_what_to_write(name):
    with pytest.raises(VostroError, match=r"format: {kind: csv}"):
        kind_of(Path(name), SourceFormat())


@pytest.mark.parametrize(
    "fields",
    [
        {"delimiter": ""},
        {"delimiter": "\n"},
        {"delimiter": '"'},
        {"quote": '""'},
        {"quote": "“"},
        {"quote": "\n"},
        {"encoding": "utf-9"},
        {"encoding": "rot13"},
        {"encoding": "zlib"},
        {"encoding": ""},
        {"encoding": "a\0b"},
    ],
)
def test_what_no_reader_could_use_is_refused(fields):
    with pytest.raises(VostroError) as caught:
        SourceFormat(**fields)
    assert caught.value.code == "capture.format_field"
    with pytest.raises(VostroError):
        msgspec.convert(fields, SourceFormat)


def test_an_unknown_field_is_refused():
    with pytest.raises(msgspec.ValidationError, match="delimeter"):
        msgspec.convert({"delimeter": ";"}, SourceFormat)
