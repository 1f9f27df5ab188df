"""Benches 在线画像基准: how long does one customer at a past moment take, and what does an event cost?

Sixty tags over generated card payments in a workspace of its own, with a real PostgreSQL. Wall
clocks are this machine's; CPU seconds are of this process and of PostgreSQL together.
"""

import contextlib
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from vostro.engine import QueueSession, Settings, Workspace, append_events, read_records
from vostro.portrait.online.cache import PortraitReader
from vostro.portrait.online.copies import refresh_copies
from vostro.portrait.online.customer import PastReader
from vostro.portrait.online.record import pack, unpack
from vostro.portrait.online.rows import moment_of
from vostro.portrait.online.seeding import seed
from vostro.portrait.online.worker import Worker

if TYPE_CHECKING:
    from vostro.capture import Contract
    from vostro.portrait.tags import Tag

__all__ = ["bench_as_of", "bench_portraits"]

_MEMORY_MB = 4_000
_YEAR_US = 365 * 86_400_000_000
_EVENTS_A_WRITE = 10_000


def bench_as_of(
    rows: int = 20_000_000, customers: int = 1_000_000, asked: int = 500, folder: Path | None = None
) -> dict[str, Any]:
    """Ask for all tags of random customers at random moments of the last year.

    Args:
        rows: payments in the lake.
        customers: whose payments they are.
        asked: how many questions are measured.
        folder: where the bank lies for the while; a temporary one by default.

    Returns:
        ``p50_ms``, ``p99_ms`` and ``cpu_p50_ms`` of a question, ``tags``, ``rows``, ``customers``, ``asked``,
        and what the build pays for it: ``copy_seconds``, ``copy_mb``; ``uncopied_ms`` of one question without it.
    """
    with _bank(folder, rows=rows, customers=customers) as (workspace, tags, contracts):
        past = PastReader(workspace.lake, tags, contracts)
        slow, _ = _ask(past, customers, 2)
        start = time.perf_counter()
        refresh_copies(workspace.lake, contracts)
        copy_seconds = time.perf_counter() - start
        _ask(past, customers, 20)
        wall, cpu = _ask(past, customers, asked)
        past.close()
        copies = [each for each in workspace.lake.partitions() if each.table.startswith("by_customer_")]
    return {
        "p50_ms": round(float(np.percentile(wall, 50)), 2),
        "p99_ms": round(float(np.percentile(wall, 99)), 2),
        "cpu_p50_ms": round(float(np.percentile(cpu, 50)), 2),
        "tags": len(tags),
        "rows": rows,
        "customers": customers,
        "asked": asked,
        "copy_seconds": round(copy_seconds, 1),
        "copy_mb": sum(each.bytes for each in copies) // 1_000_000,
        "uncopied_ms": round(slow[1], 1),
    }


def bench_portraits(
    events: int = 50_000, customers: int = 20_000, folder: Path | None = None
) -> dict[str, Any]:
    """Take events into the records of customers with a year of history, and read portraits.

    Args:
        events: through the log, the queue and the worker.
        customers: each with about 20 payments before.
        folder: where the bank lies for the while; a temporary one by default.

    Returns:
        ``events_per_second`` (wall clock, one worker), ``cpu_us_an_event`` (worker and PostgreSQL),
        ``record_bytes`` (mean), ``unpack_us``, ``fold_us``, ``pack_us`` and ``tags_us`` of one record,
        ``read_us`` of one portrait through the reader, ``seed_customers_per_second``, ``tags``.
    """
    with _bank(folder, rows=customers * 20, customers=customers, kind="card_payment") as bank:
        workspace, tags, contracts = bank
        now = _as_of() + timedelta(days=1)
        start = time.perf_counter()
        seed(workspace.lake, tags, contracts, now=now)
        seed_seconds = time.perf_counter() - start
        _log(workspace, events, customers, now)
        worker = Worker(workspace.store, workspace.lake, tags, contracts, clock=lambda: now)
        with QueueSession(workspace.store) as session:
            worker.prepare(session)
            start, cpu = time.perf_counter(), _cpu(workspace)
            while worker.step(session):
                pass
            seconds, spent = time.perf_counter() - start, _cpu(workspace) - cpu
        assert worker.applied == events, "all that was written is taken in"
        figures = {
            "events": events,
            "customers": customers,
            "tags": len(tags),
            "events_per_second": round(events / seconds),
            "cpu_us_an_event": round(1e6 * spent / events, 1),
            "seed_customers_per_second": round(customers / seed_seconds),
        }
        return figures | _record_figures(workspace, worker, tags, contracts, now)


def _record_figures(
    workspace: Workspace,
    worker: Worker,
    tags: "Mapping[str, Tag]",
    contracts: "Mapping[str, Contract]",
    now: datetime,
) -> dict[str, Any]:
    """Measure single steps on the records of some customers."""
    some = [str(i) for i in range(1, 201)]
    with QueueSession(workspace.store) as session, session.glance() as cursor:
        packed = [each.record for each in read_records(cursor, some).values()]
    records = [unpack(each) for each in packed]
    tiles = worker.tiles
    now_us = round(now.timestamp() * 1e6)
    row = dict.fromkeys(tiles.readers["card_payment"].read("{}", "1", now_us)) | {
        "points": 3,
        "city": "city_001",
    }
    fold = tiles._folds["card_payment"]
    reader = PortraitReader(workspace.lake, tags, contracts)
    figures = {
        "record_bytes": round(sum(map(len, packed)) / len(packed)),
        "unpack_us": _mean_us(unpack, packed),
        "fold_us": _mean_us(lambda record: fold(record[1], now_us, row), records),
        "pack_us": _mean_us(pack, records),
        "tags_us": _mean_us(lambda record: tiles.read(record, now_us + 1), records),
        "read_us": _mean_us(lambda customer: reader.read(customer, as_of=now), some),
    }
    reader.close()
    return figures


