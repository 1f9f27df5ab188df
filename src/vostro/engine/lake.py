"""Lake 数据湖: which Parquet files are a table right now, and how are they replaced at once?

The store says which partitions are live; the files only lie there. A partition is written
aside, put on the disk, moved to its place, and becomes visible when the transaction that
names it commits. Whatever dies before that leaves files that no live partition names:
``sweep`` removes them.
"""

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Collection, Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl
import sqlalchemy as sa

from vostro.engine import tables
from vostro.engine.disk import disk_guard, flush_folder
from vostro.engine.errors import LakeFileMissingError, LakeNameError, LakeTableMissingError, StateFolderError
from vostro.engine.settings import Settings
from vostro.engine.stage import Stage
from vostro.engine.store import Store
from vostro.words import CODE, suggest

if TYPE_CHECKING:
    import ibis

__all__ = ["Lake", "Partition", "unnamed_folders"]

_PARTITION = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_=-]{0,99}$")
_STAGING = ".staging"
_rows = tables.partition.c


class Partition(msgspec.Struct, frozen=True):
    """A live folder of Parquet files."""

    table: str
    partition: str
    path: Path
    rows: int
    bytes: int
    digest: str  # SHA-256 of names and contents of the files
    version: int  # 1 for the first of that name, then one more each time
    sequence: int  # order of publication over all tables


