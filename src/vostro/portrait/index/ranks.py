"""Ranks 排位: which place has a number among many, without searching for it?

Where numbers lie close together, a bitmap says which of them are there, and a running count how many
come before each of its words: the place of a number is that count and the bits before it in its
word. Where they lie far apart they are searched for.

Source: Jacobson (1989), "Space-efficient Static Trees and Graphs", FOCS 30.
"""

from bisect import bisect_left
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Ranks"]

_SPREAD_MAX = 8  # numbers there could be for each there is; a bitmap then takes a byte for each there is


class Ranks:
    """The places of ascending numbers, each of which is there once."""

    def __init__(self, numbers: "NDArray[Any]") -> None:
        """Take the numbers, shape (n,), unsigned and ascending."""
        self.size = len(numbers)
        self._numbers = numbers.data
        self._first = int(numbers[0]) if self.size else 0
        self._span = int(numbers[-1]) - self._first + 1 if self.size else 0
        self._held: list[NDArray[Any]] = []
        if self._span > _SPREAD_MAX * self.size:
            return
        there = np.zeros((self._span + 63) // 64 * 64, dtype=np.bool_)
        there[numbers - numbers[:1]] = True
        words = np.packbits(there, bitorder="little").view(np.uint64)
        ones = np.bitwise_count(words).astype(np.uint32)
        before = np.cumsum(ones, dtype=np.uint32) - ones
        self._held = [words, before]
        self._words, self._before = words.data, before.data

    @property
    def nbytes(self) -> int:
        """Bytes beside those of the numbers."""
        return sum(array.nbytes for array in self._held)

    def row(self, number: int) -> int | None:
        """Return the place of a number, or None when it is not there.

        >>> ranks = Ranks(np.array([3, 5, 6], dtype=np.uint32))
        >>> ranks.row(6), ranks.row(4)
        (2, None)
        """
        if not self._held:
            place = bisect_left(self._numbers, number)
            return place if place < self.size and self._numbers[place] == number else None
        at = number - self._first
        if not 0 <= at < self._span:
            return None
        word: int = self._words[at >> 6]
        bit = 1 << (at & 63)
        return self._before[at >> 6] + (word & (bit - 1)).bit_count() if word & bit else None
