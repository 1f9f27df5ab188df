"""Sheets 工作表: which cells of a workbook hold an error instead of a value?

The library that reads workbooks shows an error cell as an empty one; a bank must not take
``#N/A`` for "no value". So the sheet's XML is looked through once for cells of type error.
"""

import posixpath
import re
import zipfile
import zlib
from pathlib import Path
from xml.etree import ElementTree

from vostro.capture.readers.errors import XlsxCorruptError

__all__ = ["column_letters", "error_cells"]

_PIECE_BYTES = 1 << 20
_ERROR_TYPE = re.compile(rb"\bt\s*=\s*[\"']e[\"']")
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*\bt\s*=\s*[\"']e[\"'][^>]*)>(.*?)</(?:\w+:)?c>", re.DOTALL)
_PLACE = re.compile(rb"\br\s*=\s*[\"']([A-Z]+)(\d+)[\"']")
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)<")
_WORKBOOK_BYTES_MAX = 16 << 20


def error_cells(path: Path, sheet: str) -> dict[int, tuple[str, str]]:
    """Return the first error cell of each row that has one: ``{7: ("G7", "#N/A")}``.

    Raises:
        XlsxCorruptError: no such sheet, or the archive is damaged.
    """
    found: dict[int, tuple[str, str]] = {}
    try:
        with zipfile.ZipFile(path) as archive, archive.open(_member(archive, sheet)) as xml:
            rest = b""
            while piece := xml.read(_PIECE_BYTES):
                rest += piece
                end = rest.rfind(b"<row") if rest.rfind(b"<row") > 0 else 0
                _collect(rest[:end], found)
                rest = rest[end:]
            _collect(rest, found)
    except (
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        EOFError,
        ElementTree.ParseError,
        NotImplementedError,
    ) as error:
        raise XlsxCorruptError(file=str(path), cause=str(error) or type(error).__name__) from error
    return found


def column_letters(place: int) -> str:
    """Return the letters of a column, counted from 0.

    >>> column_letters(0), column_letters(27)
    ('A', 'AB')
    """
    letters = ""
    place += 1
    while place:
        place, digit = divmod(place - 1, 26)
        letters = chr(65 + digit) + letters
    return letters


def _collect(xml: bytes, found: dict[int, tuple[str, str]]) -> None:
    if not _ERROR_TYPE.search(xml):
        return
    for cell in _CELL.finditer(xml):
        place, value = _PLACE.search(cell[1]), _VALUE.search(cell[2])
        if place is None:
            raise KeyError("an error cell without an address")
        name = (place[1] + place[2]).decode()
        found.setdefault(int(place[2]), (name, value[1].decode() if value else "error"))


def _member(archive: zipfile.ZipFile, sheet: str) -> str:
    """Return the archive's member that holds a sheet."""
    identity = None
    for node in _tree(archive, "xl/workbook.xml").iter():
        if node.tag.endswith("}sheet") and node.get("name") == sheet:
            identity = next((value for key, value in node.attrib.items() if key.endswith("}id")), None)
    for node in _tree(archive, "xl/_rels/workbook.xml.rels").iter():
        if identity is not None and node.get("Id") == identity:
            return posixpath.normpath(posixpath.join("/xl", node.get("Target", ""))).lstrip("/")
    raise KeyError(f"sheet {sheet} is not in the workbook")


def _tree(archive: zipfile.ZipFile, member: str) -> ElementTree.Element:
    if archive.getinfo(member).file_size > _WORKBOOK_BYTES_MAX:
        raise KeyError(f"{member} is too large")
    return ElementTree.fromstring(archive.read(member))  # noqa: S314  (expat bounds entity growth)
