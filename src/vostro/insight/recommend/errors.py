"""Errors of recommenders 推荐错误: why can nothing be mined, learnt or recommended?"""

from vostro.words import VostroError

__all__ = [
    "ConfidenceRangeError",
    "ExtraMissingError",
    "InteractionsFewError",
    "ItemsetsManyError",
    "KeyMissingError",
    "MethodUnknownError",
    "NotLearntError",
    "NothingToBlendError",
    "RecommendationCountError",
    "SupportRangeError",
    "TimeTypeError",
    "WeightValueError",
]


class SupportRangeError(VostroError):
    """The least support is not a share."""

    code = "insight.support_range"
    status = 422
    en = "support is {support}; it must be above 0 and at most 1 (0.001 is one basket in a thousand)."
    zh = "支持度 support 为 {support}，应大于 0 且不超过 1（0.001 即每千个购物篮中至少 1 个）。"


class ConfidenceRangeError(VostroError):
    """The least confidence is not a share."""

    code = "insight.confidence_range"
    status = 422
    en = "confidence is {confidence}; it must be from 0 to 1."
    zh = "置信度 confidence 为 {confidence}，应在 0 至 1 之间。"


class ItemsetsManyError(VostroError):
    """There are more frequent itemsets than can be kept."""

    code = "insight.itemsets_many"
    status = 422
    en = (
        "More than {limit} itemsets stand in at least {least} baskets. "
        "Raise support, or lower size_most (now {size_most})."
    )
    zh = "在至少 {least} 个购物篮中出现的项集超过 {limit} 个。请提高 support，或减小 size_most（当前为 {size_most}）。"


class KeyMissingError(VostroError):
    """A basket, customer or item is missing in a row."""

    code = "insight.key_missing"
    status = 422
    en = (
        "Column '{column}' is empty in {count} row(s), first in row {row} (counted from 0). "
        "Leave out or mend these rows."
    )
    zh = "列“{column}”在 {count} 行中为空，首个为第 {row} 行（从 0 起计）。请去掉或修正这些行。"


class WeightValueError(VostroError):
    """The weight of an interaction is not a positive number."""

    code = "insight.weight_value"
    status = 422
    en = "The weight in row {row} (counted from 0) is {value}; it must be a finite number above 0."
    zh = "第 {row} 行（从 0 起计）的权重为 {value}，应为大于 0 的有限数。"


class TimeTypeError(VostroError):
    """The time of interactions is neither a number nor a moment, or is missing."""

    code = "insight.time_type"
    status = 422
    en = "Column 'time' holds {found}; give numbers, dates or moments without gaps, or leave the column out."
    zh = "列 time 的内容为 {found}；应为无缺失的数值、日期或时间，或去掉该列。"


class InteractionsFewError(VostroError):
    """There is too little to learn from."""

    code = "insight.interactions_few"
    status = 422
    en = "There are {customers} customer(s) and {items} item(s); at least 2 of each are needed to recommend."
    zh = "只有 {customers} 位客户、{items} 个产品；推荐至少需要各 2 个。"


class MethodUnknownError(VostroError):
    """A method was named that does not exist."""

    code = "insight.method_unknown"
    status = 422
    en = "There is no method '{method}'; choose from {known}."
    zh = "没有名为“{method}”的方法；可选：{known}。"


class ExtraMissingError(VostroError):
    """An optional library is not installed."""

    code = "insight.recommend_extra"
    status = 501
    en = "{what} needs the library '{library}': pip install 'vostro[{extra}]'."
    zh = "{what} 需要安装库“{library}”：pip install 'vostro[{extra}]'。"


class RecommendationCountError(VostroError):
    """A number of recommendations was asked for that cannot be given."""

    code = "insight.recommendation_count"
    status = 422
    en = "k is {k}; ask for at least 1 recommendation a customer."
    zh = "k 为 {k}；每位客户至少推荐 1 个产品。"


class NotLearntError(VostroError):
    """The recommender has not learnt yet."""

    code = "insight.recommender_not_learnt"
    status = 409
    en = "This recommender has not learnt yet. Call fit(...) or load(path) first."
    zh = "该推荐模型尚未训练。请先调用 fit(...) 或 load(path)。"


class NothingToBlendError(VostroError):
    """No recommender proposed what customers took afterwards."""

    code = "insight.nothing_to_blend"
    status = 422
    en = (
        "None of the {customers} customers took anything that was proposed to them, so no weights can be "
        "learnt. Give longer candidate lists, or a longer time of outcomes."
    )
    zh = "{customers} 位客户均未选择任何候选产品，无法学习权重。请给出更长的候选列表，或更长的观察期。"
