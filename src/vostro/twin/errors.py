"""Errors of the twin 孪生错误: what can a caller of the simulated bank get wrong?"""

from vostro.words import VostroError

__all__ = ["CallListError", "TwinSizeError", "TwinStartError"]


class TwinSizeError(VostroError):
    """A simulated bank was asked for with a size or share that makes no bank."""

    code = "twin.size"
    status = 422
    en = "{name} is {value}; a simulated bank needs {wanted}."
    zh = "{name} 为 {value}；模拟银行要求 {wanted}。"


class TwinStartError(VostroError):
    """The start of the simulated campaign has no time zone."""

    code = "twin.start"
    status = 422
    en = "start is {start}, which has no time zone. Give one, for example 2026-03-02T09:00+08:00."
    zh = "start 为 {start}，缺少时区。请写明时区，例如 2026-03-02T09:00+08:00。"


class CallListError(VostroError):
    """The call list cannot be read, or names someone who is no customer of the bank."""

    code = "twin.call_list"
    status = 422
    en = "Call list {file}: {reason_en}."
    zh = "外呼名单 {file}：{reason_zh}。"
