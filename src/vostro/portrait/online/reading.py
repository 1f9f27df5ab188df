"""Reading 读取标签: which values have the aggregates of a record as of a moment?

One Python function is generated for all aggregates. Every window is a slice of the tiles of
its group, found once; windows that several tags share are read once.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping
from decimal import Context, Decimal
from typing import Any

from vostro.portrait.aggregate import Aggregate, Measure, Part
from vostro.portrait.aggregate.definition import DAY_US, NUMBER_SCALE
from vostro.portrait.aggregate.exact import combine, divide, fraction, say_top, value_of
from vostro.portrait.online.plan import Plan, Slot, SlotKind, group_of
from vostro.portrait.online.states import count_distinct, top_values

__all__ = ["Read", "read_function", "read_source", "value_function"]

Read = Callable[[list[Any], int], tuple[object, ...]]  # groups, as_of in microseconds -> values
_ZERO = ("count", "sum", "distinct")  # what an empty window gives is 0; the others are unknown
_WIDE = Context(prec=80)  # more digits than any engine holds: no shift of the point ever rounds
_EXTREME = {"min": "min", "max": "max", "days_since_first": "min", "days_since_last": "max"}
_SLOT: dict[str, SlotKind] = {
    "count": "rows",
    "mean": "sum",
    "days_since_first": "earliest",
    "days_since_last": "latest",
}


def read_function(plan: Plan, aggregates: Mapping[str, Aggregate]) -> Read:
    """Return the function of a record's groups and a moment that gives the value of each aggregate."""
    text, names = read_source(plan, aggregates)
    exec(compile(text, "<read>", "exec"), names)  # noqa: S102  our own source
    function: Read = names["read"]
    return function


def read_source(plan: Plan, aggregates: Mapping[str, Aggregate]) -> tuple[str, dict[str, Any]]:
    """Return the function's source and the constants it uses; for people who want to see it."""
    writer = _Writer(plan)
    results = [writer.tag(aggregate) for aggregate in aggregates.values()]
    lines = ["def read(groups, t):", *writer.lines(), "    return ("]
    return "\n".join([*lines, *(f"        {each}," for each in results), "    )"]) + "\n", writer.names


def value_function(measure: Measure) -> Callable[[Any], object] | None:
    """Return a function from a plain form to the column's value; None: they are the same."""
    if measure.type in ("integer", "text"):
        return None
    if measure.type == "number":
        return lambda form: float(form) / 10**NUMBER_SCALE
    if measure.type == "decimal":
        return _decimal(measure.scale)
    return lambda form: value_of(measure, form)


def _decimal(scale: int) -> Callable[[int], Decimal]:
    point = Decimal(-scale)
    shift = _WIDE.scaleb
    return lambda form: shift(Decimal(form), point)


