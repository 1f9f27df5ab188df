"""Bench of portfolios 组合基准: do the proposed portfolios do better than 1/N, after costs?

Nothing was tuned: two years of training, weights set each month, a cost of 0.1 % of what is traded, and the
methods' own defaults were set before the first run. Five equity factors of one market are a narrow world; the
interval says how little seven years of days can tell (DeMiguel, Garlappi and Uppal 2009, Review of
Financial Studies 22: 1/N is hard to beat).
"""

from pathlib import Path
from time import perf_counter
from typing import Any

import msgspec
import polars as pl

from vostro.insight.wealth.errors import PricesFileError
from vostro.insight.wealth.walk import walk_forward

__all__ = ["bench_portfolio"]

FILE = "factors_dataset.csv.gz"


def bench_portfolio(data: Path, *, seed: int = 0) -> dict[str, Any]:
    """Walk forward over the daily prices of five factor funds, 2014 to 2022.

    Args:
        data: folder that holds ``market_prices/factors_dataset.csv.gz``, or that folder itself.
        seed: of the bootstrap.

    Raises:
        PricesFileError: the file is not there.
        WealthExtraError: the extra ``wealth`` is not installed.
    """
    began = perf_counter()
    found = walk_forward(_read(data), time="Date", seed=seed)
    return {
        "methods": {each.method: _told(each) for each in found.tried},
        "days": found.returns.height,
        "better_than_equal": [e.method for e in found.tried if e.against_equal and e.against_equal.better],
        "worse_than_equal": [
            e.method for e in found.tried if e.against_equal and e.against_equal.better is False
        ],
        "target": "Sharpe ratio and turnover stated against 1/N and minimum variance, with costs and intervals",
        "met": all(each.against_equal is not None for each in found.tried if each.method != "equal"),
        "protocol": (
            f"walk forward: {found.train_days} days of training, {found.hold_days} days held, costs "
            f"{found.cost_rate:.1%} of what is traded; differences by stationary bootstrap, 95 %"
        ),
        "seconds": perf_counter() - began,
    }


def _told(tried: Any) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(tried)
    return {name: value for name, value in told.items() if name != "method"}


def _read(data: Path) -> pl.DataFrame:
    for path in (data / "market_prices" / FILE, data / FILE):
        if path.is_file():
            return pl.read_csv(path, try_parse_dates=True)
    raise PricesFileError(folder=str(data))
