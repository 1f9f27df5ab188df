"""Packed bits 位图: sixty-four customers a word, from flags and back.

Row ``i`` is bit ``i % 64`` of word ``i // 64``, the lowest bit first: as bytes on a little-endian
machine this is Arrow's own form, so that a boolean column is taken over without unpacking it.
Bits beyond the last row are zero.
"""

import sys
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Words: TypeAlias = NDArray[np.uint64]
    Flags: TypeAlias = NDArray[np.bool_]
    RowNumbers: TypeAlias = NDArray[np.int64]

__all__ = [
    "BLOCK",
    "as_flags",
    "as_series",
    "cells_of",
    "count",
    "pack",
    "pack_series",
    "rows_of",
    "words_for",
]

BLOCK = 40_960  # words: 320 KB; shorter blocks cost more calls, longer ones leave the second cache

assert sys.byteorder == "little", "packed bits are read as bytes"


def words_for(rows: int) -> int:
    """Return how many words hold so many rows."""
    return (rows + 63) // 64


def pack(flags: "NDArray[np.bool_] | NDArray[np.uint8]", words: int) -> "Words":
    """Pack flags (anything that is not zero is true), shape (n,), into ``words`` words."""
    packed = np.packbits(flags, bitorder="little")
    return _padded(packed, words)


def pack_series(flags: pl.Series, words: int) -> "Words":
    """Pack a boolean column into ``words`` words; null is false."""
    if flags.null_count():
        flags = flags.fill_null(False)
    arrow = flags.rechunk().to_arrow()
    buffer = arrow.buffers()[1]
    if arrow.offset % 8 or buffer is None:
        return pack(flags.to_numpy(), words)
    size = (len(arrow) + 7) // 8
    start = arrow.offset // 8
    packed = np.frombuffer(buffer, dtype=np.uint8)[start : start + size]
    made = _padded(packed, words)
    if len(arrow) % 64:
        made[len(arrow) // 64] &= np.uint64((1 << len(arrow) % 64) - 1)
    return made


def as_series(words: "Words", rows: int) -> pl.Series:
    """Return the first ``rows`` bits as a boolean column, without a copy."""
    import pyarrow as pa

    if not rows:
        return pl.Series([], dtype=pl.Boolean)
    contiguous = np.ascontiguousarray(words)
    array = pa.Array.from_buffers(pa.bool_(), rows, [None, pa.py_buffer(contiguous)])
    series = pl.from_arrow(array)
    assert isinstance(series, pl.Series)
    return series


def as_flags(words: "Words", rows: int) -> "Flags":
    """Return the first ``rows`` bits as flags, shape (rows,)."""
    return np.unpackbits(words.view(np.uint8), count=rows, bitorder="little").view(np.bool_)


def rows_of(words: "Words") -> "RowNumbers":
    """Return the numbers of the rows whose bit is set, ascending."""
    return np.flatnonzero(np.unpackbits(words.view(np.uint8), bitorder="little").view(np.bool_))


def cells_of(bitmap: "Words") -> memoryview:
    """Return a bitmap's bytes, to be read and written one by one."""
    return bitmap.data.cast("B")


def count(words: "Words") -> int:
    """Return how many bits are set."""
    total = 0
    for start in range(0, len(words), BLOCK):
        total += int(np.bitwise_count(words[start : start + BLOCK]).sum(dtype=np.uint32))
    return total


def _padded(packed: "NDArray[np.uint8]", words: int) -> "Words":
    made = np.zeros(words, dtype=np.uint64)
    made.view(np.uint8)[: len(packed)] = packed
    return made
