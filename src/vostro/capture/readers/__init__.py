"""Readers 读取器: files of any usual format in, blocks of columns with exact lines out.

A file that cannot be read raises one clear error (``ReadError``); a record that cannot be
read becomes a ``BrokenRecord``. Rows and broken records together account for all of the file.
"""

from pathlib import Path

from vostro.capture.readers.errors import ReadError
from vostro.capture.readers.files import check_file
from vostro.capture.readers.format import Kind, SourceFormat, kind_of
from vostro.capture.readers.records import Block, BrokenRecord, Source

__all__ = [
    "BLOCK_BYTES",
    "Block",
    "BrokenRecord",
    "Kind",
    "ReadError",
    "Source",
    "SourceFormat",
    "kind_of",
    "open_source",
]

BLOCK_BYTES = 16 << 20


def open_source(path: Path, format: SourceFormat, *, block_bytes: int = BLOCK_BYTES) -> Source:
    """Open a file, read its header and return it ready to be iterated in blocks.

    Args:
        path: the file; CSV and JSON lines may be gzip, whatever the name says.
        format: the contract's ``format:``.
        block_bytes: text held at a time; a block of Parquet has about as many bytes.

    Raises:
        ReadError: a subclass names what is wrong, where, and how to mend it. Faults further
            down the file are raised while iterating.
    """
    check_file(path)
    kind = kind_of(path, format)
    # pyarrow and polars are imported only when a file is really read
    if kind == "csv":
        from vostro.capture.readers.csv import CsvSource

        return CsvSource(path, format, block_bytes=block_bytes)
    if kind == "jsonl":
        from vostro.capture.readers.jsonl import JsonLinesSource

        return JsonLinesSource(path, format, block_bytes=block_bytes)
    if kind == "parquet":
        from vostro.capture.readers.parquet import ParquetSource

        return ParquetSource(path, block_bytes=block_bytes)
    from vostro.capture.readers.xlsx import XlsxSource

    return XlsxSource(path, format)
