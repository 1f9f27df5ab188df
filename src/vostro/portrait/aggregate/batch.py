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

import polars as pl

from vostro.portrait.aggregate import compile as engine
from vostro.portrait.aggregate.definition import ALWAYS_US, Aggregate, Clock, Part, span_bounds
from vostro.portrait.aggregate.errors import AggregateRangeError
from vostro.portrait.aggregate.finish import finish
from vostro.portrait.aggregate.plan import Plan, Span, plan
from vostro.portrait.aggregate.sketch import EXACT_MAX, estimate
from vostro.portrait.types import TagInfo

if TYPE_CHECKING:
    from vostro.capture import Contract
    from vostro.capture.histories import HistoryRelation

__all__ = ["aggregate_customers", "moment_us"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_OVERFLOW = ("overflow", "out of range", "out of bounds", "would truncate", "precision")


def moment_us(moment: datetime) -> int:
    """Return a moment as microseconds since 1970 in UTC."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def aggregate_customers(
    aggregates: Mapping[str, tuple[Aggregate, TagInfo]],
    contract: "Contract",
    relation: "HistoryRelation",
    as_of_us: int,
) -> pl.DataFrame:
    """Return the aggregates of every customer who has an event in the source as of a moment.

    Args:
        aggregates: tag -> definition and type; all of this contract.
        contract: of the events.
        relation: all versions of its events, on any engine that Ibis speaks to.
        as_of_us: the moment after which nothing may be known; microseconds.

    Returns:
        ``customer`` (text) and one column a tag, unordered; a customer without any event that is known
        as of the moment is not in it.

    Raises:
        AmountRangeError, AggregateRangeError: a sum has more digits than a tag or the engine can hold.
    """
    asked = plan(aggregate for aggregate, _ in aggregates.values())
    with _rows(contract, relation, as_of_us, asked) as (whole, rows):
        clock = next(iter(aggregates.values()))[0].clock
        answers = answer(whole, rows, asked, _bounds(asked, as_of_us, clock))
    columns = [
        finish(code, aggregate, info, answers, asked, as_of_us)
        for code, (aggregate, info) in aggregates.items()
    ]
    return pl.DataFrame([answers[engine.KEY].cast(pl.String).alias("customer"), *columns])


def answer(whole: Any, rows: Any, asked: Plan, bounds: engine.Bounds) -> pl.DataFrame:
    """Ask the engine everything that is planned; one row a key.

    Args:
        whole: the prepared rows of every key that must be answered.
        rows: the prepared rows that any window can see.
        asked: the plan.
        bounds: of each span, tests of a row's time.
    """
    found = rows.group_by(engine.KEY).agg(**engine.sums(rows, asked, bounds)) if asked.sums else None
    answers = _read(found) if found is not None else None
    if answers is None or whole is not rows:
        keys = _read(whole.select(engine.KEY).distinct())
        answers = keys if answers is None else keys.join(answers, on=engine.KEY, how="left")
    for column in asked.tables:
        counted = _read(engine.values_of(rows, column, asked, bounds))
        answers = answers.join(counted, on=engine.KEY, how="left")
        for part, name in asked.tables[column].items():
            if part.measure.name == "distinct":
                answers = _sketched(answers, rows, column, part, name, asked, bounds)
    return answers


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
def _rows(
    contract: "Contract", relation: "HistoryRelation", as_of_us: int, asked: Plan
) -> Iterator[tuple[Any, Any]]:
    """Yield the events that are known, and among them those that any window can see."""
    table = relation.table
    known = table.filter(table["load_time"] <= engine.moment(table["load_time"], as_of_us))
    if not relation.unique:
        known = engine.latest(known)
    key = engine.key_column(known, contract)
    known = known.filter((known["event_time"] < engine.moment(known["event_time"], as_of_us)) & key.notnull())
    keep = {engine.KEY: engine.key_column(known, contract), engine.TIME: known["event_time"]}
    rows = engine.prepare(known, asked, keep)
    if not relation.unique and asked.tables:
        with rows.cache() as cached:
            yield cached, cached
    else:
        yield rows, rows


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
