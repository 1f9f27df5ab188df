"""Insight 洞察: estimators, their definitions, and how well they foresee.

The estimators are imported when they are first asked for: LightGBM takes two seconds to load.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from vostro.insight.definitions import EstimatorDefinition, read_estimators, target_of

if TYPE_CHECKING:
    from vostro.insight.bench import bench_waves
    from vostro.insight.calibration import Calibration
    from vostro.insight.card import ModelCard
    from vostro.insight.checks import check_estimator
    from vostro.insight.churn import ChurnModel, Dormancy, churn_labels, contract_labels
    from vostro.insight.cluster_definitions import ClusterDefinition, read_clusters
    from vostro.insight.cluster_number import NumberTried, rand_index
    from vostro.insight.cluster_rules import ClusterRule, cluster_rule
    from vostro.insight.cluster_words import ClusterPortrait, Trait
    from vostro.insight.clusters import ClusterModel, Clusters
    from vostro.insight.drift import psi_of_inputs
    from vostro.insight.evaluation import ShuffledEvaluation, evaluate_shuffled
    from vostro.insight.leakage import usable_tags
    from vostro.insight.lookalike import Lookalikes, Measured, find_lookalikes
    from vostro.insight.metrics import (
        CalibrationBin,
        LiftRow,
        auc,
        auc_interval,
        average_precision,
        best_share_lift,
        calibration_bins,
        calibration_error,
        lift_table,
        log_loss,
        psi,
    )
    from vostro.insight.needs import Need, ProductNeeds
    from vostro.insight.price import PriceModel
    from vostro.insight.reasons import Reason
    from vostro.insight.recommend import Associations, Blender, Collaborative, Knowledge
    from vostro.insight.response import ResponseModel
    from vostro.insight.scorecard import Scorecard
    from vostro.insight.text import SentimentModel, TextModel, find_topics
    from vostro.insight.time_aware import TimeAwareResponseModel
    from vostro.insight.uplift import UpliftModel
    from vostro.insight.value import ValueModel
    from vostro.insight.waves import (
        NO_WAVE,
        WaveRow,
        WaveScores,
        WavesEvaluation,
        evaluate_waves,
        score_waves,
    )
    from vostro.insight.wealth import propose, walk_forward

__all__ = [
    "NO_WAVE",
    "Associations",
    "Blender",
    "Calibration",
    "CalibrationBin",
    "ChurnModel",
    "ClusterDefinition",
    "ClusterModel",
    "ClusterPortrait",
    "ClusterRule",
    "Clusters",
    "Collaborative",
    "Dormancy",
    "EstimatorDefinition",
    "Knowledge",
    "LiftRow",
    "Lookalikes",
    "Measured",
    "ModelCard",
    "Need",
    "NumberTried",
    "PriceModel",
    "ProductNeeds",
    "Reason",
    "ResponseModel",
    "Scorecard",
    "SentimentModel",
    "ShuffledEvaluation",
    "TextModel",
    "TimeAwareResponseModel",
    "Trait",
    "UpliftModel",
    "ValueModel",
    "WaveRow",
    "WaveScores",
    "WavesEvaluation",
    "auc",
    "auc_interval",
    "average_precision",
    "bench_waves",
    "best_share_lift",
    "calibration_bins",
    "calibration_error",
    "check_estimator",
    "churn_labels",
    "cluster_rule",
    "contract_labels",
    "evaluate_shuffled",
    "evaluate_waves",
    "find_lookalikes",
    "find_topics",
    "lift_table",
    "log_loss",
    "propose",
    "psi",
    "psi_of_inputs",
    "rand_index",
    "read_clusters",
    "read_estimators",
    "score_waves",
    "target_of",
    "usable_tags",
    "walk_forward",
]

_HOME = {
    "PriceModel": "price",
    "ChurnModel": "churn",
    "Dormancy": "churn",
    "churn_labels": "churn",
    "contract_labels": "churn",
    "Associations": "recommend",
    "Blender": "recommend",
    "Collaborative": "recommend",
    "Knowledge": "recommend",
    "Scorecard": "scorecard",
    "SentimentModel": "text",
    "TextModel": "text",
    "find_topics": "text",
    "UpliftModel": "uplift",
    "ValueModel": "value",
    "propose": "wealth",
    "walk_forward": "wealth",
    "Calibration": "calibration",
    "ModelCard": "card",
    "check_estimator": "checks",
    "psi_of_inputs": "drift",
    "ShuffledEvaluation": "evaluation",
    "evaluate_shuffled": "evaluation",
    "Reason": "reasons",
    "ResponseModel": "response",
    "TimeAwareResponseModel": "time_aware",
    "WaveRow": "waves",
    "WaveScores": "waves",
    "WavesEvaluation": "waves",
    "bench_waves": "bench",
    "NO_WAVE": "waves",
    "evaluate_waves": "waves",
    "score_waves": "waves",
    "ClusterDefinition": "cluster_definitions",
    "read_clusters": "cluster_definitions",
    "NumberTried": "cluster_number",
    "rand_index": "cluster_number",
    "ClusterRule": "cluster_rules",
    "cluster_rule": "cluster_rules",
    "ClusterPortrait": "cluster_words",
    "Trait": "cluster_words",
    "ClusterModel": "clusters",
    "Clusters": "clusters",
    "usable_tags": "leakage",
    "Lookalikes": "lookalike",
    "Measured": "lookalike",
    "find_lookalikes": "lookalike",
    "Need": "needs",
    "ProductNeeds": "needs",
}
_METRICS = set(__all__) - set(_HOME) - {"EstimatorDefinition", "read_estimators", "target_of"}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    home = "metrics" if name in _METRICS else _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = found
    return found
