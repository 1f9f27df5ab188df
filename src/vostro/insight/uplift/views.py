"""Views 视图: a frame as the bins that additive learners read and the matrix that trees read."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.binning import BinnedColumn, learn_bins, tree_matrix
from vostro.insight.columns import declared_kind
from vostro.insight.errors import FeaturesEmptyError
from vostro.insight.outcomes import require

__all__ = ["Space", "View", "learn_space"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]
SIXTEENTHS = np.linspace(0, 1, 17)[1:-1]


@dataclass(frozen=True, slots=True)
class View:
    """Rows as learners see them."""

    codes: Codes  # shape (n, columns)
    matrix: Floats  # shape (n, columns), NaN is missing

    def take(self, rows: Codes) -> "View":
        """Return some of the rows."""
        return View(self.codes[rows], self.matrix[rows])

    def __len__(self) -> int:
        """Count of rows."""
        return len(self.codes)


class Space(msgspec.Struct, frozen=True):
    """The columns that are read, in order of their names, and their bins."""

    columns: tuple[BinnedColumn, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(each.name for each in self.columns)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Count of codes of each column."""
        return tuple(each.size for each in self.columns)

    @property
    def ordered(self) -> tuple[bool, ...]:
        """Whether the bins of a column lie along a number."""
        return tuple(each.kind != "text" for each in self.columns)

    def view(self, frame: pl.DataFrame) -> View:
        """Return the rows of a frame as learners see them.

        Raises:
            FeatureMissingError, FeatureTypeError: a column is not there, or is of another kind.
        """
        codes = np.column_stack([each.codes(frame) for each in self.columns])
        return View(codes, tree_matrix(self.columns, frame, codes))


def learn_space(frame: pl.DataFrame, features: Sequence[str]) -> Space:
    """Learn the bins of columns; neither arms nor outcomes play a part.

    Raises:
        FeaturesEmptyError: no feature.
        FeatureMissingError, FeatureTypeError: a column is not there, or is no feature.
    """
    if not features:
        raise FeaturesEmptyError
    kinds = {name: declared_kind(require(frame, name)) or "number" for name in sorted(set(features))}
    return Space(tuple(_finer(learn_bins(frame, name, kind), frame) for name, kind in kinds.items()))


def _finer(column: BinnedColumn, frame: pl.DataFrame) -> BinnedColumn:
    """Return a number's bins as sixteenths; what is learnt of neighbours is smoothed."""
    if column.kind == "text":
        return column
    values = column.numbers(frame)
    known = values[~np.isnan(values)]
    edges = np.unique(np.quantile(known, SIXTEENTHS, method="lower")) if len(known) else np.zeros(0)
    edges = edges[edges < known.max(initial=-np.inf)]  # above the largest value there is no bin
    return msgspec.structs.replace(column, edges=tuple(edges.tolist()))
