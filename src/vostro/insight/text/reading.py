"""Reading 读取: whatever holds texts and their classes, seen as one kind."""

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.errors import LengthMismatchError, TargetTypeError, TargetUnknownError
from vostro.insight.frames import as_polars
from vostro.insight.text.errors import TextsFewError, TextsKindError

__all__ = ["Class", "Marks", "as_texts", "read_marks"]

Class = bool | int | str
TEXTS_LEAST = 20


class Marks(msgspec.Struct, frozen=True):
    """Which text has which class."""

    classes: tuple[Class, ...]  # sorted
    marked: npt.NDArray[np.bool_]  # shape (n, classes)
    several: bool  # a text may have several classes, or none

    @property
    def first(self) -> npt.NDArray[np.int64]:
        """Return the class of each text, shape (n,); of several the rarest, of none the number of classes."""
        order = np.argsort(self.marked.sum(axis=0), kind="stable")
        hit = self.marked[:, order]
        return np.where(hit.any(axis=1), order[hit.argmax(axis=1)], len(self.classes))


def as_texts(texts: Any) -> pl.Series:
    """Return texts as one Polars column, shape (n,); null stays null.

    Args:
        texts: a list, an array, a Polars or pandas series, an Arrow array, or a frame of one column.

    Raises:
        TextsKindError: a single text, a frame of several columns, or values that are no texts.
    """
    if isinstance(texts, str | bytes) or texts is None:
        raise TextsKindError(found=type(texts).__name__)
    series = texts if isinstance(texts, pl.Series) else _series(texts)
    if series.dtype in (pl.Categorical, pl.Enum, pl.Null):
        series = series.cast(pl.String)
    if series.dtype != pl.String:
        raise TextsKindError(found=f"values of type {series.dtype}")
    return series.rename("text")


def read_marks(targets: Any, rows: int, different: int | None = None) -> Marks:
    """Return the classes of texts.

    Args:
        targets: (rows,) values, texts, whole numbers or booleans; or (rows,) lists of them, for texts that
            may have several classes or none.
        rows: count of texts.
        different: count of different texts; what is written twice teaches once.

    Raises:
        LengthMismatchError, TargetUnknownError, TargetTypeError, TextsFewError: they cannot be learnt.
    """
    series = targets if isinstance(targets, pl.Series) else _series(targets)
    if len(series) != rows:
        raise LengthMismatchError(name="targets", found=len(series), wanted=rows)
    if series.null_count():
        row = int(series.is_null().arg_max() or 0)
        raise TargetUnknownError(count=series.null_count(), row=row)
    several = isinstance(series.dtype, pl.List)
    values = series.explode(empty_as_null=False, keep_nulls=False) if several else series
    values = _values(values)
    row_of = np.repeat(np.arange(rows), series.list.len().to_numpy()) if several else np.arange(rows)
    classes = values.unique().sort()
    count, least = rows if different is None else different, 1 if several else 2
    if count < TEXTS_LEAST or len(classes) < least:
        raise TextsFewError(rows=count, classes=len(classes), least=TEXTS_LEAST, least_classes=least)
    marked = np.zeros((rows, len(classes)), dtype=np.bool_)
    marked[row_of, classes.search_sorted(values).to_numpy()] = True
    return Marks(tuple(classes.to_list()), marked, several)


def _values(values: pl.Series) -> pl.Series:
    """Return the values of a target in one plain type."""
    if values.null_count():
        raise TargetUnknownError(count=values.null_count(), row=int(values.is_null().arg_max() or 0))
    dtype = values.dtype
    if dtype in (pl.Categorical, pl.Enum, pl.String):
        return values.cast(pl.String)
    if dtype == pl.Boolean:
        return values.cast(pl.UInt8).cast(pl.Boolean)
    if dtype.is_integer():
        return values.cast(pl.Int64)
    if dtype.is_float() and bool((values == values.round()).all()):
        return values.cast(pl.Int64)
    raise TargetTypeError(found=str(dtype))


def _series(values: Any) -> pl.Series:
    """Return a column of whatever holds one."""
    try:
        if isinstance(values, pl.LazyFrame) or hasattr(values, "columns") or hasattr(values, "column_names"):
            frame = as_polars(values)
            if frame.width != 1:
                raise TextsKindError(found=f"a frame of {frame.width} columns")
            return frame.to_series()
        if hasattr(values, "__arrow_c_stream__") or hasattr(values, "__arrow_c_array__"):
            return pl.Series(values)
        if hasattr(values, "to_numpy"):  # pandas; its texts may be objects, its missing ones NaN
            values = (
                values.where(values.notna(), None).tolist() if hasattr(values, "notna") else values.to_numpy()
            )
        if isinstance(values, np.ndarray):
            values = values.tolist()
        return pl.Series(list(values))
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError) as error:
        raise TextsKindError(found=f"{type(values).__name__} ({str(error)[:100]})") from error
