"""Errors of portraits 画像错误: what is wrong with a rule or a tag, where, and how to mend it?"""

import unicodedata

from vostro.words import Text, VostroError

__all__ = ["AmountRangeError", "PortraitColumnError", "RuleError", "TagMissingError", "caret"]


class RuleError(VostroError):
    """A rule cannot be read; says the place, the reason and what may have been meant."""

    code = "portrait.rule"
    status = 422
    en = "line {line}, column {column}: {reason.en}\n{caret}"
    zh = "第 {line} 行第 {column} 列：{reason.zh}\n{caret}"

    def __init__(
        self, *, text: str, start: int, end: int, en: str, zh: str, suggestion: str | None = None
    ) -> None:
        start = min(start, len(text))
        self.line = text.count("\n", 0, start) + 1
        self.column = start - (text.rfind("\n", 0, start) + 1) + 1
        self.reason = Text(en=en, zh=zh)
        self.suggestion = suggestion
        super().__init__(
            line=self.line,
            column=self.column,
            reason=self.reason,
            suggestion=suggestion,
            caret=caret(text, start, end),
        )


class TagMissingError(VostroError):
    """A rule is asked about a portrait that lacks one of its tags altogether."""

    code = "portrait.tag_missing"
    status = 422
    en = "The portrait has no tag '{tag}', which the rule needs. An unknown value is null, not absent."
    zh = "画像中没有规则所需的标签“{tag}”。值未知时应写 null，而不是省略该标签。"


class PortraitColumnError(VostroError):
    """A tag asks for a captured column that the lake does not hold."""

    code = "portrait.column"
    status = 409
    en = "Tag '{tag}' needs {column}, which the lake does not hold. Load the source again: 'vostro load'."
    zh = "标签“{tag}”需要 {column}，数据湖中没有该列。请重新装载该来源：“vostro load”。"


class AmountRangeError(VostroError):
    """An amount is too large to be a tag."""

    code = "portrait.amount_range"
    status = 422
    en = "Tag '{tag}' holds at most {digits} digits before the point; {value} has more. Mend the source."
    zh = "标签“{tag}”小数点前最多 {digits} 位，而 {value} 超出。请修正来源数据。"


def caret(text: str, start: int, end: int) -> str:
    """Return the line that holds ``start``, and below it carets under ``start`` to ``end``.

    >>> print(caret("age > 18 AND\\nagee < 60", 13, 17))
      agee < 60
      ^^^^
    """
    head = text.rfind("\n", 0, start) + 1
    tail = text.find("\n", start)
    line = text[head : tail if tail >= 0 else len(text)]
    before = sum(map(_width, text[head:start]))
    under = sum(map(_width, text[start : min(end, head + len(line))]))
    shown = line.replace("\t", " ")
    return f"  {shown}\n  {' ' * before}{'^' * max(under, 1)}"


def _width(letter: str) -> int:
    """Return the columns a letter takes in a terminal: two for Chinese."""
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
