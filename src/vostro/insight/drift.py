"""Drift of inputs 输入漂移: are the customers to be scored those that the estimator learnt from?"""

import msgspec
import numpy as np
import numpy.typing as npt

from vostro.insight.columns import Column, encode, learn_column
from vostro.insight.frames import Frame, as_polars
from vostro.insight.metrics import psi

__all__ = ["InputProfile", "input_drift", "profile_inputs", "psi_of_inputs"]

Floats = npt.NDArray[np.float64]
TENTHS = np.linspace(0, 1, 11)[1:-1]


class InputProfile(msgspec.Struct, frozen=True):
    """How a column was spread at training."""

    name: str
    edges: tuple[float, ...]  # a bin ends where its edge is; values above the last are one bin more
    shares: tuple[float, ...]  # of each bin, the last is missing; sum to 1


def profile_inputs(columns: tuple[Column, ...], matrix: Floats) -> tuple[InputProfile, ...]:
    """Return the spread of each source column: tenths of numbers, levels of texts.

    Args:
        columns: the source columns, as the design knows them.
        matrix: shape (n, len(columns) or more), as the design gives it.
    """
    found = []
    for column, values in zip(columns, matrix.T, strict=False):
        edges = _edges(column, values)
        counts = _counts(edges, values)
        found.append(
            InputProfile(column.name, tuple(edges.tolist()), tuple((counts / counts.sum()).tolist()))
        )
    return tuple(found)


def input_drift(profiles: tuple[InputProfile, ...], matrix: Floats) -> dict[str, float]:
    """Return the PSI of each source column between training and a matrix of at least one row."""
    return {
        each.name: psi(each.shares, _counts(np.array(each.edges), values))
        for each, values in zip(profiles, matrix.T, strict=False)
    }


def _edges(column: Column, values: Floats) -> Floats:
    if column.kind == "text":  # levels stand on whole numbers, rare ones half way between
        return np.arange(-0.25, len(column.levels), 0.5)
    known = values[~np.isnan(values)]
    return np.unique(np.quantile(known, TENTHS, method="lower")) if len(known) else np.zeros(0)


def _counts(edges: Floats, values: Floats) -> npt.NDArray[np.int64]:
    missing = np.isnan(values)
    inside = np.bincount(np.searchsorted(edges, values[~missing], side="left"), minlength=len(edges) + 1)
    return np.append(inside, missing.sum())


def psi_of_inputs(before: Frame, now: Frame) -> dict[str, float]:
    """Return the PSI of every column of ``before`` between two frames of at least one row each.

    Raises:
        FeatureMissingError, FeatureTypeError, FrameKindError: ``now`` is not like ``before``.
    """
    then, here = as_polars(before), as_polars(now)
    nobody = np.zeros(then.height)
    columns = tuple(learn_column(then, name, nobody, None) for name in then.columns)
    profiles = profile_inputs(
        columns, np.column_stack([encode(then, each, reference=0.0) for each in columns])
    )
    return input_drift(profiles, np.column_stack([encode(here, each, reference=0.0) for each in columns]))
