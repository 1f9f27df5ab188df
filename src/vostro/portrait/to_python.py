"""Rules for one customer 单客编译: how does the online path ask the rule in nanoseconds?

One Python function is generated for any number of rules. Each condition is written twice,
once as "is it true" and once as "is it false"; neither is "unknown". So SQL's three values
need no objects and no calls: ``age >= 18`` is true when ``age is not None and age >= 18``.
The user's text never reaches ``compile``: the source is written from the typed tree, with
numbers in it and all texts, dates and lists passed beside it as constants.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import Any, NamedTuple, NoReturn

from vostro.portrait import tree
from vostro.portrait.errors import TagMissingError
from vostro.portrait.types import FLOAT, TagInfo, ValueType

__all__ = ["python_function", "python_source"]

# Exact: 38 digits times 38 digits always fit; the thread's own context would round to 28.
_EXACT = Context(prec=80, Emin=MIN_EMIN, Emax=MAX_EMAX)
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_ATOM = re.compile(r"\w+|-?[\d.]+(e[+-]?\d+)?")


class _Source(NamedTuple):
    """A value in Python: the checks that must hold for it to be known, and its expression."""

    checks: list[str]
    text: str


class _Truths(NamedTuple):
    """A condition in Python: when is it true, when is it false?"""

    true: str
    false: str


def python_function(
    conditions: Sequence[tree.Condition], tags: Mapping[str, TagInfo], *, single: bool
) -> Callable[[Mapping[str, object]], Any]:
    """Return a function of one portrait: a tuple of True, False or None; just one if ``single``."""
    source, constants = python_source(conditions, tags, single=single)
    names: dict[str, Any] = {**constants, "missing": _missing}
    exec(compile(source, "<rules>", "exec"), names)  # noqa: S102  our own source, never a user's text
    function: Callable[[Mapping[str, object]], Any] = names["rules"]
    return function


def python_source(
    conditions: Sequence[tree.Condition], tags: Mapping[str, TagInfo], *, single: bool
) -> tuple[str, dict[str, object]]:
    """Return the function's source and its constants; for people who want to see it."""
    codes = sorted(frozenset().union(*map(tree.tags_of, conditions)))
    writer = _Writer({code: f"t{i}" for i, code in enumerate(codes)})
    results = [writer.result(condition) for condition in conditions]
    lines = ["def rules(portrait):"]
    if codes:
        lines.append("    try:")
        lines += [f"        t{i} = portrait[{code!r}]" for i, code in enumerate(codes)]
        lines += ["    except KeyError as error:", "        missing(error)"]
    lines += [
        f"    if t{i} is not None and t{i} - t{i} != 0.0: t{i} = None  # not finite is unknown"
        for i, code in enumerate(codes)
        if tags[code].type == "number"
    ]
    lines.append(f"    return {results[0]}" if single else "    return (")
    if not single:
        lines += [f"        {result}," for result in results] + ["    )"]
    return "\n".join(lines) + "\n", writer.constants


def _missing(error: KeyError) -> NoReturn:
    raise TagMissingError(tag=error.args[0]) from None


