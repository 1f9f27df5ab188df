"""JSON lines 按行 JSON: one object a line, its values as the text that stands in the file.

Numbers, booleans and nested values keep their text (``1.10`` stays ``1.10``); strings lose
quotes and escapes; null, an absent key and an empty string are null. The columns are the keys
of the first block, in order of appearance. A record with a key that appears only later is
broken, not silently cut: its value would have no column. Of a key that stands twice in one
object the last value counts.
"""

from collections.abc import Iterator
from itertools import chain
from operator import methodcaller
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from vostro.capture.readers.errors import FileEmptyError, JsonUnreadableError, RecordTooLongError
from vostro.capture.readers.format import SourceFormat
from vostro.capture.readers.lines import LINE_BYTES_MAX, TextSource
from vostro.capture.readers.reasons import reason
from vostro.capture.readers.records import Block, BrokenRecord, capped
from vostro.words import Text

__all__ = ["JsonLinesSource"]

_NULL = msgspec.Raw(b"null")
_NUL_ESCAPE = b"\\u0000"
_STRINGS = msgspec.json.Decoder(list[str | None])
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


class JsonLinesSource(TextSource):
    """A file of JSON lines, open."""

    def __init__(self, path: Path, format: SourceFormat, *, block_bytes: int) -> None:
        super().__init__(path, msgspec.structs.replace(format, delimiter=","), block_bytes=block_bytes)
        try:
            self.header = self._read_header()
        except BaseException:
            self._close()
            raise
        self._keys = frozenset(self.header)

    def _blocks(self) -> Iterator[Block]:
        while True:
            used = self._whole_lines()
            if used:
                block = self._block(self._rest[:used])
                self._number += len(block.numbers) + len(block.broken)
                if len(block.numbers) or block.broken:
                    yield block
            elif not self._ended:
                self._fill()
            if self._ended and not self._rest:
                return

    def _whole_lines(self) -> int:
        """Return how many bytes of the rest are whole lines."""
        used = self._rest.rfind(b"\n") + 1
        if self._ended and self._rest and used < len(self._rest):
            self._rest += b"\n"  # the file's last line ends with a lone CR
            used = len(self._rest)
        if not used and len(self._rest) > LINE_BYTES_MAX:
            raise RecordTooLongError(file=str(self._path), line=self._line, limit_mib=LINE_BYTES_MAX >> 20)
        return used

    def _read_header(self) -> tuple[str, ...]:
        """Return the union of the keys of the first block's objects."""
        while not self._ended and (not self._whole_lines() or len(self._rest) < self._block_bytes):
            self._fill()
        keys: dict[str, None] = {}
        first: tuple[int, str] | None = None
        for at, line in enumerate(self._rest[: self._whole_lines()].split(b"\n")):
            if line.strip():
                first = first or (at, "")
                try:
                    keys.update(dict.fromkeys(_OBJECT.decode(line)))
                except (msgspec.MsgspecError, UnicodeError) as error:
                    first = first if first[1] else (first[0], str(error))
        if first is None:
            raise FileEmptyError(file=str(self._path))
        if not keys:
            cause = first[1] or "objects without keys"
            raise JsonUnreadableError(file=str(self._path), line=1 + first[0], cause=cause)
        return tuple(keys)

    def _block(self, text: bytes) -> Block:
        data = np.frombuffer(text, dtype=np.uint8)
        ends = np.flatnonzero(data == 10)
        starts = np.concatenate([[0], ends[:-1] + 1])
        inner = ends - starts
        filled = (inner > 1) | ((inner == 1) & (data[starts] > 32))
        at = np.flatnonzero(filled)
        broken: list[BrokenRecord] = []
        try:
            if _NUL_ESCAPE in text:
                raise ValueError
            rows = _OBJECT.decode_lines(text)
            if len(rows) != len(at) or not self._keys.issuperset(chain.from_iterable(rows)):
                raise ValueError
            good, frame = at, self._frame(rows)
            numbers = self._number + 1 + np.arange(len(at))
        except (msgspec.MsgspecError, ValueError):
            good, numbers, broken, frame = self._one_by_one(text)
        block = Block(frame, self._line + good, numbers, broken)
        self._forget(len(text), len(ends))
        return block

    def _frame(self, rows: list[dict[str, msgspec.Raw]]) -> pl.DataFrame:
        columns = [_texts(list(map(methodcaller("get", key, _NULL), rows))) for key in self.header]
        return pl.DataFrame(dict(zip(self.header, columns, strict=True)))

    def _one_by_one(
        self, text: bytes
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], list[BrokenRecord], pl.DataFrame]:
        """Take a block apart line by line: slow, only for a block that holds a bad line."""
        rows: list[dict[str, msgspec.Raw]] = []
        good: list[int] = []
        numbers: list[int] = []
        broken: list[BrokenRecord] = []
        number = self._number
        for at, line in enumerate(text.split(b"\n")):
            if not line.strip():
                continue
            number += 1
            fault = self._fault(line)
            if fault is None:
                rows.append(_OBJECT.decode(line))
                good.append(at)
                numbers.append(number)
                continue
            place = self._line + at
            broken.append(BrokenRecord(place, place, capped(line.decode()), fault[0], fault[1], number))
        return np.array(good, dtype=np.int64), np.array(numbers, dtype=np.int64), broken, self._frame(rows)

    def _fault(self, line: bytes) -> tuple[str, Text] | None:
        """Return why a line is no record, or None when it is one."""
        if b"\0" in line:
            return "capture.nul_bytes", reason("capture.nul_bytes")
        try:
            values = msgspec.json.decode(line, type=dict[str, Any])
        except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
            return "capture.json_line", reason("capture.json_line", cause=error)
        unknown = next((key for key in values if key not in self._keys), None)
        if unknown is not None:
            return "capture.json_key", reason("capture.json_key", key=unknown)
        if any(isinstance(value, str) and "\0" in value for value in values.values()):
            return "capture.nul_bytes", reason("capture.nul_bytes")
        return None


def _texts(raws: list[msgspec.Raw]) -> pl.Series:
    """Turn the JSON texts of one column into values: strings are unescaped, the rest is kept as written."""
    try:
        strings = pl.Series(_STRINGS.decode(b"[" + b",".join(raws) + b"]"), dtype=pl.String)
        return strings.set(strings == "", None)
    except msgspec.ValidationError:
        pass  # not only strings and nulls
    column = pl.Series(b"\n".join(raws).decode().split("\n") if raws else [], dtype=pl.String)
    quoted = column.str.starts_with('"')
    if quoted.any():
        array = "[" + ",".join(column.filter(quoted).to_list()) + "]"
        column = column.scatter(quoted.arg_true(), pl.Series(_STRINGS.decode(array), dtype=pl.String))
    # the word null is a value only when it stood in quotes
    empty = (~quoted & (column == "null")) | (column == "")
    return column.set(empty, None)
