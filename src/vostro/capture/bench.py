"""Bench 入库基准: how many rows of a large file per second, with how much memory?

The file is generated (20 columns of all types, one record in a thousand broken) and loaded into a
fresh workspace, once cut to a fifth and once whole, each in a process of its own: memory that does
not grow between the two does not grow with the file. Making the file is not measured.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

__all__ = ["CONTRACT_YAML", "bench_load", "write_bench_file"]

_BLOCK_ROWS = 250_000
_BAD_SHARE = 0.001
_PART = 5  # the smaller file holds one row in five

CONTRACT_YAML = """\
contract: payments
meaning: {en: "Card payments, generated", zh: 生成的刷卡交易}
file: payments_*.csv
format: {missing: ["", unknown]}
key: [payment_id]
customer: customer_id
event_time: {column: paid_at}
lateness: 4000 days
columns:
  payment_id: {type: text, required: true, pattern: 'P[0-9]{10}', meaning: {en: Payment, zh: 交易号}}
  customer_id: {type: text, required: true, personal_data: identity, meaning: {en: Customer, zh: 客户号}}
  account_no: {type: integer, required: true, min: 1, personal_data: financial, meaning: {en: Account, zh: 账号}}
  paid_at: {type: moment, required: true, meaning: {en: Paid at, zh: 交易时间}}
  booked_on: {type: date, required: true, min: 2000-01-01, meaning: {en: Booked on, zh: 记账日期}}
  amount_cny: {type: decimal, decimal: [14, 2], required: true, min: 0, meaning: {en: Amount, zh: 金额}}
  fee_cny: {type: decimal, decimal: [14, 2], meaning: {en: Fee, zh: 手续费}}
  balance_cny: {type: decimal, decimal: [16, 2], meaning: {en: Balance, zh: 余额}}
  currency: {type: text, required: true, allowed: [CNY, HKD, MOP, USD, EUR], meaning: {en: Currency, zh: 币种}}
  merchant_group: {type: text, allowed: [dining, travel, food, health, fuel, other], meaning: {en: Group, zh: 商户类别}}
  merchant_code: {type: integer, min: 1000, max: 9999, meaning: {en: Merchant code, zh: 商户代码}}
  city: {type: text, meaning: {en: City, zh: 城市}}
  terminal: {type: text, pattern: 'T[0-9]{6}', meaning: {en: Terminal, zh: 终端号}}
  installments: {type: integer, min: 0, max: 60, meaning: {en: Instalments, zh: 分期数}}
  online: {type: boolean, required: true, meaning: {en: Online, zh: 是否线上}}
  foreign: {type: boolean, meaning: {en: Abroad, zh: 是否境外}}
  age: {type: integer, min: 16, max: 110, personal_data: basic, meaning: {en: Age, zh: 年龄}}
  risk: {type: number, min: 0, max: 1, meaning: {en: Risk, zh: 风险分}}
  distance_km: {type: number, min: 0, meaning: {en: Distance, zh: 距离（公里）}}
  memo: {type: text, meaning: {en: Memo, zh: 附言}}
