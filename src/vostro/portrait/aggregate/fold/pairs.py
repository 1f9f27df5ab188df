"""Pairs 计数对: how often does each customer have each value?"""

from typing import TYPE_CHECKING

import numpy as np

from vostro.portrait.aggregate.fold.kernel import runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

__all__ = ["Pairs"]

_PENDING_MAX = 1 << 25  # pairs; beyond it equal ones are put together before more are kept
_LOW = 0xFFFFFFFF


class Pairs:
    """Pairs ``customer << 32 | value code``, and how often each stands."""

    def __init__(self) -> None:
        self._parts: list[Integers] = []
        self._pending = 0
        self._pairs = np.empty(0, dtype=np.int64)
        self._weights = np.empty(0, dtype=np.int64)

    def add(self, pairs: "Integers") -> None:
        """Keep pairs, each standing once."""
        self._parts.append(pairs.copy())  # what is given may be the head of a larger array
        self._pending += len(pairs)
        if self._pending > _PENDING_MAX:
            self._compact()

    def counted(self, ranks: "Integers", customers: int, k: int) -> "tuple[Integers, Integers]":
        """Count every customer's values.

        Args:
            ranks: shape (codes,), the place of each code's value in order.
            customers: how many there are.
            k: how many of the most frequent values are asked; at least 1.

        Returns:
            The number of different values, shape (customers,); count and rank of the most frequent, the
            smaller value first among equals, shape (customers, 2 * k), zeros where there is none.
        """
        if len(self._pairs):
            self._compact()
        pairs = self._pairs if len(self._pairs) else np.concatenate([*self._parts, np.empty(0, np.int64)])
        ordered = (pairs & ~np.int64(_LOW)) | ranks[pairs & _LOW] if len(pairs) else pairs
        weights = self._weights
        if len(weights):
            order = np.argsort(ordered)
            ordered, weights = ordered[order], weights[order]
        else:
            ordered.sort()
        distinct, top = np.zeros(customers, dtype=np.int64), np.zeros((customers, 2 * k), dtype=np.int64)
        runs(ordered, weights, customers, k, distinct, top)
        return distinct, top

    def _compact(self) -> None:
        """Put equal pairs together."""
        pairs = np.concatenate([self._pairs, *self._parts])
        weights = np.concatenate([self._weights, np.ones(self._pending, dtype=np.int64)])
        order = np.argsort(pairs)
        pairs, weights = pairs[order], weights[order]
        first = np.flatnonzero(np.diff(pairs, prepend=pairs[:1] - 1)) if len(pairs) else pairs
        self._pairs, self._weights = pairs[first], np.add.reduceat(weights, first) if len(first) else weights
        self._parts, self._pending = [], 0
