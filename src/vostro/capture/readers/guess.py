"""Guesses 推测: what is this file really, when it is not what the contract says?

Only used to word an error: a guess never changes how a file is read.
"""

import codecs
import re

__all__ = ["MARKS", "damage_words", "likely_codec", "likely_delimiter", "nul_pattern", "what_binary"]

# mark, its codec, the codecs (normal names) that may meet it; longer marks first
MARKS: tuple[tuple[bytes, str, frozenset[str]], ...] = (
    (codecs.BOM_UTF32_LE, "utf-32", frozenset({"utf-32", "utf-32-le"})),
    (codecs.BOM_UTF32_BE, "utf-32", frozenset({"utf-32", "utf-32-be"})),
    (codecs.BOM_UTF8, "utf-8", frozenset({"utf-8", "utf-8-sig"})),
    (codecs.BOM_UTF16_LE, "utf-16", frozenset({"utf-16", "utf-16-le"})),
    (codecs.BOM_UTF16_BE, "utf-16", frozenset({"utf-16", "utf-16-be"})),
    (b"\x84\x31\x95\x33", "gb18030", frozenset({"gb18030"})),
)

_UNPACK = ("Unpack it first", "请先解压")
_MAGIC: tuple[tuple[bytes, str, str, str, str], ...] = (
    (
        b"PK\x03\x04",
        "it is a ZIP archive or an XLSX workbook",
        "这是 ZIP 压缩包或 XLSX 工作簿",
        "Write 'format: {kind: xlsx}' for a workbook, unpack an archive",
        "工作簿请写“format: {kind: xlsx}”，压缩包请先解压",
    ),
    (
        b"PAR1",
        "it is a Parquet file",
        "这是 Parquet 文件",
        "Write 'format: {kind: parquet}'",
        "请写“format: {kind: parquet}”",
    ),
    (
        b"%PDF-",
        "it is a PDF document",
        "这是 PDF 文档",
        "Ask the source for a CSV file",
        "请让来源系统提供 CSV 文件",
    ),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "it is an old Office file (.xls)",
        "这是旧版 Office 文件（.xls）",
        "Save it as .xlsx or CSV",
        "请另存为 .xlsx 或 CSV",
    ),
    (b"BZh", "it is packed with bzip2", "这是 bzip2 压缩文件", *_UNPACK),
    (b"\xfd7zXZ\0", "it is packed with xz", "这是 xz 压缩文件", *_UNPACK),
    (b"\x28\xb5\x2f\xfd", "it is packed with zstd", "这是 zstd 压缩文件", *_UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "it is packed with 7-Zip", "这是 7-Zip 压缩文件", *_UNPACK),
)
_NUL_SHARE_MAX = 0.3
_NUL_SHARE_UTF16 = 0.05  # delimiters and digits alone give more
_RUN = re.compile(rb"[\x80-\xff]{4,}")
_DELIMITERS = (";", "\t", "|", ",", "，", "^", "\x01", "~")
_SAMPLE_BYTES = 65_536
_CHINESE_SHARE_MIN = 0.8


def what_binary(first: bytes) -> tuple[str, str, str, str] | None:
    """Return what a binary file is and how to mend it, both in English and Chinese; None for text."""
    for magic, *words in _MAGIC:
        if first.startswith(magic) and (magic != b"BZh" or first[4:10] == b"1AY&SY"):
            return words[0], words[1], words[2], words[3]
    return None


def nul_pattern(first: bytes) -> str | None:
    """Return the codec that NUL bytes point to, None when they point to no text, "" when they are few.

    >>> nul_pattern("name,age".encode("utf-16-le"))
    'utf-16-le'
    """
    even, odd = first[::2].count(0), first[1::2].count(0)
    if min(even, odd) == 0 and even + odd >= max(4, _NUL_SHARE_UTF16 * len(first)):
        return "utf-16-le" if odd else "utf-16-be"
    return None if even + odd > _NUL_SHARE_MAX * len(first) else ""


def likely_codec(sample: bytes, declared: str) -> str | None:
    """Return an encoding in which the sample is plausible text, or None.

    >>> likely_codec("客户编号,姓名".encode("gb18030"), "utf-8")
    'gb18030'
    >>> likely_codec("Straße,größte".encode("latin-1"), "utf-8")
    'latin-1'
    """
    if _decoded(sample, "utf-8"):
        return _other("utf-8", declared)
    high = sum(byte >= 0x80 for byte in sample)
    # two bytes a character stand in runs, accents stand alone
    if 2 * sum(map(len, _RUN.findall(sample))) > high:
        for codec in ("gb18030", "big5"):
            if _chinese_share(_decoded(sample, codec) or "") >= _CHINESE_SHARE_MIN:
                return _other(codec, declared)
    if nul_pattern(sample):
        return _other(nul_pattern(sample), declared)
    if not any(0x80 <= byte < 0xA0 for byte in sample):
        return _other("latin-1", declared)
    return _other("cp1252", declared) if _decoded(sample, "cp1252") else None


def damage_words(whole: bytes, start: int, declared: str) -> tuple[str, str]:
    """Return in both languages how to mend bytes that the declared encoding does not have."""
    shown = whole[start : start + 4].hex(" ")
    line_start = whole.rfind(b"\n", 0, start) + 1
    sample = whole[line_start : line_start + _SAMPLE_BYTES]
    sample = sample[: sample.rfind(b"\n") + 1] or sample
    text = whole[max(0, start - _SAMPLE_BYTES) : start + _SAMPLE_BYTES].decode(declared, "replace")
    wide = sum(1 for character in text if character > "\x7f")
    codec = likely_codec(sample, declared)
    double = declared.lower().startswith(("utf-16", "utf-32"))
    if codec != "utf-8" and (double or wide > 4 * text.count("\ufffd")):
        return (
            f"The bytes {shown} are damaged; the text around them is {declared}. Export the file again.",
            f"字节 {shown} 已损坏，其前后文本确为 {declared} 编码。请重新导出文件。",
        )
    if codec is None:
        return (
            f"The bytes {shown} fit no encoding we know. Ask the source which encoding it writes.",
            f"字节 {shown} 不符合任何已知编码。请向来源系统确认所用编码。",
        )
    return (
        f"The bytes {shown} read well as {codec}: write 'format: {{encoding: {codec}}}'.",
        f"字节 {shown} 可按 {codec} 解读，请写“format: {{encoding: {codec}}}”。",
    )


def likely_delimiter(records: list[str], declared: str) -> tuple[str, int] | None:
    """Return a delimiter that splits header and records into equally many columns, and how many.

    >>> likely_delimiter(["a;b;c", "1;2,5;3"], ",")
    (';', 3)
    """
    best: tuple[str, int] | None = None
    for delimiter in _DELIMITERS:
        columns = records[0].count(delimiter) + 1
        same = all(record.count(delimiter) + 1 == columns for record in records[1:])
        if delimiter != declared and columns > 1 and same and (best is None or columns > best[1]):
            best = (delimiter, columns)
    return best


def _decoded(sample: bytes, codec: str) -> str | None:
    try:
        return sample.decode(codec)
    except UnicodeError:
        return None


def _chinese_share(text: str) -> float:
    wide = [character for character in text if character > "\x7f"]
    chinese = sum("\u3000" <= each <= "\u9fff" or "\uff00" <= each <= "\uffef" for each in wide)
    return chinese / max(len(wide), 1)


def _other(codec: str | None, declared: str) -> str | None:
    return None if codec is None or codecs.lookup(codec) == codecs.lookup(declared) else codec
