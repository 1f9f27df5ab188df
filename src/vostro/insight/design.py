"""Design 设计矩阵: a frame of any kinds of columns as the matrix that the trees read.

Deterministic: the columns stand in order of their names, whatever their order in the frame.
Nothing of the rows to be predicted is used: one customer is a batch of one.
"""

from collections.abc import Sequence

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.columns import Column, encode, learn_column, read_kind
from vostro.insight.contexts import SharedContext, context_rates, learn_context, training_rates
from vostro.insight.errors import FeaturesEmptyError

__all__ = ["Design", "learn_design"]

Floats = npt.NDArray[np.float64]


class Design(msgspec.Struct, frozen=True):
    """How a frame becomes a matrix."""

    columns: tuple[Column, ...]
    contexts: tuple[SharedContext, ...]
    moment: str | None  # column that says when each row is asked; dates become ages before it
    reference_days: float  # days since 1970; used when there is no such column

    @property
    def names(self) -> tuple[str, ...]:
        """The matrix's columns: source columns, then contexts."""
        return (*(each.name for each in self.columns), *(each.name for each in self.contexts))

    def matrix(self, frame: pl.DataFrame) -> Floats:
        """Return the matrix of a frame, shape (n, len(names)); missing is NaN.

        Raises:
            FeatureMissingError: a column is not there.
            FeatureTypeError: a column holds another kind than at training.
        """
        contexts = [context_rates(frame, context) for context in self.contexts]
        return np.column_stack([*self._own(frame), *contexts])

    def training_matrix(
        self, frame: pl.DataFrame, observed: Floats, weight: Floats | None, seed: int
    ) -> Floats:
        """Return the matrix of the training frame, in which no row knows its own outcome's context."""
        contexts = [
            training_rates(frame, context.columns, observed, weight, seed + i)
            for i, context in enumerate(self.contexts)
        ]
        return np.column_stack([*self._own(frame), *contexts])

    def _own(self, frame: pl.DataFrame) -> list[Floats]:
        reference: Floats | float = self.reference_days
        if self.moment is not None and any(column.kind == "moment" for column in self.columns):
            reference = read_kind(frame, self.moment, "moment").to_numpy()
        return [encode(frame, column, reference=reference) for column in self.columns]


def learn_design(
    frame: pl.DataFrame,
    features: Sequence[str],
    observed: Floats,
    *,
    weight: Floats | None = None,
    contexts: Sequence[Sequence[str]] = (),
    moment: str | None = None,
) -> Design:
    """Learn how a training frame becomes a matrix.

    Args:
        frame: shape (n, columns).
        features: names of the columns to learn from.
        observed: shape (n,), 0 or 1.
        weight: shape (n,), mean 1.
        contexts: each the names of columns that together name a situation.
        moment: name of the column that says when each row is asked.

    Raises:
        FeaturesEmptyError: no feature.
        FeatureMissingError, FeatureTypeError: a column is not there, or is no feature.
    """
    if not features:
        raise FeaturesEmptyError
    columns = tuple(learn_column(frame, name, observed, weight) for name in sorted(set(features)))
    shared = []
    for names in contexts:
        parts = tuple(learn_column(frame, name, observed, weight) for name in sorted(set(names)))
        plain = tuple(Column(part.name, part.kind) for part in parts)
        shared.append(learn_context(frame, plain, observed, weight))
    return Design(columns, tuple(shared), moment, _latest_days(frame, columns))


def _latest_days(frame: pl.DataFrame, columns: tuple[Column, ...]) -> float:
    """The latest date of the training frame: a fixed point that ages are counted from."""
    latest = [read_kind(frame, c.name, "moment").max() for c in columns if c.kind == "moment"]
    return max((float(each) for each in latest if isinstance(each, float)), default=0.0)
