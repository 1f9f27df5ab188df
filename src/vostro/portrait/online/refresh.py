"""Refresh 刷新: what does a build of all portraits do for the portraits of single customers?"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from vostro.engine import Lake, QueueSession, read_records
from vostro.portrait.online.copies import refresh_copies
from vostro.portrait.online.record import MARK
from vostro.portrait.online.seeding import seed

if TYPE_CHECKING:
    import polars as pl

    from vostro.capture import Contract
    from vostro.portrait.tags import Tag

__all__ = ["refresh_online"]


def refresh_online(
    lake: Lake,
    tags: "Mapping[str, Tag]",
    contracts: "Mapping[str, Contract]",
    *,
    now: datetime,
    portraits: "pl.DataFrame | None" = None,
    always: bool = False,
) -> int:
    """Bring copies by customer up to date, and the records of everyone where they are in use.

    Records are in use once a worker has run. What comes through the log is in them at once; a refresh
    brings in files of sources without events, attributes, estimates and households.

    Args:
        lake: of the bank.
        tags: of the bank.
        contracts: of the bank.
        now: the moment of the records.
        portraits: of all customers, as ``build_portraits`` returns them: household tags are taken from it.
        always: build the records also when nobody uses them yet.

    Returns:
        How many records were built.
    """
    refresh_copies(lake, contracts)
    if not always:
        with QueueSession(lake.store) as session, session.glance() as cursor:
            if not read_records(cursor, [MARK]):
                return 0
    households = [code for code, tag in tags.items() if tag.kind == "household"]
    given = portraits.select("customer", *households) if portraits is not None and households else None
    return seed(lake, tags, contracts, now=now, given=given)
