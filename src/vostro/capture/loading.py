"""Load 入库: how does a file become a partition of the lake, rejects and events, all or nothing?

The file streams through the screen block by block; accepted records are written aside as
Parquet, rejects to a temporary file. One transaction at the end makes all of it visible: the
partition, the rejects, the events and the row in ``load``. Killed before it, nothing has
happened; after it, the same file under the same contract is known and adds nothing.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

import msgspec
import polars as pl

from vostro.capture.contract_faults import load_order
from vostro.capture.contracts import Contract
from vostro.capture.customers import bring_columns, customer_map
from vostro.capture.errors import FileChangedError, ReferenceMissingError, RejectsMaxError, SourceMissingError
from vostro.capture.header import check_header
from vostro.capture.keys import KeySet, key_hashes
from vostro.capture.landing import Landing
from vostro.capture.quality import SourceQuality
from vostro.capture.readers import Source, open_source
from vostro.capture.reasons import reason_name
from vostro.capture.register import Done, find_done, last_quality, next_load_id, reference_quality
from vostro.capture.watch import watch_and_raise, watch_load
from vostro.engine import Lake, Store
from vostro.words import suggest

__all__ = ["LoadReport", "load", "load_all", "reference_keys"]

Progress = Callable[[int, int], None]  # bytes done, bytes in all
BLOCK_BYTES = 8 << 20  # of text at a time; twice as much takes a third more memory and no less time
_PIECE_BYTES = 4 << 20
_GLOB = set("*?[")


class LoadReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one file."""

    source: str
    file: str
    rows_read: int  # records in the file; rows_loaded + rows_rejected + rows_mended
    rows_loaded: int
    rows_rejected: int
    rows_mended: int = 0  # records that a person had mended after an earlier load; left as mended
    already_loaded: bool
    load_id: int
    seconds: float
    quality: SourceQuality
    rejects_by_reason: dict[str, int]


def load(
    contract: Contract,
    path: Path,
    *,
    store: Store,
    lake: Lake,
    load_time: datetime,
    progress: Progress | None = None,
) -> LoadReport:
    """Load one file; the same file under the same contract again adds nothing.

    Args:
        contract: what the file promises.
        path: the file.
        store: where loads, rejects and events are kept.
        lake: where accepted records go: table ``contract.contract``, one partition for the file.
        load_time: with a zone; the moment at which we learn of these records.
        progress: called with bytes read and bytes in all.

    Raises:
        ReadError: the file cannot be read (missing, truncated, wrong encoding, ...).
        HeaderError: its columns are not the contract's.
        ReferenceMissingError: a table that the contract refers to is not loaded yet.
        RejectsMaxError: more records broke the contract than it allows.
        FileChangedError, DiskFullError, StoreLostError: the load could not be finished.
            After any of these the store and the lake are as before.
    """
    began = perf_counter()
    with open_source(path, contract.format, block_bytes=BLOCK_BYTES) as source:
        check_header(contract, source.header, str(path))
        stamp = _stamp(path)
        file_digest = _file_digest(path)
        done = find_done(store, contract, file_digest)
        if done is not None:
            return _already(done, path)
        job = _Job(contract, path, file_digest, stamp, load_time, progress, began)
        return _land(source, job, store, lake)


