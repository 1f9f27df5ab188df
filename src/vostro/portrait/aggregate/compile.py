"""Aggregates for the engine 批量编译: how is a source asked for all its aggregates in one pass?

Ibis expressions that mean the same on DuckDB and on Spark: conditional sums, counts, minima and
maxima, of integers wherever a column can be one. First and last need a second look: at the events
of each customer's first or last moment, of which ties give the smaller or larger value. Nothing is
divided or rounded here: see ``vostro.portrait.aggregate.finish``.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, Any

from vostro.portrait.aggregate.definition import NUMBER_SCALE, Measure, Part
from vostro.portrait.aggregate.exact import NUMBER_MAX
from vostro.portrait.aggregate.plan import Plan, Span, Sum
from vostro.portrait.aggregate.sketch import EXACT_MAX, RANK_MAX, engine_rank, engine_register

if TYPE_CHECKING:
    import polars as pl

    from vostro.capture import Contract

__all__ = [
    "KEY",
    "NARROW_DIGITS",
    "PERSON",
    "TIME",
    "Bounds",
    "ends_of",
    "key_column",
    "latest",
    "lives",
    "moment",
    "of_people",
    "plain_column",
    "prepare",
    "sums",
    "values_of",
    "weights_of",
]

KEY, TIME = "_key", "_time"  # who is asked about, and when the event happened
PERSON = "_person"  # whose event it is, where customers may be known under several identifiers
NARROW_DIGITS = 18  # decimals of so many digits are 64-bit integers without their point
Bounds = Mapping[Span, Callable[[Any], list[Any]]]  # span -> conditions on prepared rows
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment(column: Any, us: int) -> Any:
    """Return a moment as a literal of a column's type; a column without a zone is in UTC."""
    import ibis

    value = _EPOCH + timedelta(microseconds=us)
    zone = column.type().timezone
    return ibis.literal(value if zone else value.replace(tzinfo=None), type=column.type())


def key_column(table: Any, contract: "Contract") -> Any:
    """Return who an event belongs to, in the form that groups fastest: numbers as numbers."""
    if PERSON in table.columns:
        return table[PERSON]
    assert contract.customer is not None
    plain = contract.columns[contract.customer].type == "integer"
    return table[contract.customer] if plain else table["customer"]


def of_people(table: Any, people: "pl.DataFrame") -> Any:
    """Add ``_person``: whose event it is.

    Args:
        table: events with ``customer``.
        people: ``customer`` and ``person`` of those who have another's name; each customer once.
    """
    import ibis

    known = ibis.memtable(people.select(_alias="customer", _named="person"))
    joined = table.left_join(known, table["customer"] == known["_alias"])
    person = ibis.coalesce(joined["_named"], joined["customer"])
    return joined.mutate(**{PERSON: person}).drop("_alias", "_named")


def latest(table: Any) -> Any:
    """Keep the last version of each event among those of ``table``, and no event that was undone.

    Args:
        table: versions with ``event_id``, ``_load``, ``_line`` and ``_deleted``.
    """
    import ibis

    ranked = table.mutate(_version=ibis.row_number().over(_newest_first(table)))
    return ranked.filter((ranked["_version"] == 0) & ~ranked["_deleted"]).drop("_version")


def lives(table: Any) -> Any:
    """Add ``_gone``: the moment at which a newer version of the event was loaded; NULL for none."""
    return table.mutate(_gone=table["load_time"].min().over(_newest_first(table, rows=(None, -1))))


def _newest_first(table: Any, **frame: Any) -> Any:
    import ibis

    order = [table["_load"].desc(), table["_line"].desc()]
    return ibis.window(group_by=table["event_id"], order_by=order, **frame)


def prepare(table: Any, plan: Plan, keep: Mapping[str, Any]) -> Any:
    """Return the rows with what the plan needs: columns in plain form, and each filter once.

    Args:
        table: events with the contract's columns.
        plan: what is to be asked.
        keep: columns to take along, such as the key and the time.
    """
    columns = dict(keep)
    for each in plan.sums:
        if each.measure.column is not None:
            columns[_plain_name(each.measure.column)] = plain_column(table, each.measure)
    for column, parts in plan.tables.items():
        columns[_plain_name(column)] = plain_column(table, next(iter(parts)).measure)
    for i, rule in enumerate(plan.filters.values()):
        columns[f"_f{i}"] = rule.predicate(table)
    ready = table.select(**columns)
    return ready.filter(ready[KEY].notnull())


