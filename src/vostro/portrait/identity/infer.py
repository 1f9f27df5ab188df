"""Which field is what 字段识别: which columns say who a record is about, and of which kind are they?

Decided by what the values look like, then by the column's name in English or Chinese. A column
that only repeats others (a full name beside its parts) would count the same evidence twice and
is left out, and so is one that is always the same or always different.
"""

import re
from collections.abc import Mapping

import polars as pl

from vostro.portrait.identity.errors import FieldKindError
from vostro.portrait.identity.kinds import KINDS

__all__ = ["checked_fields", "infer_fields"]

_SAMPLE = 20_000
_CATEGORIES_MAX = 30
_NAMED = (  # the first that fits
    ("email", r"e.?mail|邮箱|电邮"),
    ("phone", r"phone|mobile|cell|\btel\b|telefon|电话|手机"),
    ("postcode", r"post.?code|postal|\bzip|邮编|邮政编码"),
    ("id_number", r"soc.?sec|\bssn\b|passport|national.?id|identity|id.?(card|num|no)|证件|身份证|护照"),
    ("date", r"birth.?da|da\w* of birth|\bdob\b|生日|出生日期"),
    ("address", r"addr|street(?!.?num)|住址|地址"),
    ("name", r"(?<!place )(?<!user )\bname\b|surname|forename|姓名|^姓$|^名$"),
)
_DATE = r"^\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|(1[89]|20)\d{6})([ T].*)?$"
_NOT_A_NAME = re.compile(r"user|file|city|place|birth.?name|bank|product|branch", re.IGNORECASE)


def checked_fields(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the fields as given.

    Raises:
        FieldKindError: a kind does not exist.
    """
    for field, kind in fields.items():
        if kind not in KINDS:
            raise FieldKindError(field=field, kind=kind, known=", ".join(KINDS))
    return dict(fields)


def infer_fields(records: pl.DataFrame, without: frozenset[str]) -> dict[str, str]:
    """Return ``{column: kind}`` of the columns that are worth comparing, in the order of the frame.

    Args:
        records: all records.
        without: columns that are no fields, such as identifiers.
    """
    sample = records.sample(min(records.height, _SAMPLE), seed=0)
    kinds = {}
    for column in records.columns:
        if column in without or not _usable(records[column]):
            continue
        kinds[column] = _kind(column, sample[column])
    repeated = _repeating(sample, [column for column, kind in kinds.items() if kind == "name"])
    return {column: kind for column, kind in kinds.items() if column not in repeated}


def _usable(column: pl.Series) -> bool:
    if column.dtype.is_nested() or column.dtype in (pl.Boolean, pl.Binary) or column.dtype.is_float():
        return False
    filled = column.drop_nulls()
    return filled.n_unique() > 1


def _kind(name: str, column: pl.Series) -> str:
    text = column.cast(pl.String).drop_nulls().str.strip_chars()
    text = text.filter(text != "")
    if text.is_empty():
        return "category"
    plain = re.sub(r"[_\-\s]+", " ", name.strip().lower())
    if _share(text, r"^[^@\s]+@[^@\s]+\.[^@\s]+$") > 0.5:
        return "email"
    if column.dtype in (pl.Date, pl.Datetime) or _share(text, _DATE) > 0.7:
        return "date"
    for kind, pattern in _NAMED:
        if re.search(pattern, plain) and not (kind == "name" and _NOT_A_NAME.search(plain)):
            return kind
    return "category" if text.n_unique() <= _CATEGORIES_MAX else "text"


def _share(text: pl.Series, pattern: str) -> float:
    return float(text.str.contains(pattern).mean() or 0.0)  # type: ignore[arg-type]


def _repeating(sample: pl.DataFrame, names: list[str]) -> set[str]:
    """Return names that are made of other names: their words are nearly always among the others' words."""
    words = sample.select(
        pl.col(each).cast(pl.String).str.to_lowercase().str.strip_chars().str.split(" ").alias(each)
        for each in names
    )
    found: set[str] = set()
    for whole in names:
        parts = [
            each
            for each in names
            if each != whole
            and each not in found
            and _holds(words, whole, each)
            and not _holds(words, each, whole)
        ]
        if len(parts) >= 2:
            found.add(whole)
    return found


def _holds(words: pl.DataFrame, whole: str, part: str) -> bool:
    both = words.filter(pl.col(whole).list.len() > 1, pl.col(part).list.len() > 0)
    if both.height < 10:
        return False
    inside = both.select((pl.col(part).list.set_difference(pl.col(whole)).list.len() == 0).mean()).item()
    return bool(inside > 0.8)
