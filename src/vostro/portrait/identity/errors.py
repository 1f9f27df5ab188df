"""Errors of identity 客户识别错误: why can these records not be matched, and how to mend it?"""

from vostro.words import VostroError

__all__ = [
    "FieldKindError",
    "IdentityColumnError",
    "IdentityFrameError",
    "IdentityMissingError",
    "MergeRefusedError",
    "NothingToCompareError",
    "PersonUnknownError",
    "RecordIdError",
    "UnmergeError",
]


class IdentityFrameError(VostroError):
    """What was handed in is not a table."""

    code = "portrait.identity_frame"
    status = 422
    en = "A table is needed (Polars, pandas or Arrow), not {kind}: {reason}."
    zh = "需要数据表（Polars、pandas 或 Arrow），而不是 {kind}：{reason}。"


class IdentityColumnError(VostroError):
    """A column that is named does not exist."""

    code = "portrait.identity_column"
    status = 422
    en = "Table '{source}' has no column '{column}'.{hint_en}"
    zh = "数据表“{source}”没有列“{column}”。{hint_zh}"


class RecordIdError(VostroError):
    """An identifier is missing or repeated within one source."""

    code = "portrait.identity_record"
    status = 422
    en = "Table '{source}': identifier {value} is {problem_en}; each record needs one of its own."
    zh = "数据表“{source}”：标识 {value} {problem_zh}，每条记录须有唯一标识。"


class FieldKindError(VostroError):
    """A field is given a kind that does not exist."""

    code = "portrait.identity_kind"
    status = 422
    en = "Field '{field}' has kind '{kind}'; the kinds are: {known}."
    zh = "字段“{field}”的类型“{kind}”不存在，可用类型：{known}。"


class NothingToCompareError(VostroError):
    """No column says anything about who a record is."""

    code = "portrait.identity_nothing"
    status = 422
    en = "There is nothing to compare: no field has values that tell people apart. Name some with fields={{...}}."
    zh = "没有可比较的内容：没有任何字段能区分客户。请用 fields={{...}} 指定。"


class PersonUnknownError(VostroError):
    """No record or person has this identifier."""

    code = "portrait.person_unknown"
    status = 404
    en = "Identity knows no record and no person '{id}'. 'vostro identity run' takes in new records."
    zh = "客户识别中没有记录或客户“{id}”。可用“vostro identity run”纳入新记录。"


class UnmergeError(VostroError):
    """There is nothing to take apart."""

    code = "portrait.unmerge"
    status = 409
    en = "'{a}' cannot be taken apart: {why_en}."
    zh = "“{a}”无法拆分：{why_zh}。"


class MergeRefusedError(VostroError):
    """Two customers cannot be made one person."""

    code = "portrait.merge"
    status = 409
    en = "'{a}' and '{b}' are not merged: {why_en}."
    zh = "“{a}”与“{b}”未合并：{why_zh}。"


class IdentityMissingError(VostroError):
    """The bank does not define who a customer is."""

    code = "portrait.identity_missing"
    status = 404
    en = "{folder} has no identity.yaml: name the sources and fields that say who a customer is (docs/identity.md)."
    zh = "{folder} 中没有 identity.yaml：请指定说明客户身份的来源与字段（见 docs/identity.md）。"
