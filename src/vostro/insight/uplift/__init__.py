"""Uplift 增量: whom does an action move, and how well is that known?"""

from vostro.insight.uplift.card import ArmCard, UpliftCard
from vostro.insight.uplift.learners import LEARNERS
from vostro.insight.uplift.measures import (
    UpliftRow,
    auuc,
    auuc_interval,
    qini,
    qini_curve,
    qini_interval,
    uplift_table,
)
from vostro.insight.uplift.model import UpliftModel
from vostro.insight.uplift.training import ArmMeasure

__all__ = [
    "LEARNERS",
    "ArmCard",
    "ArmMeasure",
    "UpliftCard",
    "UpliftModel",
    "UpliftRow",
    "auuc",
    "auuc_interval",
    "qini",
    "qini_curve",
    "qini_interval",
    "uplift_table",
]
