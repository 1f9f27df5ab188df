"""Copies by customer 按客户聚簇副本: how are the rows of one customer found among millions in milliseconds?

The lake keeps the rows of a file together; the rows of one customer lie everywhere. For sources
whose rows are not in the log (which has an index by customer), ``refresh_copies`` keeps a copy
that is sorted by customer, in row groups whose smallest and largest customer are known. Copies are
made of whole partitions: what is newer is read from the partitions themselves, so that nothing
is ever missing, only slower. Like the tiers of a log-structured merge tree, small copies are merged
into larger ones, so that a row is copied a few times at most.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from vostro.capture import history_relation
from vostro.engine import Lake, Partition, Stage
from vostro.portrait.online.pinned import PinnedLake
from vostro.words import digest

if TYPE_CHECKING:
    from vostro.capture import Contract

__all__ = ["COVERS", "UNTIL", "copied_contracts", "copy_table", "covers_of", "refresh_copies"]

COVERS = "covers.json"  # beside the files: which partitions of the source are in them
UNTIL = "_until"  # when a later version of the same event became known; null: never
_ROWS_A_GROUP = 32_768  # a group is read in a few milliseconds
_NAME_MAX = 63


def copied_contracts(contracts: "Mapping[str, Contract]") -> "dict[str, Contract]":
    """Return the contracts whose customers' rows are only in the lake."""
    return {name: each for name, each in contracts.items() if each.customer and not each.event}


def copy_table(contract: str) -> str:
    """Return the name of the lake table that holds the copies of a contract.

    >>> copy_table("card_payments")
    'by_customer_card_payments'
    """
    name = f"by_customer_{contract}"
    return name if len(name) <= _NAME_MAX else f"by_customer_{digest(contract)[:16]}"


def covers_of(run: Partition) -> frozenset[int]:
    """Return the sequences of the partitions that a copy holds."""
    return frozenset(msgspec.json.decode((run.path / COVERS).read_bytes(), type=list[int]))


def refresh_copies(lake: Lake, contracts: "Mapping[str, Contract]") -> int:
    """Copy what was loaded since the last time, and return how many rows were sorted."""
    return sum(_refresh(lake, contract) for contract in copied_contracts(contracts).values())


def _refresh(lake: Lake, contract: "Contract") -> int:
    live = {each.sequence: each for each in lake.partitions(contract.contract)}
    runs = {run.partition: (run, covers_of(run)) for run in lake.partitions(copy_table(contract.contract))}
    true = {name: (run, covers) for name, (run, covers) in runs.items() if covers <= live.keys()}
    fresh = live.keys() - frozenset().union(*(covers for _, covers in true.values()))
    if not live or (not fresh and len(true) == len(runs)):
        return 0
    unique = history_relation(lake, contract, store=lake.store).unique
    merged = set(true) if not unique else _small(true, sum(live[each].rows for each in fresh))
    chosen = fresh.union(*(true[name][1] for name in merged))
    gone = merged | (runs.keys() - true.keys())
    return _write(lake, contract, [live[each] for each in sorted(chosen)], gone, unique=unique)


def _small(runs: Mapping[str, tuple[Partition, frozenset[int]]], rows: int) -> set[str]:
    """Return the copies that are not much larger than what is to be written: they are merged into it."""
    found: set[str] = set()
    for name, (run, _) in sorted(runs.items(), key=lambda each: each[1][0].rows):
        if run.rows > 2 * rows:
            break
        found.add(name)
        rows += run.rows
    return found


def _write(
    lake: Lake, contract: "Contract", partitions: list[Partition], gone: set[str], *, unique: bool
) -> int:
    """Write one sorted copy of some partitions, in place of the copies that it makes needless."""
    table = copy_table(contract.contract)
    with lake.store.begin() as connection:
        for name in gone:
            lake.retire(connection, table, name)
        if not partitions:
            return 0
        name = f"to-{max(each.sequence for each in partitions):012d}"
        with lake.stage(table, name) as stage:
            _sort(PinnedLake(lake, partitions), contract, stage, unique=unique)
            covers = msgspec.json.encode([each.sequence for each in partitions])
            (stage.path / COVERS).write_bytes(covers)
            stage.rows = sum(each.rows for each in partitions)
            lake.publish(connection, stage)
    return stage.rows


def _sort(lake: Lake, contract: "Contract", stage: Stage, *, unique: bool) -> None:
    """Write every version of every event, by customer; each knows when it was superseded."""
    rows: Any = history_relation(lake, contract).table if unique else _dated(lake, contract)
    if unique:
        import ibis

        rows = rows.mutate(**{UNTIL: ibis.null(rows["load_time"].type())})
    order = [name for name in ("customer", "event_time", "_load", "_line") if name in rows.columns]
    rows.order_by(order).to_parquet(
        stage.path / "part-000000.parquet", row_group_size=_ROWS_A_GROUP, compression="zstd"
    )


def _dated(lake: Lake, contract: "Contract") -> Any:
    import ibis

    rows = history_relation(lake, contract).table
    later = ibis.window(group_by=rows["event_id"], order_by=[rows["_load"], rows["_line"]], rows=(1, None))
    return rows.mutate(**{UNTIL: rows["load_time"].min().over(later)})
