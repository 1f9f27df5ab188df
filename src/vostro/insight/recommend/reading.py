"""Reading interactions 读取交互: which methods, weights and times can be used?"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.recommend.errors import (
    ExtraMissingError,
    MethodUnknownError,
    TimeTypeError,
    WeightValueError,
)

__all__ = ["check_methods", "read_time", "read_weight"]

Floats = npt.NDArray[np.float64]


def check_methods(methods: Sequence[str], known: Sequence[str], factors: bool) -> None:
    """Refuse methods that do not exist or cannot run here.

    Raises:
        MethodUnknownError, ExtraMissingError: which.
    """
    for method in methods:
        if method not in known:
            raise MethodUnknownError(method=method, known=", ".join(known))
        if method == "als" and not factors:
            raise ExtraMissingError(what="als", library="implicit", extra="recommend")


def read_weight(table: pl.DataFrame) -> Floats | None:
    """Return the weights, shape (n,), divided by their mean; None where there is no such column.

    Raises:
        WeightValueError: a weight is missing, not finite, or not above 0.
    """
    if "weight" not in table.columns:
        return None
    weights = table["weight"].cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()
    wrong = ~(np.isfinite(weights) & (weights > 0))
    if wrong.any():
        row = int(wrong.argmax())
        raise WeightValueError(row=row, value=table["weight"][row])
    return np.asarray(weights / weights.mean(), dtype=np.float64)


def read_time(table: pl.DataFrame) -> Floats | None:
    """Return the times as numbers that tell their order, shape (n,); None where there is no such column.

    Raises:
        TimeTypeError: it holds neither numbers nor moments, or has a gap.
    """
    if "time" not in table.columns:
        return None
    times = table["time"]
    if not (times.dtype.is_numeric() or times.dtype.is_temporal()):
        raise TimeTypeError(found=str(times.dtype))
    numbers = times.to_physical().cast(pl.Float64)
    if numbers.null_count() or numbers.is_nan().any():
        raise TimeTypeError(found=f"{numbers.null_count() + int(numbers.is_nan().sum() or 0)} gap(s)")
    return np.asarray(numbers.to_numpy(), dtype=np.float64)
