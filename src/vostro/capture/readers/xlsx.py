"""XLSX 工作簿: the cells of one sheet as text, as a person would write them into a CSV file.

Dates are ISO 8601, whole numbers have no ``.0``, truth is true or false. A row's line is the
number that the sheet shows. A row with an error cell (``#DIV/0!``) is broken. A sheet has at
most 1,048,576 rows, so its cells may be turned into text in a Python loop.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import python_calamine as calamine

from vostro.capture.readers.errors import (
    FileEmptyError,
    FilePermissionError,
    SheetMissingError,
    XlsxCorruptError,
)
from vostro.capture.readers.files import check_file
from vostro.capture.readers.format import SourceFormat
from vostro.capture.readers.headers import column_names, name_columns
from vostro.capture.readers.reasons import reason
from vostro.capture.readers.records import Block, BrokenRecord, Source, capped
from vostro.capture.readers.sheets import column_letters, error_cells

__all__ = ["XlsxSource", "cell_text"]

_BLOCK_ROWS = 20_000


class XlsxSource(Source):
    """One sheet of a workbook, open."""

    def __init__(self, path: Path, format: SourceFormat) -> None:
        super().__init__()
        self._path = path
        self.bytes_total = check_file(path)
        self._row = 0  # rows of the sheet that were looked at
        try:
            self._book = calamine.CalamineWorkbook.from_path(path)
            sheet = self._sheet(format.sheet)
            self._errors = error_cells(path, sheet.name)
            self._rows: Iterator[list[Any]] = iter(sheet.iter_rows())
            self._rows_total = sheet.total_height
            self._column = sheet.start[1] if sheet.start else 0  # empty columns on the left are left out
        except PermissionError as error:
            raise FilePermissionError(file=str(path)) from error
        except (calamine.CalamineError, OSError, ValueError) as error:
            raise XlsxCorruptError(file=str(path), cause=str(error) or type(error).__name__) from error
        self._waiting: list[list[str]] = []  # the first row of a sheet without a header
        self.header = self._read_header(format.header)

    @property
    def bytes_done(self) -> int:
        """Bytes on disk, in proportion to the rows read so far."""
        return self.bytes_total * min(self._row, self._rows_total) // max(self._rows_total, 1)

    def _close(self) -> None:
        self._book.close()

    def _sheet(self, name: str | None) -> calamine.CalamineSheet:
        names = self._book.sheet_names
        if name is None and names:
            return self._book.get_sheet_by_index(0)
        if name not in names:
            raise SheetMissingError(file=str(self._path), sheet=name or "", sheets=", ".join(names))
        return self._book.get_sheet_by_name(name)

    def _read_header(self, named: bool) -> tuple[str, ...]:
        first = next(self._filled(), None)
        if first is None:
            raise FileEmptyError(file=str(self._path))
        if not named:
            self._waiting.append(first)
            return column_names(len(first))
        width = max((place for place, text in enumerate(first, start=1) if text.strip()), default=0)
        return name_columns(first[:width], path=self._path, line=self._row)

    def _filled(self) -> Iterator[list[str]]:
        """Yield the texts of the rows that are not blank."""
        if self._waiting:
            yield self._waiting.pop()
        for row in self._rows:
            self._row += 1
            texts = [cell_text(cell) for cell in row]
            if any(texts) or self._row in self._errors:
                yield texts

    def _blocks(self) -> Iterator[Block]:
        good: list[list[str]] = []
        lines: list[int] = []
        numbers: list[int] = []
        broken: list[BrokenRecord] = []
        for number, texts in enumerate(self._filled(), start=1):
            fault = self._fault(texts, number)
            if fault is not None:
                broken.append(fault)
            else:
                good.append(texts[: len(self.header)])
                lines.append(self._row)
                numbers.append(number)
            if len(good) + len(broken) == _BLOCK_ROWS:
                yield self._block(good, lines, numbers, broken)
                good, lines, numbers, broken = [], [], [], []
        if good or broken:
            yield self._block(good, lines, numbers, broken)
        self._row = self._rows_total

    def _block(
        self, good: list[list[str]], lines: list[int], numbers: list[int], broken: list[BrokenRecord]
    ) -> Block:
        schema = dict.fromkeys(self.header, pl.String)
        frame = pl.DataFrame(good, schema=schema, orient="row") if good else pl.DataFrame(schema=schema)
        frame = frame.with_columns(pl.all().replace("", None))
        return Block(frame, np.array(lines, dtype=np.int64), np.array(numbers, dtype=np.int64), broken)

    def _fault(self, texts: Sequence[str], number: int) -> BrokenRecord | None:
        """Return the row as broken when it holds an error, a NUL or a value under no header."""
        code, data = "", {}
        beyond = [place for place in range(len(self.header), len(texts)) if texts[place]]
        if self._row in self._errors:
            cell, error = self._errors[self._row]
            code, data = "capture.cell_error", {"cell": cell, "error": error}
        elif beyond:
            code, data = (
                "capture.cell_unnamed",
                {"cell": f"{column_letters(self._column + beyond[0])}{self._row}"},
            )
        elif any("\0" in text for text in texts):
            code = "capture.nul_bytes"
        if not code:
            return None
        raw = capped(msgspec.json.encode(texts).decode())
        return BrokenRecord(self._row, self._row, raw, code, reason(code, **data), number)


def cell_text(cell: object) -> str:
    """Return a cell's value as text; an empty cell is "".

    >>> [cell_text(each) for each in (3.0, 1e-7, True, date(2026, 1, 2), timedelta(hours=30))]
    ['3', '0.0000001', 'true', '2026-01-02', '30:00:00']
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        # Excel keeps 15 digits, so below 2 ** 53 a whole number is exact
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else format(Decimal(repr(cell)), "f")
    if isinstance(cell, datetime | date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        minutes, seconds = divmod(int(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(cell)
