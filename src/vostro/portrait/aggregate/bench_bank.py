"""A bank for the benchmarks of tags 标签基准数据: payments of many customers, and sixty tags over them.

Deterministic: the same rows and customers give the same files. Two years of card payments, in four
files in order of time, as they would have been loaded.
"""

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from vostro.engine import Located
from vostro.portrait.aggregate.batch import Asked
from vostro.portrait.aggregate.definition import DAY_US, UTC
from vostro.portrait.aggregate.reading import (
    AggregateDefinition,
    AggregateReader,
    RatioDefinition,
    result_info,
)
from vostro.words import Text

if TYPE_CHECKING:
    from vostro.capture import Contract

__all__ = ["AS_OF_US", "GROUPS", "WINDOWS", "payment_contract", "sixty_tags", "write_payments"]

AS_OF_US = 1_767_225_600_000_000 + 9 * 3_600_000_000  # 2026-01-01 09:00 UTC, microseconds
WINDOWS = (7, 30, 90, 180, 365)  # days
GROUPS = ("grocery", "dining", "travel", "health", "fashion", "cash")
_OTHERS = ("fuel", "home", "leisure", "education", "electronics", "utilities")
_CHANNELS = ("pos", "online", "atm", "app", "transfer")
_CITIES = 300
_HISTORY_DAYS = 730
_FILES = 4
_NAME = Text(en="benchmark", zh="基准")


def payment_contract() -> "Contract":
    """Return the contract of the payments."""
    from vostro.capture import Contract, ContractColumn, EventTime

    types = {
        "payment_id": "integer",
        "customer_id": "integer",
        "paid": "moment",
        "merchant_group": "text",
        "channel": "text",
        "city": "text",
        "points": "integer",
    }
    columns = {name: ContractColumn(type=each, meaning=_NAME) for name, each in types.items()}  # type: ignore[arg-type]
    columns["amount"] = ContractColumn(type="decimal", decimal=(12, 2), meaning=_NAME)
    return Contract(
        contract="card_payment",
        meaning=_NAME,
        file="*.parquet",
        columns=columns,
        key=["payment_id"],
        customer="customer_id",
        event_time=EventTime(column="paid"),
    )


def sixty_tags() -> Asked:
    """Return the sixty tags: counts, sums, means, extremes, shares, trends, distinct, top, first and last."""
    contract = payment_contract()
    written = _spending() | _groups() | _relations() | _values()
    found = {}
    for code, definition in written.items():
        at = Located(SimpleNamespace(aggregate=definition), "bench", {})
        aggregate = AggregateReader(at, {contract.contract: contract}, UTC).read()
        found[code] = (aggregate, result_info(aggregate, contract, _NAME))
    return found


def _tag(measure: str, days: int | None = None, where: str | None = None) -> AggregateDefinition:
    window = None if days is None else f"{days} days"
    return AggregateDefinition(of="card_payment", measure=measure, where=where, window=window)


def _spending() -> dict[str, AggregateDefinition]:
    found = {f"count_{days}d": _tag("count", days) for days in WINDOWS}
    found |= {f"spend_{days}d": _tag("sum(amount)", days) for days in WINDOWS}
    found |= {f"mean_{days}d": _tag("mean(amount)", days) for days in (30, 90, 365)}
    found |= {f"max_{days}d": _tag("max(amount)", days) for days in (30, 90, 365)}
    return found | {f"min_{days}d": _tag("min(amount)", days) for days in (90, 365)}


def _groups() -> dict[str, AggregateDefinition]:
    found = {
        f"{group}_{days}d": _tag("sum(amount)", days, f"merchant_group = '{group}'")
        for group in GROUPS
        for days in (30, 90, 365)
    }
    return found | {
        f"{group}_count_90d": _tag("count", 90, f"merchant_group = '{group}'") for group in GROUPS
    }


