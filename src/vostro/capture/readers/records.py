"""Records 记录: what does a reader hand on, and what could it not read?"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from vostro.words import Text

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

__all__ = ["RAW_CHARACTERS_MAX", "Block", "BrokenRecord", "Source", "capped"]

RAW_CHARACTERS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """One record that could not be read, with its place, its text and the reason."""

    line: int  # first physical line, 1-based
    line_last: int
    raw: str  # as read; longer than RAW_CHARACTERS_MAX is cut, with a mark that says so
    code: str  # capture.fields_count, capture.quote_open, ...
    message: Text
    number: int = 0  # 1-based record number in the file


@dataclass(frozen=True, slots=True)
class Block:
    """A run of records in file order.

    ``lines`` and ``numbers`` have one entry for each row of ``frame``. Rows and ``broken``
    together account for every record of this part of the file.
    """

    frame: pl.DataFrame  # String columns for text formats (empty = null), native types for Parquet
    lines: NDArray[np.int64]  # first physical line of each row, 1-based
    numbers: NDArray[np.int64]  # 1-based record number in the file; broken ones count, blank lines do not
    broken: list[BrokenRecord] = field(default_factory=list)


class Source(ABC):
    """An open file: iterate it once to get its blocks; use it as a context manager.

    One block is prepared ahead in a thread: parsing releases the interpreter's lock, so
    reading and checking share two cores. Memory holds two blocks, whatever the file's size.
    """

    header: tuple[str, ...]
    bytes_total: int  # size on disk

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None

    @property
    @abstractmethod
    def bytes_done(self) -> int:
        """Bytes on disk that have been read so far."""

    @abstractmethod
    def _blocks(self) -> Iterator[Block]:
        """Yield the blocks; runs in the read-ahead thread."""

    @abstractmethod
    def _close(self) -> None:
        """Give the file back."""

    def __iter__(self) -> Iterator[Block]:
        blocks = self._blocks()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="vostro-read")
        ahead = self._pool.submit(next, blocks, None)
        while (block := ahead.result()) is not None:
            ahead = self._pool.submit(next, blocks, None)
            yield block

    def close(self) -> None:
        """Stop reading and close the file."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def capped(raw: str) -> str:
    """Return the text of a broken record, cut to ``RAW_CHARACTERS_MAX`` with a mark.

    >>> capped("x" * 10_005)[-29:]
    'xxxxx…[cut, 10005 characters]'
    """
    if len(raw) <= RAW_CHARACTERS_MAX:
        return raw
    return f"{raw[:RAW_CHARACTERS_MAX]}…[cut, {len(raw)} characters]"
