"""Reasons 原因: why could one record not be read, in both languages?"""

from functools import lru_cache

from vostro.words import Text

__all__ = ["reason"]

_WORDS: dict[str, tuple[str, str]] = {
    "capture.fields_count": (
        "The record has {found} fields, the header has {expected}. Check for a missing or unquoted delimiter.",
        "该记录有 {found} 个字段，而表头有 {expected} 个。请检查是否缺少分隔符，或值中的分隔符未加引号。",
    ),
    "capture.quote_open": (
        "A quote is opened and not closed. Close it, or double the quote inside the value.",
        "引号打开后没有闭合。请补上引号；值中的引号应写成两个。",
    ),
    "capture.quote_stray": (
        "Text follows a closing quote. Double the quotes inside the value.",
        "闭合引号之后还有文字。值中的引号应写成两个。",
    ),
    "capture.nul_bytes": (
        "The record holds NUL bytes. It was damaged on its way: ask the source for it again.",
        "该记录含有 NUL 字节，可能在传输中损坏。请让来源系统重新提供。",
    ),
    "capture.json_line": (
        "The line is not one JSON object: {cause}.",
        "该行不是一个 JSON 对象：{cause}。",
    ),
    "capture.json_key": (
        "The key '{key}' is in no record of the file's first block, so it has no column. "
        "Correct the key, or write it (null will do) in the first record.",
        "键“{key}”在文件首块的记录中均未出现，因而没有对应的列。请改正键名，或在第一条记录中写出该键（值可为 null）。",
    ),
    "capture.calendar": (
        "Column {column} holds {value} (as stored), which is outside the years 1 to 9999 or the hours of a day. "
        "Correct it in the source.",
        "{column} 列的存储值为 {value}，超出公元 1 至 9999 年或一天之内的时间范围。请在来源系统改正。",
    ),
    "capture.cell_error": (
        "Cell {cell} holds the error {error}. Mend its formula.",
        "单元格 {cell} 的值为错误 {error}。请修正其公式。",
    ),
    "capture.cell_unnamed": (
        "Cell {cell} has a value, but its column has no header.",
        "单元格 {cell} 有值，但该列没有表头。",
    ),
}


@lru_cache(maxsize=1000)
def reason(code: str, **data: object) -> Text:
    """Return the sentence of a code with the data filled in.

    >>> reason("capture.fields_count", found=3, expected=4).en
    'The record has 3 fields, the header has 4. Check for a missing or unquoted delimiter.'
    """
    en, zh = _WORDS[code]
    return Text(en=en.format(**data), zh=zh.format(**data))
