"""Aggregates of all customers 批量聚合: what do the events of a source say, as of a moment?

One pass over the source for all its aggregates, on the engine that holds it (DuckDB or Spark);
one more, of two columns, for each column whose values are counted one by one. What counts is the
last version of every event that was loaded by the moment; an event that happened at or after the
moment is not seen, nor is one that was undone.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl

from vostro.portrait.aggregate import compile as engine
from vostro.portrait.aggregate.definition import ALWAYS_US, Aggregate, Clock, Part, span_bounds
from vostro.portrait.aggregate.errors import AggregateRangeError, UnsuitedError
from vostro.portrait.aggregate.finish import finish
from vostro.portrait.aggregate.plan import Plan, Span, plan
from vostro.portrait.aggregate.sketch import EXACT_MAX, estimate
from vostro.portrait.types import TagInfo

if TYPE_CHECKING:
    from vostro.capture import Contract
    from vostro.capture.histories import HistoryRelation

__all__ = ["Asked", "aggregate_customers", "aggregate_moments", "moment_us", "replayed"]

Asked = Mapping[str, tuple[Aggregate, TagInfo]]  # tag -> definition and type

FOLDED_ROWS_MIN = 1_000_000  # fewer are summed up by the engine before the fold would be compiled
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OVERFLOW = ("overflow", "out of range", "out of bounds", "would truncate", "precision")


def moment_us(moment: datetime) -> int:
    """Return a moment as microseconds since 1970 in UTC."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def aggregate_customers(
    aggregates: Asked,
    contract: "Contract",
    relation: "HistoryRelation",
    as_of_us: int,
    *,
    folded_from: int = FOLDED_ROWS_MIN,
) -> pl.DataFrame:
    """Return the aggregates of every customer who has an event in the source as of a moment.

    Args:
        aggregates: tag -> definition and type; all of this contract.
        contract: of the events.
        relation: all versions of its events, on any engine that Ibis speaks to.
        as_of_us: the moment after which nothing may be known; microseconds.
        folded_from: from so many rows on, and on DuckDB, rows are folded as they are read (see
            ``vostro.portrait.aggregate.fold``) instead of summed up by the engine; the answer is the same.

    Returns:
        ``customer`` (text) and one column a tag, unordered; a customer without any event that is known
        as of the moment is not in it.

    Raises:
        AmountRangeError, AggregateRangeError: a sum has more digits than a tag or the engine can hold.
    """
    asked, clock = _asked(aggregates)
    table = relation.table
    known = table.filter(table["load_time"] <= engine.moment(table["load_time"], as_of_us))
    known = known if relation.unique else engine.latest(known)
    known = known.filter(known["event_time"] < engine.moment(known["event_time"], as_of_us))
    keep = {engine.KEY: engine.key_column(known, contract), engine.TIME: known["event_time"]}
    prepared = engine.prepare(known, asked, keep)
    large = _is_large(relation, folded_from)
    answers = _folded(prepared, relation, asked, as_of_us, clock) if large else None
    if answers is None:
        with _kept(prepared, asked, relation) as rows:
            seen = _seen(rows, asked, relation, as_of_us, clock)
            answers = answer(rows, seen, asked, _bounds(asked, as_of_us, clock))
    customers = answers[engine.KEY].cast(pl.String).alias("customer")
    return pl.DataFrame([customers, *_finished(aggregates, answers, asked, as_of_us)])


def aggregate_moments(
    aggregates: Asked, contract: "Contract", relation: "HistoryRelation", moments: pl.DataFrame
) -> pl.DataFrame:
    """Return the aggregates of customers at moments of their own: what a model may learn from.

    Args:
        aggregates: tag -> definition and type; all of this contract.
        contract: of the events.
        relation: all versions of its events, on DuckDB.
        moments: ``row`` (int64), ``customer`` (text) and ``as_of`` (moment); a row of somebody with several
            identifiers stands once for each.

    Returns:
        ``row`` and one column a tag, unordered; a row whose customer has no event that is known at its
        moment is not in it.
    """
    import ibis

    asked, clock = _asked(aggregates)
    times = moments["as_of"].dt.epoch("us")
    ends = _span_columns(asked, times, clock)
    bounded = moments.select(_row="row", _customer="customer", _as_of="as_of").with_columns(
        pl.Series(name, each).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        for name, each in ends.items()
    )
    known = _known_at(relation, ibis.memtable(bounded))
    keep = {
        engine.KEY: known["_row"],
        engine.TIME: known["event_time"],
        **{name: known[name] for name in ends},
    }
    bounds = {span: partial(_between, number=i) for i, span in enumerate(asked.spans)}
    with _kept(engine.prepare(known, asked, keep), asked, relation) as rows:
        answers = answer(rows, rows, asked, bounds)
    at = pl.DataFrame({engine.KEY: moments["row"], "_at": times}).unique(engine.KEY)
    answers = answers.join(at, on=engine.KEY, how="left", maintain_order="left")
    rows_asked = answers[engine.KEY].alias("row")
    return pl.DataFrame([rows_asked, *_finished(aggregates, answers, asked, answers["_at"])])


