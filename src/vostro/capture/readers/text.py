"""Text of a file 文件文本: which characters do its bytes stand for?

Whatever the encoding, the readers see UTF-8: valid, without a byte order mark, and with a
delimiter of one ASCII character (a longer one is replaced by a control character that the
text does not hold, and put back afterwards).
"""

import codecs
from pathlib import Path

from vostro.capture.readers.cut import count_lines
from vostro.capture.readers.errors import (
    EncodingWrongError,
    FileBinaryError,
    FileEmptyError,
    FormatFieldError,
)
from vostro.capture.readers.files import ByteStream
from vostro.capture.readers.format import SourceFormat
from vostro.capture.readers.guess import MARKS, damage_words, nul_pattern, what_binary

__all__ = ["TextStream"]

_SNIFF_BYTES = 65_536
_STAND_INS = [chr(code) for code in (0x1F, 0x1E, 0x1D, 0x1C, *range(1, 9), *range(14, 0x1C))]


class TextStream:
    """The text of one file as UTF-8 bytes, read once from front to back."""

    def __init__(self, path: Path, format: SourceFormat) -> None:
        self.path = path
        self.encoding = format.encoding
        self.stream = ByteStream(path)
        self._codec = codecs.lookup(format.encoding).name
        self._decoder = codecs.getincrementaldecoder(format.encoding)("strict")
        self._bytes_before = 0  # content bytes handed to the decoder so far
        self._rest = b""  # UTF-8 only: an unfinished character at the block's end
        self._held = b""  # may be the start of a longer delimiter
        self._first = b""  # read to look at, not yet handed on
        self._at_start = True
        self._line, self._behind = 1, b""
        self._ended = False
        delimiter = (
            "\t"
            if path.name.lower().endswith((".tsv", ".tsv.gz")) and format.delimiter == ","
            else format.delimiter
        )
        self.delimiter_shown = delimiter
        self.delimiter = delimiter
        try:
            self._start()
        except BaseException:
            self.stream.close()
            raise

    @property
    def delimiter_replaced(self) -> bool:
        """Whether ``delimiter`` stands in for a longer one."""
        return self.delimiter != self.delimiter_shown

    def read(self, size: int, *, line: int = 1, behind: bytes = b"") -> bytes:
        """Return about ``size`` bytes of text; empty only at the end.

        Args:
            size: bytes of the file's content to read.
            line: physical line on which ``behind`` begins.
            behind: text read before and not yet used; both only tell the line of an error.

        Raises:
            EncodingWrongError: bytes that the encoding does not have.
        """
        self._line, self._behind = line, behind
        while not self._ended:
            if self._first:
                data, self._first = self._first[:size], self._first[size:]
            else:
                data = self.stream.read(size)
            self._ended = not data
            text = self._replace(self._decode(data))
            if text:
                return text
        return b""

    def restore(self, text: str) -> str:
        """Return the text with the file's own delimiter."""
        return text.replace(self.delimiter, self.delimiter_shown) if self.delimiter_replaced else text

    def _start(self) -> None:
        """Look at the first bytes: nothing, a mark of another encoding, or no text at all?"""
        first = self.stream.read(_SNIFF_BYTES)
        if not first:
            raise FileEmptyError(file=str(self.path))
        self._check_mark(first)
        binary = what_binary(first)
        if binary is not None:
            self._refuse_binary(*binary)
        if not self._codec.startswith(("utf-16", "utf-32")):
            self._check_nuls(first)
        if self._codec == "utf-8" and first.startswith(codecs.BOM_UTF8):
            first = first[len(codecs.BOM_UTF8) :]
            self._bytes_before = len(codecs.BOM_UTF8)
        self._first = first
        if len(self.delimiter_shown) > 1 or not self.delimiter_shown.isascii():
            sample = first.decode(self.encoding, "replace")
            self.delimiter = next((each for each in _STAND_INS if each not in sample), _STAND_INS[0])

    def _check_mark(self, first: bytes) -> None:
        for mark, codec, allowed in MARKS:
            if first.startswith(mark):
                if self._codec not in allowed:
                    raise EncodingWrongError(
                        file=str(self.path),
                        line=1,
                        byte=0,
                        encoding=self.encoding,
                        mend_en=f"The file begins with the mark of {codec}: write 'format: {{encoding: {codec}}}'.",
                        mend_zh=f"文件以 {codec} 的标记开头，请写“format: {{encoding: {codec}}}”。",
                    )
                return

    def _check_nuls(self, first: bytes) -> None:
        codec = nul_pattern(first)
        if codec == "":
            return
        if codec is None:
            self._refuse_binary(
                "it is full of NUL bytes",
                "文件充满 NUL 字节",
                "Ask the source for the file again",
                "请让来源系统重新提供",
            )
        raise EncodingWrongError(
            file=str(self.path),
            line=1,
            byte=first.index(b"\0"),
            encoding=self.encoding,
            mend_en=f"Every second byte is NUL, as in {codec}: write 'format: {{encoding: {codec}}}'.",
            mend_zh=f"每隔一个字节为 NUL，符合 {codec}，请写“format: {{encoding: {codec}}}”。",
        )

    def _refuse_binary(self, what_en: str, what_zh: str, mend_en: str, mend_zh: str) -> None:
        raise FileBinaryError(
            file=str(self.path),
            what_en=what_en,
            what_zh=what_zh,
            mend_en=mend_en + ".",
            mend_zh=mend_zh + "。",
        )

    def _decode(self, data: bytes) -> bytes:
        text = self._check_utf8(data) if self._codec == "utf-8" else self._transcode(data)
        self._bytes_before += len(data)
        return text

    def _check_utf8(self, data: bytes) -> bytes:
        """Return the whole characters of UTF-8 bytes; nothing is copied into str and back."""
        held = len(self._rest)
        whole = self._rest + data if held else data
        self._rest = b""
        if whole.isascii():
            return whole
        try:
            used = codecs.utf_8_decode(whole, "strict", self._ended)[1]
        except UnicodeDecodeError as error:
            byte = self._bytes_before - held + error.start
            raise self._undecodable(
                whole[: error.start], byte, damage_words(whole, error.start, "utf-8")
            ) from error
        self._rest = whole[used:]
        return whole[:used] if self._rest else whole

    def _transcode(self, data: bytes) -> bytes:
        state = self._decoder.getstate()
        try:
            text = self._decoder.decode(data, self._ended)
            if self._at_start and text:
                text = text.removeprefix("\ufeff")
                self._at_start = False
            return text.encode("utf-8")
        except UnicodeDecodeError as error:
            whole = error.object if len(error.object) >= len(data) else data
            start = min(error.start, len(whole))
            held = len(whole) - len(data)
            self._decoder.setstate(state)
            before = self._before(data, start - held)
            byte = self._bytes_before - held + start
            raise self._undecodable(before, byte, damage_words(whole, start, self.encoding)) from error
        except UnicodeError as error:
            raise self._undecodable(b"", self._bytes_before, damage_words(data, 0, self.encoding)) from error

    def _undecodable(self, before: bytes, byte: int, mend: tuple[str, str]) -> EncodingWrongError:
        return EncodingWrongError(
            file=str(self.path),
            line=self._line + count_lines(self._behind + before),
            byte=byte,
            encoding=self.encoding,
            mend_en=mend[0],
            mend_zh=mend[1],
        )

    def _before(self, data: bytes, size: int) -> bytes:
        """Return the text before the first bad byte, as far as it can be had: it only counts lines."""
        try:
            return self._decoder.decode(data[: max(size, 0)]).encode("utf-8", "replace")
        except UnicodeError:
            return b""

    def _replace(self, text: bytes) -> bytes:
        if not self.delimiter_replaced:
            return text
        stand_in, shown = self.delimiter.encode(), self.delimiter_shown.encode()
        if stand_in in text:
            raise FormatFieldError(
                field="delimiter",
                value=repr(self.delimiter_shown),
                wanted_en=f"{self.path} holds the control character U+{ord(self.delimiter):04X}, "
                "so its delimiter must be a single ASCII character",
                wanted_zh=f"{self.path} 含控制字符 U+{ord(self.delimiter):04X}，分隔符须为单个 ASCII 字符",
            )
        whole = (self._held + text).replace(shown, stand_in)
        keep = 0 if self._ended else _overlap(whole, shown)
        self._held = whole[len(whole) - keep :]
        return whole[: len(whole) - keep]


def _overlap(text: bytes, word: bytes) -> int:
    """Return how many bytes at the text's end may be the start of ``word``."""
    for size in range(min(len(word) - 1, len(text)), 0, -1):
        if text.endswith(word[:size]):
            return size
    return 0
