"""Errors of churn 流失错误: why can it not be said who left?"""

from vostro.words import VostroError

__all__ = ["ContractEndError", "HorizonUnknownError", "RhythmFewError", "SilenceLevelError"]


class HorizonUnknownError(VostroError):
    """The log ends before the horizon does, so nobody knows who left within it."""

    code = "insight.churn_horizon"
    status = 422
    en = (
        "The log ends on day {until}, before as_of + horizon (day {wanted}): who left is not known yet. "
        "Use an earlier as_of or a shorter horizon, or state until=... if the log truly reaches further."
    )
    zh = (
        "日志截止于第 {until} 天，早于 as_of + 观察期（第 {wanted} 天），尚无法判断谁已流失。"
        "请使用更早的 as_of 或更短的观察期；若日志确实覆盖更晚时间，请用 until=... 说明。"
    )


class ContractEndError(VostroError):
    """A contract ends before it begins."""

    code = "insight.contract_end"
    status = 422
    en = "The contract in row {row} (counted from 0) ends before it begins. Mend the dates."
    zh = "第 {row} 行（从 0 起计）的合同结束早于开始。请修正日期。"


class RhythmFewError(VostroError):
    """Too few customers were active often enough to learn a rhythm."""

    code = "insight.rhythm_few"
    status = 422
    en = "Only {count} customers were active on two days or more; at least {least} are needed. Give a longer history."
    zh = "仅 {count} 位客户在两天及以上有活动，至少需要 {least} 位。请提供更长的历史。"


class SilenceLevelError(VostroError):
    """The level below which a customer counts as dormant is no chance."""

    code = "insight.dormancy_level"
    status = 422
    en = "level is {value}: give a chance between 0 and 1, such as 0.5."
    zh = "level 为 {value}：应为 0 与 1 之间的概率，例如 0.5。"