def plain_column(table: Any, measure: Measure) -> Any:
    """Return a column in the form in which it is measured; a wide decimal stays a decimal."""
    import ibis

    assert measure.column is not None
    column = table[measure.column]
    match measure.type:
        case "decimal":
            if measure.digits > NARROW_DIGITS:
                return column.cast(f"decimal(38, {measure.scale})")
            exact = column.cast(f"decimal({measure.digits}, {measure.scale})")
            return (exact * 10**measure.scale).cast("int64") if measure.scale else exact.cast("int64")
        case "number":
            number = column.cast("float64")
            units = (number * float(10**NUMBER_SCALE) + 0.5).floor().cast("int64")
            return ibis.ifelse(number.between(-NUMBER_MAX, NUMBER_MAX), units, ibis.null("int64"))
        case "integer":
            return column.cast("int64")
    return column


def sums(table: Any, plan: Plan, bounds: Bounds) -> dict[str, Any]:
    """Return the plan's sums as aggregate expressions over prepared rows; of first and last, the moment."""
    return {plan.moments.get(each, name): _sum(table, each, plan, bounds) for each, name in plan.sums.items()}


def ends_of(table: Any, moments: Any, plan: Plan, bounds: Bounds) -> Any:
    """Return one row a key with the plan's first and last values.

    Args:
        table: prepared rows.
        moments: one row a key (column ``_of``) with the moment of each, as ``sums`` finds it.
        plan, bounds: as for ``sums``.
    """
    joined = table.join(moments, table[KEY] == moments["_of"])
    joined = joined.filter(reduce(or_, [joined[TIME] == joined[name] for name in plan.moments.values()]))
    values = {}
    for each, moment_name in plan.moments.items():
        value = joined[_plain_name(each.measure.column or "")]
        at = [joined[TIME] == joined[moment_name], *_conditions(joined, each.where, each.span, plan, bounds)]
        values[plan.sums[each]] = _extreme(each, _within(at, value))
    return joined.group_by(KEY).agg(**values)


def values_of(table: Any, column: str, plan: Plan, bounds: Bounds) -> Any:
    """Return one row a key with, for each part that counts a column's values, its answer.

    A distinct part gives a count; a top part of k values gives k columns ``name_0``, ``name_1``...
    """
    counted = _counted(table, column, plan, bounds)
    parts = plan.tables[column]
    ranked = counted.mutate(
        **{f"_r{name}": _rank(counted, name) for part, name in parts.items() if part.measure.k > 1}
    )
    asked: dict[str, Any] = {}
    for part, name in parts.items():
        asked |= _distinct(ranked, name) if part.measure.name == "distinct" else _top(ranked, part, name)
    return ranked.group_by(KEY).agg(**asked)


def weights_of(table: Any, column: str, part: Part, plan: Plan, bounds: Bounds) -> Any:
    """Return used registers and their weight of every key with more distinct values than are counted.

    Returns:
        Columns key, ``used`` and ``weight``, as ``sketch.estimate`` takes them.
    """
    import ibis

    counted = _counted(table, column, Plan({}, {column: {part: "n"}}, plan.filters), bounds)
    some = counted.filter(counted["n"] > 0)
    many = some.mutate(_many=some.count().over(ibis.window(group_by=KEY)))
    many = many.filter(many["_many"] > EXACT_MAX)
    digest = _canonical(many["_value"], part.measure).hexdigest("md5")
    placed = many.select(KEY, register=engine_register(digest), rank=engine_rank(digest))
    ranks = placed.group_by(KEY, "register").agg(rank=placed["rank"].max())
    weight = ibis.literal(2.0).pow(RANK_MAX - ranks["rank"]).cast("int64")
    return ranks.group_by(KEY).agg(used=ranks.count(), weight=weight.sum())


