"""Ordinals 序数: which whole number stands for a value, so that order is kept to the last bit?

Whole numbers stand for themselves, amounts for their smallest unit, dates for days and moments
for microseconds since 1970 (UTC). A float's sixty-four bits are turned so that whole numbers
order as floats do; it comes back bit for bit, save that -0.0 is 0.0, as SQL compares them.
"""

import math
import struct
from datetime import UTC, date, datetime, timedelta
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from vostro.portrait.rule import polars_type
from vostro.portrait.types import TagInfo

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vostro.portrait.tree import Plain

__all__ = ["Limbs", "bounds", "from_ordinals", "ordinal", "ordinals", "value_of"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_MICROSECOND = timedelta(microseconds=1)
_EXACT = Context(prec=80, Emin=MIN_EMIN, Emax=MAX_EMAX)  # the thread's own would round to 28 digits
_SIGN = 1 << 63
_ALL = (1 << 64) - 1

Limbs = tuple["NDArray[np.uint64]", "NDArray[np.uint64]"]  # low and high half of 128 bits, two's complement


def ordinal(value: Any, info: TagInfo) -> int:
    """Return the whole number that stands for a value of a tag.

    >>> from vostro.words import Text
    >>> amount = TagInfo(type="decimal", name=Text(en="a", zh="甲"), digits=18, scale=2)
    >>> ordinal(Decimal("12.5"), amount)
    1250
    """
    match info.type:
        case "integer":
            return int(value)
        case "decimal":
            whole, exact = _scaled(value, info.scale)
            assert exact, "a tag's amount has no more digits than the tag"
            return whole
        case "date":
            return int(value.toordinal()) - _EPOCH_DAY
        case "moment":
            return int((value - _EPOCH) // _MICROSECOND)
    return _float_ordinal(float(value))


def value_of(number: int, info: TagInfo) -> Any:
    """Return the value that a whole number stands for; the inverse of ``ordinal``."""
    match info.type:
        case "integer":
            return number
        case "decimal":
            return Decimal(number).scaleb(-info.scale, _EXACT)
        case "date":
            return date.fromordinal(number + _EPOCH_DAY)
        case "moment":
            return _EPOCH + number * _MICROSECOND
    bits = number - _SIGN if number >= _SIGN else number ^ _ALL
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def bounds(value: "Plain | float", info: TagInfo, *, as_float: bool, low: int, high: int) -> tuple[int, int]:
    """Return the smallest ordinal not below a written value, and the largest not above it.

    Args:
        value: a number, date or moment of a rule.
        info: the tag that is compared with it.
        as_float: whether both are compared as floats, which may round many amounts to one.
        low: the smallest ordinal that anybody has.
        high: the largest.
    """
    if info.type in ("date", "moment"):
        number = ordinal(value, info)
        return number, number
    assert isinstance(value, int | float | Decimal), "the check lets only numbers meet numbers"
    if info.type == "number":
        number = _float_ordinal(float(value))
        return number, number
    if as_float:
        wanted, unit = float(value), 10**info.scale if info.type == "decimal" else 1
        return _first(low, high, lambda n: n / unit >= wanted), _first(
            low, high, lambda n: n / unit > wanted
        ) - 1
    whole, exact = _scaled(value, info.scale if info.type == "decimal" else 0)
    return whole if exact else whole + 1, whole


def ordinals(column: pl.Series, info: TagInfo) -> Limbs | tuple["NDArray[np.uint64]", None]:
    """Return the ordinals of a column without nulls, modulo 2**64, or in two limbs when it is wider."""
    if info.type == "decimal":
        arrow = column.rechunk().to_arrow()
        pairs = np.frombuffer(arrow.buffers()[1], dtype=np.uint64).reshape(-1, 2)
        pairs = pairs[arrow.offset : arrow.offset + len(arrow)]
        low, high = np.ascontiguousarray(pairs[:, 0]), pairs[:, 1]
        if np.array_equal(high, (low.view(np.int64) >> 63).view(np.uint64)):
            return low, None
        return low, np.ascontiguousarray(high)
    if info.type == "number":
        bits = (column.to_numpy() + 0.0).view(np.uint64)  # + 0.0: -0.0 is 0.0
        return np.where(bits >> np.uint64(63), ~bits, bits | np.uint64(_SIGN)), None
    physical = column.to_physical().cast(pl.Int64)
    return physical.to_numpy().view(np.uint64), None


def from_ordinals(low: "NDArray[np.uint64]", high: "NDArray[np.uint64] | None", info: TagInfo) -> pl.Series:
    """Return the column that ordinals stand for; the inverse of ``ordinals``."""
    import pyarrow as pa

    if info.type == "decimal":
        top = (low.view(np.int64) >> 63).view(np.uint64) if high is None else high
        pairs = np.ascontiguousarray(np.stack([low, top], axis=1))
        kind = pa.decimal128(info.digits, info.scale)
        found = pl.from_arrow(pa.Array.from_buffers(kind, len(low), [None, pa.py_buffer(pairs)]))
        assert isinstance(found, pl.Series)
        return found
    if info.type == "number":
        negative = low >> np.uint64(63) == 0
        return pl.Series(np.where(negative, ~low, low ^ np.uint64(_SIGN)).view(np.float64))
    column = pl.Series(low.view(np.int64))
    return column.cast(pl.Int32).cast(pl.Date) if info.type == "date" else column.cast(polars_type(info))


def _scaled(value: "int | float | Decimal", scale: int) -> tuple[int, bool]:
    """Return a number times ``10**scale``, rounded down, and whether nothing was lost."""
    if isinstance(value, int):
        return value * 10**scale, True
    sign, digits, exponent = Decimal(value).as_tuple()
    whole = int("".join(map(str, digits)) or "0")
    whole = -whole if sign else whole
    shift = int(exponent) + scale
    if shift >= 0:
        return whole * 10**shift, True
    found, rest = divmod(whole, 10**-shift)
    return found, rest == 0


def _float_ordinal(value: float) -> int:
    assert math.isfinite(value), "a float that is not finite is unknown"
    bits: int = struct.unpack("<Q", struct.pack("<d", value + 0.0))[0]
    return bits ^ _ALL if bits & _SIGN else bits | _SIGN


def _first(low: int, high: int, holds: Any) -> int:
    """Return the first whole number in [low, high] for which a rising test holds, or ``high + 1``."""
    while low <= high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle - 1
        else:
            low = middle + 1
    return low
