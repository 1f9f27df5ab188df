"""Errors of customer value 客户价值错误: why can purchases not be read, learnt from or foreseen?"""

from vostro.words import VostroError

__all__ = [
    "AmountError",
    "AsOfError",
    "CustomerMissingError",
    "HorizonDaysError",
    "PurchasesEmptyError",
    "PurchasesFileError",
    "PurchasesMissingError",
    "RepeatsFewError",
    "ShareError",
    "SpendFewError",
    "TimeMissingError",
]


class TimeMissingError(VostroError):
    """An event has no time."""

    code = "insight.event_time"
    status = 422
    en = "Column '{column}' is empty in {count} row(s), first in row {row} (counted from 0). Every event needs its time."
    zh = "列“{column}”在 {count} 行中为空，首个为第 {row} 行（从 0 起计）。每个事件都必须有发生时间。"


class CustomerMissingError(VostroError):
    """An event has no customer."""

    code = "insight.event_customer"
    status = 422
    en = (
        "Column '{column}' is empty in {count} row(s), first in row {row} (counted from 0). "
        "Leave out events whose customer is unknown."
    )
    zh = "列“{column}”在 {count} 行中为空，首个为第 {row} 行（从 0 起计）。请去掉客户未知的事件。"


class AmountError(VostroError):
    """An amount is infinite."""

    code = "insight.amount"
    status = 422
    en = "The amount in row {row} (counted from 0) is {value}. Give finite amounts; leave unknown ones empty."
    zh = "第 {row} 行（从 0 起计）的金额为 {value}。金额应为有限数值，未知金额请留空。"


class AsOfError(VostroError):
    """The moment up to which something is known is no moment."""

    code = "insight.as_of"
    status = 422
    en = "as_of is {value}: it must be a date, a moment, ISO 8601 text, or a day's number where times are numbers."
    zh = "as_of 为 {value}：应为日期、时间、ISO 8601 文本，或在时间列为数字时的天数。"


class PurchasesEmptyError(VostroError):
    """No event lies at or before the as_of."""

    code = "insight.events_none"
    status = 422
    en = "None of the {rows} rows is an event at or before {as_of}. Give earlier events, or a later as_of."
    zh = "{rows} 行中没有发生在 {as_of} 或之前的事件。请提供更早的事件，或使用更晚的 as_of。"


class RepeatsFewError(VostroError):
    """Too few customers came back to learn a rhythm."""

    code = "insight.repeats_few"
    status = 422
    en = "Only {count} of {customers} customers came back on another day; at least {least} are needed. Give a longer history."
    zh = "{customers} 位客户中仅 {count} 位在其他日期再次出现，至少需要 {least} 位。请提供更长的历史。"


class SpendFewError(VostroError):
    """Too few customers have a repeat purchase with a known amount."""

    code = "insight.amounts_few"
    status = 422
    en = (
        "Only {count} customers have a repeat purchase with an amount above 0; at least {least} are needed. "
        "Foresee purchases alone with amount=None, or give a longer history."
    )
    zh = "仅 {count} 位客户有金额大于 0 的复购，至少需要 {least} 位。可用 amount=None 只预测次数，或提供更长的历史。"


class PurchasesMissingError(VostroError):
    """A model that was read from a file holds no customers."""

    code = "insight.purchases_missing"
    status = 409
    en = (
        "A model file holds no customers' data. Give predict the customers' rows: purchases=... or events=..."
    )
    zh = "模型文件不含客户数据。请在调用 predict 时提供客户的记录：purchases=... 或 events=...。"


class HorizonDaysError(VostroError):
    """A span of days is not a number above 0."""

    code = "insight.days"
    status = 422
    en = "{name} is {value}: give a finite number of days above 0."
    zh = "{name} 为 {value}：应为大于 0 的有限天数。"


class ShareError(VostroError):
    """A share is outside its range."""

    code = "insight.share"
    status = 422
    en = "{name} is {value}: give a number {wanted}."
    zh = "{name} 为 {value}：取值应满足 {wanted}。"


class PurchasesFileError(VostroError):
    """A benchmark lacks its file of purchases."""

    code = "insight.purchases_file"
    status = 404
    en = "purchases.csv.gz of the set 'CDNOW' is not in {folder}. Give its folder with --data FOLDER."
    zh = "{folder} 中没有“CDNOW”数据的 purchases.csv.gz。请用 --data 指定其所在目录。"
