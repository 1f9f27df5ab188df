"""Rules over all customers 批量编译: how does the engine ask the rule?

An Ibis predicate from the typed tree, equal on DuckDB and Spark: comparisons, decimal and
float arithmetic, IN, LIKE and COALESCE only, every conversion written out. A float is made
from a decimal by way of its digits, because engines round the direct conversion differently
beyond 15 digits; a float result that is not finite is NULL.
"""

import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from vostro.portrait import tree
from vostro.portrait.types import FLOAT, TagInfo, ValueType

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["ibis_predicate", "ibis_type"]

_FLOAT_DIGITS = 15  # decimals of so many digits convert to the nearest float everywhere
_INT64_DIGITS = 18  # decimals of so many digits are 64-bit integers inside DuckDB
_INT64_MAX = 2**63 - 1


def ibis_type(info: TagInfo) -> str:
    """Return the column type of a tag in the engine."""
    if info.type == "decimal":
        return f"decimal({info.digits}, {info.scale})"
    return {
        "integer": "int64",
        "number": "float64",
        "text": "string",
        "boolean": "boolean",
        "date": "date",
        "moment": "timestamp('UTC')",
    }[info.type]


def ibis_predicate(
    condition: tree.Condition, table: "ir.Table", tags: Mapping[str, TagInfo]
) -> "ir.BooleanValue":
    """Return the condition as a predicate over the columns of ``table`` that are named like tags."""
    return _Compiler(table, tags).condition(condition)


class _Compiler:
    def __init__(self, table: "ir.Table", tags: Mapping[str, TagInfo]) -> None:
        import ibis

        self.ibis: Any = ibis
        self.table: Any = table
        self.tags = tags
        self.largest = self._float(sys.float_info.max)

    # Conditions

    def condition(self, node: tree.Condition) -> Any:  # noqa: PLR0911 - one return a kind
        """Compile a condition."""
        match node:
            case tree.And(parts):
                return _balanced([self.condition(part) for part in parts], lambda a, b: a & b)
            case tree.Or(parts):
                return _balanced([self.condition(part) for part in parts], lambda a, b: a | b)
            case tree.Not(inner):
                return ~self.condition(inner)
            case tree.Compare(sign, left, right, by):
                return self.compare(sign, left, right, by)
            case tree.InRange(value, low, high, by_low, by_high):
                return self.compare(">=", value, low, by_low) & self.compare("<=", value, high, by_high)
            case tree.OneOf(value, options, by):
                if by.kind == "exact" and all(map(_whole, (value, *options))):
                    return self.value(value).isin([option.value for option in options])
                return self.operand(value, by).isin([self.operand(option, by) for option in options])
            case tree.Like(value, pattern):
                return self.value(value).like(pattern)
            case tree.IsNull(value):
                return self.value(value).isnull()
            case tree.IsTruth(inner, wanted):
                inner = self.condition(inner)
                return (inner if wanted else ~inner).fill_null(False)
            case tree.Holds(value):
                return self.value(value)

    def compare(self, sign: tree.Comparison, left: tree.Value, right: tree.Value, by: ValueType) -> Any:
        a, b = self.operand(left, by), self.operand(right, by)
        if by.kind == "exact" and _whole(left) and _whole(right):
            a, b = self.value(left), self.value(right)
        return _compared(sign, a, b)

    def operand(self, node: tree.Value, by: ValueType) -> Any:
        """Compile a value that a condition looks at, in the type of the comparison."""
        if by.kind == "exact" and isinstance(node, tree.Constant):
            return self._decimal(node.value, by)
        return self.converted(node, self.value(node), by)

    # Values

    def value(self, node: tree.Value) -> Any:
        """Compile a value; a float result that is not finite becomes NULL."""
        compiled = self.inner(node)
        if node.type == FLOAT and isinstance(node, tree.Arithmetic | tree.Negative | tree.TagRef):
            return self.ibis.ifelse(
                compiled.between(-self.largest, self.largest), compiled, self.ibis.null("float64")
            )
        return compiled

    def inner(self, node: tree.Value) -> Any:
        match node:
            case tree.TagRef(code):
                return self.table[code].cast(ibis_type(self.tags[code]))
            case tree.Constant():
                return self.constant(node)
            case tree.Truth(condition):
                return self.condition(condition)
            case tree.Negative(value):
                return -self.part(value, node.type)
            case tree.Coalesce(values, by):
                return self.ibis.coalesce(*[self.converted(value, self.value(value), by) for value in values])
            case tree.Arithmetic():
                return self.arithmetic(node)

    def arithmetic(self, node: tree.Arithmetic) -> Any:
        if node.type == FLOAT:
            a, b = self.part(node.left, FLOAT), self.part(node.right, FLOAT)
            return _calculated(node.sign, a, b.nullif(self._float(0.0)) if node.sign == "/" else b)
        left, right = _product_types(node) if node.sign == "*" else (node.type, node.type)
        a, b = self.part(node.left, left), self.part(node.right, right)
        return _calculated(node.sign, a, b).cast(_decimal_type(node.type))

    def part(self, node: tree.Value, to: ValueType) -> Any:
        """Compile an operand of arithmetic; only the whole result is asked whether it is finite."""
        inner = self.value(node) if isinstance(node, tree.TagRef | tree.Coalesce) else self.inner(node)
        return self.converted(node, inner, to)

    def constant(self, node: tree.Constant) -> Any:
        if node.value is None:
            return self.ibis.null("boolean")
        if node.type == FLOAT:
            return self._float(float(node.value))  # type: ignore[arg-type]
        if node.type.kind == "exact":
            if _whole(node):
                return self.ibis.literal(node.value, type="int64")
            return self._decimal(node.value, node.type)
        if node.type.kind == "moment":
            return self.ibis.literal(node.value, type="timestamp('UTC')")
        return self.ibis.literal(node.value)

    def converted(self, node: tree.Value, compiled: Any, to: ValueType) -> Any:
        """Bring a compiled value from its own type to the type ``to``."""
        if to.kind == "exact" and node.type.kind == "exact":
            return compiled.cast(_decimal_type(to))
        if to == FLOAT and isinstance(node, tree.Constant) and node.value is not None:
            return self._float(float(node.value))  # type: ignore[arg-type]
        if to == FLOAT and node.type.kind == "exact":
            digits = node.type.whole + node.type.scale
            if digits > _FLOAT_DIGITS and not _whole(node):
                return compiled.cast(_decimal_type(node.type)).cast("string").cast("float64")
            return compiled.cast("float64")
        if isinstance(node, tree.Constant) and node.value is None:
            return self.ibis.null(_plain_type(to))
        return compiled

    def _decimal(self, value: tree.Plain, type_: ValueType) -> Any:
        assert isinstance(value, int | Decimal)
        return self.ibis.literal(format(value, "f") if isinstance(value, Decimal) else str(value)).cast(
            _decimal_type(type_)
        )

    def _float(self, value: float) -> Any:
        return self.ibis.literal(repr(value)).cast("float64")


