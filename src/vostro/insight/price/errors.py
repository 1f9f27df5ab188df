"""Errors of prices 价格错误: why can nobody tell what the price did?"""

from vostro.words import VostroError

__all__ = [
    "InstrumentWeakError",
    "PriceChoiceError",
    "PriceConfoundedError",
    "PriceFixedError",
    "PriceValueError",
]


class PriceConfoundedError(VostroError):
    """The price was set by what is known of the customer."""

    code = "insight.price_confounded"
    status = 422
    en = (
        "'{price}' did not vary independently of the customer: the features foretell {r2} of its variance out of "
        "fold (p = {p}), most of all {columns}. Its effect cannot be told from theirs. Use data of a randomised "
        "price test, or name an instrument that moved the price by chance."
    )
    zh = (
        "“{price}”并非独立于客户变动：各特征可在折外解释其方差的 {r2}（p = {p}），其中最强的是 {columns}，"
        "因此无法区分价格与这些特征的作用。请使用随机定价试验的数据，或指定使价格随机变动的工具变量。"
    )


class PriceFixedError(VostroError):
    """The price hardly varied."""

    code = "insight.price_fixed"
    status = 422
    en = "Only {rows} rows have another '{price}' than {usual}; at least {least} are needed. Vary the price first."
    zh = "“{price}”不等于 {usual} 的仅 {rows} 行，至少需要 {least} 行。请先让价格有所变动。"


class PriceValueError(VostroError):
    """A price is missing, or outside of those that were tried."""

    code = "insight.price_value"
    status = 422
    en = "'{price}' is {value}; prices must be known and between {low} and {high}. Mend the price, or try it first."
    zh = "“{price}”为 {value}；价格须已知且在 {low} 与 {high} 之间。请修正价格，或先进行试验。"


class InstrumentWeakError(VostroError):
    """The instrument hardly moves the price."""

    code = "insight.price_instrument_weak"
    status = 422
    en = "'{instrument}' hardly moves the price (F = {f}; at least {least} is needed). Find a stronger instrument."
    zh = "“{instrument}”对价格几乎没有影响（F = {f}，至少需要 {least}）。请选择更强的工具变量。"


class PriceChoiceError(VostroError):
    """A setting or a grouping is none of those that there are."""

    code = "insight.price_choice"
    status = 422
    en = "{setting} is {found}; expected {wanted}. Change it."
    zh = "{setting} 为 {found}，应为 {wanted}。请修改。"
