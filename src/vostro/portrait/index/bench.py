"""How fast is the index 人群索引速度: ten million customers, two hundred tags, random rules.

The bank is made up: 136 yes-or-no tags, 52 tags with two to five values, 12 numbers of four to
twelve bits, one tag in eight with unknown values: 440 bitmaps. Rules have three to eight different
tags, joined by AND, OR and NOT, with IN, BETWEEN and comparisons; every tag is as likely as any other,
save in the heavy rules, three tenths of whose tags are numbers. DuckDB answers some of the rules over the same columns beside it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import polars as pl

from vostro.portrait.index.build import IndexBuilder
from vostro.portrait.rule import Rule, engine, parse_rule, polars_type
from vostro.portrait.tags import Tag
from vostro.words import Text

if TYPE_CHECKING:
    from vostro.portrait.index.index import AudienceIndex

__all__ = ["bench_audience", "bench_audience_portrait"]

_AS_OF = datetime(2026, 7, 1, tzinfo=UTC)
_BITS = (7, 4, 6, 10, 12, 8, 9, 5, 7, 10, 12, 6)  # of the numbers
_HEAVY = 0.3  # share of numbers among the tags of heavy rules: a number is read slice by slice
_UNKNOWN = 8  # one tag in so many has unknown values, for one customer in twenty


class _Made(NamedTuple):
    """A made-up tag: its code, kind, how many values it has, and whether some are unknown."""

    code: str
    kind: Literal["boolean", "text", "integer", "decimal"]
    values: int
    unknown: bool

    @property
    def tag(self) -> Tag:
        return Tag(
            tag=self.code,
            type=self.kind,
            name=Text(en=self.code, zh=self.code),
            dimension="behaviour",
            digits=18,
            scale=2,
        )


_TAGS = (
    *[_Made(f"holds_{i}", "boolean", 2, i % _UNKNOWN == 0) for i in range(136)],
    *[_Made(f"group_{i}", "text", 2 + i % 4, i % _UNKNOWN == 0) for i in range(52)],
    *[
        _Made(f"number_{i}", "decimal" if i % 3 == 2 else "integer", 2**bits, i % _UNKNOWN == 0)
        for i, bits in enumerate(_BITS)
    ],
)


def bench_audience(
    customers: int = 10_000_000, rules: int = 1_000, compared: int = 20, changes: int = 20_000, seed: int = 7
) -> dict[str, Any]:
    """Measure exact counts, extraction, changes and the build.

    Args:
        customers: how many.
        rules: random rules that are counted and timed, from the parsed rule to the number.
        compared: of these, how many DuckDB answers, too.
        changes: single values of single customers that are changed.
        seed: of the bank and the rules.

    Returns:
        ``p50_ms``, ``p99_ms``, ``cpu_p50_ms``, ``cpu_p99_ms`` of a count, ``heavy_p99_ms`` and
        ``heavy_cpu_p99_ms`` of one whose rule asks many numbers; ``memory_mb`` of all bitmaps,
        identifiers and dictionaries; ``build_seconds`` and ``build_cpu_seconds`` from columns to the index;
        ``extract_ms``, the identifiers of a tenth of the customers as text; ``change_us``; ``exact``, whether
        every compared count was DuckDB's; ``duckdb_p50_ms`` and ``duckdb_p99_ms``.
    """
    rng = np.random.default_rng(seed)
    tags = {made.code: made.tag for made in _TAGS}
    asked = [parse_rule(_rule(rng), tags) for _ in range(rules)]
    read = frozenset().union(*(rule.tags for rule in asked[:compared]))
    index, built = _build(customers, rng, read)
    for rule in asked[:20]:
        index.count(rule)
    index.read(index.customers[0])  # its preparation counts as memory
    counted, wall, cpu = _timed(index.count, asked)
    heavy = [parse_rule(_rule(rng, _HEAVY), tags) for _ in range(rules // 2)]
    _, heavy_wall, heavy_cpu = _timed(index.count, heavy)
    found = {
        "customers": customers,
        "tags": len(tags),
        "bitmaps": len(index.bitmaps),
        "rules": rules,
        "p50_ms": _percentile(wall, 50),
        "p99_ms": _percentile(wall, 99),
        "cpu_p50_ms": _percentile(cpu, 50),
        "cpu_p99_ms": _percentile(cpu, 99),
        "heavy_p99_ms": _percentile(heavy_wall, 99),
        "heavy_cpu_p99_ms": _percentile(heavy_cpu, 99),
        "memory_mb": round(index.nbytes / 1e6, 1),
        "build_seconds": round(built.wall, 2),
        "build_cpu_seconds": round(built.cpu, 2),
    }
    found |= _extraction(index)
    found |= _beside(built.columns, asked[:compared], counted[:compared])
    return found | _changes(index, rng, changes)


def bench_audience_portrait(customers: int = 10_000_000, repeats: int = 5, seed: int = 7) -> dict[str, Any]:
    """Measure the portrait of an audience of a tenth of the customers over all two hundred tags.

    Returns:
        ``portrait_ms`` and ``portrait_cpu_ms``, the median of some repeats; ``audience``, its size; ``bins``.
    """
    index, _ = _build(customers, np.random.default_rng(seed), frozenset())
    tags = {made.code: made.tag for made in _TAGS}
    audience = index.everybody().tenth(1)
    drawn, wall, cpu = _timed(lambda chosen: index.portrait(chosen, tags), [audience] * repeats)
    return {
        "customers": customers,
        "tags": len(tags),
        "audience": audience.size,
        "bins": sum(len(each.bins) for each in drawn[0]),
        "portrait_ms": _percentile(wall, 50),
        "portrait_cpu_ms": _percentile(cpu, 50),
    }


class _Built(NamedTuple):
    wall: float  # seconds
    cpu: float  # seconds
    columns: dict[str, pl.Series]


def _build(customers: int, rng: np.random.Generator, keep: frozenset[str]) -> "tuple[AudienceIndex, _Built]":
    """Build the index column by column; the building is timed, not the making up."""
    clock = _Clock()
    gaps = np.cumsum(rng.integers(1, 9, customers))  # customers come and go: numbers have gaps
    numbers = pl.Series("customer", gaps).cast(pl.String).str.zfill(8)
    with clock:
        builder = IndexBuilder(numbers)
    del gaps, numbers
    columns = {}
    for made in _TAGS:
        values = _values(made, customers, rng)
        with clock:
            builder.add(made.code, made.tag, values)
        if made.code in keep:
            columns[made.code] = values.cast(pl.Categorical) if made.kind == "text" else values
    with clock:
        index = builder.finish(_AS_OF, "bench")
    return index, _Built(clock.wall, clock.cpu, columns)


def _values(made: _Made, customers: int, rng: np.random.Generator) -> pl.Series:
    """Make up a column."""
    drawn = rng.random(customers, dtype=np.float32)
    if made.kind == "boolean":
        values = pl.Series(drawn < rng.uniform(0.02, 0.6))
    elif made.kind == "text":
        names = pl.Series([f"value {j}" for j in range(made.values)])
        values = names.gather((drawn**1.5 * made.values).astype(np.uint32))
    else:
        values = pl.Series((drawn * made.values).astype(np.int64))
        if made.kind == "decimal":
            values = values.cast(pl.Decimal(18, 2))
    if made.unknown:
        values = pl.select(
            pl.when(pl.Series(rng.random(customers, dtype=np.float32) < 0.95)).then(values)
        ).to_series()
    return values


def _rule(rng: np.random.Generator, numbers: float | None = None) -> str:
    """Write a random rule over three to eight different tags.

    Args:
        rng: where chance comes from.
        numbers: the share of numbers among the tags; None: every tag is as likely as any other.
    """
    odds = np.array([made.kind in ("integer", "decimal") for made in _TAGS], dtype=np.float64)
    if numbers is not None:
        odds = np.where(odds, numbers / odds.sum(), (1 - numbers) / (1 - odds).sum())
    chosen = rng.choice(
        len(_TAGS), int(rng.integers(3, 9)), replace=False, p=None if numbers is None else odds
    )
    return _joined([_leaf(_TAGS[place], rng) for place in chosen], rng)


def _leaf(made: _Made, rng: np.random.Generator) -> str:
    if made.kind == "boolean":
        return made.code if rng.random() < 0.6 else f"NOT {made.code}"
    if made.kind == "text":
        names = [f"'value {j}'" for j in rng.permutation(made.values)]
        return _one_of(
            rng,
            [
                f"{made.code} = {names[0]}",
                f"{made.code} <> {names[0]}",
                f"{made.code} IN ({', '.join(names[:2])})",
            ],
        )
    low, high = sorted(rng.integers(0, made.values, 2).tolist())
    return _one_of(
        rng, [f"{made.code} > {low}", f"{made.code} <= {high}", f"{made.code} BETWEEN {low} AND {high}"]
    )


def _one_of(rng: np.random.Generator, texts: list[str]) -> str:
    return texts[int(rng.integers(len(texts)))]


def _joined(parts: list[str], rng: np.random.Generator) -> str:
    """Join leaves: two out of three times by AND, sometimes under a NOT."""
    if len(parts) == 1:
        return parts[0]
    cut = int(rng.integers(1, len(parts)))
    word = "AND" if rng.random() < 2 / 3 else "OR"
    said = f"({_joined(parts[:cut], rng)}) {word} ({_joined(parts[cut:], rng)})"
    return f"NOT ({said})" if rng.random() < 0.1 else said


def _extraction(index: "AudienceIndex") -> dict[str, Any]:
    audience = index.everybody().tenth(1)
    _, wall, cpu = _timed(lambda each: each.customers(), [audience] * 9)
    return {
        "extracted": audience.size,
        "extract_ms": _percentile(wall, 50),
        "extract_cpu_ms": _percentile(cpu, 50),
    }


def _beside(
    columns: Mapping[str, pl.Series], rules: Sequence[Rule], counted: Sequence[int]
) -> dict[str, Any]:
    """Ask DuckDB the same rules over a table of just their columns."""
    if not rules:
        return {}
    database, wall, found = engine(), [], []
    database.raw_sql("SET enable_progress_bar = false")
    for rule in rules:
        frame = pl.DataFrame(
            {code: columns[code].cast(polars_type(info)) for code, info in rule.infos.items()}
        )
        table = database.create_table("bench_audience", frame.to_arrow(), overwrite=True, temp=True)
        query = table.filter(rule.predicate(table)).count()
        started = time.perf_counter()
        found.append(int(query.execute()))
        wall.append(time.perf_counter() - started)
        database.drop_table("bench_audience")
    return {
        "compared": len(rules),
        "exact": found == list(counted),
        "duckdb_p50_ms": _percentile(wall, 50),
        "duckdb_p99_ms": _percentile(wall, 99),
    }


def _changes(index: "AudienceIndex", rng: np.random.Generator, changes: int) -> dict[str, Any]:
    """Change one value of one customer, again and again."""
    if not changes:
        return {}
    rows, places = (
        rng.integers(0, index.height, changes).tolist(),
        rng.integers(0, len(_TAGS), changes).tolist(),
    )
    todo = [
        (index.customers[row], _changed(_TAGS[place], rng)) for row, place in zip(rows, places, strict=True)
    ]
    clock = _Clock()
    with clock:
        for customer, values in todo:
            index.change(customer, values)
    return {
        "changes": changes,
        "change_us": round(1e6 * clock.wall / changes, 2),
        "change_cpu_us": round(1e6 * clock.cpu / changes, 2),
    }


def _changed(made: _Made, rng: np.random.Generator) -> dict[str, Any]:
    number = int(rng.integers(0, made.values))
    plain = {"boolean": bool(number), "text": f"value {number}"}
    return {made.code: plain.get(made.kind, number)}


class _Clock:
    """Adds up seconds, of the wall and of this process."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    def __enter__(self) -> "_Clock":
        self.started = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.wall += time.perf_counter() - self.started[0]
        self.cpu += time.process_time() - self.started[1]


def _timed(
    function: Callable[[Any], Any], arguments: Sequence[Any]
) -> tuple[list[Any], list[float], list[float]]:
    """Call a function with each argument; return results, and seconds of the wall and of this process."""
    results, wall, cpu = [], [], []
    for argument in arguments:
        clock = _Clock()
        with clock:
            results.append(function(argument))
        wall.append(clock.wall)
        cpu.append(clock.cpu)
    return results, wall, cpu


def _percentile(seconds: Sequence[float], percent: float) -> float:
    return round(1e3 * float(np.percentile(seconds, percent)), 3)
