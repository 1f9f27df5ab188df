"""Expressions 列表达式: how does a contract compute a column from others?

The texts are SQL expressions that Polars reads, over one record at a time: no sums, no
windows, no clock. A CAST of what cannot be cast is null.
"""

import re
from collections.abc import Iterable

import polars as pl

__all__ = ["condition", "expression", "expression_fault"]

_QUOTED = re.compile(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")")
_CAST = re.compile(r"\bCAST\s*\(", re.IGNORECASE)
_CLOCK = re.compile(r"\b(NOW|CURRENT_\w+|LOCALTIME\w*|TODAY)\b", re.IGNORECASE)


def expression(text: str) -> pl.Expr:
    """Return the Polars expression of an SQL expression; a CAST that fails gives null.

    Raises:
        pl.exceptions.PolarsError: it is not SQL that Polars knows.
    """
    outside = _QUOTED.split(text)
    outside[::2] = [_CAST.sub("TRY_CAST(", part) for part in outside[::2]]
    return pl.sql_expr("".join(outside))


def condition(text: str) -> pl.Expr:
    """Return a condition that is false where it is unknown."""
    return expression(text).fill_null(False)


def expression_fault(
    text: str, columns: Iterable[tuple[str, pl.DataType]], *, truth: bool
) -> tuple[str, str] | None:
    """Return what is wrong with an expression in both languages, or None.

    Args:
        text: the SQL.
        columns: name and type of those that it may read.
        truth: it must be a condition.
    """
    outside = "".join(_QUOTED.split(text)[::2])
    if _CLOCK.search(outside):
        return (
            "it reads the clock; a record says the same whenever it is loaded",
            "不得读取当前时间：记录的取值不应随加载时间变化",
        )
    if "::" in outside:
        return "write CAST(x AS type) instead of x::type", "请用 CAST(x AS 类型)，不要写 x::类型"
    try:
        return _compiled_fault(expression(text), dict(columns), truth=truth)
    except Exception as error:  # Polars has several families of errors, and panics
        words = " ".join(str(error).split())[:200]
        return f"Polars cannot read it: {words}", f"Polars 无法解析：{words}"


def _compiled_fault(found: pl.Expr, schema: dict[str, pl.DataType], *, truth: bool) -> tuple[str, str] | None:
    lost = ", ".join(sorted(set(found.meta.root_names()) - set(schema)))
    if lost:
        return f"it reads '{lost}', which is no column above it", f"引用了“{lost}”，此前没有该列"
    if not found.meta.is_row_separable():
        return (
            "it looks at more than one record; sums and windows belong into tags",
            "只能逐条计算；汇总与窗口请在标签中定义",
        )
    given = pl.LazyFrame(schema=schema).select(found.alias("x")).collect_schema()["x"]
    return ("it is no condition", "不是条件表达式") if truth and given != pl.Boolean else None
