"""Errors of the tag catalogue 标签目录错误: which tag, value or customer is wrong, and how is it mended?"""

from collections.abc import Collection

from vostro.words import VostroError, suggest

__all__ = [
    "CustomerUnknownError",
    "CutsUnknownError",
    "HistoryMissingError",
    "ManualTagError",
    "ManualUntilError",
    "ManualValueError",
    "NotBuiltError",
    "TagUnknownError",
    "unknown_tag",
]


class TagUnknownError(VostroError):
    """A tag was asked for that the bank does not define."""

    code = "portrait.tag_unknown"
    status = 404
    en = "There is no tag '{tag}'.{hint_en} 'vostro tags list' shows all of them."
    zh = "没有名为“{tag}”的标签。{hint_zh}可用“vostro tags list”查看全部标签。"


class ManualTagError(VostroError):
    """A tag of another kind was to be set by hand."""

    code = "portrait.tag_not_manual"
    status = 422
    en = "Tag '{tag}' is of kind {kind}: its value is computed, nobody sets it. Define a tag with 'manual: text' or the like."
    zh = "标签“{tag}”的类型为 {kind}，其值由计算得出，不能人工设置。请定义带“manual: text”等的标签。"


class ManualValueError(VostroError):
    """A value set by hand is none of the tag's type or list."""

    code = "portrait.tag_value"
    status = 422
    en = "'{value}' cannot be the value of tag '{tag}'. Give {wanted_en}."
    zh = "“{value}”不能作为标签“{tag}”的值，应为{wanted_zh}。"


class ManualUntilError(VostroError):
    """A value would end before it begins."""

    code = "portrait.tag_until"
    status = 422
    en = "Tag '{tag}' cannot be set until {until}: that is not after {moment}. Give a later moment."
    zh = "标签“{tag}”的截止时间 {until} 不晚于 {moment}，请给出更晚的时间。"


class CustomerUnknownError(VostroError):
    """No source has a record of that customer."""

    code = "portrait.customer_unknown"
    status = 404
    en = "There is no customer '{customer}'{known_en}. Customers are named by the column under 'customer' of a contract."
    zh = "没有编号为“{customer}”的客户{known_zh}。客户编号即数据契约中 customer 所指列的值。"


class HistoryMissingError(VostroError):
    """Nothing was built yet, so that no tag has a history."""

    code = "portrait.tag_history_missing"
    status = 404
    en = "No build has kept a history of tag '{tag}' yet. Run 'vostro build' first."
    zh = "尚无标签“{tag}”的构建历史。请先运行“vostro build”。"


class NotBuiltError(VostroError):
    """Portraits are asked for that nobody built yet."""

    code = "portrait.not_built"
    status = 404
    en = "This bank has no portraits yet. Run 'vostro build' first."
    zh = "本行尚未构建客户画像。请先运行“vostro build”。"


class CutsUnknownError(VostroError):
    """Cut points were asked for that no template needs, or that nothing is known of."""

    code = "portrait.cuts_unknown"
    status = 404
    en = "There is no RFM template '{prefix}' with built portraits. Templates: {known}. Run 'vostro build' first."
    zh = "没有已构建画像的 RFM 模板“{prefix}”。现有模板：{known}。请先运行“vostro build”。"


def unknown_tag(tag: str, known: Collection[str]) -> TagUnknownError:
    """Return the refusal of a tag's code, with the nearest one that there is."""
    close = suggest(tag, set(known))
    hint_en = f" Did you mean '{close}'?" if close else ""
    hint_zh = f"是否想写“{close}”？" if close else ""
    return TagUnknownError(tag=tag, hint_en=hint_en, hint_zh=hint_zh)
