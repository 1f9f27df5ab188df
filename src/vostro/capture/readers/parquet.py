"""Parquet 列式文件: rows with their native types, read a batch at a time.

A Parquet file has no physical lines: a row's line is its number.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as arrow_parquet

from vostro.capture.readers.errors import FilePermissionError, ParquetCorruptError
from vostro.capture.readers.files import check_file
from vostro.capture.readers.headers import name_columns
from vostro.capture.readers.records import Block, Source

__all__ = ["ParquetSource"]


class ParquetSource(Source):
    """A Parquet file, open."""

    def __init__(self, path: Path, *, block_bytes: int) -> None:
        super().__init__()
        self._path = path
        self.bytes_total = check_file(path)
        self._rows_done = 0
        try:
            # no memory map: a file cut short while it is read would kill the process
            self._file = arrow_parquet.ParquetFile(path, memory_map=False)
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
                frame = pl.DataFrame(pa.Table.from_batches([_plain(batch)]))
                frame.columns = list(self.header)
                numbers = np.arange(1, frame.height + 1, dtype=np.int64) + self._rows_done
                self._rows_done += frame.height
                if frame.height:
                    yield Block(frame, numbers, numbers)
        except (pa.ArrowException, OSError, ValueError, pl.exceptions.PolarsError) as error:
            raise self._corrupt(error) from error
        if self._rows_done != self._rows_total:
            raise self._corrupt(ValueError(f"{self._rows_total} rows promised, {self._rows_done} found"))

    def _corrupt(self, error: Exception) -> ParquetCorruptError:
        cause = (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
        return ParquetCorruptError(file=str(self._path), row=self._rows_done + 1, cause=cause)


def _plain(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Undo dictionaries: a column of text is text, however it was packed."""
    columns = [
        each.dictionary_decode() if pa.types.is_dictionary(each.type) else each for each in batch.columns
    ]
    return pa.RecordBatch.from_arrays(columns, names=[f"column_{place}" for place in range(len(columns))])
