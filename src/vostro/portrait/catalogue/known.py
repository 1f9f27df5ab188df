"""Known customers 已知客户: does any source have a record of this customer?"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from vostro.engine import Lake
from vostro.portrait.catalogue.errors import CustomerUnknownError
from vostro.words import iso

if TYPE_CHECKING:
    from vostro.capture import Contract

__all__ = ["is_customer", "require_customer"]


def is_customer(
    lake: Lake, contracts: "Mapping[str, Contract]", customer: str, *, as_of: datetime | None = None
) -> bool:
    """Tell whether a contract with a customer column had a row of this customer by ``as_of``."""
    return any(
        _has(lake, contract, customer, as_of)
        for contract in contracts.values()
        if contract.customer is not None
    )


def require_customer(
    lake: Lake, contracts: "Mapping[str, Contract]", customer: str, *, as_of: datetime | None = None
) -> None:
    """Refuse a customer whom no source knows.

    Raises:
        CustomerUnknownError: nobody of that name was loaded by ``as_of``.
    """
    if not is_customer(lake, contracts, customer, as_of=as_of):
        known_en = f" known at {iso(as_of)}" if as_of else ""
        known_zh = f"（截至 {iso(as_of)}）" if as_of else ""
        raise CustomerUnknownError(customer=customer, known_en=known_en, known_zh=known_zh)


def _has(lake: Lake, contract: "Contract", customer: str, as_of: datetime | None) -> bool:
    assert contract.customer is not None
    for part in lake.partitions(contract.contract):
        rows = pl.scan_parquet(part.path / "*.parquet")
        held = rows.collect_schema()
        if contract.customer not in held:
            continue
        known = [pl.col(contract.customer).cast(pl.String) == customer]
        if as_of is not None:
            known += [pl.col(each) <= as_of for each in ("event_time", "load_time") if each in held]
        if not rows.filter(*known).select(contract.customer).head(1).collect().is_empty():
            return True
    return False
