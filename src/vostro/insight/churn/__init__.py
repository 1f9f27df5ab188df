"""Churn 流失: who will leave, who is silent longer than his rhythm explains, and who left?"""

from vostro.insight.churn.dormancy import Dormancy, DormancyState
from vostro.insight.churn.labels import activity_features, churn_labels, contract_labels
from vostro.insight.churn.model import ChurnModel, ChurnState, churn_frame
from vostro.insight.churn.rhythm import Rhythm

__all__ = [
    "ChurnModel",
    "ChurnState",
    "Dormancy",
    "DormancyState",
    "Rhythm",
    "activity_features",
    "churn_frame",
    "churn_labels",
    "contract_labels",
]
