"""Results of a run 运行结果: every figure that the terminal, the JSON and the report show.

One frozen tree of values. The stages fill it, the doors print it; nothing is computed
while rendering. Rates and shares are fractions in [0, 1]; ``None`` means "not measured".
"""

from typing import Literal

import msgspec

from vostro.capture import WatchReport
from vostro.words import Text

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
]


class Rate(msgspec.Struct, frozen=True):
    """A success rate with its 95 % interval (Wilson 1927) and the counts behind it."""

    rows: int
    successes: int
    rate: float | None
    low: float | None
    high: float | None


class ColumnResult(msgspec.Struct, frozen=True):
    """The quality of one column of one load."""

    column: str
    meaning: Text
    type: str
    personal_data: str
    completeness: float  # share of records with a value
    validity: float  # share of records that kept the contract in this column
    uniqueness: float  # distinct values / records with a value
    minimum: str | None
    maximum: str | None
    distribution: list[tuple[str, int]]  # value or range -> records; empty for identity and contact data
    change_psi: float | None  # against the load before; None for the first


class RejectLine(msgspec.Struct, frozen=True):
    """One kept record that broke its contract; the value is masked where it is personal."""

    line: int
    field: str | None
    value: str | None
    reason: Text


class SourceResult(msgspec.Struct, frozen=True):
    """What one file gave."""

    source: str
    meaning: Text
    file: str
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    already_loaded: bool
    freshness_first: str | None  # ISO 8601, UTC
    freshness_last: str | None
    columns: list[ColumnResult]
    rejects: list[RejectLine]  # the first ten
    rejects_by_reason: dict[str, int]


class PortraitBin(msgspec.Struct, frozen=True):
    """One value or range of a tag: share in the base, share in the audience, index (100 = alike)."""

    value: Text
    base_share: float
    audience_share: float
    index: float | None


class PortraitTag(msgspec.Struct, frozen=True):
    """How an audience differs from the whole base in one tag."""

    tag: str
    name: Text
    dimension: str
    coverage: float
    bins: list[PortraitBin]


class FunnelStep(msgspec.Struct, frozen=True):
    """How many customers are left after a gate."""

    step: str
    name: Text
    customers: int


class AudienceResult(msgspec.Struct, frozen=True):
    """Who could be contacted, and what sets them apart."""

    segment: str
    name: Text
    rule: str
    rule_words: Text
    customers: int  # in the bank
    audience: int  # in the segment
    funnel: list[FunnelStep]
    portrait: list[PortraitTag]  # tags that set the chosen apart most come first


class LiftRow(msgspec.Struct, frozen=True):
    """A tenth of the customers, best first."""

    tenth: int  # 1 = best
    rows: float  # customers alike in probability are shared between two tenths
    rate: float
    lift: float  # rate / average rate


class CalibrationBin(msgspec.Struct, frozen=True):
    """Said and happened, for customers with like probabilities."""

    predicted: float
    observed: float
    rows: float


class ShuffledResult(msgspec.Struct, frozen=True):
    """How well the estimator ranks when calls are shuffled into folds (the convention)."""

    folds: int
    rows: int
    auc: float
    auc_low: float
    auc_high: float
    average_precision: float
    calibration_error: float
    best_half: float  # success rate of the best half / average
    best_tenth: float
    lift: list[LiftRow]
    calibration: list[CalibrationBin]


class WaveResult(msgspec.Struct, frozen=True):
    """One wave, chosen with what was known before it."""

    wave: int
    rows: int
    rate: float
    rate_best_fifth: float
    ratio: float | None  # None when nobody, or everybody, in the wave responded
    auc: float | None


class WavesResult(msgspec.Struct, frozen=True):
    """How well the estimator ranks when every wave is chosen from its past only."""

    size: int
    first: int  # the first call that is scored
    best_fifth: float | None  # mean over waves of (rate of the best fifth / rate of the wave)
    best_fifth_low: float | None  # 95 %, bootstrap over waves
    best_fifth_high: float | None
    waves: list[WaveResult]


class ReasonLine(msgspec.Struct, frozen=True):
    """Why an estimate is what it is, in words that can be read out."""

    tag: str
    say: Text
    effect_logodds: float


class DecisionExample(msgspec.Struct, frozen=True):
    """One decision as a person reads it."""

    decision_id: str
    customer: str  # masked
    verdict: str
    verdict_words: Text
    wave: int
    response_probability: float | None
    value: str | None  # money, expected margin less contact cost
    reasons: list[ReasonLine]
    script: Text | None = None  # what the agent says, for those who are contacted


class DecisionsResult(msgspec.Struct, frozen=True):
    """How many decisions there are, by verdict, and examples."""

    decisions: int
    by_verdict: dict[str, int]  # chosen, explored, control, not_chosen, ineligible, suppressed, not_worth
    capacity: int
    examples: list[DecisionExample]  # ten


class CapacityPoint(msgspec.Struct, frozen=True):
    """What another capacity would have earned."""

    share: float  # of those who could be contacted
    contacts: int
    successes: float
    successes_low: float
    successes_high: float
    rate: float
    net_value: str  # money: successes x margin - contacts x contact cost
    net_value_amount: float
    actual: bool  # the capacity that the campaign had


class EffectResult(msgspec.Struct, frozen=True):
    """What the choice earned, against control and against choosing at random."""

    status: Literal["measured", "waiting"]  # waiting: the outcomes have not come yet
    replays_history: bool  # everyone was contacted in the past: control shows no effect of the contact
    chosen: Rate
    random: Rate  # the same number chosen at random
    control: Rate  # would have been chosen, left alone
    ratio: float | None  # chosen / random
    ratio_low: float | None
    ratio_high: float | None
    difference: float | None  # chosen - control
    difference_low: float | None
    difference_high: float | None
    extra_successes: float | None  # against random
    extra_successes_low: float | None
    extra_successes_high: float | None
    net_value: str | None  # money
    method: Text
    note: Text


class ChannelResult(msgspec.Struct, frozen=True):
    """What was written for a channel."""

    channel: str
    name: Text
    file: str
    messages: int


class RunReport(msgspec.Struct, frozen=True):
    """One run of the whole loop: what ``--json`` prints and the report shows."""

    run_id: str
    bank: str
    bank_name: Text
    campaign: str
    campaign_name: Text
    action: str
    action_name: Text
    product_name: Text
    started: str  # ISO 8601, UTC
    seed: int
    versions: dict[str, str]
    currency: str
    sources: list[SourceResult]
    audience: AudienceResult
    shuffled: ShuffledResult | None
    waves: WavesResult | None
    drift_psi: dict[str, float]  # tag -> PSI between the training rows and the rows decided on
    importance: dict[str, float]  # tag -> share of the estimator's gain
    tag_names: dict[str, Text]
    decisions: DecisionsResult
    effect: EffectResult
    capacity: list[CapacityPoint]
    channels: list[ChannelResult]
    steps_seconds: dict[str, float]
    seconds: float
    memory_mb: float
    report: str | None = None  # path of the HTML page
    zone: str = "UTC"  # IANA name of the bank's time zone; days of the report are its days
    watch: WatchReport | None = None  # data quality over time; None in reports from before it was watched
