"""Insight 洞察: estimators, their definitions, and how well they foresee."""

from vostro.insight.definitions import EstimatorDefinition, read_estimators, target_of

__all__ = ["EstimatorDefinition", "read_estimators", "target_of"]
