"""Reading a rule's text 规则解析: is it one SQL condition, and where does each part stand?

sqlglot reads the SQL; this module turns its complaints into errors with a place and a way
to mend, catches what only people write (full-width signs, an open quote), and finds the
place of every part. What the parts mean is the business of ``check``.
"""

import re
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError

from vostro.portrait.errors import RuleError

__all__ = ["DEPTH_MAX", "LENGTH_MAX", "parse_sql", "place"]

LENGTH_MAX = 100_000  # characters; a list of some thousand branch codes still fits
DEPTH_MAX = 60  # parentheses inside parentheses; Python's own parser ends at 200

_FULL_WIDTH = {
    "（": "(",
    "）": ")",
    "，": ",",
    "＞": ">",
    "＜": "<",
    "＝": "=",
    "‘": "'",
    "’": "'",
    "“": "'",
    "”": "'",
    "≥": ">=",
    "≤": "<=",
    "≠": "<>",
    "＋": "+",
    "－": "-",
    "×": "*",
    "÷": "/",
    "　": " ",
}
# A quoted text is matched first and kept, so that '--' inside it is no comment.
_COMMENT = re.compile(r"('[^']*'|\"[^\"]*\")|--[^\n]*|/\*.*?\*/", re.DOTALL)
_WORDS = {"&&": "AND", "||": "OR", "!": "NOT", "xor": "<>", "且": "AND", "或": "OR", "非": "NOT"}


def parse_sql(text: str) -> exp.Expr:
    """Return sqlglot's tree of one SQL condition.

    Raises:
        RuleError: the text is not one.
    """
    _scan(text)
    try:
        tree: exp.Expr = sqlglot.parse_one(text, into=exp.Condition)
    except ParseError as error:
        raise _explain(text, error.errors) from None
    except RecursionError:
        raise _too_deep(text, 0) from None
    except SqlglotError as error:
        first = str(error).splitlines()[0]
        raise RuleError(
            text=text, start=0, end=len(text), en=f"not SQL: {first}", zh=f"不是合法的 SQL：{first}"
        ) from None
    return tree


def place(node: exp.Expr) -> tuple[int, int] | None:
    """Return where a part begins and ends in the text, from the words inside it."""
    starts, ends = [], []
    for part in node.walk():
        if "start" in part.meta:
            starts.append(part.meta["start"])
            ends.append(part.meta["end"] + 1)
    return (min(starts), max(ends)) if starts else None


def _scan(text: str) -> None:
    """Refuse what is wrong at the level of letters: quotes, parentheses, full-width signs."""
    bare = _COMMENT.sub(lambda found: found[1] or " " * len(found[0]), text)
    if not bare.strip():
        raise RuleError(text=text, start=0, end=0, en="the rule is empty", zh="规则为空")
    if len(text) > LENGTH_MAX:
        raise RuleError(
            text=text[:40] + " ...",
            start=0,
            end=40,
            en=f"the rule has {len(text):,} characters; at most {LENGTH_MAX:,} are read",
            zh=f"规则长达 {len(text):,} 个字符，上限为 {LENGTH_MAX:,}",
        )
    _scan_letters(text, bare)


def _scan_letters(text: str, bare: str) -> None:
    quote, quote_at, opened = "", 0, list[int]()
    for i, letter in enumerate(bare):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "'\"":
            quote, quote_at = letter, i
        elif letter in _FULL_WIDTH or letter == "\0":
            raise _full_width(text, i)
        elif letter == ";":
            raise _at(
                text, i, "a rule is one condition; ';' is not used", "一条规则只能是一个条件，不使用分号"
            )
        elif letter == "(":
            opened.append(i)
            if len(opened) > DEPTH_MAX:
                raise _too_deep(text, i)
        elif letter == ")":
            if not opened:
                raise _at(text, i, "this ')' closes nothing", "此处右括号没有对应的左括号")
            opened.pop()
    if quote:
        en, zh = f"the quote {quote} that opens here is not closed", f"此处的引号 {quote} 没有闭合"
        raise _at(text, quote_at, en, zh)
    if opened:
        raise _at(text, opened[-1], "this '(' is not closed", "此处左括号没有闭合")


def _at(text: str, at: int, en: str, zh: str) -> RuleError:
    return RuleError(text=text, start=at, end=at + 1, en=en, zh=zh)


def _full_width(text: str, at: int) -> RuleError:
    letter = text[at]
    plain = _FULL_WIDTH.get(letter, " ")
    return RuleError(
        text=text,
        start=at,
        end=at + 1,
        en=f"{letter!r} is not an SQL sign; write {plain!r}",
        zh=f"“{letter}”不是 SQL 符号，请改用半角 {plain}",
        suggestion=plain,
    )


def _too_deep(text: str, at: int) -> RuleError:
    return RuleError(
        text=text,
        start=at,
        end=at + 1,
        en=f"the rule is nested more than {DEPTH_MAX} levels deep; split it into rule tags",
        zh=f"规则嵌套超过 {DEPTH_MAX} 层，请拆分为若干规则标签",
    )


def _explain(text: str, errors: list[dict[str, Any]]) -> RuleError:
    """Turn the first complaint of sqlglot into words for an analyst."""
    first = errors[0] if errors else {}
    word = str(first.get("highlight") or "")
    start = _offset(text, first, word)
    end = start + max(len(word), 1)
    if "Required keyword" in str(first.get("description")):
        return RuleError(
            text=text,
            start=start,
            end=end,
            en=f"'{word}' lacks a value beside it",
            zh=f"“{word}”旁缺少一个值",
        )
    instead = _WORDS.get(word.lower())
    hint_en = f"; did you mean {instead}?" if instead else "; is AND, OR or an operator missing before it?"
    hint_zh = f"，是否想写 {instead}？" if instead else "，其前是否漏写了 AND、OR 或运算符？"
    return RuleError(
        text=text,
        start=start,
        end=end,
        en=f"'{word}' is not expected here{hint_en}" if word else "the condition ends too early",
        zh=f"此处不应出现“{word}”{hint_zh}" if word else "条件不完整",
        suggestion=instead,
    )


def _offset(text: str, error: dict[str, Any], word: str) -> int:
    """Return where the word of sqlglot's complaint starts: it counts lines and columns from 1."""
    line, column = error.get("line") or 1, error.get("col") or 1  # column of the word's last letter
    head = 0
    for _ in range(line - 1):
        head = text.find("\n", head) + 1
    return max(head + column - max(len(word), 1), 0)
