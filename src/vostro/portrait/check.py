"""The type check of a rule 规则校验: are its tags, values and functions known, and do types meet?

Turns sqlglot's tree into the typed tree, once. Every refusal names the place, the reason
and, where one is close, what may have been meant.
"""

from collections.abc import Mapping
from typing import cast

from sqlglot import exp

from vostro.portrait import tree
from vostro.portrait.parse import parse_sql
from vostro.portrait.refusals import KINDS, bare, say_part
from vostro.portrait.types import BOOLEAN, NULL, TEXT, TagInfo, Use, common
from vostro.portrait.values import SIGNS, Values

__all__ = ["check"]


def check(text: str, tags: Mapping[str, TagInfo], use: Use | None = None) -> tree.Condition:
    """Read a rule's text into the typed tree.

    Raises:
        RuleError: it is not SQL, names an unknown tag, value or function, types do not meet,
            or a tag may not be used so.
    """
    return _Conditions(text, tags, use).condition(parse_sql(text), 0)


class _Conditions(Values):
    """Turns parts that are true, false or unknown into the typed tree."""

    def condition(self, node: exp.Expr, depth: int) -> tree.Condition:
        """Return a part that is true, false or unknown."""
        node = self.enter(node, depth)
        name = type(node).__name__
        if name in ("And", "Or"):
            parts = tuple(self.condition(part, depth + 1) for part in _chain(node))
            return tree.And(parts) if name == "And" else tree.Or(parts)
        if name == "Not":
            return tree.Not(self.condition(node.this, depth + 1))
        if name in SIGNS:
            return self.compare(node, depth)
        method = {"Is": self.is_, "In": self.in_, "Between": self.between, "Like": self.like}.get(name)
        if method:
            return method(node, depth)
        value = self.value(node, depth)
        if value.type == NULL:
            value = tree.Constant(None, BOOLEAN)
        if value.type != BOOLEAN:
            en, zh = KINDS[value.type.kind]
            what = say_part(value)
            raise self.wrong(
                node,
                f"{what} is {en}; a condition is needed here, such as {what} = ...",
                f"{what} 是{zh}，此处需要条件，例如 {what} = ...",
            )
        return value.condition if isinstance(value, tree.Truth) else tree.Holds(value)

    def compare(self, node: exp.Expr, depth: int) -> tree.Condition:
        sign = SIGNS[type(node).__name__]
        left, right, by = self.pair(node, node.this, node.expression, depth)
        if by == BOOLEAN and sign not in ("=", "<>"):
            raise self.wrong(
                node, f"yes or no cannot be compared with '{sign}'", f"是/否值不能用“{sign}”比较"
            )
        if sign in ("=", "<>"):
            self.listed(node.expression, left, right)
            self.listed(node.this, right, left)
        return tree.Compare(cast(tree.Comparison, sign), left, right, by)

    def is_(self, node: exp.Expr, depth: int) -> tree.Condition:
        what = bare(node.expression)
        if type(what).__name__ == "Null":
            return tree.IsNull(self.value(node.this, depth + 1))
        if type(what).__name__ == "Boolean":
            return tree.IsTruth(self.condition(node.this, depth + 1), bool(what.this))
        raise self.wrong(node, "after IS comes NULL, TRUE or FALSE", "IS 之后只能是 NULL、TRUE 或 FALSE")

    def in_(self, node: exp.Expr, depth: int) -> tree.Condition:
        value = self.value(node.this, depth + 1)
        options = node.args.get("expressions") or []
        if not options or node.args.get("query") is not None or node.args.get("field") is not None:
            raise self.wrong(
                node,
                "IN needs a list of values in parentheses, such as IN ('a', 'b')",
                "IN 之后需要括号内的取值列表，例如 IN ('a', 'b')",
            )
        constants = [self.option(value, option, depth) for option in options]
        by = constants[0].type
        for constant in constants[1:]:
            by = common(by, constant.type) or by
        meet = common(value.type, by) or by
        return tree.OneOf(value, tuple(constants), meet)

    def option(self, value: tree.Value, node: exp.Expr, depth: int) -> tree.Constant:
        """Return one value of an IN list, in the type of what it is compared with."""
        option = self.value(node, depth + 1)
        if not isinstance(option, tree.Constant):
            raise self.wrong(
                node, "IN takes written values only; use = and OR", "IN 列表只接受字面值，请用 = 与 OR"
            )
        if option.value is None:
            raise self.wrong(
                node,
                "NULL in a list never matches and makes NOT IN never true; write ... IS NULL beside it",
                "列表中的 NULL 永不匹配，且使 NOT IN 永不成立，请另写 ... IS NULL",
            )
        _, right, _ = self.meet(node, value, option, node)
        self.listed(node, value, right)
        return cast(tree.Constant, right)

    def between(self, node: exp.Expr, depth: int) -> tree.Condition:
        if node.args.get("symmetric"):
            raise self.wrong(
                node,
                "BETWEEN SYMMETRIC is not known; write the lower value first",
                "不支持 BETWEEN SYMMETRIC，请先写较小值",
            )
        low_node, high_node = node.args["low"], node.args["high"]
        value, low, by_low = self.pair(node, node.this, low_node, depth)
        again, high, by_high = self.pair(node, node.this, high_node, depth)
        if BOOLEAN in (by_low, by_high):
            raise self.wrong(node, "yes or no has no range", "是/否值没有区间")
        if isinstance(low, tree.Constant) and isinstance(high, tree.Constant) and high.value < low.value:  # type: ignore[operator]
            raise self.wrong(
                node, "the range is empty: the lower value comes first", "区间为空：较小值应写在前面"
            )
        if value != again:  # a written date, read as text beside one bound and as a date beside the other
            raise self.wrong(node, "both ends of a range must be of one type", "区间两端的类型必须一致")
        return tree.InRange(value, low, high, by_low, by_high)

    def like(self, node: exp.Expr, depth: int) -> tree.Condition:
        value = self.value(node.this, depth + 1)
        if value.type != TEXT:
            raise self.wrong(
                node.this,
                f"{say_part(value)} is not text; LIKE is for text",
                f"{say_part(value)} 不是文本，LIKE 只用于文本",
            )
        pattern = self.value(node.expression, depth + 1)
        if not isinstance(pattern, tree.Constant) or not isinstance(pattern.value, str):
            raise self.wrong(
                node.expression,
                "LIKE needs a pattern in quotes, such as 'term%'",
                "LIKE 之后需要引号内的模式，例如 'term%'",
            )
        if "\\" in pattern.value:
            raise self.wrong(
                node.expression,
                "'\\' means different things to different engines; not allowed in LIKE",
                "各引擎对“\\”解释不同，LIKE 中不允许使用",
            )
        like = tree.Like(value, pattern.value)
        return tree.Not(like) if node.args.get("negate") else like  # NOT LIKE is a flag in sqlglot


def _chain(node: exp.Expr) -> list[exp.Expr]:
    """Return the parts of ``a AND b AND c``, which sqlglot nests to the left, without recursion."""
    kind, parts, todo = type(node), [], [node]
    while todo:
        each = todo.pop()
        inner = bare(each)
        if type(inner) is kind:
            todo += [inner.expression, inner.this]
        else:
            parts.append(each)
    return parts
