"""Single customers 单客读写: read all tags of one, enter what has changed, add and take out.

A change writes one bit in each bitmap of its tag, in a microsecond or two. A value outside of all
that the slices can hold makes the tag's bitmaps anew, which happens once in a long while.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from vostro.portrait.index.bits import cells_of, pack, words_for
from vostro.portrait.index.columns import Column
from vostro.portrait.index.errors import CustomerNotIndexedError, IndexTagError
from vostro.portrait.index.slicing import number_column
from vostro.portrait.rule import polars_type
from vostro.words import iso

if TYPE_CHECKING:
    from vostro.portrait.index.bits import Words
    from vostro.portrait.index.index import AudienceIndex

__all__ = ["change", "insert", "read", "remove"]

_SPARE = 16  # one word in so many is added when the bitmaps are full


def read(index: "AudienceIndex", customer: str) -> dict[str, Any]:
    """Return all tags of one customer; see ``AudienceIndex.read``."""
    row = _row(index, customer)
    return {code: _value(index, column, row) for code, column in index.columns.items()}


def change(index: "AudienceIndex", customer: str, values: Mapping[str, Any]) -> None:
    """Enter changed tags of one customer; see ``AudienceIndex.change``."""
    row = _row(index, customer)
    columns = index.columns
    for code in values:
        if code not in columns:
            raise IndexTagError(tag=code, as_of=iso(index.as_of))
    for code, value in values.items():
        _put(index, columns[code], row, value)
    index.changes += 1


def insert(index: "AudienceIndex", customer: str, values: Mapping[str, Any]) -> None:
    """Enter a new customer; see ``AudienceIndex.insert``."""
    for code in values:
        if code not in index.columns:
            raise IndexTagError(tag=code, as_of=iso(index.as_of))
    row = index.customers.row(customer)
    if row is None:
        row = index.customers.add(customer)
        _grow(index)
    if index.alive is not None:
        _set(index.cells[index.alive], row, True)
    for code, column in index.columns.items():
        _put(index, column, row, values.get(code))
    index.changes += 1


def remove(index: "AudienceIndex", customer: str) -> None:
    """Take a customer out; see ``AudienceIndex.remove``."""
    row = _row(index, customer)
    if index.alive is None:
        index.alive = _add_bitmap(index, None, _everybody(index))
    for cells in index.cells:
        _set(cells, row, False)
    for column in index.columns.values():
        column.stale = True
    index.changes += 1


def _row(index: "AudienceIndex", customer: str) -> int:
    row = index.customers.row(customer)
    if row is None or (index.alive is not None and not _get(index.cells[index.alive], row)):
        raise CustomerNotIndexedError
    return row


def _value(index: "AudienceIndex", column: Column, row: int) -> Any:
    shape, cells = column.shape, index.cells
    if shape.known is not None and not _get(cells[shape.known], row):
        return None
    if shape.type == "boolean":
        return bool(_get(cells[shape.bits[0]], row))
    if shape.form == "values":
        pairs = zip(shape.values, shape.bits, strict=True)
        return next((value for value, bit in pairs if _get(cells[bit], row)), None)
    return column.value(sum(_get(cells[bit], row) << j for j, bit in enumerate(shape.bits)))


def _put(index: "AudienceIndex", column: Column, row: int, value: Any) -> None:
    """Write one value of one customer."""
    shape = column.shape
    code: int | None
    if value is None or (shape.type == "number" and not math.isfinite(value)):
        _forget(index, column, row)
        return
    if shape.form == "values":
        code = 1 << shape.values.index(value) if value in shape.values else _new_value(index, column, value)
    else:
        code = column.encode(value)
        if code is None:
            _make_anew(index, column, row, value)
            return
        while shape.top.bit_length() > len(shape.bits):
            shape.bits.append(_add_bitmap(index, column, np.zeros_like(index.bitmaps[0])))
    at, mask = row >> 3, 1 << (row & 7)
    clear = 255 - mask
    known, cells = column.cells(index.cells)
    if known is not None:
        known[at] |= mask
    for cell in cells:
        cell[at] = cell[at] | mask if code & 1 else cell[at] & clear
        code >>= 1
    column.stale = True


def _new_value(index: "AudienceIndex", column: Column, value: Any) -> int:
    """Return the code of a text that nobody had yet, with a bitmap of its own; of "no", that has none."""
    shape = column.shape
    if shape.type == "boolean":
        return 0
    shape.values.append(value)
    shape.bits.append(_add_bitmap(index, column, np.zeros_like(index.bitmaps[0])))
    return 1 << (len(shape.values) - 1)


def _forget(index: "AudienceIndex", column: Column, row: int) -> None:
    """Write that a value is not known."""
    shape = column.shape
    if shape.known is None:
        shape.known = _add_bitmap(index, column, _everybody(index))
    for bit in (shape.known, *shape.bits):
        _set(index.cells[bit], row, False)
    column.stale = True


def _make_anew(index: "AudienceIndex", column: Column, row: int, value: Any) -> None:
    """Slice a column of numbers again, with a value that its codes could not hold."""
    shape, info = column.shape, column.info
    values = column.decode(index.bitmaps, np.arange(index.height))
    values = values.cast(polars_type(info)).scatter(row, pl.Series([value], dtype=polars_type(info)))
    if shape.known is not None:
        _set(index.cells[shape.known], row, True)
    slices, _ = number_column(
        shape, info, values, len(index.bitmaps[0]) if index.bitmaps else words_for(index.height)
    )
    while len(shape.bits) < len(slices):
        shape.bits.append(_add_bitmap(index, column, slices[0]))
    del shape.bits[len(slices) :]
    column.moved()
    for bit, words in zip(shape.bits, slices, strict=True):
        index.bitmaps[bit][:] = words
    column.stale = True


def _everybody(index: "AudienceIndex") -> "Words":
    words = len(index.bitmaps[0]) if index.bitmaps else words_for(index.height)
    return pack(np.ones(index.height, dtype=np.bool_), words)


def _add_bitmap(index: "AudienceIndex", column: Column | None, words: "Words") -> int:
    if column is not None:
        column.moved()
    index.bitmaps.append(words.copy())
    index.cells.append(cells_of(index.bitmaps[-1]))
    return len(index.bitmaps) - 1


def _grow(index: "AudienceIndex") -> None:
    """Make room for one more customer in every bitmap."""
    size = len(index.bitmaps[0]) if index.bitmaps else 0
    if index.height <= 64 * size:
        return
    for i, bitmap in enumerate(index.bitmaps):
        index.bitmaps[i] = np.pad(bitmap, (0, size // _SPARE + 1))
        index.cells[i] = cells_of(index.bitmaps[i])
    for column in index.columns.values():
        column.moved()


def _get(cells: memoryview, row: int) -> int:
    return cells[row >> 3] >> (row & 7) & 1


def _set(cells: memoryview, row: int, bit: bool) -> None:
    at, mask = row >> 3, 1 << (row & 7)
    cells[at] = cells[at] | mask if bit else cells[at] & (255 - mask)
