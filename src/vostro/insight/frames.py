"""Frames 数据表: whatever table a person hands in, seen as one kind.

Polars (eager or lazy), pandas, Arrow tables and anything that speaks the Arrow C stream become
a Polars frame; a NaN of pandas becomes a missing value, as it means there.
"""

import sys
from typing import Any

import polars as pl

from vostro.insight.errors import FrameKindError

__all__ = ["Frame", "as_polars"]

Frame = Any  # Polars DataFrame or LazyFrame, pandas DataFrame, Arrow table, or an Arrow C stream


def as_polars(frame: Frame) -> pl.DataFrame:
    """Return the frame as a Polars one, without copying where that can be done.

    Raises:
        FrameKindError: it is not a table, or a column mixes kinds of values.
    """
    if isinstance(frame, pl.DataFrame):
        return frame
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    kind = f"{type(frame).__module__}.{type(frame).__qualname__}"
    pandas = sys.modules.get("pandas")
    try:
        if pandas is not None and isinstance(frame, pandas.DataFrame):
            return pl.from_pandas(frame.rename(columns=str))
        if hasattr(frame, "__arrow_c_stream__") or hasattr(frame, "to_batches"):
            return pl.DataFrame(frame)
    except Exception as error:  # the libraries below raise many kinds; all mean that it is no clean table
        raise FrameKindError(
            kind=kind, reason=str(error).splitlines()[0][:200] or type(error).__name__
        ) from error
    raise FrameKindError(kind=kind, reason="not a table")
