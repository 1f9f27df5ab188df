"""The same records in another format are the same rows of the lake; the benchmark's file is what it says."""

import csv
import json
from datetime import date

import polars as pl
import pytest

from vostro.capture.bench import CONTRACT_YAML, write_bench_file

from .test_loading import HEADER

ROWS = [
    {"client_id": "a", "age": 30, "opened": date(2020, 1, 5), "balance": 12.5, "job": "clerk"},
    {"client_id": "b", "age": 7, "opened": date(2021, 2, 6), "balance": 1.0, "job": "pupil"},
    {"client_id": "c", "age": None, "opened": None, "balance": None, "job": None},
]


def write_csv(path):
    lines = [",".join("" if value is None else str(value) for value in row.values()) for row in ROWS]
    path.write_text(HEADER + "\n".join(lines) + "\n")


def write_jsonl(path):
    path.write_text("".join(json.dumps(row, default=str) + "\n" for row in ROWS))


def write_parquet(path):
    pl.DataFrame(ROWS).write_parquet(path)


def write_xlsx(path):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.append(list(ROWS[0]))
    for row in ROWS:
        book.active.append(list(row.values()))
    book.save(path)


@pytest.mark.parametrize("write", [write_csv, write_jsonl, write_parquet, write_xlsx])
def test_every_format_gives_the_same_rows(desk, write):
    path = desk.folder / f"clients.{write.__name__.removeprefix('write_')}"
    write(path)
    report = desk.load(path)
    assert (report.rows_read, report.rejects_by_reason) == (3, {"below_min": 1})
    table = desk.table().drop("_load", "_line", "load_time")
    assert [tuple(str(value) for value in row) for row in table.rows()] == [
        ("a", "30", "2020-01-05", "12.50", "clerk"),
        ("c", "None", "None", "None", "None"),
    ]
    (reject,) = desk.rejects()
    assert reject["value"] == "7"


WRONG = {"amount_cny": "1,234.50", "booked_on": "2023-02-30", "age": "999", "currency": "XXX", "paid_at": ""}


def test_bench_file_has_twenty_columns_and_the_rejects_that_were_put_in(desk):
    path = desk.folder / "payments_x.csv"
    write_bench_file(path, 20_000, seed=3)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows[0]) == 20
    broken = {
        line
        for line, row in enumerate(rows, start=2)
        if any(row[name] == text for name, text in WRONG.items())
    }
    assert 5 < len(broken) < 60
    report = desk.load(path, CONTRACT_YAML)
    assert {row["line"] for row in desk.rejects()} == broken
    assert report.rows_loaded == 20_000 - len(broken)
    # a second opinion on the sums: Python's decimals against the lake's
    from decimal import Decimal

    expected = sum(Decimal(row["amount_cny"]) for line, row in enumerate(rows, start=2) if line not in broken)
    assert desk.table("payments")["amount_cny"].sum() == expected
