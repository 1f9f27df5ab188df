"""Updating the book 更新识别簿: what do new groups change for customers, and how is it written down?"""

from datetime import datetime

import polars as pl
import sqlalchemy as sa

from vostro.engine import Lake
from vostro.portrait.identity.book import LINKED, append, read_book, write_people
from vostro.portrait.identity.evidence import Evidence, write_evidence
from vostro.portrait.identity.parameters import Model
from vostro.portrait.identity.settling import Settled

__all__ = ["VISITOR", "change", "keep", "linked_bodies"]

VISITOR = "anon:"
_SEPARATOR = "\x1f"


def change(connection: sa.Connection, settled: Settled, ages: pl.DataFrame | None = None) -> pl.DataFrame:
    """Write who is one person into the book.

    Args:
        connection: of ``Store.begin``.
        settled: of ``settle``.
        ages: ``customer`` and ``age`` of customers who may be new; the smaller, the older.

    Returns:
        The customers who moved: ``customer``, ``before`` and ``person``.
    """
    book = read_book(connection).filter(pl.col("via").is_null() & (pl.col("since") > 0))
    known = settled.member.join(book.select("customer", "person", "since"), on="customer", how="left")
    if ages is not None:
        known = known.join(ages, on="customer", how="left").sort("age", "customer", nulls_last=True)
        fresh = pl.col("since").is_null()
        number = fresh.cast(pl.Int64).cum_sum() + int(book["since"].max() or 0)  # type: ignore[arg-type]
        known = known.with_columns(pl.when(fresh).then(number).otherwise(pl.col("since")).alias("since"))
    oldest = pl.col("customer").sort_by("since").first().over("label")
    before = pl.coalesce("person", "customer").alias("before")
    found = known.select("customer", "since", before, "person", now=oldest)
    differs = pl.col("person").is_null() | (pl.col("person") != pl.col("now"))
    changed = found.filter(differs).sort("customer")
    write_people(connection, changed.select("customer", pl.col("now").alias("person"), "since", _no_via()))
    moved = changed.filter(pl.col("before") != pl.col("now"))
    return moved.select("customer", "before", pl.col("now").alias("person"))


def keep(
    lake: Lake, connection: sa.Connection, prepared: pl.DataFrame, settled: Settled, model: Model
) -> None:
    """Keep the evidence: records with the leader of their group, and pairs under their own names."""
    named = prepared.select(
        "source", "id", "digest", pl.concat_str("source", "id", separator=_SEPARATOR).alias("name")
    )
    leader = named["name"].gather(settled.matched.groups).alias("leader")
    records = named.select("source", "id", "digest").with_columns(leader)
    pairs = settled.matched.pairs
    ends = [
        prepared[column].gather(pairs[end]).alias(f"{column}_{side}")
        for side, end in (("a", "l"), ("b", "r"))
        for column in ("source", "id")
    ]
    levels = [field.column for field in model.fields]
    kept = pairs.select("probability", "weight", "key", *levels).with_columns(ends)
    write_evidence(lake, connection, Evidence(records, kept))


def link_events(connection: sa.Connection, moved: pl.DataFrame, bodies: pl.Series, moment: datetime) -> None:
    """Append the events of customers who were linked by evidence."""
    append(connection, LINKED, moved["customer"], bodies, moment)


def linked_bodies(moved: pl.DataFrame, prepared: pl.DataFrame, settled: Settled, model: Model) -> pl.Series:
    """Return for each customer who moved the JSON of its best evidence: the pair that ties it to the person."""
    pairs = settled.matched.pairs
    sides = [_side(prepared, pairs, *ends, model) for ends in (("l", "r"), ("r", "l"))]
    label = settled.member.select(pl.col("customer"), pl.col("label"))
    both = pl.concat(sides).filter(pl.col("customer") != pl.col("with"))
    both = both.join(label, on="customer").join(label, left_on="with", right_on="customer", suffix="_with")
    inside = both.filter(pl.col("label") == pl.col("label_with"))
    best = inside.sort("weight", "with", descending=[True, False]).unique(
        "customer", keep="first", maintain_order=True
    )
    rows = moved.join(best.drop("label", "label_with"), on="customer", how="left", maintain_order="left")
    facts = [name for name in rows.columns if name not in ("customer", "person")]
    body = pl.struct(*facts, to=pl.col("person")).struct.json_encode()
    return rows.select(body.alias("body"))["body"]


def _side(prepared: pl.DataFrame, pairs: pl.DataFrame, end: str, other: str, model: Model) -> pl.DataFrame:
    ids = prepared["id"]
    named = {field.column: field.name for field in model.fields}
    levels = pl.struct(*[pl.col(column).alias(name) for column, name in named.items()]).alias("levels")
    frame = pairs.select("probability", "weight", "key", levels)
    return frame.with_columns(
        ids.gather(pairs[end]).alias("customer"), ids.gather(pairs[other]).alias("with")
    )


def _no_via() -> pl.Expr:
    return pl.lit(None, dtype=pl.String).alias("via")
