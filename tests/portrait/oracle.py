# ruff: noqa: PLR0911, PLR0912 - a walk over every kind of part
"""A second opinion on rules: SQL's three values walked slowly over the test's own tree.

It shares no code with the compilers: exact numbers are fractions, and a rule is a nested
tuple that ``render`` writes as SQL. ``types`` gives the static type of a value: ("x", whole, scale)
for exact numbers of so many digits, "f" for floats, else the kind.
"""

import math
import operator
import re
from fractions import Fraction

OPERATORS = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TAG_TYPES = {"integer": ("x", 19, 0), "decimal": ("x", 16, 2), "number": "f"}


def exact(whole, scale):
    return ("x", whole, scale) if whole + scale <= 38 else "f"


def meet(a, b):
    if a == b or "null" in (a, b):
        return b if a == "null" else a
    return "f" if "f" in (a, b) else exact(max(a[1], b[1]), max(a[2], b[2]))


def static(node, tags):
    """Return the static type of a value."""
    kind = node[0]
    if kind == "tag":
        return TAG_TYPES.get(tags[node[1]], tags[node[1]])
    if kind == "number":
        whole, _, part = node[1].lstrip("-").partition(".")
        part = part if part.strip("0") else ""
        return exact(len(whole.lstrip("0")) or (0 if part else 1), len(part))
    if kind == "negative":
        return static(node[1], tags)
    if kind == "coalesce":
        found = "null"
        for each in node[1]:
            found = meet(found, static(each, tags))
        return found
    if kind in "+-*/":
        a, b = static(node[1], tags), static(node[2], tags)
        if kind == "/" or "f" in (a, b):
            return "f"
        return exact(a[1] + b[1], a[2] + b[2]) if kind == "*" else exact(max(a[1], b[1]) + 1, max(a[2], b[2]))
    return {"truth": "boolean", "NULL": "null"}.get(kind, kind)


def finite(number):
    return None if isinstance(number, float) and not math.isfinite(number) else number


def value(node, row, tags, *, top=True):
    """Return a value as Fraction, float, str, bool, date or None; inside arithmetic a float may be infinite."""
    kind = node[0]
    if kind == "tag":
        held = row[node[1]]
        return finite(
            Fraction(held) if tags[node[1]] in ("integer", "decimal") and held is not None else held
        )
    if kind == "number":
        return Fraction(node[1])
    if kind in ("text", "boolean", "date", "moment"):
        return node[2] if len(node) > 2 else node[1]
    if kind == "NULL":
        return None
    if kind == "truth":
        return condition(node[1], row, tags)
    if kind == "coalesce":
        to = static(node, tags)
        return next((v for each in node[1] if (v := brought(each, row, tags, to)) is not None), None)
    to = static(node, tags)
    parts = [brought(each, row, tags, to, top=False) for each in node[1:]]
    if None in parts or (kind == "/" and parts[1] == 0):
        return None
    if kind == "negative":
        result = -parts[0]
    else:
        result = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}[kind](
            *parts
        )
    return finite(result) if top else result


def brought(node, row, tags, to, *, top=True):
    """Return a value in the type ``to``: a float when that is one (an exact one rounds to the nearest)."""
    held = value(node, row, tags, top=top)
    return float(held) if to == "f" and isinstance(held, Fraction) else held


def compared(sign, a, b, row, tags):
    to = meet(static(a, tags), static(b, tags))
    left, right = brought(a, row, tags, to), brought(b, row, tags, to)
    return None if left is None or right is None else OPERATORS[sign](left, right)


def all_of(truths):
    return False if False in truths else None if None in truths else True


def negated(truth):
    return None if truth is None else not truth


def condition(node, row, tags):
    """Return True, False or None."""
    kind, *rest = node
    if kind in ("and", "or"):
        truths = [condition(each, row, tags) for each in rest[0]]
        return all_of(truths) if kind == "and" else negated(all_of([negated(t) for t in truths]))
    if kind == "not":
        return negated(condition(rest[0], row, tags))
    if kind in OPERATORS:
        return compared(kind, *rest, row, tags)
    if kind == "between":
        return all_of(
            [compared(">=", rest[0], rest[1], row, tags), compared("<=", rest[0], rest[2], row, tags)]
        )
    if kind == "in":
        to = static(rest[0], tags)
        for each in rest[1]:  # one type for the whole list
            to = meet(to, static(each, tags))
        held = brought(rest[0], row, tags, to)
        return None if held is None else any(held == brought(each, row, tags, to) for each in rest[1])
    if kind == "is null":
        return value(rest[0], row, tags) is None
    if kind == "is":
        return condition(rest[0], row, tags) is rest[1]
    if kind == "like":
        held = value(rest[0], row, tags)
        regex = "".join({"%": r"[\s\S]*", "_": r"[\s\S]"}.get(c, re.escape(c)) for c in rest[1])
        return None if held is None else re.fullmatch(regex, held) is not None
    return value(rest[0], row, tags)  # holds


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def render(node):
    """Write a tree as SQL; parentheses around every part that is not a leaf."""
    kind, *rest = node
    if kind == "tag":
        return rest[0]
    if kind in ("number", "NULL"):
        return rest[0] if rest else "NULL"
    if kind in ("text", "date", "moment"):
        return (
            quoted(rest[0])
            if kind == "text" or rest[-1] is rest[0]
            else {"date": "DATE ", "moment": "TIMESTAMP "}[kind] + quoted(rest[0])
        )
    if kind == "boolean":
        return str(rest[0]).upper()
    if kind == "negative":
        return f"-{inside(rest[0])}"
    if kind == "coalesce":
        return "COALESCE(" + ", ".join(map(render, rest[0])) + ")"
    if kind in ("+", "-", "*", "/", *OPERATORS):
        return f"{inside(rest[0])} {kind} {inside(rest[1])}"
    if kind in ("and", "or"):
        return f" {kind.upper()} ".join(map(inside, rest[0]))
    if kind == "not":
        return f"NOT {inside(rest[0])}"
    if kind == "between":
        return f"{inside(rest[0])} BETWEEN {inside(rest[1])} AND {inside(rest[2])}"
    if kind == "in":
        return f"{inside(rest[0])} IN ({', '.join(map(render, rest[1]))})"
    if kind == "is null":
        return f"{inside(rest[0])} IS NULL"
    if kind == "is":
        return f"{inside(rest[0])} IS {str(rest[1]).upper()}"
    if kind == "like":
        return f"{inside(rest[0])} LIKE {quoted(rest[1])}"
    return inside(rest[0])


def inside(node):
    leaf = node[0] in ("tag", "text", "boolean", "date", "moment", "NULL", "coalesce")
    return render(node) if leaf or (node[0] == "number" and node[1][0] != "-") else f"({render(node)})"
