"""Current 最新记录: what does a table say now, when a key came in several files?"""

import polars as pl

from vostro.capture.checks import ContractChecks
from vostro.capture.contracts import Contract
from vostro.engine import Lake, LakeTableMissingError

__all__ = ["current", "lake_schema"]

_MOMENT = pl.Datetime("us", "UTC")


def lake_schema(contract: Contract) -> pl.Schema:
    """Return the columns of a contract's table in the lake: its own, and those that capture adds."""
    columns = dict(ContractChecks(contract).schema)
    if contract.event_time is not None:
        columns["event_time"] = _MOMENT
    return pl.Schema(columns | {"load_time": _MOMENT, "_load": pl.Int64(), "_line": pl.Int64()})


def current(lake: Lake, contract: Contract) -> pl.LazyFrame:
    """Return the latest row of each key: a later load supersedes an earlier one.

    A mended record counts as part of the load that it was missing from, so that it never
    supersedes what a newer file says. Without a key, all rows are returned. Files that were
    loaded under an older contract are shown with the columns of this one; a column that they
    lack is null.

    Raises:
        LakeTableMissingError: nothing of this contract is loaded.
    """
    partitions = lake.partitions(contract.contract)
    if not partitions:
        raise LakeTableMissingError(table=contract.contract, hint_en="", hint_zh="")
    wanted = lake_schema(contract)
    if contract.reverses or any(each.partition.startswith("log-") for each in partitions):
        from vostro.capture.histories import history  # it builds on this page

        return history(lake, contract).select(*wanted)
    frames = [_aligned(pl.scan_parquet(each.path / "*.parquet"), wanted) for each in partitions]
    if len(frames) == 1 or not contract.key:
        return pl.concat(frames)
    whole = pl.concat(frames).sort("_load", maintain_order=True)
    return whole.unique(subset=contract.key, keep="last", maintain_order=True)


def _aligned(frame: pl.LazyFrame, wanted: pl.Schema) -> pl.LazyFrame:
    """Return the frame with the wanted columns and types; what cannot be had is null."""
    given = frame.collect_schema()
    if given == wanted:
        return frame
    return frame.select(
        (pl.col(name) if name in given else pl.lit(None)).cast(dtype, strict=False).alias(name)
        for name, dtype in wanted.items()
    )
