"""Capture's errors 采集错误: what stopped a load, where, and how to mend it?

A record that breaks its contract is a reject, not an error. An error means that the whole
file was refused; the store and the lake are then as they were before.
"""

from vostro.words import VostroError, suggest

__all__ = [
    "ColumnTypeError",
    "DeriveError",
    "FileChangedError",
    "HeaderError",
    "MendedFileError",
    "MonthsOrderError",
    "ReferenceMissingError",
    "RejectsMaxError",
    "SourceMissingError",
    "SourceUnknownError",
]


class HeaderError(VostroError):
    """The columns of a file are not the columns that its contract names."""

    code = "capture.header"
    status = 422
    en = "{file}: the columns do not match contract '{source}'. {details_en}"
    zh = "{file}：列与数据契约“{source}”不符。{details_zh}"


class ColumnTypeError(VostroError):
    """A column of a Parquet file holds what no contract can promise: lists, structures, bytes, spans."""

    code = "capture.column_type"
    status = 422
    en = (
        "{file}: column '{column}' is of type {type}; a contract's columns hold single texts, numbers, dates or "
        "moments. Flatten it at the source, or name it under `ignore`."
    )
    zh = (
        "{file}：列“{column}”的类型为 {type}，而数据契约的列只能是单个文本、数字、日期或时间。"
        "请在来源系统展开该列，或写入契约的 ignore。"
    )


class DeriveError(VostroError):
    """A derived column cannot be computed of the values that came."""

    code = "capture.derive"
    status = 422
    en = "Contract '{source}': column '{column}' cannot be derived: {words}. Mend its `derive`."
    zh = "数据契约“{source}”：列“{column}”无法派生：{words}。请修正其 derive。"


class SourceMissingError(VostroError):
    """The file that a contract names is not in the data folder."""

    code = "capture.source_missing"
    status = 404
    en = (
        "Contract '{source}' wants {file}, and {folder} holds no such file.{hint_en} "
        "Put it there, or name another folder with --data."
    )
    zh = "数据契约“{source}”需要文件 {file}，但目录 {folder} 中没有。{hint_zh}请放入该文件，或用 --data 指定其他目录。"


class SourceUnknownError(VostroError):
    """No contract has this name."""

    code = "capture.source_unknown"
    status = 404
    en = "There is no contract named '{source}'.{hint_en} The contracts are: {known}."
    zh = "没有名为“{source}”的数据契约。{hint_zh}已有契约：{known}。"


class ReferenceMissingError(VostroError):
    """A contract refers to a table that has not been loaded."""

    code = "capture.reference_missing"
    status = 409
    en = (
        "{file}: column '{column}' of contract '{source}' refers to {table}.{key}, "
        "and {table} has not been loaded. Load {table} first."
    )
    zh = "{file}：契约“{source}”的列“{column}”引用 {table}.{key}，但 {table} 尚未入库。请先加载 {table}。"


class RejectsMaxError(VostroError):
    """More records broke the contract than the contract allows; nothing was loaded."""

    code = "capture.rejects_max"
    status = 422
    en = (
        "{file}: {rejected:,} of {read:,} records ({share}) broke contract '{source}', which allows {allowed}. "
        "Nothing was loaded. Most frequent: {reasons_en}. Mend the file, or the contract if it is wrong."
    )
    zh = (
        "{file}：{read:,} 条记录中有 {rejected:,} 条（{share}）不符合契约“{source}”，超过允许的 {allowed}，整个文件未入库。"
        "最常见原因：{reasons_zh}。请修正文件；若契约有误，请修正契约。"
    )


class FileChangedError(VostroError):
    """A file changed while it was being read."""

    code = "capture.file_changed"
    status = 409
    en = "{file} changed while it was being loaded; nothing was loaded. Load again when it is complete."
    zh = "{file} 在加载过程中发生变化，未入库。请待文件写完后重新加载。"


class MendedFileError(VostroError):
    """A file of mended rejects cannot be matched with the rejects that are kept."""

    code = "capture.mended_file"
    status = 422
    en = "{file}: {problem_en} Start from the file that 'vostro rejects export' writes and keep its first columns."
    zh = "{file}：{problem_zh}请在“vostro rejects export”导出的文件上修改，并保留其前几列。"


class MonthsOrderError(VostroError):
    """Months that should run in order go round for ever."""

    code = "capture.months_order"
    status = 422
    en = (
        "{file}: the months of column '{field}' reach the year {year}, later than the load. The records are not in "
        "order of time, or `event_time: {{first: {first}}}` is too late. Sort the file, or mend the contract."
    )
    zh = (
        "{file}：列“{field}”的月份推算到 {year} 年，晚于入库时间。文件未按时间排序，"
        "或 event_time 的 first（{first}）有误。请排序文件或修正契约。"
    )


def unknown_source(source: str, known: set[str]) -> SourceUnknownError:
    """Return the error of a source that no contract is named after, with the likely one."""
    close = suggest(source, known)
    return SourceUnknownError(
        source=source,
        known=", ".join(sorted(known)),
        hint_en=f" Did you mean '{close}'?" if close else "",
        hint_zh=f"是否指“{close}”？" if close else "",
    )
