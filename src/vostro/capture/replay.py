"""Replay 重放: which rejects keep the contract now, mended by hand or under a changed contract?

Records are checked again exactly as in a load, some thousands at a time. Those that pass land in a
partition of their own beside their file's, with the line and the load they were missing from, and
are marked replayed, all in one transaction; a replay that is killed or repeated does nothing twice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import polars as pl
import sqlalchemy as sa

from vostro.capture.contracts import Contract
from vostro.capture.errors import unknown_source
from vostro.capture.intake.replaying import Replayed, replay_messages
from vostro.capture.keys import KeySet, key_hashes
from vostro.capture.landing import append_accepted, partition_name, replay_prefix, write_part
from vostro.capture.loading import reference_keys
from vostro.capture.mending import check_mended, read_mended
from vostro.capture.readers import Block
from vostro.capture.register import Finished, insert_done, next_load_id
from vostro.capture.rejects import API_FILE, KeptRecord
from vostro.capture.screening import Screen, Screened
from vostro.engine import Lake, Store
from vostro.engine import load as load_table
from vostro.engine import reject as reject_table
from vostro.words import digest

__all__ = ["ReplayReport", "replay_rejects"]

_CHUNK_ROWS = 20_000
_MOMENT_FORMAT = "%Y-%m-%dT%H:%M:%S%z"


class ReplayReport(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the rejects that were checked again."""

    sources: list[str]
    considered: int  # accepted + still_open
    accepted: int  # now in the lake, and in the event log
    still_open: int
    already: int  # named in the mended file, and replayed or dropped before
    rejects_by_reason: dict[str, int]  # of those still open


@dataclass(frozen=True)
class _Origin:
    """An earlier load whose rejects are checked again."""

    load_id: int
    file: str
    file_digest: str


@dataclass
class _Replay:
    """One replay: where, when, with what, and what came of it so far."""

    store: Store
    lake: Lake
    load_time: datetime
    mended: pl.DataFrame | None
    sources: list[str] = field(default_factory=list)
    accepted: int = 0
    still_open: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def take(self, sent: Replayed) -> None:
        """Add what became of messages."""
        self.accepted += sent.accepted
        self.still_open += sent.still_open
        self.sources.extend(name for name in sent.sources if name not in self.sources)
        for code, count in sent.reasons.items():
            self.reasons[code] = self.reasons.get(code, 0) + count


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
        raise unknown_source(source, set(contracts))
    given = None
    if mended is not None:
        given = read_mended(mended)
        check_mended(store, given, source, mended)
    replay = _Replay(store, lake, load_time, given)
    for name in [source] if source is not None else list(contracts):
        for origin in _origins(store, name):
            _replay_load(replay, contracts[name], origin)
    sent = replay_messages(store, lake, contracts, source=source, mended=given, load_time=load_time)
    replay.take(sent)
    considered = replay.accepted + replay.still_open
    return ReplayReport(
        sources=replay.sources,
        considered=considered,
        accepted=replay.accepted,
        still_open=replay.still_open,
        already=0 if given is None else given.height - considered,
        rejects_by_reason=replay.reasons,
    )


def _origins(store: Store, source: str) -> list[_Origin]:
    """Return the loads of a source that have open rejects, oldest first."""
    loads, rejects = load_table.c, reject_table.c
    having = sa.select(rejects.load_id).where(
        rejects.source == source, rejects.state == "open", rejects.file != API_FILE
    )
    query = sa.select(loads.id, loads.file, loads.file_digest).where(loads.id.in_(having)).order_by(loads.id)
    with store.begin() as connection:
        return [_Origin(*row) for row in connection.execute(query)]


def _replay_load(replay: _Replay, contract: Contract, origin: _Origin) -> None:
    """Check and load the rejects of one earlier load."""
    screen = None
    for chunk in _chunks(replay.store, origin.load_id):
        records = _records(chunk, contract, replay.mended)
        if records.height == 0:
            continue
        screen = screen or Screen(
            contract,
            file=origin.file,
            load_id=origin.load_id,
            load_time=replay.load_time,
            references=reference_keys(contract, replay.lake, origin.file),
            seen=_keys_of_file(replay.lake, contract, origin.file_digest),
        )
        _keep(replay, contract, origin, records, _screened(screen, records))


def _chunks(store: Store, load_id: int) -> Iterator[pl.DataFrame]:
    """Yield open rejects of a load in order: columns id, line and record."""
    table = reject_table.c
    query = sa.select(table.id, table.line, table.record).where(
        table.load_id == load_id, table.state == "open"
    )
    last = 0
    while True:
        with store.begin() as connection:
            rows = connection.execute(
                query.where(table.id > last).order_by(table.id).limit(_CHUNK_ROWS)
            ).all()
        if not rows:
            return
        last = rows[-1][0]
        schema = {"id": pl.Int64, "line": pl.Int64, "record": pl.String}
        yield pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")


