"""Replay 重放: which rejects keep the contract now, mended by hand or under a changed contract?

Records are checked again exactly as in a load. Those that pass land in a partition of their own
beside their file's, with the line and the load they were missing from, and are marked replayed.
One transaction for each file; a replay that is killed or repeated changes nothing twice.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl
import sqlalchemy as sa

from vostro.capture.contracts import Contract
from vostro.capture.errors import MendedFileError, SourceUnknownError
from vostro.capture.keys import KeySet, key_hashes
from vostro.capture.landing import append_accepted, partition_name, replay_prefix, write_part
from vostro.capture.loading import reference_keys
from vostro.capture.readers import Block, SourceFormat, open_source
from vostro.capture.register import Finished, insert_done, next_load_id
from vostro.capture.rejects import EXPORT_COLUMNS, KeptRecord, open_rejects
from vostro.capture.screening import Screen, Screened
from vostro.engine import Lake, Store
from vostro.engine import load as load_table
from vostro.engine import reject as reject_table
from vostro.words import canonical_json, digest, suggest

__all__ = ["ReplayReport", "replay_rejects"]

Mended = dict[int, dict[str, str | None]]  # reject id -> texts by header


class ReplayReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the rejects that were checked again."""

    sources: list[str]
    considered: int  # accepted + still_open
    accepted: int  # now in the lake, and in the event log
    still_open: int
    already: int  # named in the mended file, and replayed or dropped before
    rejects_by_reason: dict[str, int]  # of those still open


class _Candidate(msgspec.Struct, frozen=True):
    """One reject to check again."""

    id: int
    load_id: int
    file: str
    line: int
    kept: KeptRecord
    values: dict[str, str | None]


def replay_rejects(
    store: Store,
    lake: Lake,
    contracts: Mapping[str, Contract],
    *,
    source: str | None = None,
    mended: Path | None = None,
    load_time: datetime,
) -> ReplayReport:
    """Check rejects again and load those that pass.

    Args:
        store: where rejects are kept.
        lake: where accepted records go.
        contracts: the present ones, by name.
        source: one contract only.
        mended: the CSV of ``export_rejects`` after mending; only the rejects in it are checked. Without
            it, all open rejects are checked as they were kept, under the present contract.
        load_time: with a zone; the moment at which the records become known.

    Raises:
        SourceUnknownError: no contract is named ``source``.
        ReadError, MendedFileError: the mended file cannot be read or matched with the rejects.
        ReferenceMissingError, DiskFullError: as for ``load``; what was replayed before stays.
    """
    if source is not None and source not in contracts:
        raise _unknown(source, contracts)
    given = None if mended is None else _read_mended(mended)
    if given is not None:
        _check_ids(store, given, source, str(mended))
    names = [source] if source is not None else _sources(store, contracts)
    tallies = [_Tally(name) for name in names]
    for tally in tallies:
        contract = contracts[tally.source]
        for load_id, group in groupby(_candidates(store, contract, given), key=lambda each: each.load_id):
            _replay_file(store, lake, contract, load_id, list(group), load_time, tally)
    considered = sum(tally.accepted + tally.still_open for tally in tallies)
    reasons: dict[str, int] = {}
    for tally in tallies:
        for code, count in tally.reasons.items():
            reasons[code] = reasons.get(code, 0) + count
    return ReplayReport(
        sources=[tally.source for tally in tallies if tally.accepted or tally.still_open],
        considered=considered,
        accepted=sum(tally.accepted for tally in tallies),
        still_open=sum(tally.still_open for tally in tallies),
        already=len(given) - considered if given is not None else 0,
        rejects_by_reason=reasons,
    )