def _plain_name(column: str) -> str:
    return f"v_{column}"


def _sum(table: Any, each: Sum, plan: Plan, bounds: Bounds) -> Any:
    """Return one sum as an aggregate expression."""
    conditions = _conditions(table, each.where, each.span, plan, bounds)
    value = table[_plain_name(each.measure.column)] if each.measure.column else None
    match each.kind:
        case "count":
            return _count(table, conditions, value)
        case "sum" | "min" | "max":
            return getattr(_within(conditions, value), each.kind)()
        case "since_first" | "since_last":
            times = _within(conditions, table[TIME])
            return times.min() if each.kind == "since_first" else times.max()
    assert value is not None
    return _extreme(each, _within([value.notnull(), *conditions], table[TIME]))


def _extreme(each: Sum, column: Any) -> Any:
    return column.min() if each.kind == "first" else column.max()


def _conditions(table: Any, where: str, span: Span, plan: Plan, bounds: Bounds) -> list[Any]:
    found = [table[f"_f{list(plan.filters).index(where)}"]] if where else []
    return found + bounds[span](table)


def _within(conditions: list[Any], value: Any) -> Any:
    """Return the value where all conditions hold, else NULL."""
    import ibis

    return ibis.ifelse(_all(conditions), value, ibis.null(value.type())) if conditions else value


def _count(table: Any, conditions: list[Any], value: Any | None = None) -> Any:
    """Count rows, or known values, for which all conditions hold; never NULL, on any engine."""
    import ibis

    if value is None and not conditions:
        return table.count()
    return _within(conditions, ibis.literal(1) if value is None else value).count()


def _all(conditions: list[Any]) -> Any:
    return reduce(and_, conditions)


def _counted(table: Any, column: str, plan: Plan, bounds: Bounds) -> Any:
    """Return one row a key and value, with how often each part counts it."""
    known = table.mutate(_value=table[_plain_name(column)])
    tests = _tests(known, column, plan, bounds).values()
    seen = [known["_value"].notnull()]
    if all(tests):  # rows that no part counts need no group
        seen.append(reduce(or_, map(_all, tests)))
    known = known.filter(seen)
    counts = {name: _count(known, each) for name, each in _tests(known, column, plan, bounds).items()}
    return known.group_by(KEY, "_value").agg(**counts)


def _tests(known: Any, column: str, plan: Plan, bounds: Bounds) -> dict[str, list[Any]]:
    """Return, for each part that counts a column's values, the conditions of a row."""
    return {
        name: _conditions(known, _text_of(part), Span(part.window, part.back), plan, bounds)
        for part, name in plan.tables[column].items()
    }


def _text_of(part: Part) -> str:
    return part.where.text if part.where else ""


def _rank(counted: Any, name: str) -> Any:
    import ibis

    order = [counted[name].desc(), counted["_value"].asc()]
    return ibis.row_number().over(ibis.window(group_by=counted[KEY], order_by=order))


def _distinct(counted: Any, name: str) -> dict[str, Any]:
    import ibis

    return {name: ibis.ifelse(counted[name] > 0, 1, ibis.null("int8")).count()}


def _top(ranked: Any, part: Part, name: str) -> dict[str, Any]:
    import ibis

    some, value = ranked[name] > 0, ranked["_value"]
    if part.measure.k == 1:
        return {f"{name}_0": ibis.struct({"n": -ranked[name], "v": value}).min(where=some)}
    nothing = ibis.null(value.type())
    return {
        f"{name}_{i}": ibis.ifelse(some & (ranked[f"_r{name}"] == i), value, nothing).max()
        for i in range(part.measure.k)
    }


def _canonical(value: Any, measure: Measure) -> Any:
    """Return the text that is hashed: see ``exact.canonical``."""
    match measure.type:
        case "text":
            return value
        case "date":
            return value.epoch_days().cast("string")
        case "boolean":
            return value.cast("int64").cast("string")
        case "decimal":
            if measure.digits > NARROW_DIGITS:
                return value.cast("string").replace(".", "").cast("decimal(38, 0)").cast("string")
    return value.cast("string")
