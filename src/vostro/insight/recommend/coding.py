"""Coding 编码: who touched what, as numbers that fast code can count?

A frame of pairs (basket and item, customer and item) becomes a sparse matrix in rows: for each
basket its distinct items, ascending. Names of items are texts, sorted; keys of rows keep their type.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.errors import FeatureMissingError
from vostro.insight.recommend.errors import KeyMissingError
from vostro.insight.recommend.kernels import compiled, shell_sort
from vostro.words import suggest

__all__ = ["Coded", "Sparse", "codes_of", "known_codes", "read_pairs", "require_columns", "sparse_rows"]

Integers = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sparse:
    """A matrix in rows, without repeats: row r holds ``items[starts[r]:starts[r + 1]]``, ascending."""

    starts: Integers  # shape (rows + 1,)
    items: Codes  # shape (entries,)
    weights: Floats  # shape (entries,), or (0,) where every entry counts 1
    columns: int

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.starts) - 1


@dataclass(frozen=True, slots=True)
class Coded:
    """Pairs as numbers, with what the numbers mean."""

    rows: Codes  # shape (pairs,)
    items: Codes  # shape (pairs,)
    keys: pl.Series  # row code -> basket or customer, in its own type
    names: tuple[str, ...]  # item code -> name, sorted


def require_columns(frame: pl.DataFrame, *columns: str) -> None:
    """Refuse a frame that lacks a column, or has a gap in it.

    Raises:
        FeatureMissingError, KeyMissingError: which column, which row.
    """
    for column in columns:
        if column not in frame.columns:
            near = suggest(column, frame.columns) or "-"
            raise FeatureMissingError(column=column, nearest=near)
        if frame[column].null_count():
            gaps = frame[column].is_null()
            raise KeyMissingError(column=column, count=int(gaps.sum()), row=int(gaps.arg_max() or 0))


def read_pairs(frame: pl.DataFrame, row: str, item: str) -> Coded:
    """Give every row key and every item a number.

    Raises:
        FeatureMissingError, KeyMissingError: a column is absent or has a gap.
    """
    require_columns(frame, row, item)
    rows, keys = codes_of(frame[row])
    names = frame[item].unique().cast(pl.String).unique().sort()
    items = known_codes(frame[item], names)
    return Coded(rows, items, keys, tuple(names))


def codes_of(keys: pl.Series) -> tuple[Codes, pl.Series]:
    """Return a number for each value, shape (n,), and the values by number; no gaps in the numbers."""
    if keys.dtype in (pl.Categorical, pl.Enum):
        keys = keys.cast(pl.String)
    if keys.dtype.is_integer() and len(keys):
        low, high = int(keys.min()), int(keys.max())  # type: ignore[arg-type]
        if high - low <= 4 * len(keys) + 1024:
            offset = (keys.to_numpy() - low).astype(np.int64, copy=False)
            codes, present = _dense(offset, high - low + 1)
            return codes, pl.Series(keys.name, present + low).cast(keys.dtype)
    if keys.dtype == pl.String:  # numbers by first appearance, whatever the process has seen before
        marks = keys.cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
        codes, _ = _dense(
            marks - marks.min() if len(marks) else marks, int(np.ptp(marks)) + 1 if len(marks) else 0
        )
        values = pl.DataFrame({"key": keys, "code": codes}).unique("code").sort("code")["key"]
        order = values.arg_sort().to_numpy()
        turned = np.empty(len(order), dtype=np.int32)
        turned[order] = np.arange(len(order), dtype=np.int32)
        return np.asarray(turned[codes], dtype=np.int32), values.gather(order)
    return np.asarray(
        (keys.rank("dense").cast(pl.Int64) - 1).to_numpy(), dtype=np.int32
    ), keys.unique().sort()


def known_codes(values: pl.Series, names: pl.Series | tuple[str, ...]) -> Codes:
    """Return the number of each value among names, shape (n,); -1 where it is not among them."""
    known = pl.Series("name", names, dtype=pl.String)
    if values.dtype.is_integer() and len(values):
        low, high = int(values.min()), int(values.max())  # type: ignore[arg-type]
        if high - low <= 4 * len(values) + 1024:  # each distinct value is turned into text once
            texts = pl.Series("name", np.arange(low, high + 1)).cast(pl.String)
            return np.asarray(_found(texts, known)[values.to_numpy().astype(np.int64) - low], dtype=np.int32)
    return _found(values.cast(pl.String), known)


def _found(texts: pl.Series, known: pl.Series) -> Codes:
    codes = texts.cast(pl.Enum(known), strict=False).to_physical()
    return np.asarray(codes.cast(pl.Int64).fill_null(-1).to_numpy(), dtype=np.int32)


def sparse_rows(coded: Coded, weights: npt.NDArray[np.float64] | None = None) -> Sparse:
    """Return the matrix of pairs; weights of repeated pairs are added up."""
    given = np.zeros(0, dtype=np.float64) if weights is None else weights
    starts, items, summed = _pack(coded.rows, coded.items, given, len(coded.keys))
    return Sparse(starts, items, summed, len(coded.names))


@compiled
def _dense(offset: Any, width: int) -> Any:
    """Renumber offsets without gaps, ascending."""
    place = np.full(width, -1, dtype=np.int32)
    for at in offset:
        place[at] = 0
    count = 0
    for at in range(width):
        if place[at] == 0:
            place[at] = count
            count += 1
    present = np.empty(count, dtype=np.int64)
    for at in range(width):
        if place[at] >= 0:
            present[place[at]] = at
    codes = np.empty(len(offset), dtype=np.int32)
    for i in range(len(offset)):
        codes[i] = place[offset[i]]
    return codes, present


@compiled
def _pack(rows: Any, items: Any, weights: Any, height: int) -> Any:
    """Gather the pairs of each row by counting, sort them by item, drop repeats; weights are added up."""
    begins = np.zeros(height + 1, dtype=np.int64)
    for row in rows:
        begins[row + 1] += 1
    for row in range(height):
        begins[row + 1] += begins[row]
    fill = begins.copy()
    held = np.empty(len(items), dtype=np.int64)  # item and place of the pair, to sort both at once
    for i in range(len(items)):
        held[fill[rows[i]]] = (np.int64(items[i]) << 40) | i
        fill[rows[i]] += 1
    packed = np.empty(len(items), dtype=np.int32)
    summed = np.zeros(len(weights), dtype=np.float32)
    starts = np.zeros(height + 1, dtype=np.int64)
    at = 0
    for row in range(height):
        shell_sort(held, begins[row], begins[row + 1])
        for i in range(begins[row], begins[row + 1]):
            item = held[i] >> 40
            if at == starts[row] or packed[at - 1] != item:
                packed[at] = item
                at += 1
            if len(weights):
                summed[at - 1] += weights[held[i] & ((1 << 40) - 1)]
        starts[row + 1] = at
    return starts, packed[:at], summed[: at if len(weights) else 0]
