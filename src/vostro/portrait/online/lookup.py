"""Lookup by customer 按客户查行: which rows has one customer in a source, as they were known at a moment?

Sorted copies are opened once and asked by the smallest and largest customer of their row groups;
partitions that no copy holds yet are asked through the engine.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vostro.capture import history_relation
from vostro.engine import Lake, Partition
from vostro.portrait.online.copies import UNTIL, copy_table, covers_of
from vostro.portrait.online.pinned import PinnedLake

if TYPE_CHECKING:
    from vostro.capture import Contract

__all__ = ["CustomerRows"]

_VERSION = ("customer", "load_time", "event_id", "_load", "_line", "_deleted")


class CustomerRows:
    """Finds the rows of single customers in one source of the lake; for one state of the lake."""

    def __init__(self, lake: Lake, contract: "Contract", partitions: Sequence[Partition]) -> None:
        """Open the copies.

        Args:
            lake: of the bank.
            contract: of the source.
            partitions: all that are live.
        """
        self.contract = contract
        mine = {each.sequence: each for each in partitions if each.table == contract.contract}
        self._runs: list[_Run] = []
        left = set(mine)
        for run in (each for each in partitions if each.table == copy_table(contract.contract)):
            covers = covers_of(run)
            if covers <= left:
                left -= covers
                self._runs += [_Run(path) for path in sorted(run.path.glob("*.parquet"))]
        self._rest: Any = None
        self._sql: str | None = None
        if left:
            self._rest = history_relation(PinnedLake(lake, [mine[each] for each in left]), contract).table

    def rows(
        self, customer: str, *, columns: Sequence[str] | None = None, loaded_by: datetime | None = None
    ) -> list[dict[str, Any]]:
        """Return the rows of a customer that counted at a moment, each in its last version by then.

        Args:
            customer: whose.
            columns: of the contract; None: all.
            loaded_by: the moment; None: now.

        Returns:
            One mapping a row, with the columns and ``event_time`` (where there is one), ``load_time``,
            ``event_id``, ``_load`` and ``_line``; unordered.
        """
        found: list[dict[str, Any]] = []
        wanted = self._wanted(columns)
        for run in self._runs:
            found += [row for row in run.rows(customer, [*wanted, UNTIL]) if _counted(row, loaded_by)]
        if self._rest is not None:
            found = _last(found + self._newer(customer, wanted, found, loaded_by))
        return [row for row in found if row["customer"] == customer and not row["_deleted"]]

    def _wanted(self, columns: Sequence[str] | None) -> list[str]:
        own = self.contract.columns if columns is None else columns
        clock = ["event_time"] if self.contract.event_time is not None else []
        return list(dict.fromkeys([*own, *_VERSION, *clock]))

    def _newer(
        self, customer: str, wanted: list[str], known: list[dict[str, Any]], loaded_by: datetime | None
    ) -> list[dict[str, Any]]:
        """Return the rows in partitions without a copy: the customer's, and versions of his events."""
        found = self._ask(*self._is(customer), wanted)
        if self.contract.key or self.contract.reverses:  # else no event has a second version
            ids = {row["event_id"] for row in (*known, *found)}
            if ids:
                found = self._ask("event_id", sorted(ids), wanted)
        return [row for row in found if loaded_by is None or row["load_time"] <= loaded_by]

    def _is(self, customer: str) -> tuple[str, list[Any]]:
        """Return the column and value of a customer; whole numbers as such, so that files can be left out."""
        name = self.contract.customer or ""
        whole = self.contract.columns[name].type == "integer" and customer.lstrip("-").isdecimal()
        if whole and str(int(customer)) == customer:
            return name, [int(customer)]
        return "customer", [customer]

    def _ask(self, column: str, values: list[Any], wanted: list[str]) -> list[dict[str, Any]]:
        """Return the rows that have one of the values; compiled once, since compiling takes longer than asking."""
        rest = self._rest
        if self._sql is None:
            import ibis

            self._sql = str(ibis.to_sql(rest))
        named = ", ".join(f'"{name}"' for name in wanted)
        test = "= ?" if len(values) == 1 else "IN (SELECT unnest(?))"
        query = f'SELECT {named} FROM ({self._sql}) AS versions WHERE "{column}" {test}'  # noqa: S608 - own names
        asked = values if len(values) == 1 else [values]
        found = rest.get_backend().raw_sql(query, parameters=asked).to_arrow_table()
        rows: list[dict[str, Any]] = found.cast(rest.select(*wanted).schema().to_pyarrow()).to_pylist()
        return rows


class _Run:
    """One file of a copy, sorted by customer."""

    def __init__(self, path: Path) -> None:
        import pyarrow.parquet as pq

        self._file = pq.ParquetFile(path, memory_map=True)
        metadata = self._file.metadata
        at = self._file.schema_arrow.names.index("customer")
        found = [metadata.row_group(i).column(at).statistics for i in range(metadata.num_row_groups)]
        self._bounds = [
            (each.min, each.max) if each is not None and each.has_min_max else None for each in found
        ]

    def rows(self, customer: str, columns: list[str]) -> list[dict[str, Any]]:
        import pyarrow.compute as pc

        numbers = [i for i, each in enumerate(self._bounds) if each is None or each[0] <= customer <= each[1]]
        if not numbers:
            return []
        table = self._file.read_row_groups(numbers, columns=columns, use_threads=False)
        rows: list[dict[str, Any]] = table.filter(pc.equal(table["customer"], customer)).to_pylist()
        return rows


def _counted(row: dict[str, Any], loaded_by: datetime | None) -> bool:
    """Tell whether a row of a copy was the last version of its event, as far as the copy knows."""
    until = row[UNTIL]
    if loaded_by is None:
        return until is None
    return row["load_time"] <= loaded_by and (until is None or until > loaded_by)


def _last(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the last version of each event."""
    ordered = sorted(rows, key=lambda row: (row["_load"], row["_line"]))
    return list({row["event_id"]: row for row in ordered}.values())
