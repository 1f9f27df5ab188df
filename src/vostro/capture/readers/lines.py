"""Files of lines 按行文件: what CSV and JSON lines share, text that is read on and used up in blocks."""

from pathlib import Path

from vostro.capture.readers.format import SourceFormat
from vostro.capture.readers.records import Source
from vostro.capture.readers.text import TextStream

__all__ = ["LINE_BYTES_MAX", "TextSource"]

LINE_BYTES_MAX = 64 << 20


class TextSource(Source):
    """A source whose bytes are text; ``_rest`` is what was read and is not yet used."""

    def __init__(self, path: Path, format: SourceFormat, *, block_bytes: int) -> None:
        super().__init__()
        self._path = path
        self._block_bytes = block_bytes
        self._text = TextStream(path, format)
        self.bytes_total = self._text.stream.bytes_total
        self._rest = b""
        self._ended = False
        self._line = 1  # physical line at the start of the rest
        self._number = 0  # records before the rest

    @property
    def bytes_done(self) -> int:
        """Bytes on disk that have been read so far."""
        return self._text.stream.bytes_done

    def _close(self) -> None:
        self._text.stream.close()

    def _fill(self) -> None:
        """Read more text behind the rest; twice as much when a record is longer than a block."""
        size = max(self._block_bytes, len(self._rest))
        text = self._text.read(size, line=self._line, behind=self._rest)
        self._ended = not text
        self._rest += text
        if self._ended and self._rest and not self._rest.endswith((b"\n", b"\r")):
            self._rest += b"\n"

    def _forget(self, bytes_used: int, lines_used: int) -> None:
        """Drop used text from the rest."""
        self._rest = self._rest[bytes_used:]
        self._line += lines_used
