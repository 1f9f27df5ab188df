"""Learn 学习: what the choice earned, with intervals, and what another would have earned."""

from vostro.learn.capacity import what_if_capacity
from vostro.learn.effect import measure_effect, waiting_effect
from vostro.learn.intervals import difference, percentile_interval, rate
from vostro.learn.policy import PolicyValue, off_policy_value
from vostro.learn.results import (
    AudienceResult,
    CalibrationBin,
    CapacityPoint,
    ChannelResult,
    ColumnResult,
    DecisionExample,
    DecisionsResult,
    EffectResult,
    FunnelStep,
    LiftRow,
    PortraitBin,
    PortraitTag,
    Rate,
    ReasonLine,
    RejectLine,
    RunReport,
    ShuffledResult,
    SourceResult,
    WaveResult,
    WavesResult,
)

__all__ = [
    "AudienceResult",
    "CalibrationBin",
    "CapacityPoint",
    "ChannelResult",
    "ColumnResult",
    "DecisionExample",
    "DecisionsResult",
    "EffectResult",
    "FunnelStep",
    "LiftRow",
    "PolicyValue",
    "PortraitBin",
    "PortraitTag",
    "Rate",
    "ReasonLine",
    "RejectLine",
    "RunReport",
    "ShuffledResult",
    "SourceResult",
    "WaveResult",
    "WavesResult",
    "difference",
    "measure_effect",
    "off_policy_value",
    "percentile_interval",
    "rate",
    "waiting_effect",
    "what_if_capacity",
]
