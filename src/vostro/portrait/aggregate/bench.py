"""How fast are aggregates 聚合速度: sixty tags over millions of payments, beside the same by hand, and on Spark."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from vostro.portrait.aggregate.batch import aggregate_customers
from vostro.portrait.aggregate.bench_bank import AS_OF_US, payment_contract, sixty_tags, write_payments
from vostro.portrait.aggregate.bench_sql import by_hand_sql

__all__ = ["bench_tags", "bench_tags_spark"]

_FLOAT_ERROR = 1e-12  # relative: by hand, quotients are rounded more than once
_THREADS = 2
_PAYMENTS_EACH = 20


def bench_tags(
    rows: int = 20_000_000, customers: int | None = None, *, repeats: int = 2, folder: Path | None = None
) -> dict[str, Any]:
    """Time sixty tags on DuckDB, ours and a hand-written query in turn, and compare their values.

    Args:
        rows: payments in all; at least 4.
        customers: whose payments they are; default: one for each 20 payments.
        repeats: goes of each; the best counts.
        folder: where the Parquet files are written; default: a temporary folder.

    Returns:
        ``per_second`` payments for all tags together, ``ratio`` of our seconds to the hand-written
        query's, ``exact``: every value is equal (quotients to 1e-12, since by hand they are rounded twice).
    """
    tags, contract = sixty_tags(), payment_contract()
    with _written(rows, customers, folder) as paths, _duck() as duck:
        relation = _relation(duck, paths)
        hand_sql = by_hand_sql(relation.table.get_name())
        ours, hand = [], []
        for _ in range(repeats):
            ours.append(_timed(lambda: aggregate_customers(tags, contract, relation, AS_OF_US)))
            hand.append(_timed(lambda: duck.con.execute(hand_sql).pl()))
        answer, by_hand = ours[-1][0], hand[-1][0]
        seconds, hand_seconds = (min(each[1] for each in found) for found in (ours, hand))
        cpu, hand_cpu = (min(each[2] for each in found) for found in (ours, hand))
    return {
        "rows": rows,
        "customers": answer.height,
        "tags": len(tags),
        "seconds": round(seconds, 3),
        "per_second": int(rows / seconds),
        "cpu_seconds": round(cpu, 3),
        "hand_seconds": round(hand_seconds, 3),
        "hand_cpu_seconds": round(hand_cpu, 3),
        "ratio": round(seconds / hand_seconds, 3),
        "cpu_ratio": round(cpu / hand_cpu, 3),
        "exact": _agree(answer, by_hand),
    }


def bench_tags_spark(
    rows: int = 2_000_000,
    customers: int | None = None,
    *,
    master: str = "local-cluster[2,1,2048]",
    folder: Path | None = None,
) -> dict[str, Any]:
    """Compute the same tags by the same code on Spark and on DuckDB, over the same Parquet.

    Args:
        rows, customers, folder: as for ``bench_tags``.
        master: of Spark; the default starts two executor processes.

    Returns:
        ``seconds`` on Spark (its start is ``start_seconds``), ``duckdb_seconds`` and ``exact``: all equal.
    """
    from vostro.portrait.aggregate.spark import local_spark

    tags, contract = sixty_tags(), payment_contract()
    with _written(rows, customers, folder) as paths:
        with _duck() as duck:
            relation = _relation(duck, paths)
            expected, duck_seconds, _ = _timed(
                lambda: aggregate_customers(tags, contract, relation, AS_OF_US)
            )
        begun = time.perf_counter()
        with local_spark(master) as spark:
            relation = _relation(spark, paths)
            start_seconds = time.perf_counter() - begun
            answer, seconds, _ = _timed(lambda: aggregate_customers(tags, contract, relation, AS_OF_US))
    return {
        "rows": rows,
        "customers": answer.height,
        "tags": len(tags),
        "master": master,
        "start_seconds": round(start_seconds, 3),
        "seconds": round(seconds, 3),
        "per_second": int(rows / seconds),
        "duckdb_seconds": round(duck_seconds, 3),
        "ratio": round(seconds / duck_seconds, 3),
        "exact": answer.sort("customer").equals(expected.sort("customer")),
    }


@contextmanager
def _written(rows: int, customers: int | None, folder: Path | None) -> Iterator[list[Path]]:
    customers = customers or max(1, rows // _PAYMENTS_EACH)
    if folder is not None:
        yield write_payments(folder, rows=rows, customers=customers)
        return
    with TemporaryDirectory(prefix="vostro-bench-") as temporary:
        yield write_payments(Path(temporary), rows=rows, customers=customers)


@contextmanager
def _duck() -> Iterator[Any]:
    import ibis

    duck = ibis.duckdb.connect(threads=_THREADS)
    duck.raw_sql("SET TimeZone = 'UTC'")
    try:
        yield duck
    finally:
        duck.disconnect()


def _relation(connection: Any, paths: list[Path]) -> Any:
    """Return the payments as a history without second versions."""
    from vostro.capture import HistoryRelation

    table = connection.read_parquet(str(paths[0].parent / "*.parquet"), table_name="payments")
    return HistoryRelation(table=table, unique=True)


def _timed(run: Callable[[], pl.DataFrame]) -> tuple[pl.DataFrame, float, float]:
    """Return what a run answers, and its seconds by the clock and of the processor."""
    begun, cpu = time.perf_counter(), time.process_time()
    answer = run()
    return answer, time.perf_counter() - begun, time.process_time() - cpu


def _agree(answer: pl.DataFrame, other: pl.DataFrame) -> bool:
    """Tell whether two answers have the same customers and values."""
    if set(answer.columns) != set(other.columns) or answer.height != other.height:
        return False
    one, two = answer.sort("customer"), other.sort("customer").select(answer.columns)
    return all(_same(one[name], two[name]) for name in one.columns)


def _same(one: pl.Series, two: pl.Series) -> bool:
    if one.dtype != pl.Float64:
        return one.eq_missing(two.cast(one.dtype)).all()
    off = (one - two).abs() > _FLOAT_ERROR * (1 + one.abs())
    return one.is_null().equals(two.is_null()) and not off.any()
