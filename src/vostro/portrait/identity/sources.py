"""A bank's records 银行客户记录: what does each source say of each of its customers, now?"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from vostro.engine import Lake
from vostro.portrait.build import known_rows
from vostro.portrait.identity.definition import IdentityDefinition

if TYPE_CHECKING:
    from vostro.capture import Contract

__all__ = ["CUSTOMER", "bank_records"]

CUSTOMER = "customer"  # also the first deterministic key: one identifier is one person
_ORDER = ("event_time", "_load", "_line")


def bank_records(
    lake: Lake,
    definition: IdentityDefinition,
    contracts: "Mapping[str, Contract]",
    as_of: datetime | None = None,
) -> pl.DataFrame:
    """Return one row for each customer of each source: its latest.

    Returns:
        ``source``, ``id`` and ``customer`` (the same identifier), the fields as text, ``_load`` (which load
        brought it) and ``load_time``; ordered by source, as the definition lists them, and identifier.

    Raises:
        LakeTableMissingError: a source is not loaded.
    """
    frames = [
        _source(lake, contracts[source], definition, mapping, place, as_of)
        for place, (source, mapping) in enumerate(definition.sources.items())
    ]
    return pl.concat(frames, how="diagonal").sort("_place", "id").drop("_place")


def _source(
    lake: Lake,
    contract: "Contract",
    definition: IdentityDefinition,
    mapping: Mapping[str, str],
    place: int,
    as_of: datetime | None,
) -> pl.DataFrame:
    assert contract.customer is not None, "read_identity refuses a contract without a customer"
    rows = known_rows(lake, contract, as_of)
    held = rows.collect_schema()
    order = [name for name in _ORDER if name in held]
    customer = pl.col(contract.customer).cast(pl.String)
    fields = [
        (pl.col(mapping[field]).cast(pl.String) if field in mapping else pl.lit(None, dtype=pl.String)).alias(
            field
        )
        for field in definition.fields
    ]
    latest = rows.filter(customer.is_not_null()).sort(order, maintain_order=True)
    latest = latest.unique(contract.customer, keep="last", maintain_order=True)
    return latest.select(
        pl.lit(contract.contract).alias("source"),
        customer.alias("id"),
        customer.alias(CUSTOMER),
        *fields,
        pl.col("_load").alias("_load"),
        pl.col("load_time").alias("_load_time"),
        pl.lit(place).alias("_place"),
    ).collect()
