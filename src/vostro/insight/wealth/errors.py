"""Errors of wealth 财富配置错误: why can no portfolio be proposed or tried?"""

from vostro.words import VostroError

__all__ = [
    "AssetsFewError",
    "LimitsError",
    "MethodUnknownError",
    "NoProposalError",
    "PriceDaysError",
    "PriceRowsError",
    "PriceValueError",
    "PricesFileError",
    "WealthExtraError",
]


class WealthExtraError(VostroError):
    """The library that optimises portfolios is not installed."""

    code = "insight.wealth_extra"
    status = 501
    en = "Portfolio method '{method}' needs the library 'skfolio': pip install 'vostro[wealth]'. 'equal' works without it."
    zh = "组合方法“{method}”需要安装库“skfolio”：pip install 'vostro[wealth]'。“equal”方法无需安装。"


class MethodUnknownError(VostroError):
    """A method has no such name."""

    code = "insight.wealth_method"
    status = 422
    en = "'{method}' is no portfolio method. Choose among: {known}."
    zh = "没有名为“{method}”的组合方法。可选：{known}。"


class AssetsFewError(VostroError):
    """There are fewer than two assets."""

    code = "insight.wealth_assets"
    status = 422
    en = "{count} column(s) of prices besides the time: a portfolio needs at least 2 assets."
    zh = "除时间列外仅有 {count} 列价格，组合至少需要 2 种资产。"


class PriceValueError(VostroError):
    """A price is missing or not above 0."""

    code = "insight.wealth_price"
    status = 422
    en = (
        "The price of '{asset}' in row {row} (counted from 0) is {value}. "
        "Give finite prices above 0 for all assets on all days, adjusted for dividends and splits."
    )
    zh = "资产“{asset}”在第 {row} 行（从 0 起计）的价格为 {value}。各资产每日价格均应为大于 0 的有限数值，并已按分红和拆分调整。"


class PriceDaysError(VostroError):
    """Two rows have the same time."""

    code = "insight.wealth_days"
    status = 422
    en = "Two rows of prices have the same time (row {row} in order of time). Give one row a day."
    zh = "有两行价格的时间相同（按时间排序的第 {row} 行）。每日应只有一行。"


class PriceRowsError(VostroError):
    """The history is too short."""

    code = "insight.wealth_rows"
    status = 422
    en = "{rows} days of prices are too few: {least} are needed. Give a longer history, or shorter windows."
    zh = "{rows} 日价格太少，至少需要 {least} 日。请提供更长的历史，或缩短窗口。"


class LimitsError(VostroError):
    """Limits of weights cannot be read, or contradict one another."""

    code = "insight.wealth_limits"
    status = 422
    en = "The limits cannot be kept: {what}. Weights add up to 1; widen the limits."
    zh = "无法满足权重限制：{what}。权重之和须为 1，请放宽限制。"


class NoProposalError(VostroError):
    """The optimisation found no portfolio."""

    code = "insight.wealth_none"
    status = 422
    en = "Method '{method}' found no portfolio ({reason}). Widen the limits, or use another method."
    zh = "方法“{method}”未能得到组合（{reason}）。请放宽限制，或改用其他方法。"


class PricesFileError(VostroError):
    """A benchmark lacks its file of prices."""

    code = "insight.prices_file"
    status = 404
    en = "factors_dataset.csv.gz of market prices is not in {folder}. Give its folder with --data FOLDER."
    zh = "{folder} 中没有市场价格文件 factors_dataset.csv.gz。请用 --data 指定其所在目录。"