class Lake:
    """The Parquet files of one bank."""

    def __init__(self, folder: Path, store: Store, settings: Settings) -> None:
        """Open the lake in ``folder``, which is made when missing."""
        self.folder = folder
        self._store = store
        self._settings = settings
        self._ours: set[str] = set()  # paths made by this process, perhaps not committed yet
        self._duck: Any = None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # customers' data: nobody else's to read
        (folder / _STAGING).mkdir(exist_ok=True)

    @property
    def store(self) -> Store:
        """The store that says which partitions are live."""
        return self._store

    def stage(self, table: str, partition: str) -> Stage:
        """Return a fresh folder to write the files of a partition into.

        Raises:
            LakeNameError: the table or the partition cannot be named so.
            DiskFullError: not even a folder can be made.
        """
        _check_names(table, partition)
        token = secrets.token_hex(8)
        path = self.folder / _STAGING / f"{table}.{partition}.{token}"
        try:
            with disk_guard(self.folder):
                path.mkdir()
        except PermissionError as error:
            raise StateFolderError(folder=str(path.parent), reason=error.strerror) from error
        self._ours.add(self._relative(path))
        return Stage(path, table, partition, lambda stage: self._ours.discard(self._relative(stage.path)))

    def publish(self, connection: sa.Connection, *stages: Stage) -> list[Partition]:
        """Make staged files the live partitions, visible when the caller's transaction commits.

        Args:
            connection: of ``Store.begin``; a live partition of the same name is replaced.
            stages: with their files written and ``rows`` set.

        Raises:
            DiskFullError: no space is left; undo the transaction, the lake is as before.
        """
        with disk_guard(self.folder):
            return [self._publish(connection, stage) for stage in stages]

    def retire(self, connection: sa.Connection, table: str, partition: str) -> None:
        """Take a partition out of its table when the caller's transaction commits."""
        connection.execute(
            sa.update(tables.partition)
            .where(_rows.table == table, _rows.partition == partition, _rows.live)
            .values(live=False)
        )

    def partitions(
        self, table: str | None = None, connection: sa.Connection | None = None
    ) -> list[Partition]:
        """Return the live partitions of a table (or of all) in order of publication.

        Args:
            table: one table only.
            connection: look from inside this transaction, to see what it has published.
        """
        columns = [_rows[name] for name in Partition.__struct_fields__]
        query = sa.select(*columns).where(_rows.live).order_by(_rows.sequence)
        if table is not None:
            query = query.where(_rows.table == table)
        with self._connection(connection) as open_connection:
            found = open_connection.execute(query).mappings().all()
        return [Partition(**{**row, "path": self.folder / row["path"]}) for row in found]

    def files(self, table: str, connection: sa.Connection | None = None) -> list[Path]:
        """Return the live Parquet files of a table in order of publication.

        Raises:
            LakeFileMissingError: a live partition's folder is gone.
        """
        return [path for each in self.partitions(table, connection) for path in _files(each)]

    def scan(self, table: str, connection: sa.Connection | None = None) -> pl.LazyFrame:
        """Return a lazy frame over a table; a column that a file lacks is null there.

        Raises:
            LakeTableMissingError: the table has no live data.
            LakeFileMissingError: a live partition's folder is gone.
        """
        files = self._files_or_refuse(table, connection)
        groups = [list(group) for _, group in groupby(files, key=_schema)]
        frames = [pl.scan_parquet(group) for group in groups]
        return frames[0] if len(frames) == 1 else pl.concat(frames, how="diagonal_relaxed")

    def relation(self, table: str, connection: sa.Connection | None = None) -> "ibis.Table":
        """Return the table for the engine: DuckDB through Ibis.

        Raises:
            LakeTableMissingError, LakeFileMissingError: as for ``scan``.
        """
        files = self._files_or_refuse(table, connection)
        relation: ibis.Table = self.duck().read_parquet([str(path) for path in files], union_by_name=True)
        return relation

    def write(
        self, table: str, partition: str, frame: pl.DataFrame, connection: sa.Connection | None = None
    ) -> Partition:
        """Write a frame as a partition and publish it, in the given transaction or in one of its own.

        Raises:
            LakeNameError, DiskFullError: as for ``stage`` and ``publish``.
        """
        with self.stage(table, partition) as stage:
            stage.write(frame)
            with self._connection(connection) as open_connection:
                return self.publish(open_connection, stage)[0]

    def duck(self) -> "ibis.BaseBackend":
        """Return the DuckDB of this process, made at the first call."""
        if self._duck is None:
            spill = self.folder.parent / "spill" / str(os.getpid())  # two engines must not share one
            spill.parent.mkdir(mode=0o700, exist_ok=True)
            spill.mkdir(mode=0o700, exist_ok=True)
            self._duck = _connect(self._settings, spill)
        return self._duck

    def orphans(self) -> list[Path]:
        """Return folders that no live partition names and that this process is not writing."""
        with self._store.begin() as connection:
            return unnamed_folders(connection, self.folder, pending=self._ours)

    def sweep(self) -> int:
        """Delete orphans (files of killed loads, replaced partitions) and return how many folders.

        What a killed engine spilled to the disk goes too.
        """
        found = self.orphans()
        if self._duck is None:
            shutil.rmtree(self.folder.parent / "spill", ignore_errors=True)
        for path in found:
            shutil.rmtree(path, ignore_errors=True)
        return len(found)

    def close(self) -> None:
        """Close the engine."""
        if self._duck is not None:
            self._duck.disconnect()
            self._duck = None

    def _publish(self, connection: sa.Connection, stage: Stage) -> Partition:
        size, digest = stage.seal()
        final = self.folder / stage.table / stage.path.name.removeprefix(f"{stage.table}.")
        if not final.parent.exists():
            final.parent.mkdir(exist_ok=True)
            flush_folder(self.folder)
        name = self._relative(final)
        self._ours.add(name)
        stage.path.rename(final)
        stage.discard()
        flush_folder(final.parent)
        self.retire(connection, stage.table, stage.partition)
        same = (_rows.table == stage.table, _rows.partition == stage.partition)
        before = connection.scalar(sa.select(sa.func.max(_rows.version)).where(*same)) or 0
        values = {"table": stage.table, "partition": stage.partition, "path": name, "rows": stage.rows}
        values |= {"bytes": size, "digest": digest, "version": before + 1, "live": True}
        insert = sa.insert(tables.partition).values(values).returning(_rows.sequence)
        sequence = connection.execute(insert).scalar_one()
        return Partition(stage.table, stage.partition, final, stage.rows, size, digest, before + 1, sequence)

    def _files_or_refuse(self, table: str, connection: sa.Connection | None) -> list[Path]:
        files = self.files(table, connection)
        if files:
            return files
        close = suggest(table, {each.table for each in self.partitions(connection=connection)})
        hint_en = f" Did you mean '{close}'?" if close else ""
        hint_zh = f"是否指“{close}”？" if close else ""
        raise LakeTableMissingError(table=table, hint_en=hint_en, hint_zh=hint_zh)

    @contextlib.contextmanager
    def _connection(self, given: sa.Connection | None) -> Iterator[sa.Connection]:
        if given is not None:
            yield given
        else:
            with self._store.begin() as connection:
                yield connection

    def _relative(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()


def _check_names(table: str, partition: str) -> None:
    if not CODE.match(table):
        raise LakeNameError(
            name=table,
            what_en="table",
            what_zh="表",
            allowed_en="a-z, 0-9 and _",
            allowed_zh="小写字母、数字和下划线",
        )
    if not _PARTITION.match(partition):
        raise LakeNameError(
            name=partition,
            what_en="partition",
            what_zh="分区",
            allowed_en="letters, digits, _, = and -, at most 100",
            allowed_zh="字母、数字、下划线、等号和连字符，最多 100 个字符",
        )


def _files(partition: Partition) -> list[Path]:
    if not partition.path.is_dir():
        raise LakeFileMissingError(folder=str(partition.path), table=partition.table)
    return sorted(partition.path.glob("*.parquet"))


def _schema(path: Path) -> tuple[tuple[str, str], ...]:
    return tuple((name, str(dtype)) for name, dtype in pl.read_parquet_schema(path).items())


def unnamed_folders(connection: sa.Connection, lake: Path, pending: Collection[str] = ()) -> list[Path]:
    """Return partition and stage folders in a lake that no live partition names.

    Args:
        connection: to a migrated store.
        lake: the lake's folder.
        pending: paths inside it that may yet be committed; they count only once they are retired.
    """
    folders = [path for table in sorted(lake.iterdir()) if table.is_dir() for path in sorted(table.iterdir())]
    live = {row.path: row.live for row in connection.execute(sa.select(_rows.path, _rows.live))}
    names = {path.relative_to(lake).as_posix(): path for path in folders}
    return [path for name, path in names.items() if not live.get(name, name in pending)]


def _connect(settings: Settings, spill: Path) -> Any:
    import ibis

    backend = ibis.duckdb.connect(
        memory_limit=f"{settings.memory_limit_mb}MB",
        threads=settings.threads or os.cpu_count() or 1,
        temp_directory=str(spill),
        autoinstall_known_extensions=False,  # nothing may be downloaded
        autoload_known_extensions=False,
    )
    backend.raw_sql("SET TimeZone = 'UTC'")
    backend.raw_sql("SET enable_progress_bar = false")  # it would write into our own output
    return backend
