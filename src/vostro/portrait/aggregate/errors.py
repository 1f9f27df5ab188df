"""Errors of aggregates 聚合错误: what cannot be computed exactly, and what to do about it?"""

from vostro.words import VostroError

__all__ = ["AggregateRangeError", "UnsuitedError"]


class AggregateRangeError(VostroError):
    """A sum, or the exact parts of a quotient, have more digits than the engines hold."""

    code = "portrait.aggregate_range"
    status = 422
    en = "An aggregate needs more than {digits} digits to be exact. Mend the amounts, or narrow its window."
    zh = "聚合计算所需精度超过 {digits} 位。请修正异常金额，或缩小时间窗口。"


class UnsuitedError(VostroError):
    """Rows cannot be folded: the engine's own sums are asked instead, so nobody meets this error."""

    code = "portrait.aggregate_unsuited"
    status = 500
    en = "These aggregates do not fit into records of 64-bit whole numbers; the engine has to sum them up."
    zh = "这些聚合无法放入64位整数记录，须由引擎汇总。"
