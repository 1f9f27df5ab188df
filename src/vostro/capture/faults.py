"""Faults of records 记录缺陷: which rows of a block broke which promise?

Checks hand over row numbers, never single records. A record with several faults becomes one
reject: the first fault names the field, the message tells all of them.
"""

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vostro.words import Text

__all__ = ["FAULT_SCHEMA", "BlockFaults"]

FAULT_SCHEMA = pl.Schema(
    {
        "row": pl.UInt32,
        "field": pl.String,
        "value": pl.String,
        "code": pl.String,
        "message_en": pl.String,
        "message_zh": pl.String,
    }
)
Rows = NDArray[np.uint32]


@dataclass
class BlockFaults:
    """The faults found in one block so far."""

    height: int
    good: NDArray[np.bool_] = field(init=False)
    by_field: dict[str, int] = field(default_factory=dict)
    _frames: list[pl.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.good = np.ones(self.height, dtype=np.bool_)

    def add(self, rows: Rows, name: str, code: str, say: Text, values: pl.Series | None) -> None:
        """Note that ``rows`` have a fault in a field (named as in the file); ``values`` are their texts."""
        if len(rows) == 0:
            return
        self.good[rows] = False
        self.by_field[name] = self.by_field.get(name, 0) + len(rows)
        texts = (
            values.cast(pl.String) if values is not None else pl.Series([None] * len(rows), dtype=pl.String)
        )
        self._frames.append(
            pl.DataFrame({"row": rows, "value": texts}, schema_overrides={"row": pl.UInt32}).select(
                "row",
                pl.lit(name).alias("field"),
                "value",
                pl.lit(code).alias("code"),
                pl.lit(say.en).alias("message_en"),
                pl.lit(say.zh).alias("message_zh"),
            )
        )

    def by_record(self) -> pl.DataFrame:
        """Return one row per faulty record, in file order: the first fault, and the words of all.

        Columns as in ``FAULT_SCHEMA``.
        """
        if not self._frames:
            return pl.DataFrame(schema=FAULT_SCHEMA)
        return (
            pl.concat(self._frames)
            .group_by("row", maintain_order=True)
            .agg(
                pl.col("field", "value", "code").first(),
                pl.col("message_en").str.join("; "),
                pl.col("message_zh").str.join("；"),
            )
            .sort("row")
        )
