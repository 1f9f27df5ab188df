"""Register 加载登记: which files were loaded, under which contract, and how good were they?"""

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from vostro.capture.contracts import Contract
from vostro.capture.quality import SourceQuality
from vostro.engine import Store
from vostro.engine import load as load_table
from vostro.engine import reject as reject_table

__all__ = ["Done", "find_done", "insert_done", "last_quality", "next_load_id"]


class Done(msgspec.Struct, frozen=True):
    """A finished load."""

    id: int
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    quality: SourceQuality
    rejects_by_reason: dict[str, int]


def find_done(store: Store, contract: Contract, file_digest: str) -> Done | None:
    """Return the load of this very file under this very contract, if there is one."""
    table = load_table.c
    query = sa.select(table.id, table.rows_read, table.rows_loaded, table.rows_rejected, table.quality).where(
        table.source == contract.contract,
        table.file_digest == file_digest,
        table.contract_digest == contract.digest(),
        table.state == "done",
    )
    with store.begin() as connection:
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        counted = sa.select(reject_table.c.code, sa.func.count()).where(reject_table.c.load_id == row.id)
        reasons = dict(connection.execute(counted.group_by(reject_table.c.code)).tuples().all())
    return Done(row.id, row.rows_read, row.rows_loaded, row.rows_rejected, _quality(row.quality), reasons)


def last_quality(store: Store, source: str) -> SourceQuality | None:
    """Return the quality of the source's last load, or None when there was none."""
    table = load_table.c
    query = (
        sa.select(table.quality)
        .where(table.source == source, table.state == "done", table.quality.is_not(None))
        .order_by(table.id.desc())
        .limit(1)
    )
    with store.begin() as connection:
        found = connection.scalar(query)
    return None if found is None else _quality(found)


def next_load_id(store: Store) -> int:
    """Return a fresh number for a load; one that is never used leaves a gap."""
    with store.begin() as connection:
        return int(
            connection.execute(sa.text("SELECT nextval(pg_get_serial_sequence('load', 'id'))")).scalar_one()
        )


def insert_done(
    connection: sa.Connection,
    *,
    load_id: int,
    contract: Contract,
    file: str,
    file_digest: str,
    started: datetime,
    finished: datetime,
    counts: tuple[int, int, int],
    quality: SourceQuality | None,
) -> None:
    """Write down a finished load; an earlier one of the same file under another contract is replaced.

    Args:
        connection: the transaction that publishes the load.
        load_id: from ``next_load_id``.
        contract: under which it was loaded.
        file: its name.
        file_digest: SHA-256 of its bytes.
        started: the load time.
        finished: when it was ready.
        counts: records read, loaded, rejected.
        quality: its quality report; None for a replay.
    """
    table = load_table.c
    earlier = (table.source == contract.contract, table.file_digest == file_digest, table.state == "done")
    ids = sa.select(table.id).where(*earlier)
    connection.execute(
        sa.update(reject_table)
        .where(reject_table.c.load_id.in_(ids), reject_table.c.state == "open")
        .values(state="dropped")
    )
    # its rows are no longer in the lake: should the old contract come back, the file is loaded again
    replaced = sa.func.concat(table.contract_digest, " replaced by ", load_id)
    connection.execute(
        sa.update(load_table)
        .where(*earlier, ~table.contract_digest.contains(" "))
        .values(contract_digest=replaced)
    )
    rows_read, rows_loaded, rows_rejected = counts
    values: dict[str, Any] = {
        "id": load_id,
        "source": contract.contract,
        "file": file,
        "file_digest": file_digest,
        "contract_digest": contract.digest(),
        "state": "done",
        "started": started,
        "finished": finished,
        "rows_read": rows_read,
        "rows_loaded": rows_loaded,
        "rows_rejected": rows_rejected,
        "quality": sa.null() if quality is None else msgspec.to_builtins(quality),
    }
    connection.execute(sa.insert(load_table).values(values))


def _quality(plain: Any) -> SourceQuality:
    return msgspec.convert(plain, SourceQuality)
