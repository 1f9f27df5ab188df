"""Proposal 组合建议: which weights, with what risk, and what would it cost to get there?

A proposal is a calculation on past prices, no promise, and no advice by itself: whether a customer may get
it is for suitability (适当性) to decide, and a person answers for it.
"""

from collections.abc import Mapping

import msgspec
import numpy as np
import numpy.typing as npt

from vostro.insight.frames import Frame
from vostro.insight.wealth.methods import read_limits, weights_of
from vostro.insight.wealth.prices import read_returns
from vostro.words import Text

__all__ = ["Proposal", "propose"]

Floats = npt.NDArray[np.float64]
DAYS_LEAST = 60
YEAR_DAYS = 252  # trading days
TAIL = 0.95


class Proposal(msgspec.Struct, frozen=True):
    """Weights and what they meant in the past."""

    method: str
    weights: dict[str, float]  # asset -> share of the money; add up to 1
    risk_shares: dict[str, float]  # asset -> its share of the variance; add up to 1
    volatility_year: float  # standard deviation of a year's return, by the days given
    loss_worst_days: float  # mean loss of the worst twentieth of days (CVaR 95 %), above 0 is a loss
    turnover: float  # share of the money that changes assets against ``previous``
    cost: float  # share of the money
    days: int  # of prices that it rests on
    reasons: tuple[Text, ...]


def propose(  # noqa: PLR0913 - every one is a plain setting with a default
    prices: Frame,
    *,
    method: str = "risk_parity",
    time: str = "time",
    weight_least: float | Mapping[str, float] = 0.0,
    weight_most: float | Mapping[str, float] = 1.0,
    groups: Mapping[str, str] | None = None,
    group_limits: Mapping[str, tuple[float, float]] | None = None,
    previous: Mapping[str, float] | None = None,
    cost_rate: float = 0.001,
) -> Proposal:
    """Propose weights within limits from past prices.

    Args:
        prices: shape (days, 1 + assets), at least 61 days of adjusted prices in one currency, none missing.
        method: one of ``METHODS``; the risk of all is judged by the same past.
        time: name of the column of times.
        weight_least: least weight of each asset, or by asset.
        weight_most: most weight of each asset, or by asset.
        groups: asset -> its group, such as "equity" or "bond".
        group_limits: group -> least and most of its sum, such as by the customer's tolerance of risk.
        previous: asset -> weight now; no asset when None.
        cost_rate: cost of a trade as a share of what is traded.

    Raises:
        MethodUnknownError, LimitsError, NoProposalError, WealthExtraError: the arguments.
        AssetsFewError, PriceValueError, PriceDaysError, PriceRowsError: the prices; and as ``read_returns``.
    """
    found = read_returns(prices, time=time, days_least=DAYS_LEAST)
    limits = read_limits(
        found.assets,
        weight_least=weight_least,
        weight_most=weight_most,
        groups=groups,
        group_limits=group_limits,
    )
    weights = weights_of(method, found.values, limits)
    now = np.array([(previous or {}).get(name, 0.0) for name in found.assets])
    traded = float(np.abs(weights - now).sum())
    day = found.values @ weights
    shares = _risk_shares(found.values, weights)
    return Proposal(
        method=method,
        weights=dict(zip(found.assets, weights.tolist(), strict=True)),
        risk_shares=dict(zip(found.assets, shares.tolist(), strict=True)),
        volatility_year=float(day.std(ddof=1) * np.sqrt(YEAR_DAYS)),
        loss_worst_days=_loss_worst(day),
        turnover=traded / 2,
        cost=traded * cost_rate,
        days=len(day),
        reasons=_reasons(found.assets, weights, shares),
    )


def _risk_shares(returns: Floats, weights: Floats) -> Floats:
    added = weights * (np.cov(returns, rowvar=False) @ weights)
    return np.asarray(added / added.sum())


def _loss_worst(day: Floats) -> float:
    worst = np.sort(day)[: max(1, round(len(day) * (1 - TAIL)))]
    return float(-worst.mean())


def _reasons(assets: tuple[str, ...], weights: Floats, shares: Floats) -> tuple[Text, ...]:
    """What each asset with a weight adds, the largest first."""
    order = np.argsort(-weights, kind="stable")
    return tuple(
        Text(
            en=f"{assets[i]} holds {weights[i]:.1%} of the money and adds {shares[i]:.1%} of the risk",
            zh=f"{assets[i]} 占资金 {weights[i]:.1%}，贡献风险 {shares[i]:.1%}",
        )
        for i in order
        if weights[i] > 0.0005
    )
