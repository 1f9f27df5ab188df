"""A rule in words 规则释义: what would one say to a colleague, a customer or the regulator?

``NOT`` is pushed inwards first (``NOT age > 18`` is said "age is at most 18"), which keeps
SQL's three values. Names stand as the bank wrote them.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from vostro.portrait import tree
from vostro.portrait.types import TagInfo
from vostro.words import Language

__all__ = ["say_rule"]

_OPPOSITE: dict[tree.Comparison, tree.Comparison] = {
    "=": "<>", "<>": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">",
}  # fmt: skip
_SAID = {
    "en": {"=": "is", "<>": "is not", "<": "is less than", "<=": "is at most", ">": "is more than", ">=": "is at least"},
    "zh": {"=": "为", "<>": "不为", "<": "小于", "<=": "不超过", ">": "大于", ">=": "不低于"},
}  # fmt: skip
_SAID_TIME = {
    "en": {"=": "is", "<>": "is not", "<": "is before", "<=": "is on or before", ">": "is after", ">=": "is on or after"},
    "zh": {"=": "为", "<>": "不为", "<": "早于", "<=": "不晚于", ">": "晚于", ">=": "不早于"},
}  # fmt: skip
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


class _Phrase(NamedTuple):
    """Words, and the word that joins their parts: ``and``, ``or`` or nothing."""

    text: str
    joined: str = ""


def say_rule(condition: tree.Condition, tags: Mapping[str, TagInfo], language: Language) -> str:
    """Return the condition as one sentence without its full stop."""
    text = _Speaker(tags, language).condition(condition, True).text
    return text[:1].upper() + text[1:]


class _Speaker:
    def __init__(self, tags: Mapping[str, TagInfo], language: Language) -> None:
        self.tags, self.language = tags, language
        self.zh = language == "zh"

    def either(self, en: str, zh: str) -> str:
        return zh if self.zh else en

    # Conditions

    def condition(self, node: tree.Condition, wanted: bool) -> _Phrase:  # noqa: PLR0911 - one a kind
        """Say a condition, or its opposite when it is not wanted."""
        match node:
            case tree.Not(inner):
                return self.condition(inner, not wanted)
            case tree.And(parts) | tree.Or(parts):
                word = "and" if isinstance(node, tree.And) == wanted else "or"
                return self.joined(word, [self.condition(part, wanted) for part in parts])
            case tree.Compare(sign, left, right):
                return _Phrase(self.compare(sign if wanted else _OPPOSITE[sign], left, right))
            case tree.InRange(value, low, high):
                return _Phrase(self.in_range(value, low, high, wanted))
            case tree.OneOf(value, options):
                return _Phrase(self.one_of(value, options, wanted))
            case tree.Like(value, pattern):
                return _Phrase(self.like(value, pattern, wanted))
            case tree.IsNull(value):
                is_en, is_zh = ("is unknown", "未知") if wanted else ("is known", "已知")
                return _Phrase(self.value(value) + self.either(f" {is_en}", is_zh))
            case tree.IsTruth(inner, truth):
                said = self.condition(inner, truth).text
                en = "it is known that" if wanted else "it is not known that"
                return _Phrase(self.either(f"{en} ({said})", f"{'可以' if wanted else '不能'}确认（{said}）"))
            case tree.Holds(value):
                return self.holds(value, wanted)

    def joined(self, word: str, parts: list[_Phrase]) -> _Phrase:
        said = [self.nested(part, word) for part in parts]
        if len(said) == 1:
            return parts[0]
        if self.zh:
            return _Phrase({"and": "，且", "or": "，或"}[word].join(said), word)
        comma = "; " if any("," in part for part in said) else ", "
        if len(said) == 2:
            return _Phrase(f"{said[0]} {word} {said[1]}", word)
        return _Phrase(f"{comma.join(said[:-1])}{comma if comma == '; ' else ' '}{word} {said[-1]}", word)

    def nested(self, part: _Phrase, word: str) -> str:
        if part.joined in ("", word):
            return part.text
        either = "either " if part.joined == "or" else ""
        return self.either(f"({either}{part.text})", f"（{part.text}）")

    def holds(self, node: tree.Value, wanted: bool) -> _Phrase:
        if isinstance(node, tree.Constant):
            if node.value is None:
                return _Phrase(self.either("unknown", "未知"))
            return _Phrase(
                self.either("always", "恒成立") if node.value == wanted else self.either("never", "恒不成立")
            )
        fallback = _fallback(node)
        if fallback is not None:
            known = self.holds(fallback[0], wanted).text
            return _Phrase(known + self._or_unknown(fallback[1].value is wanted))
        return _Phrase(
            self.value(node)
            + self.either(f" is {'yes' if wanted else 'no'}", "为“是”" if wanted else "为“否”")
        )

    def compare(self, sign: tree.Comparison, left: tree.Value, right: tree.Value) -> str:
        if isinstance(left, tree.Constant) and not isinstance(right, tree.Constant):  # 18 <= age
            turned: dict[str, tree.Comparison] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
            return self.compare(turned.get(sign, sign), right, left)
        fallback = _fallback(left)
        if fallback is not None and isinstance(right, tree.Constant):
            known = self.compare(sign, fallback[0], right)
            return known + self._or_unknown(_holds(sign, fallback[1].value, right.value))
        kind = left.type.kind
        verbs = (_SAID_TIME if kind in ("date", "moment") else _SAID)[self.language]
        if kind == "text" and sign not in ("=", "<>"):
            verbs = {k: self.either(f"sorts {e}", z) for k, (e, z) in _SORTED.items()}
        a, b = self.value(left), self.value(right, beside=left)
        return f"{a}{verbs[sign]}{b}" if self.zh else f"{a} {verbs[sign]} {b}"

    def _or_unknown(self, unknown_too: bool) -> str:
        return self.either(" or unknown", "或未知") if unknown_too else ""

    def in_range(self, value: tree.Value, low: tree.Value, high: tree.Value, wanted: bool) -> str:
        a, b, c = self.value(value), self.value(low), self.value(high, beside=value)
        if self.zh:
            return f"{a}{'' if wanted else '不'}在{b}至{c}之间"
        return f"{a} is {'' if wanted else 'not '}between {b} and {c}"

    def one_of(self, value: tree.Value, options: tuple[tree.Constant, ...], wanted: bool) -> str:
        said = [self.value(option, beside=value) for option in options]
        a = self.value(value)
        if self.zh:
            if len(said) == 1:
                return f"{a}{'' if wanted else '不'}为{said[0]}"
            return f"{a}{'' if wanted else '不'}属于{'、'.join(said)}{'之一' if wanted else '中的任何一项'}"
        if len(said) == 1:
            return f"{a} is {'' if wanted else 'not '}{said[0]}"
        listed = ", ".join(said[:-1]) + (" or " if wanted else " nor ") + said[-1]
        return f"{a} is {listed}" if wanted else f"{a} is neither {listed}"

    def like(self, value: tree.Value, pattern: str, wanted: bool) -> str:
        body, a = pattern.strip("%"), self.value(value)
        starts, ends = not pattern.startswith("%"), not pattern.endswith("%")
        if "%" in body or "_" in body:
            en, en_not, zh, shown = "fits the pattern", "does not fit the pattern", "符合模式“{}”", pattern
        elif starts and ends:
            en, en_not, zh, shown = "is", "is not", "为“{}”", body
        elif starts:
            en, en_not, zh, shown = "begins with", "does not begin with", "以“{}”开头", body
        elif ends:
            en, en_not, zh, shown = "ends with", "does not end with", "以“{}”结尾", body
        else:
            en, en_not, zh, shown = "contains", "does not contain", "包含“{}”", body
        if self.zh:
            return f"{a}{'' if wanted else '不'}{zh.format(shown)}"
        return f"{a} {en if wanted else en_not} '{shown}'"

    # Values

    def value(self, node: tree.Value, beside: tree.Value | None = None) -> str:  # noqa: PLR0911
        """Say a value; ``beside`` is the tag whose unit and value names fit a written value."""
        match node:
            case tree.TagRef(code):
                return self.tags[code].name.say(self.language)
            case tree.Constant(value):
                return self.constant(
                    value, self.tags[beside.tag_code] if isinstance(beside, tree.TagRef) else None
                )
            case tree.Negative(inner):
                return f"−{self.grouped(inner)}"
            case tree.Coalesce(values):
                first, rest = (
                    self.value(values[0]),
                    [self.value(each, beside=values[0]) for each in values[1:]],
                )
                if self.zh:
                    return f"{first}（未知时取{'，再取'.join(rest)}）"
                return f"{first} (or {', else '.join(rest)}, when unknown)"
            case tree.Truth(condition):
                return self.either("(", "（") + self.condition(condition, True).text + self.either(")", "）")
            case tree.Arithmetic(sign, left, right):
                shown = {"+": "+", "-": "−", "*": "×", "/": "÷"}[sign]
                tight = sign in ("*", "/")
                a = self.grouped(left) if tight and _is_sum(left) else self.value(left)
                b = self.grouped(right) if tight or (sign == "-" and _is_sum(right)) else self.value(right)
                return self.either(f"{a} {shown} {b}", f"{a}{shown}{b}")

    def grouped(self, node: tree.Value) -> str:
        said = self.value(node)
        return self.either(f"({said})", f"（{said}）") if isinstance(node, tree.Arithmetic) else said

    def constant(self, value: tree.Plain, info: TagInfo | None) -> str:
        if value is None:
            return self.either("unknown", "未知")
        if isinstance(value, bool):
            return self.either("yes", "“是”") if value else self.either("no", "“否”")
        if isinstance(value, str):
            named = info.value_names.get(value) if info else None
            return named.say(self.language) if named else self.either(f"'{value}'", f"“{value}”")
        if isinstance(value, date):
            return _say_time(value, self.zh)
        unit = info.unit.say(self.language) if info and info.unit else ""
        return _say_number(value, self.zh) + (self.either(f" {unit}", unit) if unit else "")


def _is_sum(node: tree.Value) -> bool:
    return isinstance(node, tree.Arithmetic) and node.sign in ("+", "-")


def _fallback(node: tree.Value) -> tuple[tree.TagRef, tree.Constant] | None:
    """Return the tag and the constant of ``COALESCE(tag, constant)``, which is said in fewer words."""
    if isinstance(node, tree.Coalesce) and len(node.values) == 2:
        tag, constant = node.values
        if (
            isinstance(tag, tree.TagRef)
            and isinstance(constant, tree.Constant)
            and constant.value is not None
        ):
            return tag, constant
    return None


def _holds(sign: tree.Comparison, left: Any, right: Any) -> bool:
    """Tell whether a comparison of two constants holds."""
    below, same = bool(left < right), bool(left == right)
    return {
        "=": same,
        "<>": not same,
        "<": below,
        "<=": below or same,
        ">": not below and not same,
        ">=": not below,
    }[sign]


_SORTED = {
    "<": ("before", "排在其前："), "<=": ("before or at", "排在其前或相同："),
    ">": ("after", "排在其后："), ">=": ("after or at", "排在其后或相同："),
    "=": ("at", "为"), "<>": ("apart from", "不为"),
}  # fmt: skip


def _say_number(number: int | Decimal, zh: bool) -> str:
    """Say a number as its readers write it: 6,000,000 or 600万."""
    value = Decimal(number)
    if zh and value.copy_abs() >= 10_000 and value % 1_000 == 0:
        hundred_millions = value.copy_abs() >= 100_000_000 and value % 1_000_000 == 0
        large, sign = (100_000_000, "亿") if hundred_millions else (10_000, "万")
        return f"{(value / large).normalize():f}{sign}"
    return f"{number:,}"


def _say_time(moment: date, zh: bool) -> str:
    day = (
        f"{moment.year}年{moment.month}月{moment.day}日"
        if zh
        else f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
    )
    return f"{day} {moment:%H:%M} UTC" if isinstance(moment, datetime) else day
