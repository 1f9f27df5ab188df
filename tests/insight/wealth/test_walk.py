"""Nothing is known before its day, and money is reckoned to the cent."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from vostro.insight.wealth import walk_forward
from vostro.insight.wealth.bench import bench_portfolio
from vostro.insight.wealth.errors import MethodUnknownError, PriceRowsError, PricesFileError

from .conftest import priced

PAGE = (Path(__file__).parents[3] / "docs" / "insight-churn.md").read_text(encoding="utf-8")
FAST = {"train_days": 252, "hold_days": 63}


def test_weights_do_not_know_what_comes(three: np.ndarray) -> None:
    changed = three.copy()
    changed[700:] = changed[700:][::-1] * -2
    one = walk_forward(priced(three), methods=["min_variance"], **FAST)
    other = walk_forward(priced(changed), methods=["min_variance"], **FAST)
    assert one.weights.filter(pl.col("time") <= 700).equals(other.weights.filter(pl.col("time") <= 700))
    known = one.returns["time"] <= 700
    assert np.allclose(one.returns.filter(known)["min_variance"], other.returns.filter(known)["min_variance"])
    assert not one.weights.equals(other.weights)


def test_money_is_that_of_buying_and_holding(three: np.ndarray) -> None:
    found = walk_forward(
        priced(three), methods=["equal"], train_days=252, hold_days=2000 - 752, cost_rate=0.002
    )
    held = np.cumprod(1 + three[252:], axis=0)[-1].mean()
    assert np.prod(1 + found.returns["equal"].to_numpy()) == pytest.approx(held * (1 - 0.002))
    assert found.tried[0].turnover_year == 0.0, "bought once, never traded"


def test_costs_are_the_turnover_times_the_rate(three: np.ndarray) -> None:
    free = walk_forward(priced(three), methods=["equal"], cost_rate=0.0, **FAST).tried[0]
    dear = walk_forward(priced(three), methods=["equal"], cost_rate=0.01, **FAST)
    assert free.sharpe == free.sharpe_before_costs == dear.tried[0].sharpe_before_costs > dear.tried[0].sharpe
    years = dear.returns.height / 252
    paid = (dear.tried[0].turnover_year * years * 2 + 1) * 0.01  # the first purchase costs too
    without = (
        walk_forward(priced(three), methods=["equal"], cost_rate=0.0, **FAST).returns["equal"].to_numpy()
    )
    lost = np.log1p(without).sum() - np.log1p(dear.returns["equal"].to_numpy()).sum()
    assert lost == pytest.approx(paid, rel=0.02)


def test_methods_are_compared_with_both_benchmarks(three: np.ndarray) -> None:
    found = walk_forward(priced(three), methods=["equal", "min_variance", "risk_parity"], **FAST)
    equal, least, parity = found.tried
    assert equal.against_equal is None and least.against_min_variance is None
    assert parity.against_equal is not None and parity.against_min_variance is not None
    assert least.volatility_year < equal.volatility_year
    assert parity.against_equal.difference == pytest.approx(parity.sharpe - equal.sharpe)
    assert 0 < parity.drawdown_most < 1
    assert found.weights.height == 3 * len(range(252, 1500, 63))
    alone = walk_forward(priced(three), methods=["risk_parity"], **FAST).tried[0]
    assert alone.against_equal is None, "nothing to compare with"


def test_wrong_requests(three: np.ndarray) -> None:
    with pytest.raises(PriceRowsError):
        walk_forward(priced(three[:300]))
    with pytest.raises(MethodUnknownError):
        walk_forward(priced(three), methods=["magic"], **FAST)


def test_the_bench_claims_nothing_without_an_interval(data_dir: Path) -> None:
    found = bench_portfolio(data_dir)
    assert found["days"] == 1759 and found["met"]
    for name, told in found["methods"].items():
        if name != "equal":
            said = told["against_equal"]
            assert (name in found["better_than_equal"]) == (said["low"] > 0)
            assert (name in found["worse_than_equal"]) == (said["high"] < 0)
            row = (
                f"| {told['sharpe']:.3f} | {100 * told['turnover_year']:.0f} % | "
                f"{said['difference']:+.3f} ({said['low']:.3f} to {said['high']:+.3f}) |"
            )
            assert f"`{name}` {row}".replace("-", "−") in PAGE, "docs/insight-churn.md tells another figure"


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(PricesFileError):
        bench_portfolio(tmp_path)