def _mean_us(function: Callable[[Any], object], values: list[Any], rounds: int = 5) -> float:
    """Return the microseconds of a call, the best of some rounds over the values."""
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        for value in values:
            function(value)
        best = min(best, time.perf_counter() - start)
    return round(1e6 * best / len(values), 2)


def _ask(past: PastReader, customers: int, asked: int) -> tuple[list[float], list[float]]:
    """Ask random questions; milliseconds by the wall clock, and of this process's CPU."""
    chance = np.random.default_rng(asked)
    wall, cpu = [], []
    for _ in range(asked):
        customer = str(chance.integers(1, customers + 1))
        as_of = _as_of() - timedelta(microseconds=int(chance.integers(0, _YEAR_US)))
        start, spent = time.perf_counter(), time.process_time()
        past.read(customer, as_of)
        wall.append(1e3 * (time.perf_counter() - start))
        cpu.append(1e3 * (time.process_time() - spent))
    return wall, cpu


@contextmanager
def _bank(
    folder: Path | None, *, rows: int, customers: int, kind: str | None = None
) -> "Iterator[tuple[Workspace, dict[str, Tag], dict[str, Contract]]]":
    """Open a bank whose lake holds generated payments, and its sixty tags."""
    import msgspec

    from vostro.portrait.aggregate.bench_bank import payment_contract, sixty_tags, write_payments
    from vostro.portrait.tag import Tag

    contract = msgspec.structs.replace(payment_contract(), event=kind)
    tags = {}
    for code, (aggregate, info) in sixty_tags().items():
        known = {name: getattr(info, name) for name in info.__struct_fields__}
        tags[code] = Tag(tag=code, dimension="consumption", aggregate=aggregate, **known)
    with tempfile.TemporaryDirectory(dir=folder, prefix="bench-online-") as name:
        home = Path(name)
        for each in ("bank", "files"):
            (home / each).mkdir()
        with Workspace.open(home / "bank", Settings(memory_limit_mb=_MEMORY_MB)) as workspace:
            for path in write_payments(home / "files", rows=rows, customers=customers):
                _publish(workspace, path)
            yield workspace, tags, {contract.contract: contract}


def _publish(workspace: Workspace, path: Path) -> None:
    """Make a file a partition of the payments, as a load would."""
    with workspace.lake.stage("card_payment", path.stem) as stage:
        stage.rows = pl.scan_parquet(path).select(pl.len()).collect().item()
        path.rename(stage.path / "part-000000.parquet")
        with workspace.store.begin() as connection:
            workspace.lake.publish(connection, stage)


def _log(workspace: Workspace, events: int, customers: int, now: datetime) -> None:
    """Write payments into the log and the queue, as an API would."""
    from vostro.portrait.aggregate.bench_bank import GROUPS

    chance = np.random.default_rng(3)
    numbers = pl.Series(range(events)).cast(pl.String)
    who = pl.Series(chance.integers(1, customers + 1, events)).cast(pl.String)
    group = pl.Series(list(GROUPS)).gather(pl.Series(chance.integers(0, len(GROUPS), events)))
    amount, city = chance.integers(100, 99_999, events), chance.integers(0, 300, events)
    body = pl.DataFrame({"n": numbers, "a": amount, "g": group, "c": city}).select(
        pl.format(
            '{"payment_id": 9{}, "amount": "{}.50", "merchant_group": "{}", "channel": "online", '
            '"city": "city_{}", "points": {}}'.replace("{}", "\0").replace("{", "{{").replace("}", "}}").replace("\0", "{}"),
            "n", pl.col("a") // 100, "g", "c", pl.col("a") % 500,
        )
    ).to_series()  # fmt: skip
    times = pl.Series([now - timedelta(seconds=int(each)) for each in chance.integers(1, 80_000, events)])
    frame = pl.DataFrame(
        {"customer": who, "kind": "card_payment", "event_time": times, "load_time": now, "body": body}
    ).with_columns(
        pl.col("event_time", "load_time").cast(pl.Datetime("us", "UTC")),
        event_id="9" + numbers,
        idempotency_key="card_payment:9" + numbers,
        operation=pl.lit("new"),
        load_id=pl.lit(99, pl.Int64),
        origin=pl.lit("api"),
    )
    for some in frame.iter_slices(_EVENTS_A_WRITE):
        with workspace.store.begin() as connection:
            append_events(connection, some, queue=True)


def _cpu(workspace: Workspace) -> float:
    """Return the CPU seconds of this process and of PostgreSQL's, as far as they still run."""
    import psutil  # type: ignore[import-untyped]

    total = time.process_time()
    if workspace.server is not None and workspace.server.pid is not None:
        parent = psutil.Process(workspace.server.pid)
        for each in [parent, *parent.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                times = each.cpu_times()
                total += times.user + times.system
    return total


def _as_of() -> datetime:
    from vostro.portrait.aggregate.bench_bank import AS_OF_US

    return moment_of(AS_OF_US)