def _records(chunk: pl.DataFrame, contract: Contract, mended: pl.DataFrame | None) -> pl.DataFrame:
    """Return the rejects that can be checked: _id, _line, _number, _moment, then the texts by header.

    A record that was never split into fields can be checked when it was mended, and one that was kept
    under other headers than the contract's cannot.
    """
    headers = list(contract.headers.values())
    shape = pl.Struct(
        {
            "number": pl.Int64,
            "moment": pl.String,
            "raw": pl.String,
            "values": pl.Struct(dict.fromkeys(headers, pl.String)),
        }
    )
    kept = chunk.select(
        pl.col("id").alias("_id"),
        pl.col("line").alias("_line"),
        pl.col("record").str.json_decode(shape).alias("kept"),
    ).with_columns(
        pl.col("kept").struct.field("number").alias("_number"),
        pl.col("kept").struct.field("moment").alias("_moment"),
    )
    if mended is not None:
        if not set(headers) <= set(mended.columns):
            return kept.clear()
        return kept.drop("kept").join(
            mended.rename({"_reject_id": "_id"}), on="_id", how="inner", maintain_order="left"
        )
    first = next((record for record in map(_decoded, chunk["record"]) if record.values is not None), None)
    if first is None or first.values is None or not set(headers) <= set(first.values):
        return kept.clear()
    whole = kept.filter(pl.col("kept").struct.field("raw").is_null())
    return whole.with_columns(pl.col("kept").struct.field("values").struct.unnest()).drop("kept")


def _decoded(record: str) -> KeptRecord:
    return msgspec.json.decode(record, type=KeptRecord)


def _screened(screen: Screen, records: pl.DataFrame) -> Screened:
    own = ("_id", "_line", "_number", "_moment")
    around = records["_moment"].str.to_datetime(_MOMENT_FORMAT, time_unit="us", strict=False)
    block = Block(records.drop(own), records["_line"].to_numpy(), records["_number"].to_numpy(), [])
    return screen.screen(block, around)


def _keep(
    replay: _Replay, contract: Contract, origin: _Origin, records: pl.DataFrame, screened: Screened
) -> None:
    """Load what passed, say why the rest did not; one transaction."""
    places = records.select("_id", pl.col("_line").alias("line"))
    broken = screened.rejects.join(places, on="line", how="left", maintain_order="left")
    accepted = screened.accepted
    passed = (
        accepted.select(pl.col("_line").alias("line")).join(places, on="line", how="left")["_id"].to_list()
    )
    if passed:
        new_id = next_load_id(replay.store)
        with replay.lake.stage(contract.contract, f"{replay_prefix(origin.file_digest)}{new_id}") as stage:
            write_part(stage, 0, accepted)
            with replay.store.begin() as connection:
                insert_done(connection, contract, _finished(replay, origin, new_id, records.height, passed))
                replay.lake.publish(connection, stage)
                if contract.event:
                    append_accepted(connection, contract, origin.file_digest, [accepted])
                _mark_replayed(connection, passed, new_id)
                _update_reasons(connection, broken)
    else:
        with replay.store.begin() as connection:
            _update_reasons(connection, broken)
    replay.accepted += accepted.height
    replay.still_open += broken.height
    for code, count in broken.group_by("code").len().iter_rows():
        replay.reasons[code] = replay.reasons.get(code, 0) + count
    if contract.contract not in replay.sources:
        replay.sources.append(contract.contract)


def _finished(replay: _Replay, origin: _Origin, load_id: int, rows_read: int, passed: list[int]) -> Finished:
    return Finished(
        load_id=load_id,
        file=origin.file,
        # a reject passes once, so the numbers of those that passed name this load for ever
        file_digest="replay " + digest(*(str(each) for each in passed)),
        started=replay.load_time,
        finished=replay.load_time,
        rows_read=rows_read,
        rows_loaded=len(passed),
        rows_rejected=rows_read - len(passed),
        quality=None,
    )


def _keys_of_file(lake: Lake, contract: Contract, file_digest: str) -> KeySet:
    """Return the keys that the file's accepted and replayed records have taken."""
    keys = KeySet()
    prefix = partition_name(file_digest)
    for each in lake.partitions(contract.contract):
        if contract.key and each.partition.startswith(prefix):
            for path in sorted(each.path.glob("*.parquet")):
                keys.add(key_hashes(pl.read_parquet(path, columns=contract.key).select(contract.key)))
    return keys


def _mark_replayed(connection: sa.Connection, ids: list[int], load_id: int) -> None:
    table = reject_table.c
    connection.execute(
        sa.update(reject_table)
        .where(table.id == sa.func.any(sa.bindparam("ids", ids, type_=sa.ARRAY(sa.BigInteger))))
        .values(state="replayed", mended_load_id=load_id)
    )


def _update_reasons(connection: sa.Connection, broken: pl.DataFrame) -> None:
    """Say why the records that are still broken are so now."""
    if broken.height == 0:
        return
    names = ("field", "value", "code", "message_en", "message_zh")
    statement = (
        sa.update(reject_table)
        .where(reject_table.c.id == sa.bindparam("reject_id"))
        .values({name: sa.bindparam(f"new_{name}") for name in names})
    )
    shown = broken.with_columns(pl.col("value").str.replace_all("\0", "␀", literal=True).str.head(1_000))
    rows: list[dict[str, Any]] = (
        shown.select(pl.col("_id").alias("reject_id"), *(pl.col(name).alias(f"new_{name}") for name in names))
    ).to_dicts()
    connection.execute(statement, rows)
