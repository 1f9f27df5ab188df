"""Targets and weights 目标与权重: what is to be foreseen, as zeros and ones, and how much does a row count?"""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.errors import (
    ClassMissingError,
    FeatureMissingError,
    FrameKindError,
    LengthMismatchError,
    OutcomesFewError,
    TargetTypeError,
    TargetUnknownError,
    WeightError,
)
from vostro.words import suggest

__all__ = ["OUTCOMES_LEAST", "column_or_values", "read_target", "read_weight", "require"]

OUTCOMES_LEAST = 10  # rows of either outcome; fewer cannot be split, learnt and calibrated
YES = ("yes", "true", "y", "1", "是", "有")
NO = ("no", "false", "n", "0", "否", "无")

Floats = npt.NDArray[np.float64]


def require(frame: pl.DataFrame, column: str) -> pl.Series:
    """Return a column.

    Raises:
        FeatureMissingError: it is not there; tells the name that looks most like it.
    """
    if column not in frame.columns:
        raise FeatureMissingError(column=column, nearest=suggest(column, set(frame.columns)) or "-")
    return frame[column]


def column_or_values(frame: pl.DataFrame, values: Any, name: str) -> pl.Series:
    """Return the column of that name, or the values as a series, one a row.

    Raises:
        FeatureMissingError: a name that is no column.
        LengthMismatchError: not one value a row.
        FrameKindError: the values are no series.
    """
    if isinstance(values, str):
        return require(frame, values)
    kept = values if isinstance(values, pl.Series) else _series(values, name)
    if len(kept) != frame.height:
        raise LengthMismatchError(name=name, found=len(kept), wanted=frame.height)
    return kept


def read_target(frame: pl.DataFrame, target: Any, *, least: int = OUTCOMES_LEAST) -> Floats:
    """Return the target as zeros and ones, shape (n,).

    Args:
        frame: shape (n, columns).
        target: name of a column or one value a row: booleans, 1/0, or yes/no in English or Chinese.
        least: count; so many rows of either outcome there must be.

    Raises:
        TargetUnknownError, TargetTypeError, ClassMissingError, OutcomesFewError: as their names say.
    """
    series = column_or_values(frame, target, "target")
    if series.dtype.is_float():
        series = series.fill_nan(None)
    if series.null_count():
        first = series.is_null().arg_max()
        raise TargetUnknownError(count=series.null_count(), row=first)
    found = _zero_one(series)
    positives = int(found.sum())
    if positives in (0, len(found)):
        raise ClassMissingError(rows=len(found), value=1 if positives else 0)
    few = min(positives, len(found) - positives)
    if few < least:
        raise OutcomesFewError(count=few, rows=len(found), value=int(few == positives), least=least)
    return found


def read_weight(frame: pl.DataFrame, weight: Any, observed: Floats) -> Floats | None:
    """Return weights of mean 1, shape (n,), or None when none are given.

    Raises:
        WeightError: negative, missing or infinite; or an outcome has no weight.
    """
    if weight is None:
        return None
    series = column_or_values(frame, weight, "weight")
    if not (series.dtype.is_numeric() or series.dtype == pl.Boolean):
        raise WeightError
    kept = series.cast(pl.Float64).to_numpy()
    sound = bool(np.isfinite(kept).all()) and kept.min() >= 0
    if not (sound and kept[observed == 1].sum() > 0 and kept[observed == 0].sum() > 0):
        raise WeightError
    return np.asarray(kept * (len(kept) / kept.sum()), dtype=np.float64)


def _series(values: Any, name: str) -> pl.Series:
    try:
        return pl.Series(name, np.atleast_1d(np.asarray(values)), strict=False)
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise FrameKindError(kind=name, reason=str(error).splitlines()[0][:200]) from error


def _zero_one(series: pl.Series) -> Floats:
    if series.dtype == pl.Boolean or series.dtype.is_numeric():
        values = series.cast(pl.Float64).to_numpy()
        if np.isin(values, (0.0, 1.0)).all():
            return np.asarray(values, dtype=np.float64)
        raise TargetTypeError(found=f"{values[~np.isin(values, (0.0, 1.0))][0]:g}")
    if series.dtype in (pl.String, pl.Categorical, pl.Enum):
        words = series.cast(pl.String).str.strip_chars().str.to_lowercase()
        strange = series.cast(pl.String).filter(~words.is_in([*YES, *NO]))
        if strange.is_empty():
            return words.is_in(list(YES)).cast(pl.Float64).to_numpy()
        raise TargetTypeError(found=f"'{strange[0][:40]}'")
    raise TargetTypeError(found=str(series.dtype))
