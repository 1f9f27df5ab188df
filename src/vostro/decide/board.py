"""The board 决策盘: what is known and settled about each customer while a decision is made.

Arrays of shape (n_customers,), never rows. Steps take a board and return a new one.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.decide.catalogue import Action, Campaign, Catalogue

__all__ = ["VERDICTS", "Board", "Context", "verdict_code"]

FloatArray: TypeAlias = npt.NDArray[np.float64]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
IntArray: TypeAlias = npt.NDArray[np.int64]

VERDICTS = ("ineligible", "suppressed", "control", "chosen", "explored", "not_worth", "not_chosen")


def verdict_code(verdict: str) -> int:
    """Return the number of a verdict in arrays."""
    return VERDICTS.index(verdict)


@dataclass(frozen=True, slots=True)
class Context:
    """What a decision is made in: the campaign, the wave, and the estimates of that moment."""

    campaign: Campaign
    action: Action
    wave: int
    response_probability: FloatArray  # shape (n,), in [0, 1]
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Board:
    """The state of a batch of decisions between two steps; every array has shape (n,)."""

    portraits: pl.DataFrame  # one row a customer; column ``customer`` and the tags
    catalogue: Catalogue
    context: Context
    as_of: datetime
    seed: int
    eligible: BoolArray
    suppressed_by: IntArray  # index of the first suppression that holds, -1 for none
    control: BoolArray
    holdout_draw: FloatArray
    value: FloatArray  # in the bank's currency, expected margin less contact cost
    rank: IntArray  # 1 = highest value among those who may be contacted, 0 for others
    capacity: int
    threshold: float  # value of the last chosen, NaN when none was
    would_be_chosen: BoolArray  # chosen, or control with a place that would have been
    contact_probability: FloatArray  # chance that this policy contacts the customer
    verdict: IntArray  # index into VERDICTS

    @property
    def contactable(self) -> BoolArray:
        """Eligible and not suppressed, the control group included."""
        return self.eligible & (self.suppressed_by < 0)

    @property
    def contacted(self) -> BoolArray:
        """Chosen or explored."""
        return np.isin(self.verdict, (verdict_code("chosen"), verdict_code("explored")))

    @property
    def action_probability(self) -> FloatArray:
        """Chance that the policy gave the action it took (no action is one, too)."""
        return np.where(self.contacted, self.contact_probability, 1.0 - self.contact_probability)


def new_board(
    portraits: pl.DataFrame, catalogue: Catalogue, context: Context, *, as_of: datetime, seed: int
) -> Board:
    """Return a board on which nothing is settled yet."""
    size = portraits.height
    return Board(
        portraits=portraits,
        catalogue=catalogue,
        context=context,
        as_of=as_of,
        seed=seed,
        eligible=np.zeros(size, np.bool_),
        suppressed_by=np.full(size, -1, np.int64),
        control=np.zeros(size, np.bool_),
        holdout_draw=np.zeros(size),
        value=np.full(size, np.nan),
        rank=np.zeros(size, np.int64),
        capacity=0,
        threshold=float("nan"),
        would_be_chosen=np.zeros(size, np.bool_),
        contact_probability=np.zeros(size),
        verdict=np.full(size, verdict_code("not_chosen"), np.int64),
    )
