"""Contexts 共同情境: what became of others in the same situation?

Some columns together name a situation that many customers share: a branch and a script, or
the day of a campaign. The response rate of the others in it, drawn to the average, is a
feature. A training row never sees its own outcome: its rate comes from the other folds, and
a fifth of the situations are hidden, so that the trees learn what to do with a new one.
"""

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.columns import Column, read_kind
from vostro.insight.folds import stratified_folds

__all__ = ["SharedContext", "context_rates", "learn_context", "training_rates"]

Floats = npt.NDArray[np.float64]
SHRINK_ROWS = 10.0  # rows; a situation's rate is drawn to the average as by so many average rows
HIDDEN_SHARE = 0.2  # of the situations, while training
FOLDS = 5
_BETWEEN, _MISSING = "\x1f", "\x00"


class SharedContext(msgspec.Struct, frozen=True):
    """Columns that together name a situation, and the response rate of each."""

    columns: tuple[Column, ...]
    rates: dict[str, float]

    @property
    def name(self) -> str:
        """``context:`` and the columns' names, joined by a plus."""
        return "context:" + "+".join(column.name for column in self.columns)


def learn_context(
    frame: pl.DataFrame, columns: tuple[Column, ...], observed: Floats, weight: Floats | None
) -> SharedContext:
    """Learn the shrunken rate of every situation of the training frame."""
    keys = _keys(frame, columns)
    size = np.ones(len(keys)) if weight is None else weight
    names, place = np.unique(keys, return_inverse=True)
    rates = _rates(place, len(names), observed, size, np.ones(len(keys), dtype=bool))
    return SharedContext(columns, dict(zip(names.tolist(), rates.tolist(), strict=True)))


def context_rates(frame: pl.DataFrame, context: SharedContext) -> Floats:
    """Return the rate of each row's situation, shape (n,); NaN for a situation never seen."""
    keys = pl.Series(_keys(frame, context.columns), dtype=pl.String)
    return keys.replace_strict(context.rates, default=None, return_dtype=pl.Float64).to_numpy()


def training_rates(
    frame: pl.DataFrame, columns: tuple[Column, ...], observed: Floats, weight: Floats | None, seed: int
) -> Floats:
    """Return what each training row may know of its situation: the other folds' rate, shape (n,)."""
    keys = _keys(frame, columns)
    size = np.ones(len(keys)) if weight is None else weight
    names, place = np.unique(keys, return_inverse=True)
    found = np.empty(len(keys))
    for fold in stratified_folds(observed, FOLDS, seed):
        others = np.ones(len(keys), dtype=bool)
        others[fold] = False
        found[fold] = _rates(place, len(names), observed, size, others)[place[fold]]
    hidden = np.random.default_rng(seed).random(len(names)) < HIDDEN_SHARE
    return np.where(hidden[place], np.nan, found)


def _rates(
    place: npt.NDArray[np.intp], count: int, observed: Floats, size: Floats, use: npt.NDArray[np.bool_]
) -> Floats:
    average = float(np.average(observed[use], weights=size[use]))
    rows = np.bincount(place[use], weights=size[use], minlength=count)
    hits = np.bincount(place[use], weights=(size * observed)[use], minlength=count)
    rates = (hits + SHRINK_ROWS * average) / (rows + SHRINK_ROWS)
    return np.where(rows > 0, rates, np.nan)


def _keys(frame: pl.DataFrame, columns: tuple[Column, ...]) -> npt.NDArray[np.object_]:
    """One text a row that names its situation; a number is written the same in every kind of frame."""
    texts = [
        read_kind(frame, column.name, column.kind).cast(pl.String).fill_null(_MISSING).alias(str(i))
        for i, column in enumerate(columns)
    ]
    joined = pl.DataFrame(texts).select(pl.concat_str(pl.all(), separator=_BETWEEN)).to_series()
    return joined.to_numpy()
