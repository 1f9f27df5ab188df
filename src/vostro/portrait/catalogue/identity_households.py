"""Households of identity 客户识别家庭: in which household did identity find each customer, and when?

Identity finds people who live together; ``keep_households`` keeps for every customer of theirs
what it found, one partition a moment, so that the tag is known as of any moment since.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl

from vostro.engine import Lake, Partition
from vostro.portrait.catalogue.naming import last_word, names_of

if TYPE_CHECKING:
    from vostro.capture import Contract
    from vostro.portrait.identity import IdentityDefinition
    from vostro.portrait.tags import Tag

__all__ = ["HOUSEHOLDS", "household_history", "keep_households"]

HOUSEHOLDS = "identity_household"  # lake table: one partition a run of identity
_MOMENT = pl.Datetime("us", "UTC")


def keep_households(
    lake: Lake,
    definition: "IdentityDefinition",
    contracts: "Mapping[str, Contract]",
    *,
    moment: datetime,
) -> Partition:
    """Keep the households that identity finds now, for all customers of their people.

    Args:
        lake: of the bank, after ``run_identity``.
        definition: with a household rule, else nobody has a household.
        contracts: of the bank.
        moment: since when they hold; those of earlier moments stay.
    """
    from vostro.portrait.identity import households, identity_map

    groups = households(lake, definition, contracts).select("person", value="household")
    with lake.store.begin() as connection:
        known = identity_map(connection)
    rows = known.join(groups, on="person", how="inner").select("customer", "value").sort("customer")
    when = moment.astimezone(UTC)
    rows = rows.with_columns(as_of=pl.lit(when, _MOMENT))
    return lake.write(HOUSEHOLDS, f"{when:%Y%m%dT%H%M%S%f}", rows)


def household_history(
    lake: Lake,
    tags: "Mapping[str, Tag]",
    *,
    customer: str | Collection[str] | None = None,
    people: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:
    """Return in which household customers were when.

    Args:
        lake: of the bank.
        tags: of the bank; other kinds are left out.
        customer: only this one, or these.
        people: ``customer`` and ``person`` of those who have another's name.

    Returns:
        For each identity tag ``customer``, ``value``, ``since`` and ``end`` (moments; end null: still). What
        one run found holds until the next run, also of customers whom that one found in none.
    """
    wanted = [code for code, tag in tags.items() if tag.identity is not None]
    if not wanted:
        return {}
    parts = sorted(lake.partitions(HOUSEHOLDS), key=lambda part: part.partition)
    schema = {"customer": pl.String(), "value": pl.String(), "as_of": _MOMENT}
    frames = [pl.DataFrame(schema=schema).lazy(), *(pl.scan_parquet(p.path / "*.parquet") for p in parts)]
    rows = pl.concat(frames)
    names = names_of(customer)
    if names is not None:
        rows = rows.filter(pl.col("customer").is_in(names))
    moments = [datetime.strptime(p.partition, "%Y%m%dT%H%M%S%f").replace(tzinfo=UTC) for p in parts]
    runs = pl.DataFrame({"as_of": moments}, schema={"as_of": _MOMENT}).with_columns(
        end=pl.col("as_of").shift(-1)
    )
    held = last_word(rows.collect(), people).join(runs, on="as_of", how="left", maintain_order="left")
    return {code: held.select("customer", "value", since="as_of", end="end") for code in wanted}
