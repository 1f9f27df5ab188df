"""Types of tags and values 类型: what kind of value is it, and may two of them meet?

Whole numbers and decimals are *exact*: they carry the digits they may have before and after
the point, and stay exact as long as a result fits into 38 digits (what every engine holds).
A ``number`` tag, a division, or a result wider than 38 digits is a 64-bit float. So a limit
such as ``instalment <= income * 0.55`` is decided to the last cent, and the engine and the
Python function cannot disagree.
"""

from decimal import Decimal
from typing import Literal as OneOfThese
from typing import get_args

import msgspec

from vostro.words import Text

__all__ = [
    "BOOLEAN",
    "DATE",
    "DIGITS_MAX",
    "DIMENSIONS",
    "FLOAT",
    "INTEGER",
    "MOMENT",
    "NULL",
    "TAG_TYPES",
    "TEXT",
    "USES",
    "Dimension",
    "TagInfo",
    "TagType",
    "Use",
    "ValueType",
    "common",
    "exact",
    "literal_type",
    "type_of",
]

TagType = OneOfThese["integer", "number", "decimal", "text", "boolean", "date", "moment"]
Dimension = OneOfThese["basic", "interest", "social", "consumption", "credit", "behaviour", "experience"]
Use = OneOfThese["segment", "decide", "price", "show"]
TAG_TYPES: tuple[str, ...] = get_args(TagType)
DIMENSIONS: tuple[str, ...] = get_args(Dimension)
USES: tuple[str, ...] = get_args(Use)
DIGITS_MAX = 38  # DuckDB, Spark and Arrow all hold 38 decimal digits, none of them more


class ValueType(msgspec.Struct, frozen=True, omit_defaults=True):
    """The type of a value inside a rule; ``whole`` and ``scale`` are digits of an exact number."""

    kind: OneOfThese["exact", "float", "text", "boolean", "date", "moment", "null"]
    whole: int = 0  # digits before the point
    scale: int = 0  # digits after the point

    @property
    def number(self) -> bool:
        """Tell whether values of this type can be counted with."""
        return self.kind in ("exact", "float")


FLOAT = ValueType("float")
TEXT = ValueType("text")
BOOLEAN = ValueType("boolean")
DATE = ValueType("date")
MOMENT = ValueType("moment")
NULL = ValueType("null")
INTEGER = ValueType("exact", 19, 0)  # every signed 64-bit integer has at most 19 digits


class TagInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule must know about a tag."""

    type: TagType
    name: Text
    values: tuple[object, ...] | None = None  # the closed list, when there is one
    value_names: dict[str, Text] = {}
    unit: Text | None = None  # said after a number: years, 岁
    digits: int = 18  # of a decimal: all its digits
    scale: int = 4  # of a decimal: those after the point
    uses: tuple[Use, ...] = ("segment", "decide", "show")


def exact(whole: int, scale: int) -> ValueType:
    """Return the exact type of that many digits, or the float type when 38 do not hold it.

    >>> exact(19, 2), exact(38, 1).kind
    (ValueType(kind='exact', whole=19, scale=2), 'float')
    """
    return ValueType("exact", whole, scale) if whole + scale <= DIGITS_MAX else FLOAT


def type_of(info: TagInfo) -> ValueType:
    """Return the value type of a tag."""
    if info.type == "integer":
        return INTEGER
    if info.type == "decimal":
        return ValueType("exact", info.digits - info.scale, info.scale)
    return {"number": FLOAT, "text": TEXT, "boolean": BOOLEAN, "date": DATE, "moment": MOMENT}[info.type]


def literal_type(value: int | Decimal) -> ValueType:
    """Return the narrowest exact type of a number that was written down.

    >>> literal_type(Decimal("12.50"))
    ValueType(kind='exact', whole=2, scale=2)
    """
    if isinstance(value, int):
        return exact(len(str(abs(value))), 0)
    _, digits, exponent = value.as_tuple()
    scale = -int(exponent)
    return exact(max(len(digits) - scale, 0), scale)


def common(left: ValueType, right: ValueType) -> ValueType | None:
    """Return the type in which both are compared, or None when they cannot meet."""
    if "null" in (left.kind, right.kind):
        return right if left.kind == "null" else left
    if left.kind == right.kind == "exact":
        return exact(max(left.whole, right.whole), max(left.scale, right.scale))
    if left.number and right.number:
        return FLOAT
    return left if left.kind == right.kind else None
