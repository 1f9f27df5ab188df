"""The format of a file 文件格式: how are bytes turned into records?"""

import codecs
from pathlib import Path
from typing import Literal

import msgspec

from vostro.capture.readers.errors import FormatFieldError, KindUnknownError

__all__ = ["Kind", "SourceFormat", "kind_of"]

Kind = Literal["csv", "jsonl", "parquet", "xlsx"]
_ENDINGS: dict[str, Kind] = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
}


class SourceFormat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A contract's ``format:``; whatever is not said has the usual value.

    >>> SourceFormat(delimiter=";", encoding="gb18030").quote
    '"'
    """

    kind: Kind | None = None  # None: told by the file's ending
    delimiter: str = ","  # one or more characters; a .tsv file may leave the default
    encoding: str = "utf-8"  # any text codec of Python
    quote: str = '"'  # one ASCII character, or empty: quotes mean nothing
    decimal: str = "."
    thousands: str = ""
    missing: tuple[str, ...] = ("",)
    sheet: str | None = None  # None: the first one
    header: bool = True  # False: the columns are column_1, column_2, ...

    def __post_init__(self) -> None:
        """Refuse what no reader could use.

        Raises:
            FormatFieldError: a delimiter, quote or encoding that cannot work.
        """
        if not self.delimiter or set(self.delimiter) & {"\n", "\r", "\0"}:
            raise _refuse(
                "delimiter",
                self.delimiter,
                "write at least one character, no line end",
                "至少一个字符，且不含换行符",
            )
        if len(self.quote) > 1 or not self.quote.isascii() or self.quote in {"\n", "\r", "\0"}:
            raise _refuse(
                "quote",
                self.quote,
                "write one ASCII character, or '' for none",
                "应为一个 ASCII 字符，或用空串表示无引号",
            )
        if self.quote and self.quote in self.delimiter:
            raise _refuse(
                "delimiter", self.delimiter, "it may not hold the quote character", "不能包含引号字符"
            )
        if not _is_text_codec(self.encoding):
            raise _refuse(
                "encoding",
                self.encoding,
                "no such encoding; write for example utf-8, gb18030, latin-1 or utf-16",
                "没有这种编码，例如可写 utf-8、gb18030、latin-1 或 utf-16",
            )


def kind_of(path: Path, format: SourceFormat) -> Kind:
    """Return the declared kind of a file, or the one its ending tells.

    >>> kind_of(Path("clients.CSV.gz"), SourceFormat())
    'csv'

    Raises:
        KindUnknownError: nothing declared, and the ending is not a known one.
    """
    if format.kind is not None:
        return format.kind
    name = path.name.lower().removesuffix(".gz")
    ending = Path(name).suffix
    kind = _ENDINGS.get(ending)
    if kind is None or (kind in {"parquet", "xlsx"} and name != path.name.lower()):
        raise KindUnknownError(file=path.name, ending=path.suffix)
    return kind


def _refuse(field: str, value: str, wanted_en: str, wanted_zh: str) -> FormatFieldError:
    return FormatFieldError(field=field, value=repr(value), wanted_en=wanted_en, wanted_zh=wanted_zh)


def _is_text_codec(name: str) -> bool:
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError, UnicodeError):
        return False
    # rot13, zlib and the like are codecs too, but not of text
    return info.incrementaldecoder is not None and getattr(info, "_is_text_encoding", False)
