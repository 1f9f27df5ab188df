"""Value 客户价值: how much will each customer buy, is he still there, and what is he worth?"""

from vostro.insight.value.holdout import ValueHoldout, evaluate_value
from vostro.insight.value.model import ValueModel, ValueState
from vostro.insight.value.purchases import Histories, read_histories
from vostro.insight.value.simulation import simulate_purchases
from vostro.insight.value.spending import Spending
from vostro.insight.value.timing import Timing
from vostro.insight.value.total import PurchaseTotal

__all__ = [
    "Histories",
    "PurchaseTotal",
    "Spending",
    "Timing",
    "ValueHoldout",
    "ValueModel",
    "ValueState",
    "evaluate_value",
    "read_histories",
    "simulate_purchases",
]