class _Writer:
    def __init__(self, locals_: dict[str, str]) -> None:
        self.locals = locals_
        self.constants: dict[str, object] = {}
        self.temporaries = 0

    def result(self, node: tree.Condition) -> str:
        true, false = self.condition(node)
        return f"True if {true} else False if {false} else None"

    # Conditions

    def condition(self, node: tree.Condition) -> _Truths:  # noqa: PLR0911 - one return a kind
        """Write a condition as its two questions."""
        match node:
            case tree.And(parts):
                truths = [self.condition(part) for part in parts]
                return _Truths(_join("and", [t.true for t in truths]), _join("or", [t.false for t in truths]))
            case tree.Or(parts):
                truths = [self.condition(part) for part in parts]
                return _Truths(_join("or", [t.true for t in truths]), _join("and", [t.false for t in truths]))
            case tree.Not(inner):
                true, false = self.condition(inner)
                return _Truths(false, true)
            case tree.IsNull(value):
                known = _join("and", self.value(value).checks)
                return _Truths(f"(not {known})", known)
            case tree.IsTruth(inner, wanted):
                true = self.condition(inner)[0 if wanted else 1]
                return _Truths(true, f"(not {true})")
            case tree.Holds(value):
                return self.holds(value)
        return self.leaf(node)

    def leaf(self, node: tree.Compare | tree.InRange | tree.OneOf | tree.Like) -> _Truths:
        """Write a test of known values; it is neither true nor false when one is not known."""
        match node:
            case tree.Compare(sign, left, right, by):
                a, b = self.operand(left, by), self.operand(right, by)
                operator = {"=": "==", "<>": "!="}.get(sign, sign)
                checks = a.checks + b.checks
                return _truths(
                    checks, f"{a.text} {operator} {b.text}", f"{a.text} {_OPPOSITE[operator]} {b.text}"
                )
            case tree.InRange(value, low, high, by_low, by_high):
                parts = (tree.Compare(">=", value, low, by_low), tree.Compare("<=", value, high, by_high))
                return self.condition(tree.And(parts))
            case tree.OneOf(value, options, by):
                source = self.operand(value, by)
                members = [_number(option.value, by) for option in options]
                name = self.constant(frozenset(members))
                return _truths(source.checks, f"{source.text} in {name}", f"{source.text} not in {name}")
            case tree.Like(value, pattern):
                source = self.value(value)
                test = self.like(source.text, pattern)
                return _truths(source.checks, test, f"not {test}")

    def holds(self, node: tree.Value) -> _Truths:
        source = self.value(node)
        if isinstance(node, tree.TagRef):  # None is not true either: no check needed
            return _Truths(source.text, f"({source.text} is not None and not {source.text})")
        return _truths(source.checks, source.text, f"not {source.text}")

    def like(self, text: str, pattern: str) -> str:
        body = pattern.strip("%")
        if "%" not in body and "_" not in body:
            starts, ends = not pattern.startswith("%"), not pattern.endswith("%")
            name = self.constant(body)
            if starts and ends:
                return f"{text} == {name}" if body == pattern else f"{text} == ''"
            if not body:
                return f"({text} is not None)"
            if starts:
                return f"{text}.startswith({name})"
            return f"{text}.endswith({name})" if ends else f"({name} in {text})"
        regex = "".join({"%": ".*", "_": "."}.get(letter, re.escape(letter)) for letter in pattern)
        return f"({self.constant(re.compile(regex, re.DOTALL))}.fullmatch({text}) is not None)"

    # Values

    def operand(self, node: tree.Value, by: ValueType) -> _Source:
        """Write a value that a condition looks at, as a float when the comparison is one."""
        return self.converted(node, self.value(node), by)

    def value(self, node: tree.Value) -> _Source:
        """Write a value; a float result that is not finite is unknown."""
        checks, text = self.inner(node)
        if node.type == FLOAT and isinstance(node, tree.Arithmetic | tree.Negative):
            name = self.temporary()
            return _Source([*checks, f"({name} := {text}) - {name} == 0.0"], name)
        return _Source(checks, text)

    def inner(self, node: tree.Value) -> _Source:
        match node:
            case tree.TagRef(code):
                local = self.locals[code]
                return _Source([f"{local} is not None"], local)
            case tree.Constant(value):
                return _Source(["False"], "None") if value is None else _Source([], self.written(value))
            case tree.Truth(condition):
                return self.bound(f"({self.result(condition)})")
            case tree.Negative(value):
                checks, text = self.part(value, node.type)
                return _Source(checks, f"{self.exactly('minus')}({text})" if _scaled(value) else f"(-{text})")
            case tree.Coalesce(values, by):
                return self.coalesce(values, by)
            case tree.Arithmetic():
                return self.arithmetic(node)

    def arithmetic(self, node: tree.Arithmetic) -> _Source:
        a, b = self.part(node.left, node.type), self.part(node.right, node.type)
        checks = a.checks + b.checks
        if node.sign == "/":
            name = self.temporary()
            return _Source([*checks, f"({name} := {b.text}) != 0.0"], f"({a.text} / {name})")
        if node.type != FLOAT and (_scaled(node.left) or _scaled(node.right)):
            exactly = self.exactly({"+": "add", "-": "subtract", "*": "multiply"}[node.sign])
            return _Source(checks, f"{exactly}({a.text}, {b.text})")
        return _Source(checks, f"({a.text} {node.sign} {b.text})")

    def part(self, node: tree.Value, by: ValueType) -> _Source:
        """Write an operand of arithmetic; only the whole result is asked whether it is finite."""
        return self.converted(node, self.inner(node), by)

    def coalesce(self, values: tuple[tree.Value, ...], by: ValueType) -> _Source:
        text = "None"
        for value in reversed(values):
            checks, one = self.operand(value, by)
            text = f"{one} if {_join('and', checks)} else {text}" if checks else one
        return self.bound(f"({text})")

    def bound(self, text: str) -> _Source:
        name = self.temporary()
        return _Source([f"({name} := {text}) is not None"], name)

    def converted(self, node: tree.Value, source: _Source, to: ValueType) -> _Source:
        if to != FLOAT or node.type == FLOAT or source.text == "None":
            return source
        if isinstance(node, tree.Constant):
            return _Source(source.checks, self.written(float(node.value)))  # type: ignore[arg-type]
        return _Source(source.checks, f"float({source.text})")

    # Names

    def written(self, value: tree.Plain | float) -> str:
        """Write a small number or a truth into the source; pass anything else as a constant."""
        if isinstance(value, bool | float):
            return repr(value) if repr(value)[0] != "-" else f"({value!r})"
        if isinstance(value, int):
            return repr(value) if value >= 0 else f"({value!r})"
        return self.constant(value)

    def constant(self, value: object) -> str:
        name = f"k{len(self.constants)}"
        self.constants[name] = value
        return name

    def exactly(self, operation: str) -> str:
        self.constants[f"exact_{operation}"] = getattr(_EXACT, operation)
        return f"exact_{operation}"

    def temporary(self) -> str:
        self.temporaries += 1
        return f"v{self.temporaries}"


def _join(word: str, parts: list[str]) -> str:
    if not parts:
        return "True" if word == "and" else "False"
    return parts[0] if len(parts) == 1 and _ATOM.fullmatch(parts[0]) else "(" + f" {word} ".join(parts) + ")"


def _truths(checks: list[str], test: str, opposite: str) -> _Truths:
    return _Truths(_join("and", [*checks, test]), _join("and", [*checks, opposite]))


def _scaled(node: tree.Value) -> bool:
    """Tell whether an exact value may be a ``Decimal``, whose operators round to 28 digits."""
    return node.type.kind == "exact" and (node.type.scale > 0 or _reads_decimals(node))


def _reads_decimals(node: tree.Value) -> bool:
    if isinstance(node, tree.TagRef):
        return node.type != ValueType("exact", 19, 0)
    return isinstance(node, tree.Coalesce) or (
        isinstance(node, tree.Arithmetic | tree.Negative)
        and any(
            _reads_decimals(getattr(node, name)) for name in ("left", "right", "value") if hasattr(node, name)
        )
    )


def _number(value: tree.Plain, by: ValueType) -> object:
    if by != FLOAT:
        return value
    assert isinstance(value, int | Decimal)
    return float(value)
