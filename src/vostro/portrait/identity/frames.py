"""Frames 数据表: the tables that are handed in, as records of named sources.

Polars (eager or lazy), pandas, Arrow and anything that speaks the Arrow C stream; one table, or
several with the names of their sources.
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from vostro.portrait.identity.errors import IdentityColumnError, IdentityFrameError, RecordIdError
from vostro.words import suggest

__all__ = ["ONE", "Frame", "stacked"]

Frame = Any
ONE = "records"  # the name of the source when one table is given without a name


def stacked(frames: Frame | Mapping[str, Frame], id: str) -> pl.DataFrame:
    """Return all records in one frame: ``source`` and ``id`` (text) first, then all columns as they are.

    Args:
        frames: a table, or ``{source: table}``.
        id: the column that identifies a record within its source.

    Raises:
        IdentityFrameError: something is not a table.
        IdentityColumnError: a table has no column ``id``.
        RecordIdError: an identifier is missing or repeated.
    """
    named = dict(frames) if isinstance(frames, Mapping) else {ONE: frames}
    return pl.concat(
        [_source(name, _polars(frame), id) for name, frame in named.items()], how="diagonal_relaxed"
    )


def _source(name: str, frame: pl.DataFrame, id: str) -> pl.DataFrame:
    frame = frame.rename({column: column.strip() for column in frame.columns})
    if id not in frame.columns:
        close = suggest(id, set(frame.columns))
        raise IdentityColumnError(
            source=name,
            column=id,
            hint_en=f" Did you mean '{close}'?" if close else "",
            hint_zh=f"是否指“{close}”？" if close else "",
        )
    ids = frame[id].cast(pl.String).str.strip_chars()
    if ids.null_count():
        raise RecordIdError(source=name, value="-", problem_en="missing", problem_zh="缺失")
    if ids.n_unique() < len(ids):
        value = ids.filter(ids.is_duplicated())[0]
        raise RecordIdError(source=name, value=repr(value), problem_en="repeated", problem_zh="重复")
    rest = frame.drop(id, *[each for each in ("source", "id") if each in frame.columns and each != id])
    return rest.select(pl.lit(name).alias("source"), ids.alias("id"), pl.all())


def _polars(frame: Frame) -> pl.DataFrame:
    if isinstance(frame, pl.LazyFrame):
        return frame.collect()
    if isinstance(frame, pl.DataFrame):
        return frame
    kind = f"{type(frame).__module__}.{type(frame).__qualname__}"
    try:
        if hasattr(frame, "__arrow_c_stream__"):
            return pl.DataFrame(frame)
        if kind.startswith("pandas."):
            return pl.DataFrame(pl.from_pandas(frame))
    except Exception as error:  # libraries raise many kinds; all mean that it is no clean table
        reason = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise IdentityFrameError(kind=kind, reason=reason) from error
    raise IdentityFrameError(kind=kind, reason="not a table")
