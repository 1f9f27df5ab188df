"""Errors of scorecards 评分卡错误: why can a scorecard not be made, scaled or read?"""

from vostro.words import VostroError

__all__ = [
    "RejectMethodError",
    "RejectsEmptyError",
    "ScalingError",
    "ScorecardChoiceError",
    "ScorecardFeaturesWeakError",
    "ScorecardRowsEmptyError",
]


class ScorecardFeaturesWeakError(VostroError):
    """No column tells good customers from bad ones."""

    code = "insight.scorecard_features_weak"
    status = 422
    en = (
        "None of the {count} columns enters the scorecard; the best is '{column}' with an information value of "
        "{iv} ({reason_en}). Give columns that tell good from bad, more rows, or a smaller iv_least."
    )
    zh = (
        "{count} 个列均未能进入评分卡；最好的是“{column}”，信息值为 {iv}（{reason_zh}）。"
        "请提供更有区分度的列或更多数据，或降低 iv_least。"
    )


class ScorecardChoiceError(VostroError):
    """A setting of the scorecard is none of those that there are."""

    code = "insight.scorecard_choice"
    status = 422
    en = "{setting} is {found}; expected {wanted}. Change the setting."
    zh = "{setting} 为 {found}，应为 {wanted}。请修改该设置。"


class ScalingError(VostroError):
    """Points cannot be laid out as asked."""

    code = "insight.scorecard_scaling"
    status = 422
    en = "{setting} is {found}; points need a finite base, and odds and pdo above 0. Change the scaling."
    zh = "{setting} 为 {found}；基准分须为有限值，基准好坏比和 PDO 须大于 0。请修改刻度设置。"


class RejectMethodError(VostroError):
    """Refused applicants were given, but no method to infer their outcome."""

    code = "insight.scorecard_reject_method"
    status = 422
    en = (
        "Refused applicants were given, and rejects is 'off': their outcome is unknown. "
        "Choose Scorecard(rejects='fuzzy' | 'parcel' | 'reweigh'), or leave them out."
    )
    zh = (
        "给出了被拒申请人，但 rejects 为 'off'：他们的结果未知。"
        "请选择 Scorecard(rejects='fuzzy' | 'parcel' | 'reweigh')，或不提供被拒样本。"
    )


class RejectsEmptyError(VostroError):
    """A method of reject inference was asked for without refused applicants."""

    code = "insight.scorecard_rejects_empty"
    status = 422
    en = "rejects is '{method}', and there are no refused applicants. Give fit(..., rejected=frame), or rejects='off'."
    zh = "rejects 为“{method}”，但没有被拒申请人。请提供 fit(..., rejected=frame)，或设 rejects='off'。"


class ScorecardRowsEmptyError(VostroError):
    """There is no customer to compare or to draw a line through."""

    code = "insight.scorecard_rows_empty"
    status = 422
    en = "The frame has no rows, so {what} cannot be told. Give at least one customer."
    zh = "数据表没有任何行，无法计算{what}。请至少提供一位客户。"
