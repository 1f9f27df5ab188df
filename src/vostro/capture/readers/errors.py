"""Errors of files that cannot be read 文件读取错误: which file, at what place, and what mends it?

These stop a load. A single record that cannot be read does not: it becomes a ``BrokenRecord``.
"""

from vostro.words import VostroError

__all__ = [
    "DelimiterWrongError",
    "EncodingWrongError",
    "FileBinaryError",
    "FileDirectoryError",
    "FileEmptyError",
    "FileMissingError",
    "FilePermissionError",
    "FileUnreadableError",
    "FormatFieldError",
    "GzipCorruptError",
    "GzipTruncatedError",
    "HeaderBrokenError",
    "HeaderDuplicateError",
    "JsonUnreadableError",
    "KindUnknownError",
    "ParquetCorruptError",
    "ReadError",
    "RecordTooLongError",
    "SheetMissingError",
    "XlsxCorruptError",
]


class ReadError(VostroError):
    """A file cannot be read; every error of the readers is one of these."""

    code, status = "capture.read", 422
    en = "{file} cannot be read."
    zh = "无法读取文件 {file}。"


class FileMissingError(ReadError):
    """The file is not there."""

    code, status = "capture.file_missing", 404
    en = "{file} does not exist.{hint_en}"
    zh = "文件 {file} 不存在。{hint_zh}"


class FileDirectoryError(ReadError):
    """The path leads to a directory."""

    code = "capture.file_directory"
    en = "{file} is a directory, not a file. Name a file inside it."
    zh = "{file} 是目录而不是文件，请指明目录中的具体文件。"


class FilePermissionError(ReadError):
    """The operating system refuses to open the file."""

    code, status = "capture.file_permission", 403
    en = "{file} may not be read by this user. Give read permission, for example 'chmod u+r {file}'."
    zh = "当前用户无权读取 {file}。请授予读权限，例如“chmod u+r {file}”。"


class FileUnreadableError(ReadError):
    """The operating system fails while reading, or the path is no ordinary file."""

    code = "capture.file_unreadable"
    en = "{file} cannot be read at byte {byte}: {cause}. Check the disk or copy the file again."
    zh = "{file} 在第 {byte} 字节处读取失败：{cause}。请检查磁盘或重新拷贝文件。"


class FileEmptyError(ReadError):
    """The file holds nothing, not even a header."""

    code = "capture.file_empty"
    en = "{file} is empty: it has no header. Ask the source for the file again."
    zh = "文件 {file} 为空，没有表头。请让来源系统重新提供。"


class FileBinaryError(ReadError):
    """The file is not text although a text format was declared."""

    code = "capture.file_binary"
    en = "{file} is not text: {what_en}. {mend_en}"
    zh = "{file} 不是文本文件：{what_zh}。{mend_zh}"


class KindUnknownError(ReadError):
    """The file's ending does not tell its format."""

    code = "capture.kind_unknown"
    en = (
        "{file}: the ending '{ending}' does not tell the format. "
        "Write 'format: {{kind: csv}}' (or jsonl, parquet, xlsx) in the contract."
    )
    zh = (
        "{file}：无法由扩展名“{ending}”判断格式。"
        "请在数据契约中写明“format: {{kind: csv}}”（或 jsonl、parquet、xlsx）。"
    )


class FormatFieldError(ReadError):
    """A field of a contract's ``format:`` cannot be used."""

    code = "capture.format_field"
    en = "format.{field} is {value}: {wanted_en}."
    zh = "format.{field} 的值为 {value}：{wanted_zh}。"


class HeaderDuplicateError(ReadError):
    """Two columns have the same name."""

    code = "capture.header_duplicate"
    en = (
        "{file}, line {line}: the header names '{name}' twice, in columns {first} and {second}. "
        "Rename one in the source, or set 'format: {{header: false}}' if this line is no header."
    )
    zh = (
        "{file} 第 {line} 行：表头“{name}”重复，见第 {first} 列与第 {second} 列。"
        "请在来源系统改名；若该行不是表头，请设置“format: {{header: false}}”。"
    )


