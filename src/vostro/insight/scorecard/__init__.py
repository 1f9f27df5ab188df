"""Scorecards 评分卡: points per attribute that add up to a credit score, and the chance they say."""

from vostro.insight.scorecard.bins import Limits
from vostro.insight.scorecard.measures import ScoreMeasures
from vostro.insight.scorecard.model import Scorecard
from vostro.insight.scorecard.reasons import PointReason
from vostro.insight.scorecard.scaling import Scaling

__all__ = ["Limits", "PointReason", "Scaling", "ScoreMeasures", "Scorecard"]
