"""Pinned lake 定格数据湖: what does the lake look like when only certain partitions count?"""

from collections.abc import Collection

import sqlalchemy as sa

from vostro.engine import Lake, Partition

__all__ = ["PinnedLake"]


class PinnedLake(Lake):
    """A lake in which only some partitions are live, whatever is published meanwhile."""

    def __init__(self, lake: Lake, partitions: Collection[Partition]) -> None:
        """Look at a lake through these partitions only; writing still goes to the lake."""
        self.__dict__.update(lake.__dict__)
        self._pinned = sorted(partitions, key=lambda each: each.sequence)
        self._duck = lake.duck()

    def partitions(
        self, table: str | None = None, connection: sa.Connection | None = None
    ) -> list[Partition]:
        """Return the pinned partitions of a table, or of all, in order of publication."""
        return [each for each in self._pinned if table is None or each.table == table]
