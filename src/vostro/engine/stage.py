"""Stage 暂存: a folder for files that are being written and that nobody sees yet."""

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import polars as pl

from vostro.engine.disk import disk_guard, flush_file, flush_folder, is_disk_full
from vostro.engine.errors import DiskFullError

__all__ = ["Stage"]

_BLOCK_BYTES = 1 << 20


class Stage:
    """Where the files of one partition are written before they are published.

    Write files named ``*.parquet`` into ``path`` and set ``rows``, or call ``write``. As a context
    manager it throws the files away when the block raises, and tells a full disk by name.
    """

    def __init__(self, path: Path, table: str, partition: str, forget: Callable[["Stage"], None]) -> None:
        self.path = path
        self.table = table
        self.partition = partition
        self.rows = 0
        self._forget = forget

    def write(self, frame: pl.DataFrame) -> Path:
        """Add a frame as the next Parquet file (zstd), and count its rows.

        Raises:
            DiskFullError: no space is left; the lake is as before.
        """
        target = self.path / f"part-{len(list(self.path.iterdir())):05d}.parquet"
        with disk_guard(self.path):
            frame.write_parquet(target, compression="zstd")
        self.rows += frame.height
        return target

    def discard(self) -> None:
        """Throw the files away."""
        shutil.rmtree(self.path, ignore_errors=True)
        self._forget(self)

    def seal(self) -> tuple[int, str]:
        """Wait until the files are on the disk, and return their bytes and SHA-256 digest."""
        sha = hashlib.sha256()
        size = 0
        for path in sorted(self.path.iterdir()):
            flush_file(path)
            sha.update(path.name.encode() + b"\0")
            with path.open("rb") as file:
                while block := file.read(_BLOCK_BYTES):
                    sha.update(block)
                    size += len(block)
        flush_folder(self.path)
        return size, sha.hexdigest()

    def __enter__(self) -> "Stage":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            return
        self.discard()
        if is_disk_full(error) and not isinstance(error, DiskFullError):
            raise DiskFullError(folder=str(self.path.parent)) from error
