"""Values of a rule 规则取值: tags, written values and arithmetic, each with its type."""

from abc import abstractmethod
from decimal import Decimal
from typing import Any, cast

from sqlglot import exp

from vostro.portrait import tree
from vostro.portrait.literals import number_of, retype
from vostro.portrait.refusals import KINDS, Refusals, say_part
from vostro.portrait.types import BOOLEAN, FLOAT, NULL, TEXT, ValueType, common, exact, type_of
from vostro.words import suggest

__all__ = ["CONDITIONS", "SIGNS", "Values"]

SIGNS = {"EQ": "=", "NEQ": "<>", "LT": "<", "LTE": "<=", "GT": ">", "GTE": ">="}
_ARITHMETIC = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/"}
CONDITIONS = {"And", "Or", "Not", "Is", "In", "Between", "Like", *SIGNS}


_USES = {
    "segment": ("select a segment", "圈选客群"),
    "decide": ("decide", "决策"),
    "price": ("set a price", "定价"),
    "show": ("be shown", "展示"),
}


class Values(Refusals):
    """Turns parts that have a value into the typed tree."""

    @abstractmethod
    def condition(self, node: exp.Expr, depth: int) -> tree.Condition:
        """Return a part that is true, false or unknown."""

    def value(self, node: exp.Expr, depth: int) -> tree.Value:  # noqa: PLR0911 - one a kind
        """Return a part that has a value."""
        if type(node).__name__ in CONDITIONS:
            raise self.wrong(
                node,
                "write parentheses around this condition, or AND between two; engines read it differently",
                "请给此条件加括号，或在两个条件之间写 AND；各引擎理解不一",
            )
        node = self.enter(node, depth)
        name = type(node).__name__
        if name == "Column" and type(node.this).__name__ == "Identifier":
            return self.tag(node)
        if name in ("Literal", "Null", "Boolean"):
            return self.literal(node)
        if name in _ARITHMETIC:
            return self.arithmetic(node, depth)
        if name == "Neg":
            return self.negative(node, depth)
        if name == "Coalesce":
            return self.coalesce(node, depth)
        if name == "Cast" and type(node.this).__name__ == "Literal" and node.this.is_string:
            return self.dated(node)
        if name in CONDITIONS:
            return tree.Truth(self.condition(node, depth + 1), BOOLEAN)
        raise self.unknown(node)

    def tag(self, node: exp.Expr) -> tree.TagRef:
        """Look up a tag by its code."""
        parts = [part.name for part in node.parts]  # type: ignore[attr-defined]
        if len(parts) > 1:
            raise self.wrong(
                node,
                f"'{'.'.join(parts)}': a tag has one name, without a table",
                f"“{'.'.join(parts)}”：标签只有一个名字，不带表名",
                parts[-1] if parts[-1] in self.tags else None,
            )
        code = parts[0]
        info = self.tags.get(code)
        if info is not None and self.use is not None and self.use not in info.uses:
            allowed = ", ".join(info.uses)
            raise self.wrong(
                node,
                f"tag '{code}' may not be used to {_USES[self.use][0]} (its uses: {allowed})",
                f"标签“{code}”不得用于{_USES[self.use][1]}（允许的用途：{allowed}）",
            )
        if info is not None:
            return tree.TagRef(code, type_of(info))
        if node.this.quoted:
            raise self.wrong(
                node,
                f"there is no tag \"{code}\"; text is written in single quotes: '{code}'",
                f"没有标签“{code}”；文本请用单引号：'{code}'",
                None,
            )
        by_name = [each for each, info in self.tags.items() if code in (info.name.en, info.name.zh)]
        raise self.wrong(
            node,
            f"there is no tag '{code}'",
            f"没有标签“{code}”",
            by_name[0] if by_name else suggest(code.lower(), set(self.tags)),
        )

    def literal(self, node: exp.Expr) -> tree.Constant:
        """Read a written value."""
        name = type(node).__name__
        if name == "Null":
            return tree.Constant(None, NULL)
        if name == "Boolean":
            return tree.Constant(bool(node.this), BOOLEAN)
        if node.is_string:
            return tree.Constant(str(node.this), TEXT)
        constant = number_of(str(node.this))
        if constant is None:
            raise self.wrong(
                node, f"{node.this} is not a number that can be held", f"{node.this} 不是可处理的数值"
            )
        return constant

    def dated(self, node: exp.Expr) -> tree.Constant:
        """Read ``DATE '2026-01-31'`` and ``TIMESTAMP '2026-01-31T09:00+08:00'``."""
        kind = str(node.args["to"].this.value)
        if kind not in ("DATE", "TIMESTAMP", "TIMESTAMPTZ"):
            raise self.unknown(node)
        target = ValueType("date" if kind == "DATE" else "moment")
        return self.retyped(node, tree.Constant(str(node.this.this), TEXT), target)

    def arithmetic(self, node: exp.Expr, depth: int) -> tree.Value:
        """Read a sum, difference, product or quotient, and say what it can hold."""
        sign = _ARITHMETIC[type(node).__name__]
        left, right = self.number(node.this, depth), self.number(node.expression, depth)
        a, b = left.type, right.type
        if FLOAT in (a, b) or sign == "/":
            result = FLOAT
        elif sign == "*":
            result = exact(a.whole + b.whole, a.scale + b.scale)
        else:
            result = exact(max(a.whole, b.whole) + 1, max(a.scale, b.scale))
        return tree.Arithmetic(cast(Any, sign), left, right, result)

    def number(self, node: exp.Expr, depth: int) -> tree.Value:
        """Read an operand of arithmetic."""
        value = self.value(node, depth + 1)
        if not value.type.number:
            en, zh = KINDS[value.type.kind]
            raise self.wrong(
                node,
                f"{say_part(value)} is {en}; only numbers can be added, subtracted, multiplied or divided",
                f"{say_part(value)} 是{zh}，只有数值可以做加减乘除",
            )
        return value

    def negative(self, node: exp.Expr, depth: int) -> tree.Value:
        """Read a number with its sign turned."""
        value = self.number(node.this, depth)
        if isinstance(value, tree.Constant):
            return tree.Constant(-cast(Decimal, value.value), value.type)
        return tree.Negative(value, value.type)

    def coalesce(self, node: exp.Expr, depth: int) -> tree.Value:
        """Read ``COALESCE(a, b)``: all values in one type."""
        nodes = [node.this, *node.expressions]
        values = [self.value(each, depth + 1) for each in nodes]
        known = [value for value in values if not isinstance(value, tree.Constant)] or values
        by = known[0].type
        for i, value in enumerate(values):
            if isinstance(value, tree.Constant):
                values[i] = self.retyped(nodes[i], value, by)
            meet = common(by, values[i].type)
            if meet is None:
                raise self.clash(nodes[i], known[0], value)
            by = meet
        return tree.Coalesce(tuple(values), by)

    def pair(
        self, node: exp.Expr, left: exp.Expr, right: exp.Expr, depth: int
    ) -> tuple[tree.Value, tree.Value, ValueType]:
        """Return two values and the type in which they are compared."""
        a, b = self.value(left, depth + 1), self.value(right, depth + 1)
        for value in (a, b):
            if value.type == NULL:
                raise self.wrong(
                    node,
                    "a comparison with NULL is never true; write IS NULL or IS NOT NULL",
                    "与 NULL 比较永不成立，请写 IS NULL 或 IS NOT NULL",
                )
        return self.meet(node, a, b, right if isinstance(b, tree.Constant) else left)

    def meet(
        self, node: exp.Expr, a: tree.Value, b: tree.Value, place_node: exp.Expr
    ) -> tuple[tree.Value, tree.Value, ValueType]:
        """Bring a written date to a date, and refuse types that cannot meet."""
        if isinstance(a, tree.Constant) and not isinstance(b, tree.Constant):
            a = self.retyped(place_node, a, b.type)
        if isinstance(b, tree.Constant):
            b = self.retyped(place_node, b, a.type)
        by = common(a.type, b.type)
        if by is None:
            raise self.clash(place_node, *((a, b) if isinstance(b, tree.Constant) else (b, a)))
        return a, b, by

    def retyped(self, node: exp.Expr, constant: tree.Constant, target: ValueType) -> tree.Constant:
        """Read a text as the date or moment that it is compared with."""
        if constant.type != TEXT or target.kind not in ("date", "moment"):
            return constant
        found = retype(str(constant.value), target)
        if isinstance(found, tree.Constant):
            return found
        raise self.wrong(node, *found)
