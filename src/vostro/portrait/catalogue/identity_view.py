"""Identity in the customer view 客户识别视图: which identifiers are this person, why, and what do we believe of him?

All as known at a moment: the people as the events of identity told them by then, the records
that were loaded by then, and of those the values that survive.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
import polars as pl

from vostro.capture import mask
from vostro.engine import Lake, LakeTableMissingError
from vostro.portrait.identity import (
    IdentityDefinition,
    IdentityStep,
    bank_records,
    golden_records,
    household_groups,
    person_steps,
    rebuild,
)
from vostro.portrait.identity.kinds import KINDS
from vostro.words import iso

if TYPE_CHECKING:
    from vostro.capture import Contract

__all__ = ["GoldenValue", "IdentityView", "identity_view"]


class GoldenValue(msgspec.Struct, frozen=True):
    """What survives of the records in one field."""

    value: str  # masked unless personal values are asked for
    source: str  # contract
    customer: str  # the identifier of the record that it is from
    rule: str  # of survivorship


class IdentityView(msgspec.Struct, frozen=True):
    """Who somebody is, as known at a moment."""

    person: str
    identifiers: tuple[str, ...]  # of this person, the person's own name first
    golden: dict[str, GoldenValue]  # field -> what survives
    steps: tuple[IdentityStep, ...]  # how the identifiers came together, oldest first
    household: str | None  # named by a person of it; None: none is known
    household_people: tuple[str, ...]  # everybody in it, ordered


def identity_view(
    lake: Lake,
    definition: IdentityDefinition,
    contracts: "Mapping[str, Contract]",
    customer: str,
    *,
    as_of: datetime,
    unmask: bool = False,
) -> IdentityView | None:
    """Return the person behind an identifier at a moment; None: identity did not know it by then.

    Args:
        lake: of the bank.
        definition: its ``identity.yaml``.
        contracts: of the bank.
        customer: an identifier.
        as_of: the moment.
        unmask: show the values that survive.
    """
    try:
        records = bank_records(lake, definition, contracts, as_of)
    except LakeTableMissingError:
        return None
    with lake.store.begin() as connection:
        known = rebuild(connection, loaded_by=as_of)  # who stands alone is not in it
        own = known.filter(pl.col("customer") == customer)["person"]
        person = str(own[0]) if len(own) else customer
        names = known.filter(pl.col("person") == person)["customer"].to_list()
        names = [person, *(each for each in sorted(names) if each != person)]
        steps = [each for each in person_steps(connection, names) if each.moment <= iso(as_of)]
    if len(names) == 1 and records.filter(pl.col("customer") == customer).is_empty():
        return None
    golden = golden_records(records.filter(pl.col("customer").is_in(names)), known, definition)
    home, people = _household(records, golden, known, definition, person)
    return IdentityView(
        person=person,
        identifiers=tuple(names),
        golden={
            row["field"]: GoldenValue(
                value=str(row["value"]) if unmask else (mask(str(row["value"])) or ""),
                source=row["source"],
                customer=row["customer"],
                rule=str(row["rule"]),
            )
            for row in golden.iter_rows(named=True)
        },
        steps=tuple(steps),
        household=home,
        household_people=people,
    )


def _household(
    records: pl.DataFrame,
    golden: pl.DataFrame,
    known: pl.DataFrame,
    definition: IdentityDefinition,
    person: str,
) -> tuple[str | None, tuple[str, ...]]:
    """Return the household of a person and the people in it.

    Only people with a record that has the same value of the household's first field are looked at:
    what survives of a field comes from one of the records.
    """
    if definition.household is None:
        return None, ()
    field = definition.household.same[0]
    clean = KINDS[definition.fields[field]].clean(pl.col(field))
    mine = golden.filter(pl.col("field") == field).select(pl.col("value").alias(field)).select(clean)
    if mine.is_empty():
        return None, ()
    numbered = records.join(known, on="customer", how="left").with_columns(pl.coalesce("person", "customer"))
    near = numbered.filter(clean == mine.item(0, 0))["person"].unique()
    whole = numbered.filter(pl.col("person").is_in(near.to_list())).drop("person")
    book = known.with_columns(since=pl.lit(0, pl.Int64), via=pl.lit(None, pl.String))
    groups = household_groups(golden_records(whole, known, definition), book, definition)
    home = groups.filter(pl.col("person") == person)
    if home.is_empty():
        return None, ()
    people = groups.filter(pl.col("household") == home["household"][0])["person"].sort()
    return str(home["household"][0]), tuple(people.to_list())