class _Writer:
    """Writes the source: a block for each group, in it a slice for each window, in it each part once."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.names: dict[str, Any] = {
            "bisect_left": bisect_left,
            "count_distinct": count_distinct,
            "top_values": top_values,
            "fraction": fraction,
            "divide": divide,
            "combine": combine,
            "say_top": say_top,
        }
        self.cuts: dict[int, dict[tuple[int, int] | None, int]] = {}  # group -> (window, back) -> number
        self.parts: dict[tuple[int, int, Measure], str] = {}  # group, cut, measure -> local
        self.known: dict[tuple[int, int, Measure], str] = {}  # of a mean: how many values

    def tag(self, aggregate: Aggregate) -> str:
        """Return the expression of an aggregate's value."""
        locals_ = [self.part(aggregate.of, part) for part in aggregate.parts]
        if aggregate.base is None:
            return self.plain_value(aggregate.measure, *locals_[0])
        fractions = [
            self.fraction(part.measure, *local) for part, local in zip(aggregate.parts, locals_, strict=True)
        ]
        return f"combine({self.constant(aggregate)}, {fractions[0]}, {fractions[1]})"

    def part(self, of: str, part: Part) -> tuple[str, str]:
        """Return the locals that hold a part's number and, of a mean, how many values it has."""
        group = group_of(self.plan, of, part)
        cuts = self.cuts.setdefault(group, {})
        cut = cuts.setdefault((part.window.length_us, part.back) if part.window else None, len(cuts))
        key = (group, cut, part.measure)
        local = self.parts.setdefault(key, f"v{len(self.parts)}")
        return local, f"{local}n"

    def plain_value(self, measure: Measure, local: str, known: str) -> str:
        """Return the expression of a value that is not divided."""
        if measure.name == "mean":
            return f"divide({local}, {known} * {10**measure.scale})"
        if measure.name == "top":
            return f"say_top({self.constant(measure)}, {local})"
        function = value_function(measure) if measure.column and measure.name != "distinct" else None
        if function is None:
            return local
        return f"None if {local} is None else {self.constant(function)}({local})"

    def fraction(self, measure: Measure, local: str, known: str) -> str:
        if measure.name == "mean":
            return f"(fraction({self.constant(measure)}, {local}, {known}) if {known} else None)"
        return f"(None if {local} is None else fraction({self.constant(measure)}, {local}))"

    def constant(self, value: object) -> str:
        name = next((name for name, each in self.names.items() if each is value), None)
        if name is None:
            name = f"k{len(self.names)}"
            self.names[name] = value
        return name

    def lines(self) -> list[str]:
        """Return the lines that fill the locals, group by group."""
        lines: list[str] = []
        for number, cuts in self.cuts.items():
            mine = [(key, local) for key, local in self.parts.items() if key[0] == number]
            empty = [line for (_, _, measure), local in mine for line in _empty(measure, local)]
            lines += [f"    g = groups[{number}]", "    if g is None:", *("        " + e for e in empty)]
            lines += ["    else:"]
            for window, cut in cuts.items():
                lines += ["        " + line for line in self.cut(number, window)]
                for (_, of_cut, measure), local in mine:
                    if of_cut == cut:
                        lines += ["        " + line for line in self.number(number, window, measure, local)]
        return lines

    def cut(self, number: int, window: tuple[int, int] | None) -> list[str]:
        """Return the lines that find a window's slice of the tiles."""
        if window is None:
            return []
        (length, back), hop = window, self.plan.groups[number].hop_us
        offset = self.plan.clock.offset_us
        low = f"bisect_left(g[0], (t - {length * (1 + back)} + {offset}) // {hop})"
        if not back:
            return [f"s = slice({low}, None)"]
        return [f"s = slice({low}, bisect_left(g[0], (t - {length} + {offset}) // {hop}))"]

    def number(self, number: int, window: object, measure: Measure, local: str) -> list[str]:
        """Return the lines that compute a part's number in its plain form."""
        group = self.plan.groups[number]
        kind = _SLOT.get(measure.name, measure.name)
        column = group.column(Slot(kind, measure.column or ""))  # type: ignore[arg-type]
        tiles = window is not None
        states = f"g[{column}][s]" if tiles else f"(g[{column}],)"
        if measure.name in ("count", "sum", "mean"):
            lines = [f"{local} = sum({states})"]
            if measure.name == "mean":
                known = group.column(Slot("known", measure.column or ""))
                lines.append(f"{local}n = sum(" + (f"g[{known}][s]" if tiles else f"(g[{known}],)") + ")")
            return lines
        if measure.name in _EXTREME:
            best = _EXTREME[measure.name]
            lines = [f"{local} = {best}([x for x in {states} if x is not None], default=None)"]
            if measure.column is None:
                lines.append(f"if {local} is not None: {local} = (t - {local}) // {DAY_US}")
            return lines
        if measure.name in ("first", "last"):
            values = f"g[{column + 1}][s]" if tiles else f"(g[{column + 1}],)"
            best = "min" if measure.name == "first" else "max"
            pairs = f"[x for x in zip({states}, {values}) if x[0] is not None]"
            return [f"{local} = {best}({pairs}, default=(None, None))[1]"]
        if measure.name == "distinct":
            return [f"{local} = count_distinct({states})"]
        return [f"{local} = top_values({states}, {measure.k})"]


def _empty(measure: Measure, local: str) -> list[str]:
    if measure.name == "mean":
        return [f"{local} = {local}n = 0"]
    if measure.name == "top":
        return [f"{local} = ()"]
    return [f"{local} = {0 if measure.name in _ZERO else None}"]