def _whole(node: tree.Value) -> bool:
    """Tell whether the engine holds this value as a 64-bit integer."""
    if isinstance(node, tree.Constant):
        return isinstance(node.value, int) and abs(node.value) <= _INT64_MAX
    return (
        isinstance(node, tree.TagRef) and node.type.kind == "exact" and node.type == ValueType("exact", 19, 0)
    )


def _decimal_type(type_: ValueType) -> str:
    return f"decimal({max(type_.whole + type_.scale, 1)}, {type_.scale})"


def _plain_type(type_: ValueType) -> str:
    if type_.kind == "exact":
        return _decimal_type(type_)
    return {"float": "float64", "text": "string", "date": "date", "moment": "timestamp('UTC')"}.get(
        type_.kind, "boolean"
    )


def _compared(sign: tree.Comparison, a: Any, b: Any) -> Any:
    match sign:
        case "=":
            return a == b
        case "<>":
            return a != b
        case "<":
            return a < b
        case "<=":
            return a <= b
        case ">":
            return a > b
        case ">=":
            return a >= b


def _calculated(sign: str, a: Any, b: Any) -> Any:
    match sign:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
    return a / b


def _product_types(node: tree.Arithmetic) -> tuple[ValueType, ValueType]:
    """Return the types to multiply in: each with the operand's own scale, one with more digits if needed.

    Ibis wants one of the two types to hold the other. DuckDB keeps a product in 18 digits, and fails
    when they do not hold it, unless an operand has more than 18.
    """
    a, b = node.left.type, node.right.type
    digits_a, digits_b = a.whole + a.scale, b.whole + b.scale
    digits = max(digits_a, digits_b)
    if digits <= _INT64_DIGITS < digits_a + digits_b:
        digits = _INT64_DIGITS + 1
    if a.scale > b.scale:
        return ValueType("exact", digits - a.scale, a.scale), b
    return a, ValueType("exact", digits - b.scale, b.scale)


def _balanced(parts: list[Any], join: Callable[[Any, Any], Any]) -> Any:
    """Join many parts pairwise, so that a thousand conditions nest ten deep."""
    while len(parts) > 1:
        paired = [join(parts[i], parts[i + 1]) for i in range(0, len(parts) - 1, 2)]
        parts = paired + parts[len(parts) - len(parts) % 2 :]
    return parts[0]
