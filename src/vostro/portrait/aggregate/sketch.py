"""Sketches 基数草图: how many distinct values are there, when there are too many to keep?

Up to 1,024 values a customer and window the count is exact. Above, it is HyperLogLog: 4,096
registers, each the largest *rank* (leading zeros + 1) of the values that fall to it. Both come
from the MD5 of the value's canonical text, so every run on every engine has the same registers:
the first 3 hexadecimal digits are the register, the next 10 (40 bits) the rank, 1 to 41.
Relative standard error: 1.04 / sqrt(4096) = 1.6 %.

Source: Flajolet, Fusy, Gandouet and Meunier (2007), "HyperLogLog: the analysis of a near-optimal
cardinality estimation algorithm", with linear counting for small numbers.
"""

import math
from collections.abc import Iterable
from functools import cache
from hashlib import md5
from typing import Any

__all__ = [
    "EXACT_MAX",
    "RANK_MAX",
    "REGISTERS",
    "engine_rank",
    "engine_register",
    "estimate",
    "place",
    "registers",
]

EXACT_MAX = 1_024  # distinct values a customer and window that are counted exactly
REGISTERS = 4_096
RANK_MAX = 41
_ALPHA = 0.7213 / (1 + 1.079 / REGISTERS)
_LINEAR_MAX = 2.5 * REGISTERS
_LEADING = {1: "1", 2: "23", 3: "4567"}  # first non-zero hexadecimal digit -> 4 - its leading zeros


def place(text: str) -> tuple[int, int]:
    """Return the register and the rank of a value's canonical text.

    >>> md5(b"dining").hexdigest()[:13], place("dining")
    ('170b916ebc4cb', (368, 1))
    """
    digest = md5(text.encode(), usedforsecurity=False).hexdigest()
    return int(digest[:3], 16), RANK_MAX - int(digest[3:13], 16).bit_length()


def registers(texts: Iterable[str]) -> dict[int, int]:
    """Return ``{register: rank}`` of the registers that any value falls to."""
    found: dict[int, int] = {}
    for register, rank in map(place, texts):
        found[register] = max(rank, found.get(register, 0))
    return found


def estimate(used: int, weight: int) -> int:
    """Return the estimated number of distinct values.

    Args:
        used: how many registers are not empty.
        weight: the sum over those of ``2 ** (41 - rank)``; at most 2^53, so it is exact as a float too.

    >>> estimate(1, 2**40)
    1
    """
    empty = REGISTERS - used
    raw = _ALPHA * REGISTERS * REGISTERS / (weight / 2**RANK_MAX + empty)
    if raw <= _LINEAR_MAX and empty:
        return _linear(empty)
    return int(raw + 0.5)


@cache
def _linear(empty: int) -> int:
    return int(REGISTERS * math.log(REGISTERS / empty) + 0.5)


def engine_register(digest: Any) -> Any:
    """Return the register of a column of MD5 texts, as a text of 3 digits."""
    return digest.substr(0, 3)


def engine_rank(digest: Any) -> Any:
    """Return the rank of a column of MD5 texts; int64."""
    import ibis

    rest = digest.substr(3, 10).re_replace("^0+", "")
    first = rest.substr(0, 1)
    bits = [(first.isin(list(digits)), ibis.literal(count)) for count, digits in _LEADING.items()]
    top = ibis.cases((rest == "", ibis.literal(0)), *bits, else_=ibis.literal(4))
    below = ibis.ifelse(rest == "", ibis.literal(0), (rest.length() - 1) * 4)
    return (ibis.literal(RANK_MAX) - below - top).cast("int64")