"""


def bench_load(rows: int = 5_000_000, folder: Path | None = None) -> dict[str, Any]:
    """Load a generated file of ``rows`` rows and return what it took.

    Args:
        rows: of the whole file.
        folder: where file, store and lake lie for the while; a temporary one by default.

    Returns:
        ``rows_per_second`` and ``seconds`` (wall clock), ``cpu_seconds`` of the loading process,
        ``memory_mb_peak`` of the whole file and ``memory_mb_peak_fifth`` of a fifth of it,
        ``rows``, ``columns``, ``rows_loaded``, ``rejects``, ``file_mb``, ``cores``.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix="bench-load-") as name:
        home = Path(name)
        found = {}
        for share, size in (("fifth", rows // _PART), ("whole", rows)):
            path = home / f"payments_{share}.csv"
            write_bench_file(path, size)
            found[share] = _measure(home / f"bank_{share}", path)
            if share == "fifth":
                path.unlink()
        whole = found["whole"]
        return {
            "name": "load",
            **whole,
            "memory_mb_peak_fifth": found["fifth"]["memory_mb_peak"],
            "rows_per_second_fifth": found["fifth"]["rows_per_second"],
            "file_mb": round((home / "payments_whole.csv").stat().st_size / 1e6, 1),
            "columns": 20,
            "cores": os.cpu_count(),
        }


def write_bench_file(path: Path, rows: int, *, seed: int = 0) -> None:
    """Write a CSV file of ``rows`` payments, one in a thousand of them broken."""
    rng = np.random.default_rng(seed)
    with path.open("wb") as file:
        for start in range(0, rows, _BLOCK_ROWS):
            _payments(rng, start, min(_BLOCK_ROWS, rows - start)).write_csv(file, include_header=start == 0)


def _payments(rng: np.random.Generator, start: int, size: int) -> pl.DataFrame:
    """Return payments ``start`` to ``start + size``; all columns as text."""
    number = np.arange(start, start + size)
    moment = 1_600_000_000 + number * 20 + rng.integers(0, 20, size)
    frame = pl.DataFrame(
        {
            "payment_id": number,
            "customer_id": rng.integers(0, 1_000_000, size),
            "account_no": rng.integers(10**15, 10**16, size),
            "paid_at": moment,
            "amount_cny": rng.integers(1, 2_000_000, size),
            "fee_cny": rng.integers(0, 500, size),
            "balance_cny": rng.integers(-(10**6), 10**9, size),
            "merchant_code": rng.integers(1000, 10_000, size),
            "terminal": rng.integers(0, 10**6, size),
            "installments": rng.integers(0, 25, size),
            "age": rng.integers(18, 90, size),
            "risk": rng.random(size).round(4),
            "distance_km": rng.exponential(20, size).round(1),
        }
    )
    cents = [
        (pl.col(name) / 100).round(2).cast(pl.Decimal(16, 2)).cast(pl.String).alias(name)
        for name in ("amount_cny", "fee_cny", "balance_cny")
    ]
    clock = pl.from_epoch("paid_at", "s")
    frame = frame.with_columns(
        pl.format("P{}", pl.col("payment_id").cast(pl.String).str.zfill(10)).alias("payment_id"),
        pl.format("C{}", pl.col("customer_id").cast(pl.String).str.zfill(8)).alias("customer_id"),
        pl.format("T{}", pl.col("terminal").cast(pl.String).str.zfill(6)).alias("terminal"),
        clock.dt.strftime("%Y-%m-%dT%H:%M:%S+08:00").alias("paid_at"),
        clock.dt.strftime("%Y-%m-%d").alias("booked_on"),
        *cents,
        *(pl.col(name).cast(pl.String) for name in ("account_no", "merchant_code", "installments", "age")),
        *(pl.col(name).cast(pl.String) for name in ("risk", "distance_km")),
        pl.Series("currency", _pick(rng, ["CNY", "CNY", "CNY", "HKD", "USD"], size)),
        pl.Series(
            "merchant_group", _pick(rng, ["dining", "travel", "food", "health", "fuel", "other", ""], size)
        ),
        pl.Series("city", _pick(rng, ["Beijing", "上海", "Lisbon", "Macau", "unknown"], size)),
        pl.Series("online", _pick(rng, ["true", "false"], size)),
        pl.Series("foreign", _pick(rng, ["yes", "no", "no", ""], size)),
        pl.Series("memo", _pick(rng, ["", "", "lunch, with Ann", 'the "big" one', "机票"], size)),
    )
    return _broken(rng, frame).select(_order())


def _broken(rng: np.random.Generator, frame: pl.DataFrame) -> pl.DataFrame:
    """Break one record in a thousand, each in one of five ways."""
    which = pl.Series(np.where(rng.random(frame.height) < _BAD_SHARE, rng.integers(0, 5, frame.height), -1))
    wrongs = (
        ("amount_cny", "1,234.50"),
        ("booked_on", "2023-02-30"),
        ("age", "999"),
        ("currency", "XXX"),
        ("paid_at", ""),
    )
    return frame.with_columns(
        pl.when(which == index).then(pl.lit(text)).otherwise(pl.col(name)).alias(name)
        for index, (name, text) in enumerate(wrongs)
    )


def _pick(rng: np.random.Generator, words: list[str], size: int) -> pl.Series:
    return pl.Series(words).gather(rng.integers(0, len(words), size))


def _order() -> list[str]:
    return [line.split(":")[0].strip() for line in CONTRACT_YAML.split("columns:\n")[1].splitlines()]


def _measure(bank: Path, path: Path) -> dict[str, Any]:
    (bank / "contracts").mkdir(parents=True)
    (bank / "contracts" / "payments.yaml").write_text(CONTRACT_YAML, encoding="utf-8")
    command = [sys.executable, "-m", "vostro.capture.bench", str(bank), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own module
    if done.returncode:
        raise RuntimeError(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _load_once(bank: Path, path: Path) -> dict[str, Any]:
    """Load one file into a fresh workspace; runs in a process of its own."""
    from vostro.capture import load, read_contracts
    from vostro.engine import Workspace, memory_peak_mb

    contract = read_contracts(bank)["payments"]
    with Workspace.open(bank) as workspace:
        began, cpu = time.perf_counter(), time.process_time()
        report = load(
            contract,
            path,
            store=workspace.store,
            lake=workspace.lake,
            load_time=datetime(2026, 1, 1, tzinfo=UTC),
        )
        seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu
    return {
        "rows": report.rows_read,
        "rows_loaded": report.rows_loaded,
        "rejects": report.rows_rejected,
        "rows_per_second": round(report.rows_read / seconds),
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "memory_mb_peak": round(memory_peak_mb(), 1),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_load_once(Path(sys.argv[1]), Path(sys.argv[2]))))
