"""Numbering 编号: which small whole number stands for a customer or a value?

Numbers are given in the order in which keys first come. Texts go through Polars' categories,
whole numbers through a table of our own.
"""

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vostro.portrait.aggregate.fold.kernel import place_keys
from vostro.portrait.aggregate.fold.slots import NOTHING

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

__all__ = ["Numbers", "Texts", "whole"]

_START = 1 << 12


def whole(values: pl.Series) -> "Integers":
    """Return a column that a number stands for as whole numbers, ``NOTHING`` for null; shape (n,)."""
    plain = values.to_physical() if values.dtype.is_temporal() else values
    return plain.cast(pl.Int64).fill_null(NOTHING).to_numpy()


class Numbers:
    """Numbers for whole numbers."""

    def __init__(self) -> None:
        self.known = 0
        self._names = np.empty(_START, dtype=np.int64)
        self._table = np.full(2 * _START, -1, dtype=np.int64)
        self._keys = np.empty(2 * _START, dtype=np.int64)

    def number(self, values: pl.Series) -> "Integers":
        """Return the number of each value; ``NOTHING`` for null."""
        keys = whole(values.drop_nulls())
        self._reserve(len(keys))
        found = np.empty(len(keys), dtype=np.int64)
        self.known = place_keys(keys, self._table, self._keys, self._names, self.known, found)
        if len(keys) == len(values):
            return found
        spread = np.full(len(values), NOTHING, dtype=np.int64)
        spread[values.is_not_null().to_numpy()] = found
        return spread

    @property
    def names(self) -> "Integers":
        """Return the value of each number, shape (known,)."""
        return self._names[: self.known]

    def ranks(self) -> "Integers":
        """Return the place of each number's value in ascending order, shape (known,)."""
        return _inverse(np.argsort(self.names, kind="stable"))

    def _reserve(self, more: int) -> None:
        need = self.known + more
        if need > len(self._names):
            self._names = np.concatenate([self.names, np.empty(2 * need - self.known, dtype=np.int64)])
        if 2 * need <= len(self._table):
            return
        size = 1 << (2 * need - 1).bit_length()
        names = self.names.copy()
        self._table, self._keys = np.full(size, -1, dtype=np.int64), np.empty(size, dtype=np.int64)
        place_keys(names, self._table, self._keys, self._names, 0, np.empty(len(names), dtype=np.int64))


class Texts:
    """Numbers for texts."""

    def __init__(self) -> None:
        self._categories = pl.Categories.random()
        # Polars forgets the categories when no column of theirs is left.
        self._held = pl.Series([], dtype=pl.Categorical(self._categories))

    def number(self, values: pl.Series) -> "Integers":
        """Return the number of each text; ``NOTHING`` for null."""
        self._held = values.cast(pl.Categorical(self._categories))
        return self._held.to_physical().cast(pl.Int64).fill_null(NOTHING).to_numpy()

    @property
    def texts(self) -> pl.Series:
        """Return the text of each number, shape (known,)."""
        return self._categories.to_series()

    @property
    def known(self) -> int:
        """Return how many texts have a number."""
        return len(self.texts)

    def ranks(self) -> "Integers":
        """Return the place of each number's text in order of its bytes, shape (known,)."""
        return _inverse(self.texts.arg_sort().to_numpy().astype(np.int64))


def _inverse(order: "Integers") -> "Integers":
    found = np.empty(len(order), dtype=np.int64)
    found[order] = np.arange(len(order))
    return found
