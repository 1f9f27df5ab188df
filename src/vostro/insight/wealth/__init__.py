"""Wealth 财富配置: which weights are proposed within limits, and what would they have earned?"""

from vostro.insight.wealth.methods import METHODS
from vostro.insight.wealth.proposal import Proposal, propose
from vostro.insight.wealth.sharpe import SharpeDifference, sharpe_difference, sharpe_ratio
from vostro.insight.wealth.walk import MethodTried, WalkForward, walk_forward

__all__ = [
    "METHODS",
    "MethodTried",
    "Proposal",
    "SharpeDifference",
    "WalkForward",
    "propose",
    "sharpe_difference",
    "sharpe_ratio",
    "walk_forward",
]
