"""Uplift card 增量模型卡: what was compared, on whom, how well does it rank, and how far to trust it?

Qini and table are taken on rows that the model at hand had not seen (cross-fitted).
"""

import msgspec

from vostro.insight.uplift.measures import UpliftRow

__all__ = ["ArmCard", "UpliftCard"]


class ArmCard(msgspec.Struct, frozen=True):
    """One treated arm against control."""

    arm: str
    rows: int
    rows_control: int
    outcome_mean: float  # of the arm
    outcome_mean_control: float
    effect: float  # difference of the means, each row weighted by 1 / chance of its arm
    effect_low: float  # 95 %
    effect_high: float
    chance_low: float  # of the arm rather than control
    chance_high: float
    share_apart: float  # of the rows, whose chance was cut to the bounds of overlap
    learner: str
    qini_by_learner: dict[str, float]  # cross-validated; empty when there was nothing to choose from
    qini: float  # of the learner that was chosen
    qini_low: float  # 95 %, bootstrap of the customers
    qini_high: float
    auuc: float
    auuc_low: float
    auuc_high: float
    table: tuple[UpliftRow, ...]
    modifiers: dict[str, float]  # column -> probability that it modifies the effect; of "averaged" only


class UpliftCard(msgspec.Struct, frozen=True):
    """The facts of a trained model of uplift."""

    treatment: str
    outcome: str
    control: str
    arms: tuple[ArmCard, ...]
    chances: str  # "known" or "estimated"
    seed: int
    features: tuple[str, ...]
    method: str
    libraries: dict[str, str]
    version: str = ""