class _Tally:
    """Counts of one source."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.accepted = self.still_open = 0
        self.reasons: dict[str, int] = {}


def _replay_file(
    store: Store,
    lake: Lake,
    contract: Contract,
    load_id: int,
    candidates: list[_Candidate],
    load_time: datetime,
    tally: _Tally,
) -> None:
    """Check and load the rejects of one earlier load."""
    with store.begin() as connection:
        query = sa.select(load_table.c.file_digest).where(load_table.c.id == load_id)
        file_digest = str(connection.scalar(query))
    screened = _screen(lake, contract, load_id, file_digest, candidates, load_time)
    ids = {each.line: each.id for each in candidates}
    broken = screened.rejects
    tally.still_open += broken.height
    for code, count in broken.group_by("code").len().iter_rows():
        tally.reasons[code] = tally.reasons.get(code, 0) + count
    accepted = screened.accepted
    tally.accepted += accepted.height
    lines = accepted["_line"].to_list()
    if not lines:
        with store.begin() as connection:
            _update_reasons(connection, broken, ids)
        return
    new_id = next_load_id(store)
    with lake.stage(contract.contract, f"{replay_prefix(file_digest)}{new_id}") as stage:
        write_part(stage, 0, accepted)
        with store.begin() as connection:
            insert_done(
                connection, contract, _finished(new_id, file_digest, candidates, len(lines), load_time)
            )
            lake.publish(connection, stage)
            if contract.event:
                append_accepted(connection, contract, file_digest, [accepted])
            _mark_replayed(connection, [ids[line] for line in lines], new_id)
            _update_reasons(connection, broken, ids)


def _finished(
    load_id: int, file_digest: str, candidates: list[_Candidate], rows_loaded: int, load_time: datetime
) -> Finished:
    content = canonical_json([[each.id, each.values] for each in candidates])
    return Finished(
        load_id=load_id,
        file=candidates[0].file,
        file_digest="replay " + digest(file_digest, content, load_time.isoformat()),
        started=load_time,
        finished=load_time,
        rows_read=len(candidates),
        rows_loaded=rows_loaded,
        rows_rejected=len(candidates) - rows_loaded,
        quality=None,
    )


def _screen(
    lake: Lake,
    contract: Contract,
    load_id: int,
    file_digest: str,
    candidates: list[_Candidate],
    load_time: datetime,
) -> Screened:
    headers = list(dict.fromkeys(name for each in candidates for name in each.values))
    frame = pl.DataFrame(
        {name: [each.values.get(name) for each in candidates] for name in headers},
        schema=dict.fromkeys(headers, pl.String()),
    )
    block = Block(
        frame,
        np.array([each.line for each in candidates], dtype=np.int64),
        np.array([each.kept.number for each in candidates], dtype=np.int64),
        [],
    )
    screen = Screen(
        contract,
        file=candidates[0].file,
        load_id=load_id,
        load_time=load_time,
        references=reference_keys(contract, lake, candidates[0].file),
        seen=_keys_of_file(lake, contract, file_digest),
    )
    moments = pl.Series([each.kept.moment for each in candidates], dtype=pl.String)
    around = moments.str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_unit="us", strict=False)
    return screen.screen(block, around)


def _keys_of_file(lake: Lake, contract: Contract, file_digest: str) -> KeySet:
    """Return the keys that the file's accepted and replayed records have taken."""
    keys = KeySet()
    prefix = partition_name(file_digest)
    for each in lake.partitions(contract.contract):
        if contract.key and each.partition.startswith(prefix):
            for path in sorted(each.path.glob("*.parquet")):
                keys.add(key_hashes(pl.read_parquet(path, columns=contract.key).select(contract.key)))
    return keys


def _candidates(store: Store, contract: Contract, given: Mended | None) -> Iterator[_Candidate]:
    """Yield the open rejects that can be checked, in the order of loads and lines."""
    needed = set(contract.headers.values())
    for row, kept in list(open_rejects(store, contract.contract)):
        if given is not None and row["id"] not in given:
            continue
        values = given[row["id"]] if given is not None else kept.values
        # not split into fields and not mended, or kept under another header: nothing to check
        if values is None or not needed <= set(values):
            continue
        yield _Candidate(row["id"], row["load_id"], row["file"], row["line"], kept, values)


def _mark_replayed(connection: sa.Connection, ids: list[int], load_id: int) -> None:
    table = reject_table.c
    connection.execute(
        sa.update(reject_table)
        .where(table.id == sa.func.any(sa.bindparam("ids", ids, type_=sa.ARRAY(sa.BigInteger))))
        .values(state="replayed", mended_load_id=load_id)
    )


