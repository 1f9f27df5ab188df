"""Past loads 历次入库: what is kept of every load of a source, the oldest first?"""

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from vostro.capture.contracts import PersonalData
from vostro.engine import Store
from vostro.engine import load as load_table
from vostro.engine import reject as reject_table

__all__ = ["PAST_MAX", "PastColumn", "PastLoad", "past_loads"]

PAST_MAX = 120  # loads that are looked back at: daily ones know seventeen of each weekday
_REPLACED = " replaced by "


class PastColumn(msgspec.Struct, frozen=True, kw_only=True):
    """What the watch needs of a column's quality; see ``ColumnQuality``."""

    name: str
    type: str
    personal_data: PersonalData
    completeness: float
    uniqueness: float
    change: float | None = None
    change_noise: float | None = None
    change_reference: float | None = None
    change_reference_noise: float | None = None


class _PastQuality(msgspec.Struct, frozen=True, kw_only=True):
    """What the watch needs of a load's quality; the distributions are passed over while it is read."""

    event_time_max: datetime | None
    columns: list[PastColumn]
    reference: int | None = None


class PastLoad(msgspec.Struct, frozen=True, kw_only=True):
    """One load, as it was when it was done."""

    load_id: int
    load_time: datetime
    file: str
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    rows_repeated: int  # of the rejects: their key was in the file before
    event_time_max: datetime | None
    reference: int | None  # the load that drift was also measured against
    columns: dict[str, PastColumn]

    @property
    def reject_rate(self) -> float:
        """Return the share of records that were rejected, 0 to 1."""
        return self.rows_rejected / self.rows_read if self.rows_read else 0.0

    @property
    def duplicate_rate(self) -> float:
        """Return the share of records whose key another record of the file has, 0 to 1."""
        return self.rows_repeated / self.rows_read if self.rows_read else 0.0


def past_loads(
    store: Store, source: str, *, as_of: datetime | None = None, last: int = PAST_MAX
) -> list[PastLoad]:
    """Return the last loads of a source, the oldest first; a file that was loaded anew counts once.

    Args:
        store: where loads are kept.
        source: the contract's name.
        as_of: only loads that were begun by then.
        last: at most so many.
    """
    table = load_table.c
    begun = [table.source == source, table.state == "done", table.quality.is_not(None)]
    if as_of is not None:
        begun.append(table.started <= as_of)
    with store.begin() as connection:
        found = connection.execute(
            sa.select(table.id, table.contract_digest).where(*begun).order_by(table.id)
        ).all()
        known = {int(row.id) for row in found}
        kept = [int(row.id) for row in found if _replaced_by(row.contract_digest) not in known][-last:]
        names = ("id", "started", "file", "rows_read", "rows_loaded", "rows_rejected")
        text = sa.cast(table.quality, sa.Text).label("quality")
        rows = connection.execute(
            sa.select(*(table[name] for name in names), text).where(table.id.in_(kept)).order_by(table.id)
        ).all()
        counted = connection.execute(
            sa.select(reject_table.c.load_id, sa.func.count())
            .where(reject_table.c.load_id.in_(kept), reject_table.c.code == "key_repeated")
            .group_by(reject_table.c.load_id)
        ).all()
    repeated = {int(load_id): int(count) for load_id, count in counted}
    return [_past(row, repeated.get(row.id, 0)) for row in rows]


def _past(row: Any, rows_repeated: int) -> PastLoad:
    quality = msgspec.json.decode(row.quality, type=_PastQuality)
    return PastLoad(
        load_id=row.id,
        load_time=row.started,
        file=row.file,
        rows_read=row.rows_read,
        rows_loaded=row.rows_loaded,
        rows_rejected=row.rows_rejected,
        rows_repeated=rows_repeated,
        event_time_max=quality.event_time_max,
        reference=quality.reference,
        columns={each.name: each for each in quality.columns},
    )


def _replaced_by(contract_digest: str) -> int | None:
    """Return the load that loaded the same file under another contract, or None."""
    _, sign, load_id = contract_digest.partition(_REPLACED)
    return int(load_id) if sign else None
