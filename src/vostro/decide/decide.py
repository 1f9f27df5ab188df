"""Decide 决策: whom does a campaign contact, whom does it leave alone, and why?

``decide`` is pure: portraits, catalogue, context, moment and seed in, decisions out.
One customer is a batch of one; replay calls the same function.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import numpy as np
import polars as pl

from vostro.decide.amounts import Capacity
from vostro.decide.board import Board, BoolArray, Context, FloatArray, IntArray, new_board, verdict_code
from vostro.decide.catalogue import Catalogue
from vostro.portrait import draw
from vostro.words import VostroError

__all__ = ["STEPS", "EstimateMissingError", "decide"]


class EstimateMissingError(VostroError):
    """Customers who may be contacted have no response probability."""

    code = "decide.estimate_missing"
    status = 422
    en = (
        "{count} customers who may be contacted have no response probability from {model}. "
        "Run 'vostro build' so that the estimator covers the segment."
    )
    zh = "有 {count} 名可触达客户没有模型 {model} 的响应概率。请运行“vostro build”，使模型覆盖该客群。"


def check_eligibility(board: Board) -> Board:
    """Gate: may this customer have this action at all? Unknown (NULL) is no."""
    rule = board.catalogue.eligibility[board.context.action.action]
    return replace(board, eligible=rule.mask(board.portraits))


def check_suppressions(board: Board) -> Board:
    """Gate: allowed in general, but not now? The first suppression that holds is kept."""
    found = board.suppressed_by.copy()
    for i, (_, rule) in enumerate(board.catalogue.suppressions[board.context.action.action]):
        found = np.where((found < 0) & rule.mask(board.portraits), i, found)
    return replace(board, suppressed_by=found)


def hold_out(board: Board) -> Board:
    """Leave a control group alone: a hash of the customer, before anything is ranked."""
    campaign = board.context.campaign
    drawn = draw(board.portraits["customer"], f"holdout:{campaign.campaign}:{board.seed}")
    control = board.contactable & (drawn < campaign.holdout_share)
    return replace(board, holdout_draw=drawn, control=control)


def reckon_value(board: Board) -> Board:
    """Value = response_probability x margin - contact_cost; rank those who may be contacted.

    Raises:
        EstimateMissingError: a customer who may be contacted has no probability.
    """
    action, contactable = board.context.action, board.contactable
    p = board.context.response_probability
    missing = int((contactable & np.isnan(p)).sum())
    if missing:
        raise EstimateMissingError(count=missing, model=action.response.model)
    value = p * float(action.margin.amount) - float(action.contact_cost.amount)
    return replace(board, value=value, rank=_rank(value, contactable, _ties(board)))


def fill_capacity(board: Board) -> Board:
    """Choose the highest values that are above zero, as many as can be contacted."""
    campaign, action = board.context.campaign, board.context.action
    (channel,) = action.channels
    capacity = Capacity.parse(action.limits[channel]).of(board.portraits.height)
    free = board.contactable & ~board.control
    seats = capacity - _explore_seats(campaign.explore_share, capacity)
    worth = free & (board.value > 0)
    chosen = _best(worth, board.rank, seats)
    threshold = float(board.value[chosen].min()) if chosen.any() else float("nan")
    # The control's customers who would have had a seat: by the place of the last chosen, ties and all;
    # every one of worth when seats were left over.
    last = board.rank[chosen].max(initial=0) if worth.sum() >= seats else board.rank.size
    alike = board.control & (board.value > 0) & (board.rank <= last) & (seats > 0)
    return replace(
        board,
        capacity=capacity,
        threshold=threshold,
        would_be_chosen=chosen | alike,
        contact_probability=np.where(chosen | alike, 1.0 - campaign.holdout_share, 0.0),
        verdict=np.where(chosen, verdict_code("chosen"), board.verdict),
    )


def explore(board: Board) -> Board:
    """Contact a few of the others at random, with a known probability, to learn from them."""
    campaign = board.context.campaign
    seats = _explore_seats(campaign.explore_share, board.capacity)
    others = board.contactable & ~board.would_be_chosen
    free = others & ~board.control
    if not seats or not free.any():
        return board
    drawn = draw(
        board.portraits["customer"], f"explore:{campaign.campaign}:{board.context.wave}:{board.seed}"
    )
    explored = _best(free, _rank(-drawn, free, drawn), seats)
    share = explored.sum() / free.sum() * (1.0 - campaign.holdout_share)
    return replace(
        board,
        contact_probability=np.where(others, share, board.contact_probability),
        verdict=np.where(explored, verdict_code("explored"), board.verdict),
    )


def give_verdicts(board: Board) -> Board:
    """Say of everyone else why they are not contacted; the first gate that closed is the reason."""
    verdict = board.verdict.copy()
    open_seat = verdict == verdict_code("not_chosen")
    verdict[open_seat & ~(board.value > 0)] = verdict_code("not_worth")
    verdict[board.control] = verdict_code("control")
    verdict[board.suppressed_by >= 0] = verdict_code("suppressed")
    verdict[~board.eligible] = verdict_code("ineligible")
    return replace(board, verdict=verdict)


STEPS: tuple[Callable[[Board], Board], ...] = (
    check_eligibility,
    check_suppressions,
    hold_out,
    reckon_value,
    fill_capacity,
    explore,
    give_verdicts,
)


def decide(
    portraits: pl.DataFrame, catalogue: Catalogue, context: Context, *, as_of: datetime, seed: int
) -> Board:
    """Decide for a batch of customers.

    Args:
        portraits: one row a customer: ``customer`` (text, unique) and the tags that rules read.
        catalogue: the rules in force.
        context: campaign, action, wave and ``response_probability`` of shape (n,).
        as_of: the moment of the decision.
        seed: of every draw.

    Returns:
        The settled board; its arrays have shape (n,) in the order of ``portraits``.

    Raises:
        EstimateMissingError: a customer who may be contacted has no probability.
    """
    board = new_board(portraits, catalogue, context, as_of=as_of, seed=seed)
    for step in STEPS:
        board = step(board)
    return board


def _explore_seats(share: float, capacity: int) -> int:
    return round(share * capacity)


def _ties(board: Board) -> FloatArray:
    return draw(board.portraits["customer"], f"tie:{board.context.campaign.campaign}:{board.seed}")


def _rank(value: FloatArray, among: BoolArray, ties: FloatArray) -> IntArray:
    """Return 1 for the highest value among ``among``, 2 for the next ...; 0 for others."""
    rank = np.zeros(value.size, np.int64)
    index = np.flatnonzero(among)
    order = np.lexsort((ties[index], -value[index]))
    rank[index[order]] = np.arange(1, index.size + 1)
    return rank


def _best(among: BoolArray, rank: IntArray, seats: int) -> BoolArray:
    """Return the ``seats`` best-ranked of ``among``."""
    index = np.flatnonzero(among)
    taken = index[np.argsort(rank[index], kind="stable")[:seats]]
    best = np.zeros(among.size, np.bool_)
    best[taken] = True
    return best