def replayed(relation: "HistoryRelation", loaded_by_us: int) -> "HistoryRelation":
    """Return events as if each had been known when it happened, in the last version loaded by a moment."""
    table = relation.table
    table = table.filter(table["load_time"] <= engine.moment(table["load_time"], loaded_by_us))
    table = table if relation.unique else engine.latest(table)
    return msgspec.structs.replace(relation, table=table.mutate(load_time=table["event_time"]), unique=True)


def _known_at(relation: "HistoryRelation", moments: Any) -> Any:
    """Return, beside each moment, the events of its customer that were known at it."""
    table = relation.table if relation.unique else engine.lives(relation.table)
    same = (table["customer"] == moments["_customer"]) & (table["load_time"] <= moments["_as_of"])
    known = table.join(moments, same & (table["event_time"] < moments["_as_of"]))
    if relation.unique:
        return known
    superseded = (known["_gone"] <= known["_as_of"]).fill_null(False)
    return known.filter(~superseded & ~known["_deleted"])


def _asked(aggregates: Asked) -> tuple[Plan, Clock]:
    return plan(each for each, _ in aggregates.values()), next(iter(aggregates.values()))[0].clock


def _finished(
    aggregates: Asked, answers: pl.DataFrame, asked: Plan, as_of_us: "pl.Series | int"
) -> list[pl.Series]:
    return [finish(code, each, info, answers, asked, as_of_us) for code, (each, info) in aggregates.items()]


def _is_large(relation: "HistoryRelation", rows_min: int) -> bool:
    """Tell whether a source is on this machine's engine, and more than a second's work for it."""
    table = relation.table
    return table.get_backend().name == "duckdb" and int(table.count().execute()) >= rows_min


def _folded(
    rows: Any, relation: "HistoryRelation", asked: Plan, as_of_us: int, clock: Clock
) -> pl.DataFrame | None:
    """Answer what is planned by folding the rows as they are read; None: they do not fit into 64 bits."""
    from vostro.portrait.aggregate.fold import fold

    bounds = {span: span_bounds(span.window, span.back, as_of_us, clock) for span in asked.spans}
    seen = _seen(rows, asked, relation, as_of_us, clock)
    try:
        answers = fold(seen, asked, bounds)
    except UnsuitedError:
        return None
    if seen is not rows:
        answers = _read(rows.select(engine.KEY).distinct()).join(answers, on=engine.KEY, how="left")
    for column, parts in asked.tables.items():
        answers = _all_sketched(answers, rows, column, parts, asked, _bounds(asked, as_of_us, clock))
    return answers


def answer(whole: Any, rows: Any, asked: Plan, bounds: engine.Bounds) -> pl.DataFrame:
    """Ask the engine everything that is planned; one row a key.

    Args:
        whole: the prepared rows of every key that must be answered.
        rows: the prepared rows that any window can see.
        asked: the plan.
        bounds: of each span, tests of a row's time.
    """
    sums = engine.sums(rows, asked, bounds)
    answers = _read(rows.group_by(engine.KEY).agg(**sums) if sums else whole.select(engine.KEY).distinct())
    if sums and whole is not rows:
        answers = _read(whole.select(engine.KEY).distinct()).join(answers, on=engine.KEY, how="left")
    if asked.moments:
        found = _read(engine.ends_of(rows, _moments(rows, answers, asked, bounds), asked, bounds))
        answers = answers.join(found, on=engine.KEY, how="left")
    for column in asked.tables:
        counted = _read(engine.values_of(rows, column, asked, bounds))
        answers = answers.join(counted, on=engine.KEY, how="left")
        answers = _all_sketched(answers, rows, column, asked.tables[column], asked, bounds)
    return answers