def load_all(
    contracts: Mapping[str, Contract],
    data: Path,
    *,
    store: Store,
    lake: Lake,
    load_time: datetime,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[LoadReport]:
    """Load the files of all contracts from a folder; what is referred to comes first.

    Args:
        contracts: by name.
        data: the folder that holds the files.
        store: as for ``load``.
        lake: as for ``load``.
        load_time: as for ``load``.
        progress: called with the source's name, bytes read and bytes in all.

    Raises:
        SourceMissingError: a file is not there; found out before anything is loaded.
        VostroError: as for ``load``; files before the refused one stay loaded.
    """
    order = load_order(contracts)
    files = {name: source_files(contracts[name], data) for name in order}
    reports = []
    for name in order:
        for path in files[name]:
            tell = _tell(progress, name)
            reports.append(
                load(contracts[name], path, store=store, lake=lake, load_time=load_time, progress=tell)
            )
    if not all(each.already_loaded for each in reports):
        watch_and_raise(store, lake, contracts, load_time)
    return reports


def source_files(contract: Contract, data: Path) -> list[Path]:
    """Return the files of a contract in a folder, in order of name.

    Raises:
        SourceMissingError: there is none.
    """
    if not _GLOB & set(contract.file):
        found = [data / contract.file]
        if found[0].exists():
            return found
    else:
        found = sorted(path for path in data.glob(contract.file) if not path.is_dir())
        if found:
            return found
    names = {path.name for path in data.iterdir()} if data.is_dir() else set()
    close = suggest(contract.file, names)
    place_en, place_zh = ("", "") if data.is_dir() else (" The folder does not exist.", "该目录不存在。")
    if data.is_file():
        place_en, place_zh = " That is a file, not a folder.", "这是文件，而不是目录。"
    raise SourceMissingError(
        source=contract.contract,
        file=contract.file,
        folder=str(data),
        hint_en=f" Did you mean '{close}'?" if close else place_en,
        hint_zh=f"是否指“{close}”？" if close else place_zh,
    )


def reference_keys(contract: Contract, lake: Lake, file: str) -> dict[str, KeySet]:
    """Return, for each column that refers to another table, the keys that exist there.

    Where another table knows the customer, the customer's column has the ``CustomerMap``.

    Raises:
        ReferenceMissingError: the table has no data yet.
    """
    found: dict[str, KeySet] = {}
    for reference in contract.references:
        files = lake.files(reference.table)
        if not files:
            raise ReferenceMissingError(
                file=file,
                source=contract.contract,
                column=reference.column,
                table=reference.table,
                key=reference.key,
            )
        keys = bring_columns(contract, reference, lake) if reference.brings else KeySet()
        for path in files:
            keys.add(key_hashes(pl.read_parquet(path, columns=[reference.key]).drop_nulls().unique()))
        found[reference.column] = keys
    column = contract.looked_up
    if column is not None:
        owners = customer_map(column, lake)
        if owners is None:
            raise ReferenceMissingError(
                file=file, source=contract.contract, column=column.via, table=column.table, key=column.key
            )
        found[contract.customer or ""] = owners
    return found


@dataclass(frozen=True)
class _Job:
    """One file to load, and what is known of it."""

    contract: Contract
    path: Path
    file_digest: str
    stamp: tuple[int, int]  # size and time of the last change
    load_time: datetime
    progress: Progress | None
    began: float  # of perf_counter


def _land(source: Source, job: _Job, store: Store, lake: Lake) -> LoadReport:
    """Stream a file through the screen and commit what came of it."""
    contract = job.contract
    references = reference_keys(contract, lake, str(job.path))
    previous = last_quality(store, contract.contract)
    reference = reference_quality(store, contract)
    load_id = next_load_id(store)
    with Landing(
        contract,
        job.path.name,
        job.file_digest,
        load_id=load_id,
        lake=lake,
        load_time=job.load_time,
        references=references,
    ) as landing:
        for block in source:
            landing.take(block)
            if job.progress is not None:
                job.progress(min(source.bytes_done, source.bytes_total), source.bytes_total)
        if _stamp(job.path) != job.stamp:
            raise FileChangedError(file=str(job.path))
        _check_share(contract, landing, str(job.path))
        quality = landing.profile.finish(landing.rows_rejected, previous, reference)
        landing.commit(store, quality, job.load_time + timedelta(seconds=perf_counter() - job.began))
    watch_load(store, contract, job.load_time)
    if job.progress is not None:
        job.progress(source.bytes_total, source.bytes_total)
    return LoadReport(
        source=contract.contract,
        file=job.path.name,
        rows_read=landing.rows_read,
        rows_loaded=landing.rows_loaded,
        rows_rejected=landing.rows_rejected,
        rows_mended=landing.rows_mended,
        already_loaded=False,
        load_id=load_id,
        seconds=perf_counter() - job.began,
        quality=quality,
        rejects_by_reason=landing.rejects_by_reason,
    )


def _check_share(contract: Contract, landing: Landing, file: str) -> None:
    if not landing.rows_read:
        return
    share = landing.rows_rejected / landing.rows_read
    if share <= contract.rejects_share_max:
        return
    ranked = sorted(landing.rejects_by_reason.items(), key=lambda pair: -pair[1])[:3]
    raise RejectsMaxError(
        file=file,
        source=contract.contract,
        rejected=landing.rows_rejected,
        read=landing.rows_read,
        share=f"{share:.1%}",
        allowed=contract.rejects_max,
        reasons_en=", ".join(f"{reason_name(code).en} ({count:,})" for code, count in ranked),
        reasons_zh="、".join(f"{reason_name(code).zh}（{count:,}）" for code, count in ranked),
    )


def _already(done: Done, path: Path) -> LoadReport:
    return LoadReport(
        source=done.quality.source,
        file=path.name,
        rows_read=done.rows_read,
        rows_loaded=done.rows_loaded,
        rows_rejected=done.rows_rejected,
        rows_mended=done.rows_read - done.rows_loaded - done.rows_rejected,
        already_loaded=True,
        load_id=done.id,
        seconds=0.0,
        quality=done.quality,
        rejects_by_reason=done.rejects_by_reason,
    )


def _tell(progress: Callable[[str, int, int], None] | None, name: str) -> Progress | None:
    if progress is None:
        return None
    return lambda done, total: progress(name, done, total)


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _file_digest(path: Path) -> str:
    sha = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            sha.update(piece)
    return sha.hexdigest()
