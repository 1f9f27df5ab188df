"""A small twin bank and its files, shared by the tests of the room."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest

from vostro.twin import TwinBank

START = datetime(2026, 3, 2, 9, tzinfo=timezone(timedelta(hours=8)))


def call_list(path: Path, customers: list[str]) -> Path:
    """Write a call list as Vostro does: more columns than the twin needs, scripts with commas and lines."""
    frame = pl.DataFrame({"customer": customers}, schema={"customer": pl.String})
    frame.with_columns(place=pl.int_range(pl.len()), script_zh=pl.lit('您好,"王"先生\n第二行')).write_csv(
        path
    )
    return path


@pytest.fixture(scope="session")
def bank() -> TwinBank:
    return TwinBank(start=START)


@pytest.fixture(scope="session")
def history(bank: TwinBank, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("twin")
    bank.write_history(folder)
    return folder


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """The customers of a bank of 50,000 without a broken record."""
    folder = tmp_path_factory.mktemp("clean")
    TwinBank(customers=50_000, start=START, dirty_share=0).write_history(folder)
    return pl.read_csv(folder / "customers.csv", null_values=["", "unknown"], try_parse_dates=True)
