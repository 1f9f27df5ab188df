"""Slicing 切片: from a column of values to the bitmaps of its codes' bits."""

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from vostro.portrait.index.bits import pack
from vostro.portrait.index.columns import Shape
from vostro.portrait.index.ordinals import ordinals
from vostro.portrait.types import TagInfo

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vostro.portrait.index.bits import Words

__all__ = ["number_column", "sliced"]

_SMALL = (np.uint8, np.uint16, np.uint32)


def number_column(
    shape: Shape, info: TagInfo, values: pl.Series, words: int
) -> "tuple[list[Words], NDArray[np.uint64] | None]":
    """Find the range of a column of numbers, dates or moments, and slice it.

    Returns:
        The slices, lowest first, and the codes of those who have a value; None when 64 bits do not hold them.
        ``shape`` gets offset, step and top.
    """
    held = values.drop_nulls()
    shape.offset, shape.step, shape.top = 0, 1, 0
    if not len(held):
        return [], None
    low, high = ordinals(held, info)
    shape.offset, shape.top, codes, above = _from_lowest(low, high, signed=info.type != "number")
    if above is None:
        shape.step = _step(codes)
        if shape.step > 1:
            codes, shape.top = codes // np.uint64(shape.step), shape.top // shape.step
    known = values.is_not_null().to_numpy() if len(held) < len(values) else None
    rows = sliced(_spread(codes, known), shape.top, words)
    if above is None:
        return rows, codes
    return rows + sliced(_spread(above, known), shape.top >> 64, words), None


def _from_lowest(
    low: "NDArray[np.uint64]", high: "NDArray[np.uint64] | None", *, signed: bool
) -> "tuple[int, int, NDArray[np.uint64], NDArray[np.uint64] | None]":
    """Return the lowest ordinal, the range above it, and how far each is above the lowest, in one or two limbs."""
    if high is None:
        view = low.view(np.int64) if signed else low
        lowest, highest = int(view.min()), int(view.max())
        return lowest, highest - lowest, low - np.uint64(lowest % 2**64), None
    tops = high.view(np.int64)
    least, most = tops.min(), tops.max()
    lowest = (int(least) << 64) + int(low[tops == least].min())
    highest = (int(most) << 64) + int(low[tops == most].max())
    codes = low - np.uint64(lowest % 2**64)
    if highest - lowest < 2**64:
        return lowest, highest - lowest, codes, None
    borrowed = (low < np.uint64(lowest % 2**64)).astype(np.uint64)
    return lowest, highest - lowest, codes, high - np.uint64((lowest >> 64) % 2**64) - borrowed


def _step(codes: "NDArray[np.uint64]") -> int:
    """Return the largest whole number that divides every code; 1 when all codes are zero."""
    step = int(np.gcd.reduce(codes[:1_000]))
    while step != 1:
        beyond = codes[: len(codes)] % np.uint64(step) if step else codes
        others = codes[beyond != 0]
        if not len(others):
            return max(step, 1)
        step = int(np.gcd.reduce(np.append(others[:1_000], np.uint64(step))))
    return 1


def _spread(codes: "NDArray[np.uint64]", known: "NDArray[np.bool_] | None") -> "NDArray[np.uint64]":
    """Put the codes of those who have a value into their rows; zero in the others."""
    if known is None:
        return codes
    found = np.zeros(len(known), dtype=np.uint64)
    found[known] = codes
    return found


def sliced(codes: "NDArray[Any]", top: int, words: int) -> "list[Words]":
    """Return one bitmap for each bit that codes up to ``top`` need, at most sixty-four."""
    bits = min(top.bit_length(), 64)
    kind: Any = next((kind for kind in _SMALL if bits <= 8 * np.dtype(kind).itemsize), np.uint64)
    planes = np.ascontiguousarray(codes.astype(kind, copy=False)).view(np.uint8).reshape(len(codes), -1)
    found: list[Words] = []
    plane = planes[:, 0]
    for j in range(bits):
        if j % 8 == 0:
            plane = np.ascontiguousarray(planes[:, j // 8])
        found.append(pack(plane & np.uint8(1 << j % 8), words))
    return found
