"""Bytes of a file 文件字节: what is on disk, plain or gzip, read once from front to back?"""

import stat
import zlib
from pathlib import Path
from typing import BinaryIO

from vostro.capture.readers.errors import (
    FileDirectoryError,
    FileEmptyError,
    FileMissingError,
    FilePermissionError,
    FileUnreadableError,
    GzipCorruptError,
    GzipTruncatedError,
)
from vostro.words import suggest

__all__ = ["ByteStream", "check_file"]

_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_WINDOW = 31  # zlib's code for "with a gzip header"
_PIECE_BYTES = 1 << 20


def check_file(path: Path) -> int:
    """Return the size of an ordinary, non-empty file in bytes.

    Raises:
        FileMissingError, FileDirectoryError, FilePermissionError, FileUnreadableError,
        FileEmptyError: it is not one that can be read.
    """
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise _missing(path) from error
    except OSError as error:
        raise _refused(path, error) from error
    if stat.S_ISDIR(status.st_mode):
        raise FileDirectoryError(file=str(path))
    if not stat.S_ISREG(status.st_mode):
        raise FileUnreadableError(file=str(path), byte=0, cause="not an ordinary file")
    if status.st_size == 0:
        raise FileEmptyError(file=str(path))
    return status.st_size


def _missing(path: Path) -> FileMissingError:
    try:
        close = suggest(path.name, [each.name for each in path.parent.iterdir()])
    except OSError:
        close = None
    hint_en = f" Did you mean '{close}'?" if close else " Check the folder given with --data."
    hint_zh = f"是否想写“{close}”？" if close else "请检查 --data 指定的目录。"
    return FileMissingError(file=str(path), hint_en=hint_en, hint_zh=hint_zh)


def _refused(path: Path, error: OSError, byte: int = 0) -> FilePermissionError | FileUnreadableError:
    if isinstance(error, PermissionError):
        return FilePermissionError(file=str(path))
    return FileUnreadableError(file=str(path), byte=byte, cause=error.strerror or type(error).__name__)


class ByteStream:
    """The bytes of one file, unpacked when they are gzip (told by the bytes, not by the name)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.bytes_total = check_file(path)
        self.bytes_done = 0
        self._pending = b""  # read from disk, not yet unpacked
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise _refused(path, error) from error
        self._pending = self._disk(len(_GZIP_MAGIC))
        self._gzip = self._pending == _GZIP_MAGIC
        self._unpack = zlib.decompressobj(_GZIP_WINDOW)
        self._member_open = self._gzip

    def read(self, size: int) -> bytes:
        """Return up to ``size`` bytes of content; empty only at the end.

        Raises:
            GzipTruncatedError, GzipCorruptError, FileUnreadableError.
        """
        if self._gzip:
            return self._read_gzip(size)
        head, self._pending = self._pending, b""
        return head + self._disk(size)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _disk(self, size: int) -> bytes:
        try:
            data = self._file.read(size)
        except OSError as error:
            raise _refused(self.path, error, self.bytes_done) from error
        self.bytes_done += len(data)
        return data

    def _read_gzip(self, size: int) -> bytes:
        pieces: list[bytes] = []
        wanted = size
        while wanted > 0:
            if not self._pending:
                self._pending = self._disk(_PIECE_BYTES)
            ended = not self._pending
            if not self._member_open and not self._next_member():
                if ended:
                    break
                continue
            piece = self._inflate(wanted)  # at the end of the file too: zlib may still hold output back
            if ended and not piece:
                break
            pieces.append(piece)
            wanted -= len(piece)
        if wanted == size and self._member_open:
            raise GzipTruncatedError(file=str(self.path), byte=self.bytes_total)
        return b"".join(pieces)

    def _next_member(self) -> bool:
        """Start the next of several gzip members; zeros between them are padding."""
        self._pending = self._pending.lstrip(b"\0")
        if self._pending:
            self._unpack = zlib.decompressobj(_GZIP_WINDOW)
            self._member_open = True
        return self._member_open

    def _inflate(self, wanted: int) -> bytes:
        try:
            piece = self._unpack.decompress(self._pending, wanted)
        except zlib.error as error:
            byte = self.bytes_done - len(self._pending)
            cause = str(error).rpartition(": ")[2]
            raise GzipCorruptError(file=str(self.path), byte=byte, cause=cause) from error
        if self._unpack.eof:
            self._pending = self._unpack.unused_data
            self._member_open = False
        else:
            self._pending = self._unpack.unconsumed_tail
        return piece
