"""Errors of the audience index 人群索引错误: what is missing or out of date, and how to mend it?"""

from vostro.words import VostroError

__all__ = ["CustomerNotIndexedError", "IndexDamagedError", "IndexMissingError", "IndexTagError", "TenthError"]


class IndexMissingError(VostroError):
    """No audience index was built yet."""

    code = "portrait.index_missing"
    status = 409
    en = "There is no audience index in {folder}. Build it: 'vostro build'."
    zh = "{folder} 中没有人群索引。请先构建：“vostro build”。"


class IndexDamagedError(VostroError):
    """The files of an audience index do not fit together, or are of another version of Vostro."""

    code = "portrait.index_damaged"
    status = 409
    en = "The audience index in {folder} cannot be read ({what}). Build it anew: 'vostro build'."
    zh = "无法读取 {folder} 中的人群索引（{what}）。请重新构建：“vostro build”。"


class IndexTagError(VostroError):
    """A rule reads a tag that the index does not hold, or holds with another type."""

    code = "portrait.index_tag"
    status = 409
    en = "The audience index of {as_of} does not hold tag '{tag}' as it is defined now. Build it anew: 'vostro build'."
    zh = "{as_of} 的人群索引中没有按现行定义的标签“{tag}”。请重新构建：“vostro build”。"


class CustomerNotIndexedError(VostroError):
    """A customer is asked for or changed who is not in the index."""

    code = "portrait.index_customer"
    status = 404
    en = "The audience index has no such customer."
    zh = "人群索引中没有该客户。"


class TenthError(VostroError):
    """Tenths are numbered from 1 to 10."""

    code = "portrait.tenth"
    status = 422
    en = "There is no tenth {tenth}; tenths are 1 to 10."
    zh = "不存在第 {tenth} 个十分组，编号为 1 至 10。"
