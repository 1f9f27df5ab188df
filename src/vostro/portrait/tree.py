"""The typed tree of a rule 规则语法树: what is left of the text once it is understood?

Small frozen values that hold every decision of the type check (in which type a comparison
is made), so that a compiler only has to walk: Ibis and Python today, bitmaps later. A
``Value`` has a type; a ``Condition`` is true, false or unknown.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal as OneOfThese

import msgspec

from vostro.portrait.types import ValueType

__all__ = [
    "And",
    "Arithmetic",
    "Coalesce",
    "Compare",
    "Comparison",
    "Condition",
    "Constant",
    "Holds",
    "InRange",
    "IsNull",
    "IsTruth",
    "Like",
    "Negative",
    "Not",
    "OneOf",
    "Or",
    "Plain",
    "TagRef",
    "Truth",
    "Value",
    "tags_of",
]

Plain = bool | int | Decimal | str | date | datetime | None
Comparison = OneOfThese["=", "<>", "<", "<=", ">", ">="]


class _Node(msgspec.Struct, frozen=True, tag_field="node", tag=True):
    pass


class TagRef(_Node, frozen=True):
    """The value of a tag."""

    tag_code: str
    type: ValueType


class Constant(_Node, frozen=True):
    """A value that is written in the rule."""

    value: Plain
    type: ValueType


class Arithmetic(_Node, frozen=True):
    """Two numbers and a sign; when ``type`` is float both are floats first. x / 0 is NULL."""

    sign: OneOfThese["+", "-", "*", "/"]
    left: "Value"
    right: "Value"
    type: ValueType


class Negative(_Node, frozen=True):
    """A number with its sign turned."""

    value: "Value"
    type: ValueType


class Coalesce(_Node, frozen=True):
    """The first value that is known, in one type."""

    values: tuple["Value", ...]
    type: ValueType


class Truth(_Node, frozen=True):
    """A condition used as a boolean value."""

    condition: "Condition"
    type: ValueType


class Compare(_Node, frozen=True):
    """Two values compared in the type ``by``."""

    sign: Comparison
    left: "Value"
    right: "Value"
    by: ValueType


class InRange(_Node, frozen=True):
    """``low <= value <= high`` (BETWEEN), each comparison in its own type."""

    value: "Value"
    low: "Value"
    high: "Value"
    by_low: ValueType
    by_high: ValueType


class OneOf(_Node, frozen=True):
    """The value is in a list of constants, compared in the type ``by``."""

    value: "Value"
    options: tuple[Constant, ...]
    by: ValueType


class Like(_Node, frozen=True):
    """A text that fits a pattern: ``%`` is any text, ``_`` one character."""

    value: "Value"
    pattern: str


class IsNull(_Node, frozen=True):
    """The value is not known; always true or false itself."""

    value: "Value"


class IsTruth(_Node, frozen=True):
    """The condition is known to be ``wanted``; always true or false itself."""

    condition: "Condition"
    wanted: bool


class Holds(_Node, frozen=True):
    """A boolean value used as a condition."""

    value: "Value"


class Not(_Node, frozen=True):
    """The opposite; unknown stays unknown."""

    condition: "Condition"


class And(_Node, frozen=True):
    """False when one is false, else unknown when one is unknown, else true."""

    conditions: tuple["Condition", ...]


class Or(_Node, frozen=True):
    """True when one is true, else unknown when one is unknown, else false."""

    conditions: tuple["Condition", ...]


Value = TagRef | Constant | Arithmetic | Negative | Coalesce | Truth
Condition = And | Or | Not | Compare | InRange | OneOf | Like | IsNull | IsTruth | Holds


def tags_of(node: Value | Condition) -> frozenset[str]:
    """Return the codes of all tags that a node reads."""
    found: set[str] = set()
    todo: list[object] = [node]
    while todo:
        each = todo.pop()
        if isinstance(each, TagRef):
            found.add(each.tag_code)
        elif isinstance(each, tuple):
            todo.extend(each)
        elif isinstance(each, _Node):
            todo.extend(getattr(each, name) for name in each.__struct_fields__)
    return frozenset(found)
