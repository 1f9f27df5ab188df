"""Cutting 切分: where does each record of a block begin and end?

The quick way looks at all quotes of a block at once: when every odd one stands where a field
may begin and every even one where a field may end, a line end is a record's end exactly if
the number of quotes before it is even. A block that fails this test is walked quote by quote
(a Python loop over the quotes of this block only): stray quotes inside a field are ordinary
characters; a quote that is opened and not closed properly makes its physical line a flaw,
and reading goes on at the next line, so that one stray quote never swallows the file.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vostro.capture.readers.dialect import Dialect

__all__ = ["QUOTE_OPEN", "QUOTE_STRAY", "Cut", "count_lines", "cut"]

QUOTE_OPEN = "capture.quote_open"
QUOTE_STRAY = "capture.quote_stray"

Offsets = NDArray[np.int64]
_PIECE_BYTES = 1 << 12


@dataclass(frozen=True, slots=True)
class Cut:
    """The records of a block; all arrays have shape (n_records,) and count from the block's start."""

    starts: Offsets  # byte offsets of the content
    ends: Offsets  # byte after the content, where the line end begins
    lines: Offsets  # first physical line, 0-based
    lines_last: Offsets
    flaws: dict[int, str]  # record -> code
    quotes: Offsets  # offsets of the quotes that open or close a field
    bytes_used: int  # up to the end of the last whole record
    lines_used: int

    def field_counts(self, data: NDArray[np.uint8], dialect: Dialect) -> Offsets:
        """Return the number of fields of each record, shape (n_records,)."""
        delimiters = np.flatnonzero(data[: self.bytes_used] == dialect.delimiter[0])
        if len(self.quotes):
            delimiters = delimiters[np.searchsorted(self.quotes, delimiters) & 1 == 0]
        counts: Offsets = (
            np.searchsorted(delimiters, self.ends) - np.searchsorted(delimiters, self.starts) + 1
        )
        return counts


def cut(block: bytes, dialect: Dialect, *, columns: int | None, whole: bool) -> Cut:
    """Cut a block that begins with a record.

    Args:
        block: UTF-8 text; when it is the last of the file it ends with a line end.
        dialect: delimiter and quote.
        columns: fields that a record should have; None: not known yet.
        whole: nothing follows that could close an open quote.
    """
    quick = _quick(block, dialect, columns, whole)
    if quick is not None:
        return quick
    return _joined(list(_pieces(block, dialect, columns, whole)))


