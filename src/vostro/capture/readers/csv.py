"""CSV 分隔文本: how do bytes become columns of text, fast, with the exact line of every record?

``cut`` finds the records with numpy, pyarrow splits the good ones into columns. Values are
the file's text with the quotes removed; an empty cell is null. A record with the wrong
number of fields, a quote that is not closed properly or a NUL byte is broken, never padded
and never dropped.

When the first record ends with one empty field more than the header names, every line of the
file ends with a delimiter: that last, empty field is no column.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv as arrow_csv
from numpy.typing import NDArray

from vostro.capture.readers.cut import QUOTE_OPEN, QUOTE_STRAY, Cut, cut
from vostro.capture.readers.dialect import Dialect
from vostro.capture.readers.errors import (
    DelimiterWrongError,
    FileBinaryError,
    FileEmptyError,
    HeaderBrokenError,
    RecordTooLongError,
)
from vostro.capture.readers.format import SourceFormat
from vostro.capture.readers.guess import likely_delimiter
from vostro.capture.readers.headers import column_names, name_columns
from vostro.capture.readers.lines import LINE_BYTES_MAX, TextSource
from vostro.capture.readers.reasons import reason
from vostro.capture.readers.records import Block, BrokenRecord, capped

__all__ = ["CsvSource"]

_GOOD, _BLANK = 0, 1
_CODES = ("", "", "capture.fields_count", "capture.nul_bytes", QUOTE_OPEN, QUOTE_STRAY)
_COUNT, _NUL = 2, 3


class CsvSource(TextSource):
    """A CSV file, open."""

    def __init__(self, path: Path, format: SourceFormat, *, block_bytes: int) -> None:
        super().__init__(path, format, block_bytes=block_bytes)
        self._dialect = Dialect(self._text.delimiter, format.quote)
        self._tail = False  # every line ends with a delimiter
        try:
            self.header = self._read_header(format.header)
        except BaseException:
            self._close()
            raise
        self._width = len(self.header) + self._tail

    def _blocks(self) -> Iterator[Block]:
        while True:
            records = self._cut(self._width)
            if records.bytes_used:
                block = self._block(records)
                self._forget(records.bytes_used, records.lines_used)
                self._number += len(block.numbers) + len(block.broken)
                if len(block.numbers) or block.broken:
                    yield block
            elif not self._ended:
                self._fill()
            if self._ended and not self._rest:
                return

    def _cut(self, columns: int | None) -> Cut:
        """Cut the rest; a quote that stays open for too long counts as never closed."""
        records = cut(self._rest, self._dialect, columns=columns, whole=self._ended)
        if records.bytes_used or self._ended or len(self._rest) <= LINE_BYTES_MAX:
            return records
        records = cut(self._rest, self._dialect, columns=columns, whole=True)
        if not records.bytes_used:
            raise RecordTooLongError(file=str(self._path), line=self._line, limit_mib=LINE_BYTES_MAX >> 20)
        return records

    # the header

    def _read_header(self, named: bool) -> tuple[str, ...]:
        """Name the columns, and see in the first record whether lines end with a delimiter."""
        records, filled = self._first_records()
        if not len(filled):
            raise FileEmptyError(file=str(self._path))
        head = int(filled[0])
        fields = self._fields(records, head)
        if fields is None:
            self._suspect_delimiter(records, filled, line=self._line + int(records.lines[head]))
            raise HeaderBrokenError(
                file=str(self._path),
                line=self._line + int(records.lines[head]),
                quote=self._dialect.quote.decode(),
            )
        if not named:
            return column_names(len(fields))
        self._check_header(records, filled, fields)
        line = self._line + int(records.lines[head])
        sound = [at for at in filled[1:].tolist() if at not in records.flaws]
        first = self._fields(records, sound[0]) if sound else None
        if (
            len(fields) > 1
            and not fields[-1].strip()
            and (first is None or not first[-1] or len(first) < len(fields))
        ):
            fields.pop()
        self._tail = first is not None and len(first) == len(fields) + 1 and not first[-1]
        header = name_columns(fields, path=self._path, line=line)
        used = int(records.starts[head + 1]) if head + 1 < len(records.starts) else records.bytes_used
        self._forget(used, int(records.lines_last[head]) + 1)
        return header

    def _first_records(self) -> tuple[Cut, NDArray[np.int64]]:
        """Read until the header and one sound record are whole; return the cut and its records that are not blank."""
        while True:
            records = self._cut(None)
            filled = np.flatnonzero(records.starts < records.ends)
            sound = any(at not in records.flaws for at in filled[1:].tolist())
            if sound or self._ended or (len(filled) and len(self._rest) > LINE_BYTES_MAX):
                return records, filled
            self._fill()

    def _fields(self, records: Cut, at: int) -> list[str] | None:
        fields = self._dialect.split(self._rest[int(records.starts[at]) : int(records.ends[at])])
        return None if fields is None else [self._text.restore(field.decode()) for field in fields]

    def _check_header(self, records: Cut, filled: NDArray[np.int64], fields: list[str]) -> None:
        line = self._line + int(records.lines[filled[0]])
        if any("\0" in field for field in fields):
            raise FileBinaryError(
                file=str(self._path),
                what_en=f"its header (line {line}) holds NUL bytes",
                what_zh=f"表头（第 {line} 行）含有 NUL 字节",
                mend_en="Ask the source for the file again.",
                mend_zh="请让来源系统重新提供。",
            )
        if len(fields) == 1:
            self._suspect_delimiter(records, filled, line=line)

    def _suspect_delimiter(self, records: Cut, filled: NDArray[np.int64], *, line: int) -> None:
        """Refuse the file when another delimiter would split the first records into columns."""
        sound = [at for at in filled.tolist() if at not in records.flaws] or filled.tolist()
        texts = [self._raw(records, at) for at in sound[:2]]
        likely = likely_delimiter(texts, self._text.delimiter_shown)
        if likely is not None:
            raise DelimiterWrongError(
                file=str(self._path),
                line=line,
                delimiter=repr(self._text.delimiter_shown),
                likely=repr(likely[0]).replace("'", '"'),
                columns=likely[1],
            )

    # the records

    def _block(self, records: Cut) -> Block:
        """Turn whole records into columns; what does not fit goes to ``broken``."""
        text = self._rest[: records.bytes_used]
        states = self._states(records, text)
        frame, misfits = self._parse(_good_text(text, records, states))
        counts = np.full(len(states), self._width)
        if misfits:
            counts = records.field_counts(np.frombuffer(text, dtype=np.uint8), self._dialect)
            states[(states == _GOOD) & (counts != self._width)] = _COUNT
        if self._tail:
            full = frame[:, -1].is_not_null().to_numpy()
            states[np.flatnonzero(states == _GOOD)[full]] = _COUNT
            frame = frame.filter(~full)[:, :-1]
        numbers = self._number + np.cumsum(states != _BLANK)
        good = states == _GOOD
        assert frame.height == np.count_nonzero(good), "pyarrow and numpy see the same records"
        frame.columns = list(self.header)
        broken = [
            self._broken(records, at, _CODES[states[at]], int(numbers[at]), int(counts[at]))
            for at in np.flatnonzero(states > _BLANK).tolist()
        ]
        return Block(frame, (self._line + records.lines)[good], numbers[good], broken)

    def _states(self, records: Cut, text: bytes) -> NDArray[np.int8]:
        """Return for each record whether it is good, blank or flawed, as far as it is known before parsing."""
        states = np.where(records.starts == records.ends, _BLANK, _GOOD).astype(np.int8)
        if b"\0" in text:
            nuls = np.flatnonzero(np.frombuffer(text, dtype=np.uint8) == 0)
            states[np.searchsorted(records.starts, nuls, side="right") - 1] = _NUL
        for at, code in records.flaws.items():
            states[at] = _CODES.index(code)
        return states

    def _parse(self, text: bytes) -> tuple[pl.DataFrame, int]:
        """Split well-quoted records into columns of text; return them and how many did not fit."""
        names = column_names(self._width)
        misfits = 0

        def skip(_: object) -> str:
            nonlocal misfits
            misfits += 1
            return "skip"

        if not text:
            return pl.DataFrame(schema=dict.fromkeys(names, pl.String)), 0
        table = arrow_csv.read_csv(
            pa.py_buffer(text),
            read_options=arrow_csv.ReadOptions(column_names=names, block_size=len(text) + 1),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self._text.delimiter,
                quote_char=self._dialect.quote.decode() or False,
                newlines_in_values=bool(self._dialect.quote and self._dialect.quote in text),
                invalid_row_handler=skip,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()),
                strings_can_be_null=True,
                null_values=[""],
                check_utf8=False,  # the text is valid by construction
            ),
        )
        frame = pl.DataFrame(table)
        if self._text.delimiter_replaced and self._dialect.quote and self._dialect.quote in text:
            restored = pl.all().str.replace_all(
                self._text.delimiter, self._text.delimiter_shown, literal=True
            )
            frame = frame.select(restored)
        return frame, misfits

    def _broken(self, records: Cut, at: int, code: str, number: int, found: int) -> BrokenRecord:
        raw = self._raw(records, at)
        data = {"found": found, "expected": len(self.header)} if code == _CODES[_COUNT] else {}
        return BrokenRecord(
            line=self._line + int(records.lines[at]),
            line_last=self._line + int(records.lines_last[at]),
            raw=capped(raw),
            code=code,
            message=reason(code, **data),
            number=number,
        )

    def _raw(self, records: Cut, at: int) -> str:
        return self._text.restore(self._rest[int(records.starts[at]) : int(records.ends[at])].decode())


def _good_text(text: bytes, records: Cut, states: NDArray[np.int8]) -> bytes:
    """Return the text of the good records, whole runs at a time."""
    wanted = states <= _BLANK
    if wanted.all():
        return text
    edges = np.flatnonzero(np.diff(np.concatenate([[False], wanted, [False]])))
    bounds = np.append(records.starts, records.bytes_used)
    runs = zip(bounds[edges[::2]].tolist(), bounds[edges[1::2]].tolist(), strict=True)
    return b"".join(text[start:end] for start, end in runs)
