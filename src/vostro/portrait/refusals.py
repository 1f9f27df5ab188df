"""What a rule gets wrong 规则纠错: the place, the reason and the suggestion, for every refusal of the check."""

import re
from collections.abc import Mapping
from typing import cast

from sqlglot import exp

from vostro.portrait import tree
from vostro.portrait.errors import RuleError
from vostro.portrait.literals import number_of
from vostro.portrait.parse import DEPTH_MAX, place
from vostro.portrait.types import BOOLEAN, TEXT, TagInfo, Use
from vostro.words import suggest

__all__ = ["KINDS", "Refusals", "bare", "say_part"]

_ARGUMENTS = {
    "this", "expression", "expressions", "low", "high", "negate", "symmetric", "query", "field",
    "is_string", "to", "is_null", "is_nvl", "table", "db", "catalog",
}  # fmt: skip
KINDS = {
    "exact": ("a number", "数值"),
    "float": ("a number", "数值"),
    "text": ("text", "文本"),
    "boolean": ("yes or no", "是/否"),
    "date": ("a date", "日期"),
    "moment": ("a moment", "时刻"),
    "null": ("NULL", "NULL"),
}
_NO_CLOCK = ("a rule reads no clock; use a tag that counts days", "规则内不读取时钟，请改用按天数计算的标签")
_INSTEAD = {
    "Case": ("use a tag with tiers", "请改用分层（tiers）标签"),
    "If": ("use a tag with tiers", "请改用分层（tiers）标签"),
    "CurrentDate": _NO_CLOCK,
    "CurrentTimestamp": _NO_CLOCK,
    "ILike": ("engines disagree on capitals; use LIKE or IN", "各引擎对大小写处理不一，请用 LIKE 或 IN"),
    "Cast": ("tags have their type already", "标签已有类型，无需转换"),
    "Subquery": ("a rule reads tags only", "规则只能读取标签"),
    "Select": ("a rule reads tags only", "规则只能读取标签"),
    "NullSafeEQ": ("write '=' and 'IS NULL'", "请用“=”与“IS NULL”表达"),
    "NullSafeNEQ": ("write '<>' and 'IS NULL'", "请用“<>”与“IS NULL”表达"),
    "Escape": ("LIKE knows % and _ only", "LIKE 只识别 % 与 _"),
    "DPipe": ("write OR between conditions; texts are not joined", "条件之间请写 OR；不支持文本拼接"),
}  # fmt: skip