def _update_reasons(connection: sa.Connection, broken: pl.DataFrame, ids: dict[int, int]) -> None:
    """Say why the records that are still broken are so now."""
    if broken.height == 0:
        return
    names = ("field", "value", "code", "message_en", "message_zh")
    statement = (
        sa.update(reject_table)
        .where(reject_table.c.id == sa.bindparam("reject_id"))
        .values({name: sa.bindparam(f"new_{name}") for name in names})
    )
    rows: list[dict[str, Any]] = [
        {"reject_id": ids[row["line"]]} | {f"new_{name}": row[name] for name in names}
        for row in broken.iter_rows(named=True)
    ]
    connection.execute(statement, rows)


def _read_mended(path: Path) -> Mended:
    """Read the mended file: texts by header for every reject that has any.

    Raises:
        ReadError, MendedFileError: it cannot be read, or is not an exported file.
    """
    found: Mended = {}
    with open_source(path, SourceFormat(kind="csv")) as source:
        missing = [name for name in EXPORT_COLUMNS[:1] if name not in source.header]
        if missing:
            raise _mended(path, f"column '{missing[0]}' is missing.", f"缺少列“{missing[0]}”。")
        headers = [name for name in source.header if name not in EXPORT_COLUMNS]
        for block in source:
            if block.broken:
                first = block.broken[0]
                raise _mended(
                    path, f"line {first.line}: {first.message.en}", f"第 {first.line} 行：{first.message.zh}"
                )
            for line, row in zip(block.lines.tolist(), block.frame.iter_rows(named=True), strict=True):
                found[_reject_id(path, line, row, found)] = {name: row[name] for name in headers}
    # a record that was never split and whose columns are still empty is not mended yet
    return {
        key: values for key, values in found.items() if any(value is not None for value in values.values())
    }


def _reject_id(path: Path, line: int, row: dict[str, str | None], found: Mended) -> int:
    text = (row["_reject_id"] or "").strip()
    if not text.isdecimal():
        raise _mended(
            path, f"line {line}: '_reject_id' is not a number.", f"第 {line} 行：_reject_id 不是数字。"
        )
    if int(text) in found:
        raise _mended(
            path, f"line {line}: reject {text} occurs twice.", f"第 {line} 行：拒收记录 {text} 重复。"
        )
    return int(text)


def _check_ids(store: Store, given: Mended, source: str | None, path: str) -> None:
    """Refuse a file that names rejects that are not kept, or not of this source."""
    table = reject_table.c
    query = sa.select(table.id).where(
        table.id == sa.func.any(sa.bindparam("ids", list(given), type_=sa.ARRAY(sa.BigInteger)))
    )
    if source is not None:
        query = query.where(table.source == source)
    with store.begin() as connection:
        known = set(connection.scalars(query))
    lost = sorted(set(given) - known)
    if lost:
        shown = ", ".join(str(each) for each in lost[:5]) + (", ..." if len(lost) > 5 else "")
        raise _mended(path, f"there are no rejects numbered {shown}.", f"不存在编号为 {shown} 的拒收记录。")


def _mended(path: Path | str, problem_en: str, problem_zh: str) -> MendedFileError:
    return MendedFileError(file=str(path), problem_en=problem_en, problem_zh=problem_zh)


def _sources(store: Store, contracts: Mapping[str, Contract]) -> list[str]:
    query = sa.select(reject_table.c.source).where(reject_table.c.state == "open").distinct()
    with store.begin() as connection:
        open_ones = set(connection.scalars(query))
    return [name for name in contracts if name in open_ones]


def _unknown(source: str, contracts: Mapping[str, Contract]) -> SourceUnknownError:
    close = suggest(source, set(contracts))
    return SourceUnknownError(
        source=source,
        known=", ".join(contracts),
        hint_en=f" Did you mean '{close}'?" if close else "",
        hint_zh=f"是否指“{close}”？" if close else "",
    )
