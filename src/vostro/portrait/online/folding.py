"""Folding 折叠事件: how does one event change a record?

For each source one Python function is generated. It turns the row's values into their plain
form once, asks every filter at once, and adds to the states of the groups whose filter holds.
The order of events never matters: every state is a sum, an extreme or a set.
"""

from collections.abc import Callable, Mapping
from math import floor
from typing import Any

from vostro.portrait.aggregate import Measure
from vostro.portrait.aggregate.definition import NUMBER_SCALE
from vostro.portrait.aggregate.exact import NUMBER_MAX, plain
from vostro.portrait.online.plan import Group, Plan, Slot, SourcePlan
from vostro.portrait.online.states import add_distinct, add_top, place
from vostro.portrait.rule import rules_for_customer

__all__ = ["FRESH", "Fold", "fold_function", "fold_source", "plain_function"]

Fold = Callable[[list[Any], int, Mapping[str, object]], None]  # groups, event time in microseconds, row
_UNITS: float = 10.0**NUMBER_SCALE
FRESH: dict[str, tuple[Any, ...]] = {
    "rows": (0,),
    "known": (0,),
    "sum": (0,),
    "first": (None, None),
    "last": (None, None),
}


def fold_function(plan: Plan, source: SourcePlan) -> Fold:
    """Return the function that adds one row of a source to the groups of a record."""
    text, names = fold_source(plan, source)
    exec(compile(text, f"<fold {source.contract}>", "exec"), names)  # noqa: S102  our own source
    function: Fold = names["fold"]
    return function


def fold_source(plan: Plan, source: SourcePlan) -> tuple[str, dict[str, Any]]:
    """Return the function's source and the constants it uses; for people who want to see it."""
    names: dict[str, Any] = {"place": place, "add_distinct": add_distinct, "add_top": add_top}
    groups = [(i, plan.groups[i]) for i in source.groups]
    wheres = {group.where.text.strip(): group.where for _, group in groups if group.where}
    lines = ["def fold(groups, t, row):"]
    columns: dict[str, str] = {}
    for _, group in groups:
        for name, measure in group.measures.items():
            if name not in columns:
                columns[name] = f"c{len(columns)}"
                lines += _column(columns[name], name, measure, names)
    if wheres:
        names["holds"] = rules_for_customer(wheres)
        lines.append("    w = holds(row)")
    order = list(wheres)
    for number, group in groups:
        test = f"w[{order.index(group.where.text.strip())}]" if group.where else ""
        lines += _group(number, group, test, plan.clock.offset_us, columns, names)
    return "\n".join([*lines, "    return None"]) + "\n", names


def plain_function(measure: Measure) -> Callable[[Any], int | str | None] | None:
    """Return a function from a column's value (not None) to its plain form; None: they are the same."""
    if measure.type in ("integer", "text"):
        return None
    if measure.type == "number":
        return _millionths
    return lambda value: plain(measure, value)


def _millionths(value: float) -> int | None:
    if -NUMBER_MAX <= value <= NUMBER_MAX:  # false for NaN
        return floor(float(value) * _UNITS + 0.5)
    return None


def _column(local: str, name: str, measure: Measure, names: dict[str, Any]) -> list[str]:
    function = plain_function(measure)
    if function is None:
        return [f"    {local} = row[{name!r}]"]
    names[f"plain_{local}"] = function
    return [f"    {local} = row[{name!r}]", f"    if {local} is not None: {local} = plain_{local}({local})"]


def _group(
    number: int, group: Group, test: str, offset: int, columns: dict[str, str], names: dict[str, Any]
) -> list[str]:
    """Return the lines that add the row to one group."""
    fresh = tuple(value for slot in group.slots for value in FRESH.get(slot.kind, (None,)))
    names[f"fresh{number}"] = fresh
    pad = "        " if test else "    "
    lines = [f"    if {test}:"] if test else []
    begin = "[*fresh{0}]" if group.hop_us is None else "[[], *([] for _ in fresh{0})]"
    lines.append(f"{pad}g = groups[{number}]")
    lines.append(f"{pad}if g is None: g = groups[{number}] = {begin.format(number)}")
    at = ""
    if group.hop_us is not None:
        lines.append(f"{pad}i = place(g, (t + {offset}) // {group.hop_us}, fresh{number})")
        at = "[i]"
    for slot in group.slots:
        first = group.column(slot)
        targets = [f"g[{first + j}]{at}" for j in range(slot.width)]
        lines += [pad + line for line in _slot(slot, targets, columns.get(slot.column, "t"))]
    return lines


def _slot(slot: Slot, targets: list[str], value: str) -> list[str]:
    """Return the lines that add a value to one slot."""
    target = targets[0]
    simple = {
        "rows": f"{target} += 1",
        "known": f"{target} += 1",
        "sum": f"{target} += {value}",
        "distinct": f"{target} = add_distinct({target}, {value})",
        "top": f"{target} = add_top({target}, {value})",
    }
    if slot.kind == "rows":
        return [simple["rows"]]
    if slot.kind in simple:
        return [f"if {value} is not None: {simple[slot.kind]}"]
    sign = "<" if slot.kind in ("min", "earliest", "first") else ">"
    better, change = f"o is None or {value} {sign} o", f"{target} = {value}"
    if slot.width > 1:
        better = f"o is None or t {sign} o or (t == o and {value} {sign} {targets[1]})"
        change = f"{target} = t; {targets[1]} = {value}"
    return [f"if {value} is not None:", f"    o = {target}", f"    if {better}: {change}"]
