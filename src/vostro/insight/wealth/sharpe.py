"""Sharpe ratios 夏普比率: how much return for the risk, and is one portfolio truly better than another?

Two portfolios of the same assets move together, so their difference is judged on the same days, redrawn in
blocks of random length that keep the memory of markets.

Source: Sharpe (1966); stationary bootstrap: Politis and Romano (1994), JASA 89; why the difference needs an
interval: Ledoit and Wolf (2008), Journal of Empirical Finance 15.
"""

import msgspec
import numpy as np
import numpy.typing as npt

__all__ = ["SharpeDifference", "sharpe_difference", "sharpe_ratio"]

Floats = npt.NDArray[np.float64]
YEAR_DAYS = 252
DRAWS = 2000
BLOCK_DAYS = 21.0


class SharpeDifference(msgspec.Struct, frozen=True):
    """Sharpe ratio of one portfolio less that of another, a year."""

    difference: float
    low: float  # 95 %, stationary bootstrap
    high: float
    better: bool | None  # True or False when the interval leaves out 0, else None: nobody knows


def sharpe_ratio(returns: Floats, *, year_days: int = YEAR_DAYS) -> float:
    """Return the Sharpe ratio a year of daily returns over cash at 0 %, shape (days,); 0 when nothing moves.

    >>> round(sharpe_ratio(np.array([0.01, 0.03]), year_days=1), 3)
    1.414
    """
    spread = float(returns.std(ddof=1))
    return float(returns.mean()) / spread * float(np.sqrt(year_days)) if spread > 1e-15 else 0.0


def sharpe_difference(
    returns: Floats,
    other: Floats,
    *,
    seed: int = 0,
    draws: int = DRAWS,
    block_days: float = BLOCK_DAYS,
    year_days: int = YEAR_DAYS,
) -> SharpeDifference:
    """Compare two portfolios on the same days.

    Args:
        returns: shape (days,), of the one, costs taken off.
        other: shape (days,), of the other.
        seed: of the draws.
        draws: count.
        block_days: mean length of a block.
        year_days: trading days a year.
    """
    rows = _stationary(len(returns), draws, block_days, np.random.default_rng(seed))
    drawn = (_ratios(returns[rows]) - _ratios(other[rows])) * np.sqrt(year_days)
    low, high = np.quantile(drawn, [0.025, 0.975]).tolist()
    said = sharpe_ratio(returns, year_days=year_days) - sharpe_ratio(other, year_days=year_days)
    better = True if low > 0 else False if high < 0 else None
    return SharpeDifference(said, low, high, better)


def _ratios(drawn: Floats) -> Floats:
    spread = drawn.std(axis=1, ddof=1)
    return np.asarray(drawn.mean(axis=1) / np.where(spread > 0, spread, np.inf))


def _stationary(days: int, draws: int, block: float, draw: np.random.Generator) -> npt.NDArray[np.int64]:
    """Rows of each draw: blocks of geometric length that go round at the end."""
    begins = draw.random((draws, days)) < 1 / block
    begins[:, 0] = True
    place = np.arange(days)
    last = np.maximum.accumulate(np.where(begins, place, 0), axis=1)
    start = np.take_along_axis(draw.integers(0, days, (draws, days)), last, axis=1)
    return np.asarray((start + place - last) % days)
