"""Golden records 黄金记录: of all that the sources say of a person, what do we believe?

For each field one value survives, by the definition's rule, and with it the record that it came
from. Households are people whose golden records agree in the fields of the household rule.
"""

import polars as pl

from vostro.portrait.identity.definition import IdentityDefinition
from vostro.portrait.identity.kinds import KINDS

__all__ = ["golden_records", "household_groups"]

_BY_AGE = ("_load_time", "_load", "_row")


def golden_records(
    records: pl.DataFrame, known: pl.DataFrame, definition: IdentityDefinition
) -> pl.DataFrame:
    """Return the surviving value of each field of each person.

    Args:
        records: of ``bank_records``.
        known: of ``identity_map``.
        definition: whose ``survivorship`` names the rule of each field; without one, the newest survives.

    Returns:
        ``person``, ``field``, ``value``, ``source`` and ``customer`` (the record it is from) and ``rule``,
        ordered by person and field; a field that no record fills is left out.
    """
    numbered = records.with_row_index("_row").join(known, on="customer", how="left", maintain_order="left")
    numbered = numbered.with_columns(pl.coalesce("person", "customer").alias("person"))
    frames = [
        _survivors(numbered, field, definition.survivorship.get(field, "newest"))
        for field in definition.fields
    ]
    return pl.concat(frames).sort("person", "field")


def household_groups(
    golden: pl.DataFrame, book: pl.DataFrame, definition: IdentityDefinition
) -> pl.DataFrame:
    """Return the household of each person who has one.

    Args:
        golden: of ``golden_records``.
        book: of ``read_book``; the oldest person names the household.
        definition: with a household rule, else nobody has one.

    Returns:
        ``person``, ``household`` and ``size`` (people), ordered by person; only people with all the fields.
    """
    empty = pl.DataFrame(schema={"person": pl.String, "household": pl.String, "size": pl.UInt32})
    same = definition.household.same if definition.household else []
    if not same or golden.is_empty():
        return empty
    wide = golden.filter(pl.col("field").is_in(same)).pivot(on="field", index="person", values="value")
    if set(same) - set(wide.columns):
        return empty
    cleaned = wide.select("person", *[_clean(field, definition) for field in same]).drop_nulls()
    age = book.select("person", pl.col("since").min().over("person")).unique()
    placed = cleaned.join(age, on="person", how="left").sort("since", "person", nulls_last=True)
    named = placed.with_columns(
        household=pl.col("person").first().over(same), size=pl.len().over(same).cast(pl.UInt32)
    )
    return named.select("person", "household", "size").sort("person")


def _clean(field: str, definition: IdentityDefinition) -> pl.Expr:
    value = KINDS[definition.fields[field]].clean(pl.col(field))
    return pl.when(value != "").then(value).alias(field)


def _survivors(records: pl.DataFrame, field: str, rule: str | list[str]) -> pl.DataFrame:
    """Return one row a person: sorted from the least to the most believed, the last survives."""
    value = pl.col(field).str.strip_chars()
    held = records.filter(value.fill_null("") != "").with_columns(value.alias("value"))
    believed: list[pl.Expr] = []
    if rule == "most_frequent":
        believed = [pl.len().over("person", "value")]
    elif rule == "longest":
        believed = [pl.col("value").str.len_chars()]
    elif isinstance(rule, list):
        place = {source: len(rule) - i for i, source in enumerate(rule)}
        believed = [pl.col("source").replace_strict(place, default=0, return_dtype=pl.Int64)]
    said = rule if isinstance(rule, str) else " > ".join(rule)
    last = held.sort([*believed, *map(pl.col, _BY_AGE)]).unique("person", keep="last", maintain_order=True)
    return last.select(
        "person", pl.lit(field).alias("field"), "value", "source", "customer", pl.lit(said).alias("rule")
    )