def _all_sketched(
    answers: pl.DataFrame,
    rows: Any,
    column: str,
    parts: Mapping[Part, str],
    asked: Plan,
    bounds: engine.Bounds,
) -> pl.DataFrame:
    """Replace a column's distinct counts beyond the exact bound by their estimates."""
    for part, name in parts.items():
        if part.measure.name == "distinct":
            answers = _sketched(answers, rows, column, part, name, asked, bounds)
    return answers


def _moments(rows: Any, answers: pl.DataFrame, asked: Plan, bounds: engine.Bounds) -> Any:
    """Return the moments of first and last values as a table: what was just read, or, on a cluster, read there."""
    import ibis

    names = list(asked.moments.values())
    if rows.get_backend().name == "duckdb":
        return ibis.memtable(answers.select(pl.col(engine.KEY).alias("_of"), *names))
    sums = {name: each for name, each in engine.sums(rows, asked, bounds).items() if name in names}
    return rows.group_by(_of=rows[engine.KEY]).agg(**sums)


def _read(table: Any) -> pl.DataFrame:
    """Run a query.

    Raises:
        AggregateRangeError: a sum does not fit into the engine's numbers.
    """
    try:
        frame: pl.DataFrame = table.to_polars()
    except Exception as error:  # each engine has its own family
        words = str(error).lower()
        if any(each in words for each in _OVERFLOW):
            raise AggregateRangeError(digits=18) from error
        raise
    return frame


def _sketched(
    answers: pl.DataFrame, rows: Any, column: str, part: Part, name: str, asked: Plan, bounds: engine.Bounds
) -> pl.DataFrame:
    """Replace distinct counts beyond the exact bound by their estimates."""
    most = answers[name].max()
    if most is None or most <= EXACT_MAX:  # type: ignore[operator]
        return answers
    weights = _read(engine.weights_of(rows, column, part, asked, bounds))
    pairs = weights.select("used", "weight").unique()
    guesses = [estimate(used, weight) for used, weight in pairs.iter_rows()]
    guessed = weights.join(
        pairs.with_columns(_guess=pl.Series(guesses, dtype=pl.Int64)), on=["used", "weight"]
    )
    joined = answers.join(guessed.select(engine.KEY, "_guess"), on=engine.KEY, how="left")
    return joined.with_columns(pl.coalesce("_guess", name).alias(name)).drop("_guess")


@contextmanager
def _kept(rows: Any, asked: Plan, relation: "HistoryRelation") -> Iterator[Any]:
    """Keep ranked rows aside while several questions are asked of them."""
    if relation.unique or not (asked.tables or asked.moments):
        yield rows
        return
    with rows.cache() as cached:
        yield cached


def _seen(rows: Any, asked: Plan, relation: "HistoryRelation", as_of_us: int, clock: Clock) -> Any:
    """Return the rows that any window can see: those that are too old are not even read."""
    low = min(span_bounds(span.window, span.back, as_of_us, clock)[0] for span in asked.spans)
    if not relation.unique or low == ALWAYS_US:
        return rows
    return rows.filter(rows[engine.TIME] >= engine.moment(rows[engine.TIME], low))


def _span_columns(asked: Plan, times: pl.Series, clock: Clock) -> dict[str, Any]:
    """Return the ends of each span for moments: ``_low0``, ``_high0``...; microseconds."""
    found: dict[str, Any] = {}
    for i, span in enumerate(asked.spans):
        low, high = span_bounds(span.window, span.back, times.to_numpy(), clock)  # type: ignore[arg-type]
        if span.window is not None:
            found[f"_low{i}"] = low
        if span.back:
            found[f"_high{i}"] = high
    return found


def _between(table: Any, *, number: int) -> list[Any]:
    """Return tests of a row's time against its own moment's ends of a span."""
    time, low, high = table[engine.TIME], f"_low{number}", f"_high{number}"
    tests = [time >= table[low]] if low in table.columns else []
    return [*tests, time < table[high]] if high in table.columns else tests


def _bounds(asked: Plan, as_of_us: int, clock: Clock) -> engine.Bounds:
    """Return tests of a row's time for each span; rows at or after the moment are gone already."""
    found: dict[Span, Callable[[Any], list[Any]]] = {}
    for span in asked.spans:
        low, high = span_bounds(span.window, span.back, as_of_us, clock)
        found[span] = partial(_inside, low=low, high=None if high == as_of_us else high)
    return found


def _inside(table: Any, *, low: int, high: int | None) -> list[Any]:
    time = table[engine.TIME]
    tests = [] if low == ALWAYS_US else [time >= engine.moment(time, low)]
    return tests if high is None else [*tests, time < engine.moment(time, high)]