def _pieces(block: bytes, dialect: Dialect, columns: int | None, whole: bool) -> Iterator[Cut]:
    """Cut an irregular block in pieces, so that only the small ones around a fault are walked.

    A piece grows while all is well and shrinks at a fault; ``least`` grows when a single
    record is longer than the piece.
    """
    start, size, least = 0, _PIECE_BYTES, _PIECE_BYTES
    while start < len(block):
        last = start + size >= len(block)
        piece = block[start : start + size]
        part = _quick(piece, dialect, columns, whole and last)
        if part is None and size > least:
            size = max(least, size // 16)
            continue
        well = part is not None
        part = part or _walked(piece, dialect, columns, whole and last)
        if part.bytes_used:
            yield part
            start += part.bytes_used
            size, least = (4 * size if well else _PIECE_BYTES), _PIECE_BYTES
        elif not last:
            size = least = 2 * size
        if last and not (whole and part.bytes_used):
            return


def _quick(block: bytes, dialect: Dialect, columns: int | None, whole: bool) -> Cut | None:
    """Cut a block by counting quotes, or return None when that would not be exact."""
    data = np.frombuffer(block, dtype=np.uint8)
    firsts, lasts = _line_ends(block, data, whole)
    if not dialect.quote or dialect.quote not in block:
        return _assemble(firsts, lasts, np.zeros(0, dtype=np.int64), {})
    quotes = np.flatnonzero(data == dialect.quote[0])
    if not _regular(data, quotes, dialect, whole):
        return None
    result = _assemble(firsts, lasts, quotes, {})
    return None if columns is not None and _long_misfit(result, data, dialect, columns) else result


def _walked(block: bytes, dialect: Dialect, columns: int | None, whole: bool) -> Cut:
    """Cut a block quote by quote."""
    data = np.frombuffer(block, dtype=np.uint8)
    firsts, lasts = _line_ends(block, data, whole)
    quotes = np.flatnonzero(data == dialect.quote[0])
    walk = _Walk(block, data, firsts, lasts, quotes, dialect, columns, whole)
    walk.run()
    return _assemble(firsts, lasts, quotes[walk.kept], walk.flaws)


def _joined(cuts: list[Cut]) -> Cut:
    """Return consecutive cuts as one; no cuts are a cut without records."""
    none = np.zeros(0, dtype=np.int64)
    cuts = cuts or [_assemble(none, none, none, {})]
    byte = np.cumsum([0, *(each.bytes_used for each in cuts)]).tolist()
    line = np.cumsum([0, *(each.lines_used for each in cuts)]).tolist()
    record = np.cumsum([0, *(len(each.starts) for each in cuts)]).tolist()
    places = list(enumerate(cuts))
    return Cut(
        starts=np.concatenate([each.starts + byte[at] for at, each in places]),
        ends=np.concatenate([each.ends + byte[at] for at, each in places]),
        lines=np.concatenate([each.lines + line[at] for at, each in places]),
        lines_last=np.concatenate([each.lines_last + line[at] for at, each in places]),
        flaws={record[at] + of: code for at, each in places for of, code in each.flaws.items()},
        # a cut's quotes behind its last whole record are found again by the next one
        quotes=np.concatenate([each.quotes[each.quotes < each.bytes_used] + byte[at] for at, each in places]),
        bytes_used=byte[-1],
        lines_used=line[-1],
    )


def count_lines(text: bytes) -> int:
    """Return the number of line ends: LF, CR LF or CR.

    >>> count_lines(b"a\\r\\nb\\rc\\n")
    3
    """
    if b"\r" not in text:
        return text.count(b"\n")
    return text.count(b"\n") + text.count(b"\r") - text.count(b"\r\n")


def _line_ends(block: bytes, data: NDArray[np.uint8], whole: bool) -> tuple[Offsets, Offsets]:
    """Return the offsets of the first and of the last byte of every line end."""
    feeds = np.flatnonzero(data == 10)
    if b"\r" not in block:
        return feeds, feeds
    returns = np.flatnonzero(data == 13)
    if not whole and returns[-1] == len(data) - 1:
        returns = returns[:-1]  # its LF may be in the next block
    followed = np.zeros(len(returns), dtype=np.bool_)
    inner = returns + 1 < len(data)
    followed[inner] = data[returns[inner] + 1] == 10
    lasts = np.sort(np.concatenate([feeds, returns[~followed]]))
    firsts = lasts.copy()
    after_return = (data[lasts] == 10) & (lasts > 0)
    after_return[after_return] = data[lasts[after_return] - 1] == 13
    firsts[after_return] -= 1
    return firsts, lasts


def _regular(data: NDArray[np.uint8], quotes: Offsets, dialect: Dialect, whole: bool) -> bool:
    """Whether counting quotes tells inside from outside everywhere in the block."""
    if whole and len(quotes) % 2:
        return False
    before, after, doubled = _neighbours(data, quotes, dialect)
    opening = before[::2].copy()
    opening[1:] |= doubled[1::2][: len(opening) - 1]
    closing = after[1::2] | doubled[1::2]
    return bool(opening.all() and closing.all())


def _neighbours(
    data: NDArray[np.uint8], quotes: Offsets, dialect: Dialect
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return for each quote: a field may begin here; may end here; the next quote touches it."""
    before = dialect.edges[data[quotes - 1]]
    if quotes[0] == 0:
        before[0] = True
    after = dialect.edges[data[np.minimum(quotes + 1, len(data) - 1)]]
    if quotes[-1] == len(data) - 1:
        after[-1] = True  # what follows is not known yet
    doubled = np.zeros(len(quotes), dtype=np.bool_)
    doubled[:-1] = np.diff(quotes) == 1
    return before, after, doubled


def _assemble(firsts: Offsets, lasts: Offsets, quotes: Offsets, flaws: dict[int, str]) -> Cut:
    if len(quotes):
        closing = np.flatnonzero(np.searchsorted(quotes, firsts) & 1 == 0)
        firsts, lasts = firsts[closing], lasts[closing]
    else:
        closing = np.arange(len(firsts))
    starts = np.concatenate([[0], lasts[:-1] + 1])[: len(lasts)]
    lines = np.concatenate([[0], closing[:-1] + 1])[: len(lasts)]
    places = {int(np.searchsorted(lines, line)): line for line in flaws}
    return Cut(
        starts=starts,
        ends=firsts,
        lines=lines,
        lines_last=closing,
        flaws={at: flaws[line] for at, line in places.items() if at < len(lines) and lines[at] == line},
        quotes=quotes,
        bytes_used=int(lasts[-1]) + 1 if len(lasts) else 0,
        lines_used=int(closing[-1]) + 1 if len(closing) else 0,
    )


def _long_misfit(result: Cut, data: NDArray[np.uint8], dialect: Dialect, columns: int) -> bool:
    """Whether a record of several lines has the wrong number of fields."""
    long = result.lines_last > result.lines
    return bool(long.any() and (result.field_counts(data, dialect)[long] != columns).any())


class _Walk:
    """The slow and exact way through the quotes of one block."""

    def __init__(
        self,
        block: bytes,
        data: NDArray[np.uint8],
        firsts: Offsets,
        lasts: Offsets,
        quotes: Offsets,
        dialect: Dialect,
        columns: int | None,
        whole: bool,
    ) -> None:
        before, after, doubled = _neighbours(data, quotes, dialect)
        self.before, self.after, self.doubled = before.tolist(), after.tolist(), doubled.tolist()
        self.line_of: list[int] = np.searchsorted(firsts, quotes).tolist()
        self.block, self.firsts, self.lasts = block, firsts, lasts
        self.dialect, self.columns, self.whole = dialect, columns, whole
        self.kept: list[int] = []  # quotes that open or close a field
        self.flaws: dict[int, str] = {}  # physical line -> code
        self.record = 0  # first line of the record in hand
        self.line = 0  # line on which the record goes on, outside quotes

    def run(self) -> None:
        """Fill ``kept`` and ``flaws``."""
        place, count = 0, len(self.line_of)
        while True:
            line = self.line_of[place] if place < count else len(self.firsts)
            if line > self.line:
                if self._swallows():
                    place = self._give_up(QUOTE_OPEN)
                    continue
                self.record = self.line = line
            if place == count:
                return
            if not self.before[place]:
                place += 1  # an ordinary character of a field that began without a quote
                continue
            end = self._closing(place + 1)
            if end == count and not self.whole:
                self.kept.extend(range(place, count))
                return
            if end == count or not self.after[end]:
                place = self._give_up(QUOTE_OPEN if end == count else QUOTE_STRAY)
                continue
            self.kept.extend(range(place, end + 1))
            self.line = self.line_of[end]
            place = end + 1

    def _closing(self, place: int) -> int:
        """Return the quote that ends the field, or the number of quotes when there is none."""
        count = len(self.line_of)
        while place < count and self.doubled[place]:
            place += 2
        return min(place, count)

    def _give_up(self, code: str) -> int:
        """Make the record's first line a flaw; return the first quote after that line."""
        self.flaws[self.record] = code
        while self.kept and self.line_of[self.kept[-1]] >= self.record:
            self.kept.pop()
        self.record += 1
        self.line = self.record
        return bisect_left(self.line_of, self.record)

    def _swallows(self) -> bool:
        """Whether the record in hand has the wrong number of fields because it swallowed others.

        It did when most of the lines inside would be records of their own. If not, the record
        is one piece and broken as such: lines of a comment must not turn into rows.
        """
        inner = range(self.record + 1, self.line)
        if not inner or self.columns is None or self.columns < 2:
            return False
        if len(self.dialect.split(self._lines(self.record, self.line)) or ()) == self.columns:
            return False
        return 2 * sum(self._fits(line) for line in inner) > len(inner)

    def _fits(self, line: int) -> bool:
        """Whether a line has the right number of fields and no stray quote."""
        content = self._lines(line, line)
        fields = self.dialect.split(content)
        return fields is not None and len(fields) == self.columns and self.dialect.is_clean(content)

    def _lines(self, line: int, line_last: int) -> bytes:
        start = int(self.lasts[line - 1]) + 1 if line else 0
        return self.block[start : int(self.firsts[line_last])]
