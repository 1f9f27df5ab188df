"""Parquet 列式文件: rows with their native types, read a batch at a time.

A Parquet file has no physical lines: a row's line is its number. Moments with a zone come in
UTC, the same instants. A row whose date, moment or time is outside the calendar (years 1 to
9999) is broken: no later step could even print it.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as arrow_parquet
from numpy.typing import NDArray

from vostro.capture.readers.errors import FilePermissionError, ParquetCorruptError
from vostro.capture.readers.files import check_file
from vostro.capture.readers.headers import name_columns
from vostro.capture.readers.reasons import reason
from vostro.capture.readers.records import Block, BrokenRecord, Source, capped

__all__ = ["ParquetSource"]

# a panic of polars' core is no PolarsError, but it is about the file all the same
_POLARS_ERRORS = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
_DAY_FIRST = (date.min - date(1970, 1, 1)).days
_DAY_LAST = (date.max - date(1970, 1, 1)).days
_DAY_SECONDS = 86_400
_TICKS = {"ms": 10**3, "us": 10**6, "ns": 10**9}  # in a second


class ParquetSource(Source):
    """A Parquet file, open."""

    def __init__(self, path: Path, *, block_bytes: int) -> None:
        super().__init__()
        self._path = path
        self.bytes_total = check_file(path)
        self._rows_done = 0
        try:
            # no memory map: a file cut short while it is read would kill the process
            self._file = arrow_parquet.ParquetFile(path, memory_map=False, page_checksum_verification=True)
        except PermissionError as error:
            raise FilePermissionError(file=str(path)) from error
        except (pa.ArrowException, OSError, ValueError) as error:
            raise self._corrupt(error) from error
        try:
            self.header = name_columns(self._file.schema_arrow.names, path=path, line=1)
        except BaseException:
            self._close()
            raise
        metadata = self._file.metadata
        self._rows_total = metadata.num_rows
        bytes_content = sum(metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups))
        row_bytes = max(1, bytes_content // max(1, self._rows_total), 8 * len(self.header))
        self._batch_rows = max(1, min(block_bytes // row_bytes, 1 << 20))

    @property
    def bytes_done(self) -> int:
        """Bytes on disk, in proportion to the rows read so far."""
        return (
            self.bytes_total * self._rows_done // self._rows_total if self._rows_total else self.bytes_total
        )

    def _close(self) -> None:
        self._file.close()

    def _blocks(self) -> Iterator[Block]:
        try:
            for batch in self._file.iter_batches(self._batch_rows):
                block = self._block(batch)
                self._rows_done += batch.num_rows
                if batch.num_rows:
                    yield block
        except (pa.ArrowException, OSError, ValueError, *_POLARS_ERRORS) as error:
            raise self._corrupt(error) from error
        if self._rows_done != self._rows_total:
            raise self._corrupt(ValueError(f"{self._rows_total} rows promised, {self._rows_done} found"))

    def _block(self, batch: pa.RecordBatch) -> Block:
        batch.validate(full=True)  # text that is not UTF-8, offsets that lead nowhere
        frame = pl.DataFrame(pa.Table.from_batches([_plain(batch)]))
        frame.columns = list(self.header)
        numbers = np.arange(1, frame.height + 1, dtype=np.int64) + self._rows_done
        impossible = {name: bad for name in self.header if (bad := _outside_calendar(frame[name])).any()}
        if not impossible:
            return Block(frame, numbers, numbers)
        wrong = np.logical_or.reduce(list(impossible.values()))
        shown = frame.with_columns(pl.col(name).to_physical() for name in impossible)
        broken = [
            _broken(shown, at, int(numbers[at]), next(name for name, bad in impossible.items() if bad[at]))
            for at in np.flatnonzero(wrong).tolist()
        ]
        return Block(frame.filter(~wrong), numbers[~wrong], numbers[~wrong], broken)

    def _corrupt(self, error: Exception) -> ParquetCorruptError:
        cause = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        return ParquetCorruptError(file=str(self._path), row=self._rows_done + 1, cause=cause)


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Undo dictionaries and zones: text is text however it was packed, an instant is one in any zone."""
    names = [f"column_{place}" for place in range(batch.num_columns)]
    return pa.RecordBatch.from_arrays([_plain_column(each) for each in batch.columns], names=names)


def _plain_column(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return column.dictionary_decode()
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return column.view(pa.timestamp(kind.unit, "UTC"))
    return column


def _outside_calendar(column: pl.Series) -> NDArray[np.bool_]:
    """Return which values are no date, moment or time that a calendar has, shape (n,); null is none."""
    kind = column.dtype
    if kind == pl.Date:
        first, last = _DAY_FIRST, _DAY_LAST
    elif isinstance(kind, pl.Datetime):
        ticks = _DAY_SECONDS * _TICKS[kind.time_unit]
        first, last = max(_DAY_FIRST * ticks, -(2**63)), min((_DAY_LAST + 1) * ticks - 1, 2**63 - 1)
    elif kind == pl.Time:
        first, last = 0, _DAY_SECONDS * _TICKS["ns"] - 1
    else:
        return np.zeros(len(column), dtype=np.bool_)
    return (~column.to_physical().is_between(first, last)).fill_null(value=False).to_numpy()


def _broken(shown: pl.DataFrame, at: int, number: int, column: str) -> BrokenRecord:
    raw = msgspec.json.encode(shown.row(at, named=True), enc_hook=str).decode()
    message = reason("capture.calendar", column=column, value=shown[column][at])
    return BrokenRecord(number, number, capped(raw), "capture.calendar", message, number)
