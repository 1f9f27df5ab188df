"""Limits 监测阈值: from when on is a source no longer well?

Every field may be left out: what is usual is then measured from the source's own history.
"""

import msgspec

__all__ = ["Watch"]


class Watch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a contract allows over time; field ``watch`` of a contract."""

    freshness_max: str | None = None  # "2 days": age of the newest event, or of the newest load
    volume: str | None = None  # "30 %": how far the records of a load may lie from the usual number
    rows_min: int | None = None  # records a load at least has
    null_rate_max: str | dict[str, str] | None = None  # "5 %" of every column, or {column: share}
    psi_max: float = 0.25  # drift of a column, as a population stability index
    reference: int | None = None  # the load that drift is also measured against; the first by default
    reject_rate_max: str | None = None  # "1 %" of the records of a load
    duplicate_rate_max: str = "1 %"  # of the records of a load
    reference_breaks_max: str = "0.1 %"  # of the rows that refer to another table
    snapshot: bool = False  # every file is the whole table: what the newest lacks exists no more
    ignore: list[str] = []  # columns that are not watched
