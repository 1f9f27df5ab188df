"""Dirt 脏数据: which records does the bank deliver broken, where, and how?

Real exports hold a few records that break their contract. The twin breaks a known share
of its own, in known ways and on known lines, so that rejects can be counted exactly.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl

from vostro.twin.chance import IntArray

__all__ = ["CALL_DIRT", "CUSTOMER_DIRT", "DUPLICATE", "DirtyRow", "choose_dirty", "soil"]

Breaker = Callable[[pl.DataFrame], pl.DataFrame]
DUPLICATE = "duplicate_key"


@dataclass(frozen=True, slots=True)
class DirtyRow:
    """One record that was delivered broken."""

    file: str
    line: int  # physical, the header is line 1
    key: str  # the record's key before it was broken
    kind: str


def _constant(column: str, *values: str) -> Breaker:
    """Return what puts the values, in turn, into a column."""

    def put(rows: pl.DataFrame) -> pl.DataFrame:
        turn = np.arange(rows.height) % len(values)
        return rows.with_columns(pl.Series(column, values).gather(pl.Series(turn)).alias(column))

    return put


def _thousands(rows: pl.DataFrame) -> pl.DataFrame:
    """Write balances as ``12,345.60`` without quotes: in a comma-separated file, a field too many.

    A balance too short to need a separator is written as 1,000.00, so that every chosen row breaks.
    """
    grouped = [
        f"{max(float(text), 1_000.0):,.2f}" for text in rows["balance_cny"]
    ]  # only over the broken rows
    return rows.with_columns(pl.Series("balance_cny", grouped))


CUSTOMER_DIRT: dict[str, Breaker | None] = {
    "impossible_age": _constant("age", "199", "-4"),
    "bad_date": _constant("customer_since", "2019-02-30", "2021-13-05"),
    "wrong_category": _constant("job", "manger", "N/A"),
    "thousands_separator": _thousands,
    DUPLICATE: None,
}
CALL_DIRT: dict[str, Breaker | None] = {
    "bad_moment": _constant("called_at", "2025-11-31T10:00:00+08:00", "yesterday"),
    "wrong_category": _constant("bought", "maybe", "?"),
    "missing_customer": _constant("customer_id", ""),
    "unknown_customer": _constant("customer_id", "C99999990", "C99999991"),
    DUPLICATE: None,
}


def choose_dirty(
    generator: np.random.Generator, rows: int, kinds: list[str], share: float
) -> dict[str, IntArray]:
    """Choose which rows break, and how: about ``share`` of them, each kind as often, none twice.

    Args:
        generator: where the chance comes from.
        rows: records in the file.
        kinds: ways to break; each is used at least once where there are rows enough and share > 0.
        share: in [0, 1); broken records / records.
    """
    count = min(rows, max(len(kinds), round(rows * share))) if share > 0 else 0
    chosen = generator.choice(rows, count, replace=False) if count else np.array([], dtype=np.int64)
    parts = np.array_split(chosen, len(kinds))
    return {kind: np.sort(part) for kind, part in zip(kinds, parts, strict=True)}


def soil(
    generator: np.random.Generator,
    frame: pl.DataFrame,
    dirty: dict[str, IntArray],
    breakers: dict[str, Breaker | None],
    file: str,
) -> tuple[pl.DataFrame, tuple[DirtyRow, ...]]:
    """Break the chosen rows of a file.

    Args:
        generator: where duplicates land.
        frame: the clean file, all columns text; the first is the key.
        dirty: kind -> rows, from ``choose_dirty``.
        breakers: kind -> what breaks rows; None for the duplicate, which adds a second record.
        file: the file's name, for the account of what was broken.

    Returns:
        The file as delivered, and every broken record in the order of its lines.
    """
    numbered = frame.with_columns(_place=np.arange(frame.height, dtype=np.float64), _kind=pl.lit(""))
    stays = np.ones(frame.height, dtype=np.bool_)
    parts, told = [], []
    for kind, rows in dirty.items():
        breaker, part = breakers[kind], numbered[rows].with_columns(_kind=pl.lit(kind))
        if breaker is None:
            between = 0.1 + 0.8 * np.arange(rows.size) / max(rows.size, 1)  # no two at one place
            later = generator.integers(rows, frame.height) + between
            part = part.with_columns(_place=pl.Series(later))
        else:
            stays[rows] = False
        told.append(part.select("_place", key=pl.first()))
        parts.append(part if breaker is None else breaker(part))
    mixed = pl.concat([numbered.filter(stays), *parts])
    delivered = mixed[np.argsort(mixed["_place"].to_numpy(), kind="stable")]
    broken = delivered.with_row_index("_line", offset=2).filter(pl.col("_kind") != "")
    account = broken.select("_line", "_place", "_kind").join(
        pl.concat(told), on="_place", maintain_order="left"
    )
    lines = account.select("_line", "key", "_kind").iter_rows()  # only over the broken records
    return delivered.drop("_place", "_kind"), tuple(DirtyRow(file, *line) for line in lines)
