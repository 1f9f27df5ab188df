"""What a rule asks of one value 单值条件: a comparison with constants, without the value.

``age BETWEEN 25 AND 40`` asks ``between 25 and 40`` of the tag's column: of its numbers as ranges,
of its texts one by one, however many customers share them.
"""

import operator
import re
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import polars as pl

from vostro.portrait import tree
from vostro.portrait.index.ordinals import bounds
from vostro.portrait.index.slices import Interval
from vostro.portrait.types import FLOAT, TagInfo, ValueType

__all__ = ["Asked"]

_COMPARED = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_FAR = 1 << 130  # beyond any ordinal: 128 bits


class Asked(NamedTuple):
    """A comparison that lacks its value; ``between`` has two constants, ``in`` any number."""

    sign: Literal["=", "<>", "<", "<=", ">", ">=", "in", "between", "like"]
    constants: tuple[tree.Constant, ...]
    by: tuple[ValueType, ...]
    pattern: str = ""

    def of(self, value: tree.Value) -> tree.Condition:
        """Return the condition with a value put in."""
        if self.sign == "in":
            return tree.OneOf(value, self.constants, self.by[0])
        if self.sign == "like":
            return tree.Like(value, self.pattern)
        if self.sign == "between":
            return tree.InRange(value, self.constants[0], self.constants[1], self.by[0], self.by[1])
        return tree.Compare(self.sign, value, self.constants[0], self.by[0])

    def intervals(self, info: TagInfo, *, as_float: bool, low: int, high: int) -> list[Interval]:
        """Return the ordinals between ``low`` and ``high`` for which it holds, as ascending ranges."""
        ends = [
            bounds(each.value, info, as_float=as_float or by == FLOAT, low=low, high=high)
            for each, by in zip(self.constants, self.by * len(self.constants), strict=False)
        ]
        if self.sign == "in":
            return _merged(ends)
        if self.sign == "between":
            return [(ends[0][0], ends[1][1])]
        first, last = ends[0]
        return {
            "=": [(first, last)],
            "<>": [(-_FAR, first - 1), (last + 1, _FAR)],
            "<": [(-_FAR, first - 1)],
            "<=": [(-_FAR, last)],
            ">": [(last + 1, _FAR)],
            ">=": [(first, _FAR)],
        }[self.sign]

    def holds(self, text: str) -> bool:
        """Tell whether it holds for a text."""
        values: Any = [each.value for each in self.constants]
        if self.sign == "in":
            return text in values
        if self.sign == "between":
            return bool(values[0] <= text <= values[1])
        if self.sign == "like":
            return _regex(self.pattern).fullmatch(text) is not None
        return bool(_COMPARED[self.sign](text, values[0]))

    def mask(self, texts: pl.Series) -> pl.Series:
        """Return for which of many texts it holds."""
        values: Any = [each.value for each in self.constants]
        if self.sign == "in":
            return texts.is_in(values)
        if self.sign == "between":
            return texts.is_between(values[0], values[1])
        if self.sign == "like":
            return _like(texts, self.pattern)
        found: pl.Series = _COMPARED[self.sign](texts, values[0])
        return found


def _merged(ends: Sequence[Interval]) -> list[Interval]:
    """Return ranges that lie apart, ascending."""
    found: list[Interval] = []
    for low, high in sorted(ends):
        if low > high:
            continue
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found


def _regex(pattern: str) -> re.Pattern[str]:
    parts = {"%": ".*", "_": "."}
    return re.compile("".join(parts.get(letter, re.escape(letter)) for letter in pattern), re.DOTALL)


def _like(texts: pl.Series, pattern: str) -> pl.Series:
    body = pattern.strip("%")
    if "%" in body or "_" in body:
        parts = {"%": ".*", "_": "."}
        regex = "".join(parts.get(letter, _escaped(letter)) for letter in pattern)
        return texts.str.contains(f"(?s)^(?:{regex})$")
    starts, ends = not pattern.startswith("%"), not pattern.endswith("%")
    if starts and ends:
        return texts == body
    if starts:
        return texts.str.starts_with(body)
    return texts.str.ends_with(body) if ends else texts.str.contains(body, literal=True)


def _escaped(letter: str) -> str:
    """Return a letter that means itself in a regular expression of Rust."""
    return f"\\{letter}" if letter.isascii() and not letter.isalnum() and not letter.isspace() else letter
