"""Prices 价格: daily prices as returns, checked."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.errors import FeatureTypeError
from vostro.insight.frames import Frame, as_polars
from vostro.insight.outcomes import require
from vostro.insight.wealth.errors import AssetsFewError, PriceDaysError, PriceRowsError, PriceValueError

__all__ = ["Returns", "read_returns"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Returns:
    """Returns from each day to the next, in order of time."""

    time: pl.Series  # (days,), of the day that a return ends on
    assets: tuple[str, ...]
    values: Floats  # (days, assets), 0.01 is one per cent


def read_returns(prices: Frame, *, time: str = "time", days_least: int = 2) -> Returns:
    """Turn prices into returns.

    Args:
        prices: shape (days + 1, 1 + assets): a column of times and one of adjusted prices for each asset.
        time: name of the column of times; rows may be in any order.
        days_least: count; so many returns there must be.

    Raises:
        FeatureMissingError, FeatureTypeError, FrameKindError: the frame.
        AssetsFewError, PriceValueError, PriceDaysError, PriceRowsError: what it holds.
    """
    frame = as_polars(prices)
    require(frame, time)
    assets = tuple(name for name in frame.columns if name != time)
    if len(assets) < 2:
        raise AssetsFewError(count=len(assets))
    for name in assets:
        if not frame[name].dtype.is_numeric():
            raise FeatureTypeError(column=name, found=str(frame[name].dtype), wanted="number")
    table = frame.sort(time)
    if frame[time].null_count() or table[time].is_duplicated().any():
        raise PriceDaysError(row=int((table[time].is_null() | table[time].is_duplicated()).arg_max() or 0))
    values = frame.select(pl.col(assets).cast(pl.Float64)).to_numpy()
    wrong = ~(np.isfinite(values) & (values > 0))
    if wrong.any():
        row, column = np.argwhere(wrong)[0].tolist()
        raise PriceValueError(asset=assets[column], row=row, value=f"{values[row, column]:g}")
    if table.height - 1 < days_least:
        raise PriceRowsError(rows=table.height, least=days_least + 1)
    ordered = table.select(pl.col(assets).cast(pl.Float64)).to_numpy()
    return Returns(table[time][1:], assets, ordered[1:] / ordered[:-1] - 1)
