"""Errors of the twin 孪生错误: what can a caller of the simulated bank get wrong?"""

from vostro.words import VostroError

__all__ = ["CallListCustomerError", "CallListError", "CallListFileError", "TwinSizeError", "TwinStartError"]


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
    """A call list is not one that this bank can call."""


class CallListFileError(CallListError):
    """The call list is not there or is not a CSV file with customers."""

    code = "twin.call_list_file"
    status = 404
    en = "Call list {file} cannot be read; it must be a UTF-8 CSV file with a column 'customer'."
    zh = "外呼名单 {file} 无法读取，应为含“customer”列的 UTF-8 编码 CSV 文件。"


class CallListCustomerError(CallListError):
    """The call list names someone who is no customer of the bank."""

    code = "twin.call_list_customer"
    status = 422
    en = "Call list {file}: record {record} names no customer of this bank; write numbers such as C00000001."
    zh = "外呼名单 {file}：第 {record} 条记录不是本行客户，客户号的形式如 C00000001。"
