"""Binning 分箱: any column as a few bins, for the part of an estimator that adds up effects.

Code 0 is a text never seen before: it has no effect, it is neither raised nor lowered. Code 1 is
a missing value. The other codes are eighths of a number, or the levels of a text.
"""

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.columns import LEVELS_MOST, Kind, read_kind

__all__ = ["BinnedColumn", "learn_bins", "tree_matrix"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
EIGHTHS = np.linspace(0, 1, 9)[1:-1]
LEVEL_ROWS_LEAST = 2  # rows; few are enough, for the effects of rare levels are drawn to the middle
UNSEEN, MISSING, FIRST = 0, 1, 2


class BinnedColumn(msgspec.Struct, frozen=True):
    """A source column and its bins."""

    name: str
    kind: Kind
    edges: tuple[float, ...] = ()  # a bin ends where its edge is
    levels: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Count of codes, the unseen and the missing among them."""
        return FIRST + (len(self.levels) if self.kind == "text" else len(self.edges) + 1)

    def codes(self, frame: pl.DataFrame) -> Codes:
        """Return the code of each row, shape (n,), in 0 .. size - 1.

        Raises:
            FeatureMissingError, FeatureTypeError: the column is not there, or is of another kind.
        """
        series = read_kind(frame, self.name, self.kind)
        if self.kind == "text":
            places = {level: FIRST + i for i, level in enumerate(self.levels)}
            found = series.replace_strict(places, default=UNSEEN, return_dtype=pl.Int64)
            return np.where(series.is_null().to_numpy(), MISSING, found.to_numpy()).astype(np.intp)
        values = self.numbers(frame)
        bins = FIRST + np.searchsorted(np.array(self.edges), values, side="left")
        return np.where(np.isnan(values), MISSING, bins).astype(np.intp)

    def numbers(self, frame: pl.DataFrame) -> Floats:
        """Return the numbers of a column that is no text, shape (n,); missing and infinite are NaN."""
        values = read_kind(frame, self.name, self.kind).to_numpy()
        return np.where(np.isfinite(values), values, np.nan).astype(np.float64)


def learn_bins(frame: pl.DataFrame, name: str, kind: Kind) -> BinnedColumn:
    """Learn the bins of a column from the rows of a training frame; outcomes play no part."""
    if kind == "text":
        counts = read_kind(frame, name, kind).drop_nulls().alias("level").value_counts()
        frequent = counts.filter(pl.col("count") >= LEVEL_ROWS_LEAST).sort(
            ["count", "level"], descending=[True, False]
        )
        return BinnedColumn(name, kind, levels=tuple(sorted(frequent["level"].head(LEVELS_MOST))))
    column = BinnedColumn(name, kind)
    values = column.numbers(frame)
    known = values[~np.isnan(values)]
    edges = np.unique(np.quantile(known, EIGHTHS, method="lower")) if len(known) else np.zeros(0)
    edges = edges[edges < known.max(initial=-np.inf)]  # above the largest value there is no bin
    return BinnedColumn(name, kind, edges=tuple(edges.tolist()))


def tree_matrix(columns: tuple[BinnedColumn, ...], frame: pl.DataFrame, codes: Codes) -> Floats:
    """Return what trees read, shape (n, columns): numbers as they are, texts as codes, unseen as NaN."""
    if not columns:
        return np.zeros((frame.height, 0))
    own = [
        np.where(code == UNSEEN, np.nan, code) if column.kind == "text" else column.numbers(frame)
        for column, code in zip(columns, codes.T, strict=True)
    ]
    return np.column_stack(own)
