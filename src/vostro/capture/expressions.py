"""Expressions 列表达式: how does a contract compute a column from others?

The texts are SQL expressions that Polars reads, over one record at a time: no sums, no
windows, no clock. A CAST of what cannot be cast is null.
"""

import re
from collections.abc import Iterable

import polars as pl

__all__ = ["computed", "expression_fault", "kept"]

_QUOTED = re.compile(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")")
_CAST = re.compile(r"\bCAST\s*\(", re.IGNORECASE)
_REFUSED = (
    (
        re.compile(r"\b(NOW|CURRENT_\w+|LOCALTIME\w*|TODAY)\b", re.IGNORECASE),
        "it reads the clock; a record says the same whenever it is loaded",
        "不得读取当前时间：记录的取值不应随加载时间变化",
    ),
    (
        re.compile(r"\b(OVER|SELECT|FROM)\b", re.IGNORECASE),
        "it looks at more than one record; sums and windows belong into tags",
        "只能逐条计算；汇总与窗口请在标签中定义",
    ),
    (re.compile("::"), "write CAST(x AS type) instead of x::type", "请用 CAST(x AS 类型)，不要写 x::类型"),
    (re.compile(r";|--|/\*"), "one expression is expected, without comments", "应为单个表达式，不含注释"),
)


def computed(frame: pl.LazyFrame, text: str, name: str) -> pl.LazyFrame:
    """Return one column, the expression's value for each row; a CAST that fails gives null.

    Raises:
        pl.exceptions.PolarsError: it is not SQL that Polars knows, or cannot be computed; this may
            come only when the frame is collected.
    """
    return frame.sql(f'SELECT ({_lenient(text)}) AS "{name}" FROM self')  # noqa: S608 - the bank's own definitions, and no database


def kept(frame: pl.LazyFrame, text: str) -> pl.LazyFrame:
    """Return the rows for which a condition is true, not false and not unknown."""
    return frame.sql(f"SELECT * FROM self WHERE ({_lenient(text)})")  # noqa: S608


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
    for pattern, en, zh in _REFUSED:
        if pattern.search(outside):
            return en, zh
    none = pl.DataFrame(schema=dict(columns))
    try:
        found = computed(none.lazy(), text, "x").collect()
    except pl.exceptions.ColumnNotFoundError as error:
        words = " ".join(str(error).split())[:120]
        return f"it reads what is no column above it: {words}", f"引用了此前没有的列：{words}"
    except Exception as error:  # Polars has several families of errors
        words = " ".join(str(error).split())[:120]
        return f"Polars cannot read it: {words}", f"Polars 无法解析：{words}"
    if found.height:  # a sum of nothing is one row
        return (
            "it must be computed of each record by itself; sums belong into tags",
            "须逐条由本记录的列计算得出；汇总请在标签中定义",
        )
    return ("it is no condition", "不是条件表达式") if truth and found["x"].dtype != pl.Boolean else None


def _lenient(text: str) -> str:
    """Return the SQL with TRY_CAST instead of CAST."""
    parts = _QUOTED.split(text)
    parts[::2] = [_CAST.sub("TRY_CAST(", part) for part in parts[::2]]
    return "".join(parts)
