"""Chance 抽签: which number in [0, 1) does this customer draw for this question?

Holdouts, experiment arms and random choices all come from one hash of customer and
question, so that they are the same in every process, language and replay. Sixty-four
bits of FNV-1a over the UTF-8 bytes of ``question``, one zero byte and ``customer``,
mixed by the finaliser of SplitMix64; the upper 53 bits divided by 2**53.

Sources: Fowler, Noll and Vo (RFC 9923); Steele, Lea and Flood (2014), "Fast Splittable
Pseudorandom Number Generators", OOPSLA 2014.
"""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["draw", "draw_bits"]

FloatArray: TypeAlias = npt.NDArray[np.float64]
BitArray: TypeAlias = npt.NDArray[np.uint64]

_OFFSET = 0xCBF29CE484222325
_PRIME = 0x100000001B3
_MASK = (1 << 64) - 1


def draw(customers: pl.Series, question: str) -> FloatArray:
    """Return each customer's number for a question.

    Args:
        customers: shape (n,), text without nulls.
        question: names the draw, such as ``holdout:term_deposit:7``.

    Returns:
        shape (n,), uniform in [0, 1), independent between questions.

    >>> draw(pl.Series(["4711", "4712"]), "holdout:demo").round(6).tolist()
    [0.370803, 0.005056]
    """
    bits = draw_bits(customers, question)
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


def draw_bits(customers: pl.Series, question: str) -> BitArray:
    """Return the 64 mixed bits behind ``draw``, shape (n,)."""
    arrow = customers.cast(pl.String).to_arrow().cast("large_string")
    assert arrow.null_count == 0, "every customer has an identifier"
    _, offset_buffer, data_buffer = arrow.buffers()
    size = len(arrow)
    if size == 0:
        return np.empty(0, dtype=np.uint64)
    offsets = np.frombuffer(offset_buffer, dtype=np.int64)[arrow.offset : arrow.offset + size + 1]
    data = np.frombuffer(data_buffer, dtype=np.uint8) if data_buffer else np.empty(0, np.uint8)
    state = np.full(size, _seed(question), dtype=np.uint64)
    starts, lengths = offsets[:-1], np.diff(offsets)
    # A pass per byte position, not per customer: identifiers are short.
    for position in range(int(lengths.max())):
        live = lengths > position
        state[live] = (state[live] ^ data[starts[live] + position]) * np.uint64(_PRIME)
    return _mix(state)


def _seed(question: str) -> int:
    state = _OFFSET
    for byte in question.encode() + b"\x00":
        state = ((state ^ byte) * _PRIME) & _MASK
    return state


def _mix(state: BitArray) -> BitArray:
    state = state + np.uint64(0x9E3779B97F4A7C15)
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
