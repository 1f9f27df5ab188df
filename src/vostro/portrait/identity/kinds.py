"""Kinds of fields 字段类型: how is a name, a date or an address cleaned, cut and compared?

A kind says four things: how a value is cleaned, which parts of it are kept beside it (the
year of a date, the user of an e-mail), which parts may serve to find candidates, and in
which levels two values may agree, the closest first. All levels are SQL that DuckDB and
Spark both know; parts are cut here, so that the SQL stays plain.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from vostro.words import Text

__all__ = ["ELSE", "KINDS", "LEVELS", "MISSING", "FieldKind", "Level"]

ELSE, MISSING = "different", "missing"
_TITLE = r"^(?:mr|mrs|ms|miss|dr|prof|sir|dame)\.? +|(?:先生|女士|小姐)$"
_MARKS = r"\p{M}"


@dataclass(frozen=True, slots=True)
class Level:
    """One way in which two values agree; ``{c}`` is the column, ``_l`` and ``_r`` the two records."""

    code: str
    condition: str
    frequency: bool = False  # agreement on a rare value says more: weighted by its frequency
    others: bool = False  # once for each other field of the same kind, which is ``{o}``


@dataclass(frozen=True, slots=True)
class FieldKind:
    """How one kind of field is cleaned, cut and compared."""

    name: Text
    clean: Callable[[pl.Expr], pl.Expr]
    levels: tuple[Level, ...]
    parts: Mapping[str, Callable[[pl.Expr], pl.Expr]]
    keys: tuple[str, ...]  # parts to find candidates by, "" is the whole value; each is coarser than ""


LEVELS: Mapping[str, Text] = {
    MISSING: Text(en="is missing in one of them", zh="其中一条缺失"),
    "same": Text(en="is the same", zh="相同"),
    "swapped": Text(en="stands in the other name's place", zh="与另一姓名字段互换"),
    "close": Text(en="is nearly the same", zh="几乎相同"),
    "similar": Text(en="is similar", zh="相似"),
    "typo": Text(en="differs by one keystroke", zh="相差一次击键"),
    "typos": Text(en="differs by a few keystrokes", zh="相差数次击键"),
    "day_month_swapped": Text(en="has day and month swapped", zh="日月颠倒"),
    "same_user": Text(en="has the same part before the @", zh="@ 前部分相同"),
    "same_area": Text(en="is of the same area", zh="同一区域"),
    ELSE: Text(en="is different", zh="不同"),
}


def _folded(value: pl.Expr) -> pl.Expr:
    """Return text in small letters without accents, full-width forms made plain."""
    return value.cast(pl.String).str.normalize("NFKD").str.replace_all(_MARKS, "").str.to_lowercase()


def _words(value: pl.Expr) -> pl.Expr:
    plain = _folded(value).str.replace_all(r"[^\p{L}\p{N}]+", " ")
    return plain.str.strip_chars()


def _name(value: pl.Expr) -> pl.Expr:
    plain = _folded(value).str.strip_chars().str.replace_all(_TITLE, "")
    return plain.str.replace_all(r"[^\p{L}\p{N}\s]+", "").str.replace_all(r"\s+", " ").str.strip_chars()


def _solid(value: pl.Expr) -> pl.Expr:
    return _folded(value).str.replace_all(r"[^\p{L}\p{N}]+", "")


def _date(value: pl.Expr) -> pl.Expr:
    """Return year, month and day as eight digits; what is no date keeps its digits, typos and all."""
    text = value.cast(pl.String).str.strip_chars().str.replace(r"[ T]\d{2}:.*$", "")
    text = text.str.replace(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$", "$3-$2-$1")
    text = text.str.replace(r"^(\d{4})\D(\d)\D", "$1-0$2-").str.replace(
        r"^(\d{4})\D(\d{2})\D(\d)$", "$1-$2-0$3"
    )
    return text.str.replace_all(r"\D", "")


def _email(value: pl.Expr) -> pl.Expr:
    return _folded(value).str.replace_all(r"\s", "").str.replace(r"\+[^@]*@", "@")


def _phone(value: pl.Expr) -> pl.Expr:
    """Return the last nine digits: country codes and leading noughts come and go."""
    return value.cast(pl.String).str.replace_all(r"\D", "").str.tail(9)


def _area(value: pl.Expr) -> pl.Expr:
    size = value.str.len_chars()
    return pl.when(size > 4).then(value.str.head(size.cast(pl.Int64) - 3)).otherwise(value.str.head(2))


def _start(value: pl.Expr) -> pl.Expr:
    return value.str.head(3)


_SAME = Level("same", "{c}_l = {c}_r", frequency=True)
_TYPO = Level("typo", "damerau_levenshtein({c}_l, {c}_r) <= 1")
_TYPOS = Level("typos", "damerau_levenshtein({c}_l, {c}_r) <= 2")
_SHARE = Level("typos", "levenshtein({c}_l, {c}_r) <= 0.25 * greatest(length({c}_l), length({c}_r))")
_CLOSE = Level("close", "{jaro_winkler}({c}_l, {c}_r) >= 0.92")
_ALIKE = Level("similar", "{jaro_winkler}({c}_l, {c}_r) >= 0.88")
_SWAPPED = Level("swapped", "{c}_l = {o}_r or {c}_r = {o}_l", others=True)
_FLIPPED = Level("day_month_swapped", "{c}_l = {c}_flipped_r")

KINDS: Mapping[str, FieldKind] = {
    "name": FieldKind(
        Text(en="name", zh="姓名"),
        _name,
        (_SAME, _SWAPPED, _CLOSE, Level("similar", "{jaro_winkler}({c}_l, {c}_r) >= 0.8")),
        {"start": _start},
        ("", "start"),
    ),
    "date": FieldKind(
        Text(en="date", zh="日期"),
        _date,
        (_SAME, _FLIPPED, _TYPO, _TYPOS),
        {
            "year": lambda value: value.str.head(4),
            "day": lambda value: value.str.slice(4),
            "flipped": lambda value: value.str.replace(r"^(\d{4})(\d{2})(\d{2})$", "$1$3$2"),
        },
        ("", "year", "day"),
    ),
    "email": FieldKind(
        Text(en="e-mail", zh="电子邮箱"),
        _email,
        (_SAME, Level("same_user", "{c}_user_l = {c}_user_r"), _TYPOS, _ALIKE),
        {"user": lambda value: value.str.replace(r"@.*$", "")},
        ("", "user"),
    ),
    "phone": FieldKind(Text(en="telephone", zh="电话"), _phone, (_SAME, _TYPO, _TYPOS), {}, ("",)),
    "postcode": FieldKind(
        Text(en="postcode", zh="邮政编码"),
        _solid,
        (_SAME, _TYPO, Level("same_area", "{c}_area_l = {c}_area_r")),
        {"area": _area},
        ("", "area"),
    ),
    "address": FieldKind(
        Text(en="address", zh="地址"), _solid, (_SAME, _SHARE), {"start": _start}, ("", "start")
    ),
    "id_number": FieldKind(Text(en="id number", zh="证件号码"), _solid, (_SAME, _TYPO, _TYPOS), {}, ("",)),
    "text": FieldKind(Text(en="text", zh="文本"), _words, (_SAME, _ALIKE), {"start": _start}, ("", "start")),
    "category": FieldKind(Text(en="category", zh="类别"), _words, (_SAME,), {}, ("",)),
}
