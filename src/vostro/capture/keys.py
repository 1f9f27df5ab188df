"""Keys 主键与引用: was this key seen before in the file, does that account exist?

Memory is 8 bytes for each different key, so 5 M records cost 40 MB. A whole-number key is kept
as it is and compared exactly. Any other key is kept as a 64-bit hash: among n keys two
different ones share a hash with a chance of about n² / 2^65 (below 1e-6 for 5 M records), and
then the later record becomes a reject that says the key is repeated; nothing is lost.
"""

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

__all__ = ["KeySet", "key_hashes", "repeated"]

Hashes = NDArray[np.uint64]
_SEED = 20080501
_MERGE_RATIO = 4
_RUN_KEYS_MAX = 1 << 20  # merging needs room for twice the run: 16 MB and no more


def key_hashes(frame: pl.DataFrame) -> Hashes:
    """Return one 64-bit number for each row's key, shape (n_rows,); rows of equal keys have equal numbers.

    One whole-number column is its own hash (and a null there is 0).
    """
    if frame.width == 1 and frame.dtypes[0] == pl.Int64:
        return frame.to_series().fill_null(0).to_numpy().view(np.uint64)
    return frame.hash_rows(seed=_SEED).to_numpy()


@dataclass
class KeySet:
    """A growing set of 64-bit numbers, kept as a few sorted runs of falling size."""

    _runs: list[Hashes] = field(default_factory=list)

    def __len__(self) -> int:
        return sum(len(run) for run in self._runs)

    def add(self, hashes: Hashes) -> None:
        """Add numbers, shape (n,)."""
        self.add_sorted(np.sort(hashes))

    def add_sorted(self, run: Hashes) -> None:
        """Add numbers that are in rising order, shape (n,)."""
        if len(run) == 0:
            return
        while self._runs and len(self._runs[-1]) <= min(_MERGE_RATIO * len(run), _RUN_KEYS_MAX):
            run = np.concatenate([self._runs.pop(), run])
            run.sort(kind="stable")  # in place, and of two sorted runs: one pass
        self._runs.append(run)

    def has(self, hashes: Hashes) -> NDArray[np.bool_]:
        """Return which of the numbers are in the set, shape (n,)."""
        order = np.argsort(hashes)
        found = np.zeros(len(hashes), dtype=np.bool_)
        found[order] = self.has_sorted(hashes[order])
        return found

    def has_sorted(self, needles: Hashes) -> NDArray[np.bool_]:
        """Return which of the numbers, in rising order, are in the set, shape (n,)."""
        found = np.zeros(len(needles), dtype=np.bool_)
        for run in self._runs:
            if len(needles) == 0 or needles[-1] < run[0] or needles[0] > run[-1]:
                continue
            place = np.searchsorted(run, needles)
            place[place == len(run)] = 0
            found |= run[place] == needles
        return found


def repeated(hashes: Hashes, seen: KeySet) -> NDArray[np.bool_]:
    """Return which keys occur earlier in this block or in ``seen``, shape (n,); then add the new ones.

    >>> repeated(np.array([7, 8, 7], dtype=np.uint64), KeySet()).tolist()
    [False, False, True]
    """
    in_order = np.sort(hashes)
    if not (in_order[1:] == in_order[:-1]).any() and not seen.has_sorted(in_order).any():
        seen.add_sorted(in_order)  # nearly every block of a clean file
        return np.zeros(len(hashes), dtype=np.bool_)
    again = seen.has(hashes)
    order = np.argsort(hashes, kind="stable")
    in_order = hashes[order]
    again[order[1:]] |= in_order[1:] == in_order[:-1]
    seen.add(hashes[~again])
    return again