def _relations() -> dict[str, AggregateDefinition]:
    online = "channel = 'online'"
    found = {f"online_count_{days}d": _tag("count", days, online) for days in (30, 90)}
    shares = {
        f"{group}_share_90d": ("sum(amount)", f"merchant_group = '{group}'")
        for group in ("dining", "grocery", "travel")
    } | {"online_share_90d": ("count", online)}
    for code, (measure, where) in shares.items():
        found[code] = AggregateDefinition(
            of="card_payment", measure=measure, where=where, window="90 days", ratio_to=RatioDefinition()
        )
    for code, measure, days in (("spend_trend_30d", "sum(amount)", 30), ("count_trend_90d", "count", 90)):
        found[code] = AggregateDefinition(
            of="card_payment", measure=measure, window=f"{days} days", trend=True
        )
    return found


def _values() -> dict[str, AggregateDefinition]:
    return {
        "cities_90d": _tag("distinct(city)", 90),
        "groups_365d": _tag("distinct(merchant_group)", 365),
        "top_group_365d": _tag("top(merchant_group)", 365),
        "top_city_365d": _tag("top(city)", 365),
        "days_since_last": _tag("days_since_last"),
        "days_since_first": _tag("days_since_first"),
        "days_since_travel": _tag("days_since_last", None, "merchant_group = 'travel'"),
        "last_amount": _tag("last(amount)"),
        "last_channel": _tag("last(channel)"),
        "first_city": _tag("first(city)"),
    }


def write_payments(folder: Path, *, rows: int, customers: int) -> list[Path]:
    """Write the payments as Parquet files and return their paths.

    Args:
        folder: an empty folder.
        rows: of payments in all; at least 4.
        customers: whose payments they are, drawn uniformly.
    """
    chance = np.random.default_rng(7)
    paths = []
    ends = [rows * i // _FILES for i in range(_FILES + 1)]
    span_us = _HISTORY_DAYS * DAY_US // _FILES
    for number, (first, end) in enumerate(pairwise(ends)):
        start_us = AS_OF_US - (_FILES - number) * span_us
        frame = _payments(chance, first, end - first, customers, start_us, span_us)
        paths.append(folder / f"payments_{number}.parquet")
        frame.with_columns(pl.lit(number + 1, dtype=pl.Int64).alias("_load")).write_parquet(paths[-1])
    return paths


def _payments(
    chance: np.random.Generator, first: int, rows: int, customers: int, start_us: int, span_us: int
) -> pl.DataFrame:
    times = np.sort(start_us + chance.integers(0, span_us, rows))
    cents = (chance.lognormal(3.5, 1.0, rows) * 100).astype(np.int64)
    cities = [f"city_{i:03d}" for i in range(_CITIES)]
    moment = pl.Datetime("us", "UTC")
    who = chance.integers(1, customers + 1, rows)
    return pl.DataFrame(
        {
            "payment_id": np.arange(first, first + rows),
            "customer_id": who,
            "paid": pl.Series(times).cast(moment),
            "amount": pl.Series(cents).cast(pl.Decimal(38, 0)),
            "merchant_group": _drawn(chance, (*GROUPS, *_OTHERS), rows),
            "channel": _drawn(chance, _CHANNELS, rows),
            "city": _drawn(chance, cities, rows),
            "points": chance.integers(0, 500, rows),
            "event_time": pl.Series(times).cast(moment),
            "load_time": pl.Series(times + 60_000_000).cast(moment),
            "_line": np.arange(rows),
        }
    ).with_columns(
        (pl.col("amount") / 100).cast(pl.Decimal(12, 2)),
        pl.col("customer_id").cast(pl.String).alias("customer"),
        pl.col("payment_id").cast(pl.String).alias("event_id"),
        pl.lit(value=False).alias("_deleted"),
    )


def _drawn(chance: np.random.Generator, values: "tuple[str, ...] | list[str]", rows: int) -> pl.Series:
    codes = pl.Series(chance.integers(0, len(values), rows))
    return pl.Series(list(values)).gather(codes)
