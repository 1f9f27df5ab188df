"""Rules over bitmaps 位图编译: which bitmaps make a rule true, and which make it false?

The third compiler of the rule language. Each condition is compiled as two questions, "is it
true" and "is it false"; neither is "unknown", so SQL's three values need no third kind of bit.
What a comparison with a constant asks is answered on the bitmaps of its tag; arithmetic and
tags compared with tags are left as questions, which the engine answers for those customers only
whom the rest of the rule leaves open.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from vostro.portrait import tree
from vostro.portrait.index.asked import Asked
from vostro.portrait.index.columns import Column
from vostro.portrait.index.plan import ALL, NONE, Plan
from vostro.portrait.to_python import python_function
from vostro.portrait.types import BOOLEAN, FLOAT

__all__ = ["Question", "compile_condition"]

_TURNED: dict[tree.Comparison, tree.Comparison] = {
    "=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<=",
}  # fmt: skip


class Question(NamedTuple):
    """A condition that the engine answers customer by customer."""

    condition: tree.Condition


def compile_condition(condition: tree.Condition, columns: Mapping[str, Column], plan: Plan) -> int:
    """Return the node of the customers for whom a condition is true; see ``Plan``."""
    return _Compiler(columns, plan).true(condition)


class _Compiler:
    def __init__(self, columns: Mapping[str, Column], plan: Plan) -> None:
        self.columns = columns
        self.plan = plan

    # Conditions

    def true(self, node: tree.Condition) -> int:  # noqa: PLR0911 - one return a kind
        """Return for whom a condition is true."""
        plan = self.plan
        match node:
            case tree.And(parts):
                return plan.and_(*map(self.true, parts))
            case tree.Or(parts):
                return plan.or_(*map(self.true, parts))
            case tree.Not(inner):
                return self.false(inner)
            case tree.IsNull(value):
                return plan.not_(self.known(value)) if _plain(value) else self.later(node)
            case tree.IsTruth(inner, wanted):
                return self.true(inner) if wanted else self.false(inner)
            case tree.Holds(value):
                return self.boolean(value, True)
        return self.leaf(node, True)

    def false(self, node: tree.Condition) -> int:
        """Return for whom a condition is false; the others are unknown or true."""
        plan = self.plan
        match node:
            case tree.And(parts):
                return plan.or_(*map(self.false, parts))
            case tree.Or(parts):
                return plan.and_(*map(self.false, parts))
            case tree.Not(inner):
                return self.true(inner)
            case tree.IsNull() | tree.IsTruth():
                return plan.not_(self.true(node))
            case tree.Holds(value):
                return self.boolean(value, False)
        return self.leaf(node, False)

    def leaf(self, node: tree.Compare | tree.InRange | tree.OneOf | tree.Like, wanted: bool) -> int:
        """Return for whom a test of values is true, or false."""
        found = _asked(node)
        if found is not None and _plain(found[0]):
            value, asked = found
            if value.type == BOOLEAN:
                return self.same(value, asked, wanted)
            return self.tested(value, asked, wanted)
        if isinstance(node, tree.Compare) and node.by == BOOLEAN and _plain(node.left) and _plain(node.right):
            return self.equal(node.left, node.right, (node.sign == "=") == wanted)
        if isinstance(node, tree.InRange):  # one end is a constant, perhaps
            parts = (
                tree.Compare(">=", node.value, node.low, node.by_low),
                tree.Compare("<=", node.value, node.high, node.by_high),
            )
            return self.true(tree.And(parts)) if wanted else self.false(tree.And(parts))
        return self.later(node if wanted else tree.Not(node))

    def later(self, node: tree.Condition) -> int:
        """Leave a condition to the engine; one without tags is the same for everybody."""
        if tree.tags_of(node):
            return self.plan.ask(Question(node))
        return ALL if _truth(node) else NONE

    # Values and constants

    def tested(self, value: tree.Value, asked: Asked, wanted: bool, *, as_float: bool = False) -> int:
        """Return for which known values a comparison with constants holds, or does not."""
        plan = self.plan
        if isinstance(value, tree.TagRef):
            column = self.columns[value.tag_code]
            hits = column.hits(plan, asked, as_float=as_float)
            return hits if wanted else plan.and_(column.known(plan), plan.not_(hits))
        if isinstance(value, tree.Constant):
            wrapped = tree.Coalesce((value,), FLOAT) if as_float and value.value is not None else value
            return ALL if _truth(asked.of(wrapped)) is wanted else NONE
        assert isinstance(value, tree.Coalesce), "only plain values are tested"
        to_float = as_float or value.type == FLOAT
        return self.first_known(
            value.values, lambda each: self.tested(each, asked, wanted, as_float=to_float)
        )

    def first_known(self, values: tuple[tree.Value, ...], ask: Callable[[tree.Value], int]) -> int:
        """Return what ``COALESCE`` chooses: each value where none before it is known."""
        plan, found, open_ = self.plan, NONE, ALL
        for value in values:
            found = plan.or_(found, plan.and_(open_, ask(value)))
            open_ = plan.and_(open_, plan.not_(self.known(value)))
        return found

    def known(self, value: tree.Value) -> int:
        """Return for whom a plain value is known."""
        match value:
            case tree.TagRef(code):
                return self.columns[code].known(self.plan)
            case tree.Constant(constant):
                return NONE if constant is None else ALL
            case tree.Coalesce(values):
                return self.plan.or_(*map(self.known, values))
        return self.plan.or_(self.boolean(value, True), self.boolean(value, False))

    # Yes and no as values

    def boolean(self, value: tree.Value, wanted: bool) -> int:
        """Return for whom a boolean value is yes, or no."""
        plan = self.plan
        match value:
            case tree.TagRef(code):
                column = self.columns[code]
                yes = plan.bit(column.shape.bits[0])
                return yes if wanted else plan.and_(column.known(plan), plan.not_(yes))
            case tree.Constant(constant):
                return ALL if constant is wanted else NONE
            case tree.Truth(condition):
                return self.true(condition) if wanted else self.false(condition)
            case tree.Coalesce(values):
                return self.first_known(values, lambda each: self.boolean(each, wanted))
        raise AssertionError("the check lets no other value be yes or no")

    def equal(self, left: tree.Value, right: tree.Value, wanted: bool) -> int:
        """Return for whom two boolean values are known and equal, or known and not."""
        plan = self.plan
        return plan.or_(
            plan.and_(self.boolean(left, True), self.boolean(right, wanted)),
            plan.and_(self.boolean(left, False), self.boolean(right, not wanted)),
        )

    def same(self, value: tree.Value, asked: Asked, wanted: bool) -> int:
        """Return for whom a boolean value meets a comparison with constants."""
        members = {
            truth for truth in (True, False) if _truth(asked.of(tree.Constant(truth, BOOLEAN))) is wanted
        }
        return self.plan.or_(*[self.boolean(value, truth) for truth in sorted(members)])


def _asked(
    node: tree.Compare | tree.InRange | tree.OneOf | tree.Like,
) -> tuple[tree.Value, Asked] | None:
    """Return the value and what is asked of it, when that is a comparison with constants."""
    match node:
        case tree.Compare(sign, left, tree.Constant() as right, by):
            return left, Asked(sign, (right,), (by,))
        case tree.Compare(sign, tree.Constant() as left, right, by):
            return right, Asked(_TURNED[sign], (left,), (by,))
        case tree.InRange(value, tree.Constant() as low, tree.Constant() as high, by_low, by_high):
            return value, Asked("between", (low, high), (by_low, by_high))
        case tree.OneOf(value, options, by):
            return value, Asked("in", options, (by,))
        case tree.Like(value, pattern):
            return value, Asked("like", (), (), pattern)
    return None


def _plain(value: tree.Value) -> bool:
    """Tell whether a value is read from bitmaps alone: no arithmetic in it."""
    if isinstance(value, tree.Coalesce):
        return all(map(_plain, value.values))
    return isinstance(value, tree.TagRef | tree.Constant | tree.Truth)


def _truth(condition: tree.Condition) -> bool | None:
    """Return what a condition without tags is."""
    found: bool | None = python_function([condition], {}, single=True)({})
    return found
