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

__all__ = [
    "Done",
    "Finished",
    "find_done",
    "insert_done",
    "last_quality",
    "next_load_id",
    "reference_quality",
]


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
        pairs = connection.execute(counted.group_by(reject_table.c.code)).all()
    reasons = {str(code): int(count) for code, count in pairs}
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


def reference_quality(store: Store, contract: Contract) -> tuple[int, SourceQuality] | None:
    """Return the load that drift is measured against: the one that the contract names, else the first.

    None when there is no such load, or it accepted nothing.
    """
    table = load_table.c
    query = sa.select(table.id, table.quality).where(
        table.source == contract.contract, table.state == "done", table.quality.is_not(None)
    )
    if contract.watch.reference is not None:
        query = query.where(table.id == contract.watch.reference)
    else:
        query = query.where(table.rows_loaded > 0).order_by(table.id)
    with store.begin() as connection:
        found = connection.execute(query.limit(1)).one_or_none()
    return None if found is None else (int(found.id), _quality(found.quality))


def next_load_id(store: Store) -> int:
    """Return a fresh number for a load; one that is never used leaves a gap."""
    with store.begin() as connection:
        return int(
            connection.execute(sa.text("SELECT nextval(pg_get_serial_sequence('load', 'id'))")).scalar_one()
        )


class Finished(msgspec.Struct, frozen=True, kw_only=True):
    """A load that is ready to be written down."""

    load_id: int  # from next_load_id
    file: str
    file_digest: str  # SHA-256 of its bytes
    started: datetime  # the load time
    finished: datetime
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    quality: SourceQuality | None  # None for a replay


def insert_done(connection: sa.Connection, contract: Contract, done: Finished) -> None:
    """Write down a finished load, in the transaction that publishes it.

    An earlier load of the same file under another contract is replaced, its open rejects dropped.
    """
    table = load_table.c
    earlier = (
        table.source == contract.contract,
        table.file_digest == done.file_digest,
        table.state == "done",
    )
    ids = sa.select(table.id).where(*earlier)
    connection.execute(
        sa.update(reject_table)
        .where(reject_table.c.load_id.in_(ids), reject_table.c.state == "open")
        .values(state="dropped")
    )
    # its rows are no longer in the lake: should the old contract come back, the file is loaded again
    replaced = sa.func.concat(table.contract_digest, " replaced by ", done.load_id)
    connection.execute(
        sa.update(load_table)
        .where(*earlier, ~table.contract_digest.contains(" "))
        .values(contract_digest=replaced)
    )
    values: dict[str, Any] = {name: getattr(done, name) for name in Finished.__struct_fields__}
    values |= {
        "id": values.pop("load_id"),
        "source": contract.contract,
        "contract_digest": contract.digest(),
        "state": "done",
        "quality": sa.null() if done.quality is None else msgspec.to_builtins(done.quality),
    }
    connection.execute(sa.insert(load_table).values(values))


def _quality(plain: Any) -> SourceQuality:
    return msgspec.convert(plain, SourceQuality)