class HeaderBrokenError(ReadError):
    """The header is not a well-formed record."""

    code = "capture.header_broken"
    en = (
        "{file}, line {line}: the header cannot be split into columns, a quote {quote} is not closed properly. "
        "Mend the line, or set format.quote."
    )
    zh = "{file} 第 {line} 行：表头无法拆分成列，引号 {quote} 未正确闭合。请修正该行，或设置 format.quote。"


class DelimiterWrongError(ReadError):
    """The header is one field, and another delimiter would give several."""

    code = "capture.delimiter_wrong"
    en = (
        "{file}, line {line}: with delimiter {delimiter} the header is a single column; "
        "{likely} would give {columns}. Write 'format: {{delimiter: {likely}}}' in the contract."
    )
    zh = (
        "{file} 第 {line} 行：按分隔符 {delimiter} 表头只有一列；"
        "用 {likely} 可得 {columns} 列。请在数据契约中写“format: {{delimiter: {likely}}}”。"
    )


class EncodingWrongError(ReadError):
    """Bytes of the file do not exist in the declared encoding."""

    code = "capture.encoding_wrong"
    en = "{file}, line {line}, byte {byte}: not {encoding}. {mend_en}"
    zh = "{file} 第 {line} 行、第 {byte} 字节：不是合法的 {encoding} 编码。{mend_zh}"


class GzipTruncatedError(ReadError):
    """A gzip file ends too early."""

    code = "capture.gzip_truncated"
    en = "{file}: the gzip data break off at byte {byte}, the file is not complete. Copy or export it again."
    zh = "{file}：gzip 数据在第 {byte} 字节处中断，文件不完整。请重新拷贝或导出。"


class GzipCorruptError(ReadError):
    """A gzip file is damaged."""

    code = "capture.gzip_corrupt"
    en = "{file}: the gzip data are damaged near byte {byte} ({cause}). Copy or export the file again."
    zh = "{file}：gzip 数据在第 {byte} 字节附近损坏（{cause}）。请重新拷贝或导出。"


class RecordTooLongError(ReadError):
    """One line is longer than a reader may hold."""

    code = "capture.record_too_long"
    en = (
        "{file}, line {line}: the line is longer than {limit_mib} MiB. "
        "It is probably no text, or its lines end in another way."
    )
    zh = "{file} 第 {line} 行：单行超过 {limit_mib} MiB。文件可能不是文本，或换行方式不符。"


class JsonUnreadableError(ReadError):
    """Not one line of the first block is a JSON object."""

    code = "capture.json_unreadable"
    en = "{file}, line {line}: no JSON object was found ({cause}). JSON lines hold one object on each line."
    zh = "{file} 第 {line} 行：未找到 JSON 对象（{cause}）。JSON Lines 要求每行一个对象。"


class ParquetCorruptError(ReadError):
    """A Parquet file is damaged or is none."""

    code = "capture.parquet_corrupt"
    en = "{file}: not a readable Parquet file at row {row} ({cause}). Copy or export it again."
    zh = "{file}：在第 {row} 行处无法按 Parquet 读取（{cause}）。请重新拷贝或导出。"


class XlsxCorruptError(ReadError):
    """A workbook is damaged, protected by a password, or is none."""

    code = "capture.xlsx_corrupt"
    en = "{file}: not a readable XLSX workbook ({cause}). Save it again as .xlsx without a password."
    zh = "{file}：不是可读的 XLSX 工作簿（{cause}）。请另存为无密码的 .xlsx 文件。"


class SheetMissingError(ReadError):
    """The workbook has no sheet of that name."""

    code = "capture.sheet_missing"
    en = "{file} has no sheet '{sheet}'. It has: {sheets}. Set format.sheet to one of these."
    zh = "{file} 中没有工作表“{sheet}”。现有：{sheets}。请将 format.sheet 设为其中之一。"
