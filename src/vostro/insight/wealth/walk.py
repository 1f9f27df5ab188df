"""Walk forward 滚动回测: what would each method have earned, knowing each day only the days before?

Every ``hold_days`` each method sees the last ``train_days`` and nothing else, and the money is moved to its
weights at a cost; between, the weights drift with the prices.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.frames import Frame
from vostro.insight.wealth.methods import METHODS, Limits, read_limits, weights_of
from vostro.insight.wealth.prices import read_returns
from vostro.insight.wealth.sharpe import YEAR_DAYS, SharpeDifference, sharpe_difference, sharpe_ratio

__all__ = ["MethodTried", "WalkForward", "walk_forward"]

Floats = npt.NDArray[np.float64]


class MethodTried(msgspec.Struct, frozen=True):
    """How one method did; all figures after costs unless they say otherwise."""

    method: str
    sharpe: float  # a year, over cash at 0 %
    sharpe_before_costs: float
    return_year: float  # mean, compounded
    volatility_year: float
    drawdown_most: float  # largest fall from a top, as a share
    turnover_year: float  # share of the money that changes assets in a year, the first purchase left out
    against_equal: SharpeDifference | None  # None for equal weights themselves
    against_min_variance: SharpeDifference | None


@dataclass(frozen=True, slots=True)
class WalkForward:
    """What a walk forward found."""

    tried: tuple[MethodTried, ...]
    returns: pl.DataFrame  # time, and one column a method: returns of each day after costs
    weights: pl.DataFrame  # time, method, and one column an asset: weights from that day on
    train_days: int
    hold_days: int
    cost_rate: float


def walk_forward(  # noqa: PLR0913 - every one is a plain setting with a default
    prices: Frame,
    *,
    methods: Sequence[str] = METHODS,
    time: str = "time",
    train_days: int = 504,
    hold_days: int = 21,
    cost_rate: float = 0.001,
    weight_least: float | Mapping[str, float] = 0.0,
    weight_most: float | Mapping[str, float] = 1.0,
    seed: int = 0,
) -> WalkForward:
    """Try methods on the past, each day with what was known before it.

    Args:
        prices: shape (days, 1 + assets), adjusted prices in one currency, none missing.
        methods: of ``METHODS``; "equal" and "min_variance" are what the others are compared with.
        time: name of the column of times.
        train_days: days that each method sees.
        hold_days: days until the weights are set again.
        cost_rate: cost of a trade as a share of what is traded (sold or bought).
        weight_least: as of ``propose``.
        weight_most: as of ``propose``.
        seed: of the bootstrap.

    Raises:
        VostroError: as ``propose``; PriceRowsError when no whole holding time follows the first training.
    """
    found = read_returns(prices, time=time, days_least=train_days + hold_days)
    limits = read_limits(found.assets, weight_least=weight_least, weight_most=weight_most)
    walks = {
        name: _walk(found.values, name, limits, train_days, hold_days, cost_rate)
        for name in dict.fromkeys(methods)
    }
    after = {name: walk.after for name, walk in walks.items()}
    tried = tuple(_measured(name, walk, after, seed) for name, walk in walks.items())
    begins = found.time.gather(np.arange(train_days, len(found.time), hold_days))
    weights = [
        pl.DataFrame({"time": begins, "method": name}).hstack(
            pl.DataFrame(walk.weights, schema=list(found.assets), orient="row")
        )
        for name, walk in walks.items()
    ]
    returns = pl.DataFrame({"time": found.time[train_days:], **after})
    return WalkForward(tried, returns, pl.concat(weights), train_days, hold_days, cost_rate)


@dataclass(frozen=True, slots=True)
class _Walk:
    before: Floats  # (days,), returns without costs
    after: Floats  # (days,), with them
    weights: Floats  # (times of trade, assets)
    turnover: float  # all of it, the first purchase left out


def _walk(returns: Floats, method: str, limits: Limits, train: int, hold: int, cost: float) -> _Walk:
    before: list[Floats] = []
    after: list[Floats] = []
    weights: list[Floats] = []
    turnover = 0.0
    held = np.zeros(returns.shape[1])
    for begin in range(train, len(returns), hold):
        wanted = weights_of(method, returns[begin - train : begin], limits)
        traded = float(np.abs(wanted - held).sum())
        turnover += traded / 2 if weights else 0.0
        grown = wanted * np.cumprod(1 + returns[begin : begin + hold], axis=0)
        money = np.concatenate([[1.0], grown.sum(axis=1)])
        day = money[1:] / money[:-1] - 1
        before.append(day)
        after.append(np.append((1 + day[0]) * (1 - traded * cost) - 1, day[1:]))
        weights.append(wanted)
        held = grown[-1] / grown[-1].sum()
    return _Walk(np.concatenate(before), np.concatenate(after), np.stack(weights), turnover)


def _measured(name: str, walk: _Walk, after: dict[str, Floats], seed: int) -> MethodTried:
    years = len(walk.after) / YEAR_DAYS
    money = np.cumprod(1 + walk.after)
    top = np.maximum.accumulate(np.append(1.0, money))[1:]

    def against(other: str) -> SharpeDifference | None:
        if other == name or other not in after:
            return None
        return sharpe_difference(walk.after, after[other], seed=seed)

    return MethodTried(
        method=name,
        sharpe=sharpe_ratio(walk.after),
        sharpe_before_costs=sharpe_ratio(walk.before),
        return_year=float(money[-1] ** (1 / years) - 1),
        volatility_year=float(walk.after.std(ddof=1) * np.sqrt(YEAR_DAYS)),
        drawdown_most=float((1 - money / top).max()),
        turnover_year=walk.turnover / years,
        against_equal=against("equal"),
        against_min_variance=against("min_variance"),
    )
