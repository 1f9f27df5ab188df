"""Landing 落地: where do screened records wait, and how do they all become visible at once?"""

from collections.abc import Iterable
from datetime import datetime
from types import TracebackType
from typing import Self

import numpy as np
import polars as pl
import sqlalchemy as sa
from numpy.typing import NDArray

from vostro.capture.contracts import Contract
from vostro.capture.histories import event_key, event_version, has_event_key
from vostro.capture.keys import KeySet
from vostro.capture.quality import QualityProfile, SourceQuality
from vostro.capture.readers import Block
from vostro.capture.register import Finished, insert_done
from vostro.capture.screening import Screen
from vostro.capture.spool import RejectSpool
from vostro.engine import Lake, Stage, Store, append_events, disk_guard

__all__ = ["Landing", "append_accepted", "partition_name", "replay_prefix", "write_part"]

_DIGITS = 16
_PART_ROWS = 100_000  # engines read files of about this many rows best
_ZSTD_LEVEL = 1  # a third less CPU than level 3, four per cent larger


class Landing:
    """One file on its way into the lake; a context manager that throws everything away on an error."""

    def __init__(
        self,
        contract: Contract,
        file: str,
        file_digest: str,
        *,
        load_id: int,
        lake: Lake,
        load_time: datetime,
        references: dict[str, KeySet],
    ) -> None:
        self.contract, self.file, self.file_digest = contract, file, file_digest
        self.load_id, self.lake, self.load_time = load_id, lake, load_time
        self.screen = Screen(contract, file=file, load_id=load_id, load_time=load_time, references=references)
        self.profile = QualityProfile(contract)
        self.stage = lake.stage(contract.contract, partition_name(file_digest))
        fixed = {
            "load_id": load_id,
            "source": contract.contract,
            "file": file,
            "created": load_time.isoformat(),
        }
        self.spool = RejectSpool(lake.folder, fixed)
        self.mended = _mended_lines(lake, contract.contract, file_digest)
        self.parts = 0
        self._waiting: list[pl.DataFrame] = []  # accepted, and too few yet for a file
        self.rows_read = self.rows_mended = 0

    @property
    def rows_loaded(self) -> int:
        """Records accepted so far."""
        return self.stage.rows + sum(frame.height for frame in self._waiting)

    @property
    def rows_rejected(self) -> int:
        """Records refused so far."""
        return self.spool.rows

    @property
    def rejects_by_reason(self) -> dict[str, int]:
        """Records refused so far, by the code of their first fault."""
        return dict(self.spool.by_reason)

    def take(self, block: Block) -> None:
        """Screen a block and write down both parts of it."""
        self.rows_read += block.frame.height + len(block.broken)
        if len(self.mended):
            block = self._without_mended(block)
        screened = self.screen.screen(block)
        self.profile.add(screened.accepted, screened.faults_by_field)
        self._waiting.append(screened.accepted)
        if sum(frame.height for frame in self._waiting) >= _PART_ROWS:
            self._write()
        self.spool.add(screened.rejects)

    def commit(self, store: Store, quality: SourceQuality, finished: datetime) -> None:
        """Make all of it visible in one transaction."""
        self._write()
        with store.begin() as connection:
            insert_done(connection, self.contract, self._finished(quality, finished))
            self.spool.copy_into(connection)
            partition = self.lake.publish(connection, self.stage)[0]
            if self.contract.event:
                frames = (pl.read_parquet(path) for path in sorted(partition.path.glob("*.parquet")))
                append_accepted(connection, self.contract, self.file_digest, frames)

    def _write(self) -> None:
        """Write what waits as the next file; a load without records still leaves one, with the columns."""
        empty = pl.DataFrame(schema=self.screen.schema())
        rows = sum(frame.height for frame in self._waiting)
        if rows or self.parts == 0:
            write_part(self.stage, self.parts, pl.concat(self._waiting) if rows else empty)
            self.parts += 1
        self._waiting = []

    def _finished(self, quality: SourceQuality, finished: datetime) -> Finished:
        return Finished(
            load_id=self.load_id,
            file=self.file,
            file_digest=self.file_digest,
            started=self.load_time,
            finished=finished,
            rows_read=self.rows_read,
            rows_loaded=self.rows_loaded,
            rows_rejected=self.rows_rejected,
            quality=quality,
        )

    def _without_mended(self, block: Block) -> Block:
        """Leave out records that a person mended after an earlier load of this file."""
        keep = ~np.isin(block.lines, self.mended)
        lines = set(self.mended.tolist())
        broken = [each for each in block.broken if each.line not in lines]
        self.rows_mended += len(keep) - int(keep.sum()) + len(block.broken) - len(broken)
        return Block(block.frame.filter(pl.Series(keep)), block.lines[keep], block.numbers[keep], broken)

    def __enter__(self) -> Self:
        self.stage.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.spool.close()
        self.stage.__exit__(kind, error, trace)


def partition_name(file_digest: str) -> str:
    """Return the name of a file's partition."""
    return file_digest[:_DIGITS]


def replay_prefix(file_digest: str) -> str:
    """Return how the partitions of a file's mended records are named; the replay's load follows."""
    return f"{file_digest[:_DIGITS]}-replay-"


def write_part(stage: Stage, number: int, frame: pl.DataFrame) -> None:
    """Write a frame as the next file of a stage.

    Raises:
        DiskFullError: no space is left.
    """
    with disk_guard(stage.path):
        frame.write_parquet(
            stage.path / f"part-{number:06d}.parquet", compression="zstd", compression_level=_ZSTD_LEVEL
        )
    stage.rows += frame.height


def append_accepted(
    connection: sa.Connection, contract: Contract, file_digest: str, frames: Iterable[pl.DataFrame]
) -> int:
    """Append accepted records to the event log, and return how many are new.

    A record with a key is one event, in whichever file it comes: its idempotency key is the
    source and the key. When it comes again with another content, it is a correction. Without a
    key, or when the key is only a row number, file and line name it.
    """
    assert contract.event is not None
    assert contract.customer is not None
    keyed = has_event_key(contract)
    own = (
        event_key(contract)
        if keyed
        else pl.lit(file_digest[:_DIGITS] + ":") + pl.col("_line").cast(pl.String)
    )
    about, deleted = event_version(contract)
    about = about if keyed or contract.reverses else own  # the same when the file is loaded again
    clock = contract.event_time.source_column if contract.event_time else ""
    body = [name for name in contract.columns if name not in (contract.customer, clock)]
    new = 0
    for frame in frames:
        events = frame.select(
            pl.col(contract.customer).cast(pl.String).alias("customer"),
            pl.lit(contract.event).alias("kind"),
            "event_time",
            "load_time",
            (pl.lit(contract.contract + ":") + own).alias("idempotency_key"),
            (pl.struct(body).struct.json_encode() if body else pl.lit("{}")).alias("body"),
            about.alias("event_id"),
            pl.when(deleted).then(pl.lit("delete")).otherwise(pl.lit("new")).alias("operation"),
            pl.col("_load").alias("load_id"),
            pl.lit("file").alias("origin"),
        )
        new += append_events(connection, events, queue=True, revise=True)
    return new


def _mended_lines(lake: Lake, table: str, file_digest: str) -> NDArray[np.int64]:
    prefix = replay_prefix(file_digest)
    folders = [each.path for each in lake.partitions(table) if each.partition.startswith(prefix)]
    files = [path for folder in folders for path in sorted(folder.glob("*.parquet"))]
    lines = [pl.read_parquet(path, columns=["_line"])["_line"].to_numpy() for path in files]
    return np.concatenate(lines) if lines else np.empty(0, dtype=np.int64)
