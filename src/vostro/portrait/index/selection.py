"""Audiences 人群: a chosen set of customers, and what can be done with sets.

An audience is the answer to a rule at one moment of the index: it stays as it was when the index
changes. Audiences of one index can be joined, met and taken apart; their customers can be listed,
sampled, or split into ten stable tenths.
"""

from typing import TYPE_CHECKING

import msgspec
import numpy as np
import polars as pl

from vostro.portrait.chance import draw, draw_bits
from vostro.portrait.index.bits import as_series, count, pack, rows_of
from vostro.portrait.index.errors import TenthError

if TYPE_CHECKING:
    from vostro.portrait.index.bits import Words
    from vostro.portrait.index.index import AudienceIndex

__all__ = ["TENTHS", "Audience", "Overlap"]

TENTHS = 10


class Overlap(msgspec.Struct, frozen=True):
    """How far two audiences are the same customers."""

    first: int
    second: int
    both: int
    jaccard: float | None  # both / either, 0 to 1; None: both audiences are empty
    lift: float | None  # share of the first in the second / share of the first in all; None: one is empty


class Audience:
    """A set of customers of an index."""

    def __init__(self, index: "AudienceIndex", words: "Words") -> None:
        self.index = index
        self.words = words
        self._size: int | None = None

    @property
    def size(self) -> int:
        """How many customers it holds."""
        if self._size is None:
            self._size = count(self.words)
        return self._size

    def __len__(self) -> int:
        return self.size

    def __and__(self, other: "Audience") -> "Audience":
        a, b = self._pair(other)
        return Audience(self.index, a & b)

    def __or__(self, other: "Audience") -> "Audience":
        a, b = self._pair(other)
        return Audience(self.index, a | b)

    def __sub__(self, other: "Audience") -> "Audience":
        a, b = self._pair(other)
        return Audience(self.index, a & ~b)

    def __contains__(self, customer: object) -> bool:
        row = self.index.customers.row(str(customer))
        if row is None or row >= 64 * len(self.words):
            return False
        return bool(int(self.words[row >> 6]) >> (row & 63) & 1)

    def overlap(self, other: "Audience") -> Overlap:
        """Compare two audiences of one index."""
        both, either = (self & other).size, (self | other).size
        base = self.index.size
        return Overlap(
            first=self.size,
            second=other.size,
            both=both,
            jaccard=both / either if either else None,
            lift=both * base / (self.size * other.size) if self.size and other.size else None,
        )

    def customers(self) -> pl.Series:
        """Return the identifiers of all its customers, in the order of the index."""
        rows = min(64 * len(self.words), len(self.index.customers))
        return self.index.customers.take(as_series(self.words, rows))

    def sample(self, size: int, *, question: str = "sample") -> pl.Series:
        """Return some of its customers by lot, in the order of the index.

        The lot is a hash of customer and question: the same customers are drawn in every process and
        after every build, and two questions draw independently. With ``size`` or fewer customers all
        are returned.
        """
        rows = rows_of(self.words)
        customers = self.index.customers.take(rows)
        if len(rows) <= size:
            return customers
        lots = draw_bits(customers, question)
        drawn = np.sort(np.argpartition(lots, size)[:size]) if size else np.empty(0, dtype=np.int64)
        return customers.gather(drawn)

    def tenth(self, tenth: int, *, question: str = "tenth") -> "Audience":
        """Return one of ten stable parts of about equal size.

        A customer is in the same tenth of every audience that asks the same question, in every process
        and after every build.

        Args:
            tenth: 1 to 10.
            question: names the split; two questions split independently.

        Raises:
            TenthError: the tenth is not 1 to 10.
        """
        if not 1 <= tenth <= TENTHS:
            raise TenthError(tenth=tenth)
        rows = rows_of(self.words)
        drawn = (draw(self.index.customers.take(rows), question) * TENTHS).astype(np.int64) == tenth - 1
        flags = np.zeros(64 * len(self.words), dtype=np.bool_)
        flags[rows[drawn]] = True
        return Audience(self.index, pack(flags, len(self.words)))

    def _pair(self, other: "Audience") -> "tuple[Words, Words]":
        assert self.index is other.index, "audiences of one index"
        size = max(len(self.words), len(other.words))
        return _grown(self.words, size), _grown(other.words, size)


def _grown(words: "Words", size: int) -> "Words":
    return words if len(words) == size else np.pad(words, (0, size - len(words)))
