"""Benchmark of the twin 孪生基准: how long does a bank of a million customers take to make?"""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import polars as pl

from vostro.twin.bank import TwinBank

__all__ = ["bench_twin"]


def bench_twin(*, customers: int = 1_000_000, seed: int = 7) -> dict[str, float]:
    """Draw a bank, write its files and let it answer a list of every fifth customer; return seconds.

    >>> sorted(bench_twin(customers=100))
    ['answer_seconds', 'customers', 'draw_seconds', 'seconds', 'write_seconds']
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        begun = perf_counter()
        bank = TwinBank(customers=customers, seed=seed, start=datetime(2026, 3, 2, tzinfo=UTC))
        drawn = perf_counter()
        bank.write_history(folder / "data")
        written = perf_counter()
        called = pl.Series("customer", range(1, customers + 1, 5)).cast(pl.String).str.zfill(8)
        pl.DataFrame({"customer": "C" + called}).write_csv(folder / "call_list.csv")
        bank.answer(folder / "call_list.csv", folder / "data" / "outcomes.csv")
        done = perf_counter()
    return {
        "customers": customers,
        "draw_seconds": round(drawn - begun, 3),
        "write_seconds": round(written - drawn, 3),
        "answer_seconds": round(done - written, 3),
        "seconds": round(done - begun, 3),
    }