class Refusals:
    """Knows the text and the tags of a rule, and how to refuse a part of it."""

    def __init__(self, text: str, tags: Mapping[str, TagInfo], use: Use | None) -> None:
        self.text, self.tags, self.use = text, tags, use
        self.at = (0, len(text))  # the last place that was known

    def wrong(self, node: exp.Expr | None, en: str, zh: str, suggestion: str | None = None) -> RuleError:
        """Return the refusal of a part, with its place."""
        start, end = (place(node) if node is not None else None) or self.at
        if suggestion is not None:
            en, zh = f"{en}; did you mean {suggestion}?", f"{zh}，是否想写 {suggestion}？"
        return RuleError(text=self.text, start=start, end=end, en=en, zh=zh, suggestion=suggestion)

    def enter(self, node: exp.Expr, depth: int) -> exp.Expr:
        """Take off parentheses, note the place, and stop before Python's own stack would."""
        node = bare(node)
        if depth > DEPTH_MAX:
            raise self.wrong(
                None,
                f"the rule is nested more than {DEPTH_MAX} levels deep; split it into rule tags",
                f"规则嵌套超过 {DEPTH_MAX} 层，请拆分为若干规则标签",
            )
        self.at = self.own_place(node) or self.at
        if any(value and name not in _ARGUMENTS for name, value in node.args.items()):
            raise self.unknown(node)  # a form of SQL that sqlglot reads and this language does not know
        return node

    def own_place(self, node: exp.Expr) -> tuple[int, int] | None:
        """Return where a leaf stands; NULL, TRUE and FALSE, which sqlglot does not place, come next."""
        if isinstance(node, exp.Null | exp.Boolean):
            word = "NULL" if isinstance(node, exp.Null) else str(node.this)
            found = re.compile(rf"\b{word}\b", re.IGNORECASE).search(self.text, self.at[1] % len(self.text))
            return found.span() if found else None
        meta = node.meta or (node.this.meta if isinstance(node, exp.Column) else {})
        return (meta["start"], meta["end"] + 1) if "start" in meta else None

    def unknown(self, node: exp.Expr) -> RuleError:
        """Return the refusal of a function or form that is not part of the language."""
        name = type(node).__name__
        shown = str(node.this) if name == "Anonymous" else node.key.upper()
        if isinstance(node, exp.Func) and name != "Anonymous":
            shown = node.sql_names()[0]
        en, zh = _INSTEAD.get(name, ("", ""))
        if isinstance(node, exp.Func) and not en:
            en, zh = "the only function of a rule is COALESCE", "规则中唯一可用的函数是 COALESCE"
        return self.wrong(
            node,
            f"{shown} is not allowed" + (f"; {en}" if en else ""),
            f"不允许使用 {shown}" + (f"；{zh}" if zh else ""),
        )

    def clash(self, node: exp.Expr, one: tree.Value, other: tree.Value) -> RuleError:
        """Return the refusal of two values whose types cannot meet."""
        (en, zh), (en_other, zh_other) = KINDS[one.type.kind], KINDS[other.type.kind]
        hint = None
        if isinstance(other, tree.Constant) and isinstance(other.value, str):
            if one.type.number and number_of(other.value) is not None:
                hint = other.value
            elif one.type == BOOLEAN:
                hint = {
                    "yes": "TRUE",
                    "no": "FALSE",
                    "y": "TRUE",
                    "n": "FALSE",
                    "是": "TRUE",
                    "否": "FALSE",
                }.get(other.value.lower(), "TRUE or FALSE")
        elif isinstance(other, tree.Constant) and one.type == TEXT and other.type.number:
            hint = f"'{other.value}'"
        elif isinstance(other, tree.Constant) and one.type == BOOLEAN:
            hint = "FALSE" if other.value == 0 else "TRUE"
        return self.wrong(
            node,
            f"{say_part(one)} is {en}, {say_part(other)} is {en_other}; they cannot be compared",
            f"{say_part(one)} 是{zh}，{say_part(other)} 是{zh_other}，不能比较",
            hint,
        )

    def listed(self, node: exp.Expr, tag: tree.Value, written: tree.Value) -> None:
        """Refuse a written value that the tag's closed list does not hold."""
        if not isinstance(tag, tree.TagRef) or not isinstance(written, tree.Constant):
            return
        values = self.tags[tag.tag_code].values
        if values is None or written.value in values:
            return
        shown = ", ".join(map(str, values[:12])) + (", ..." if len(values) > 12 else "")
        close = suggest(str(written.value), {str(value) for value in values})
        if close is not None and isinstance(written.value, str):
            close = f"'{close}'"
        raise self.wrong(
            node,
            f"{say_part(written)} is not a value of {tag.tag_code} ({shown})",
            f"{say_part(written)} 不是 {tag.tag_code} 的取值（{shown}）",
            close,
        )


def bare(node: exp.Expr) -> exp.Expr:
    """Take off the parentheses around a part."""
    while type(node).__name__ == "Paren":
        node = cast(exp.Expr, node.this)
    return node


def say_part(value: tree.Value) -> str:
    """Name a value for a refusal."""
    if isinstance(value, tree.TagRef):
        return value.tag_code
    if isinstance(value, tree.Constant):
        return f"'{value.value}'" if isinstance(value.value, str) else str(value.value)
    return "this value"
