"""Prepared records 记录预处理: every field cleaned, and its parts cut, before anything is compared.

Fields get plain names inside (``c0``, ``c0_year``): a bank's columns may be called anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from vostro.portrait.identity.errors import IdentityColumnError
from vostro.portrait.identity.kinds import KINDS, FieldKind
from vostro.words import suggest

__all__ = ["ROW", "Field", "fields_of", "key_columns", "prepare"]

ROW = "unique_id"  # the record's place; also the name that Splink looks for


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the records and its name inside."""

    name: str  # as the caller calls it
    code: str
    column: str  # c0, c1, ...

    @property
    def kind(self) -> FieldKind:
        """How it is cleaned and compared."""
        return KINDS[self.code]

    def part(self, part: str) -> str:
        """Return the name of the column that holds a part; "" is the whole value."""
        return f"{self.column}_{part}" if part else self.column


def fields_of(kinds: Mapping[str, str]) -> tuple[Field, ...]:
    """Return the fields in order, each with its name inside."""
    return tuple(Field(name, code, f"c{i}") for i, (name, code) in enumerate(kinds.items()))


def prepare(
    records: pl.DataFrame, fields: Sequence[Field], keys: Sequence[Sequence[str]] = ()
) -> pl.DataFrame:
    """Return the cleaned fields with their parts, and a column for each deterministic key.

    Args:
        records: columns ``source``, ``id`` and the fields.
        fields: a column that no record has is missing in all of them.
        keys: each a list of columns; records that share all values of one are the same person.

    Returns:
        ``unique_id`` (the row's place, from 0), ``source``, ``id``, the fields, and ``key0``, ``key1``;
        what is blank after cleaning is null.

    Raises:
        IdentityColumnError: a column does not exist.
    """
    for name in [*(field.name for field in fields), *(name for key in keys for name in key)]:
        _check(name, records)
    whole = [_or_null(field.kind.clean(pl.col(field.name))).alias(field.column) for field in fields]
    place = pl.int_range(pl.len(), dtype=pl.Int64).alias(ROW)
    cleaned = records.select(place, "source", "id", *whole, *_keys(keys))
    return cleaned.with_columns(
        _or_null(cut(pl.col(field.column))).alias(field.part(part))
        for field in fields
        for part, cut in field.kind.parts.items()
    )


def key_columns(prepared: pl.DataFrame) -> list[str]:
    """Return the names of the columns of deterministic keys."""
    return [name for name in prepared.columns if name.startswith("key")]


def _or_null(value: pl.Expr) -> pl.Expr:
    return pl.when(value != "").then(value)


def _keys(keys: Sequence[Sequence[str]]) -> list[pl.Expr]:
    """Return one text for each key, null when any part is; parts cannot run into each other."""
    found = []
    for i, key in enumerate(keys):
        parts = [_or_null(pl.col(name).cast(pl.String).str.to_lowercase().str.strip_chars()) for name in key]
        found.append(pl.concat_str(parts, separator="\x1f").alias(f"key{i}"))
    return found


def _check(name: str, records: pl.DataFrame) -> None:
    if name in records.columns:
        return
    close = suggest(name, set(records.columns) - {"source", "id"})
    raise IdentityColumnError(
        source=", ".join(records["source"].unique().sort()),
        column=name,
        hint_en=f" Did you mean '{close}'?" if close else "",
        hint_zh=f"是否指“{close}”？" if close else "",
    )
