"""Mixed tags 混合标签: how far apart are two customers whose tags are numbers, words and yes-or-no?

Every tag becomes a few columns that together have variance 1, so that no tag counts more than
another: a number is brought to a robust scale (median and quartiles, after an inverse hyperbolic
sine where it is skewed) and clipped; a word becomes one column a level; "not known" is a column
of its own, and a missing number is the median. The principal components of these columns are
the space in which distances are taken.

Source: Pagès (2004), "Analyse factorielle de données mixtes", Revue de Statistique Appliquée 52;
Burbidge, Magee and Robb (1988) for the inverse hyperbolic sine.
"""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.columns import Kind, declared_kind, read_kind
from vostro.insight.errors import FeaturesEmptyError, TagsFlatError
from vostro.insight.outcomes import require

__all__ = ["MixedColumn", "MixedSpace", "blocks_of", "learn_space"]

Floats = npt.NDArray[np.float64]
LEVELS_MOST = 20  # levels of a text that get a column; the rest share one
LEVEL_SHARE_LEAST = 0.01  # of rows; a rarer level is among the rest
CLIP = 4.0  # robust standard deviations; what lies further out is no further away
SKEW_MOST = 2.0  # skewness above which a number is taken on the inverse hyperbolic sine's scale
NORMAL_IQR = 1.349  # quartile distance of the standard normal distribution
VARIANCE_KEPT = 0.9  # of all columns, by the principal components
COMPONENTS_MOST = 12
BLOCK_ROWS = 65_536
_KNOWN_LEAST = 1e-9


class MixedColumn(msgspec.Struct, frozen=True):
    """A tag and how it becomes columns."""

    name: str
    kind: Kind
    bend: float = 0.0  # number: scale of the inverse hyperbolic sine; 0: none
    centre: float = 0.0  # number: median on that scale
    spread: float = 1.0  # number: robust standard deviation on that scale
    levels: tuple[str, ...] = ()  # text and boolean; each is a column
    rest: bool = False  # text: other levels share a column
    nulls: bool = False  # "not known" is a column
    weight: float = 1.0  # that gives all its columns together variance 1

    @property
    def width(self) -> int:
        """How many columns the tag becomes."""
        own = 1 if self.kind in ("number", "moment") else len(self.levels) + self.rest
        return own + self.nulls


class MixedSpace(msgspec.Struct, frozen=True):
    """The space of a set of tags: columns, their means, and the principal components."""

    columns: tuple[MixedColumn, ...]
    dropped: tuple[str, ...]  # tags that are the same for everyone
    means: tuple[float, ...]  # shape (d,)
    axes: tuple[tuple[float, ...], ...]  # shape (components, d), orthonormal
    kept: float  # share of the variance that the components keep, 0 to 1

    @property
    def features(self) -> tuple[str, ...]:
        """The tags that it reads."""
        return tuple(column.name for column in self.columns)

    def matrix(self, frame: pl.DataFrame) -> Floats:
        """Return the columns of each row, centred; shape (n, d).

        Raises:
            FeatureMissingError, FeatureTypeError: a tag is not there, or is of another kind.
        """
        blocks = [encode_mixed(frame, column) for column in self.columns]
        return np.asarray(np.hstack(blocks) - np.asarray(self.means), dtype=np.float64)

    def scores(self, frame: pl.DataFrame) -> Floats:
        """Return the place of each row, shape (n, components)."""
        axes = np.asarray(self.axes).T
        found = [self.matrix(block) @ axes for block in blocks_of(frame)]
        return np.vstack(found) if found else np.zeros((0, axes.shape[1]))


def learn_space(frame: pl.DataFrame, features: Sequence[str]) -> MixedSpace:
    """Learn the space of tags from customers.

    Args:
        frame: shape (n, tags).
        features: which of its columns.

    Raises:
        FeaturesEmptyError: no tag is named.
        FeatureMissingError, FeatureTypeError: a tag is not there, or is a list or the like.
        TagsFlatError: every tag is the same for everyone.
    """
    if not features:
        raise FeaturesEmptyError
    learnt = [_learn(frame, name) for name in features]
    columns = tuple(column for column in learnt if column is not None)
    dropped = tuple(name for name, column in zip(features, learnt, strict=True) if column is None)
    if not columns:
        raise TagsFlatError(count=len(features), rows=frame.height)
    matrix = np.hstack([encode_mixed(frame, column) for column in columns])
    means = matrix.mean(axis=0)
    axes, kept = _components(matrix - means)
    return MixedSpace(columns, dropped, tuple(means.tolist()), tuple(map(tuple, axes.tolist())), kept)


def encode_mixed(frame: pl.DataFrame, column: MixedColumn) -> Floats:
    """Return the columns of one tag, shape (n, width), not centred."""
    if column.kind in ("number", "moment"):
        values = read_kind(frame, column.name, column.kind).to_numpy()
        known = np.isfinite(values)
        scaled = np.where(known, _scaled(np.where(known, values, 0.0), column), 0.0)
        parts = [scaled, ~known] if column.nulls else [scaled]
    else:
        texts = _texts(frame, column)
        null = texts.is_null()
        hits = [(texts == level).fill_null(False) for level in column.levels]
        parts = [hit.to_numpy() for hit in hits]
        if column.rest:
            parts.append((~texts.is_in(list(column.levels))).fill_null(False).to_numpy())
        if column.nulls:
            parts.append(null.to_numpy())
    return np.column_stack(parts).astype(np.float64) * column.weight


def blocks_of(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield the frame in parts whose columns fit into memory many times over."""
    for start in range(0, frame.height, BLOCK_ROWS):
        yield frame.slice(start, BLOCK_ROWS)


def _learn(frame: pl.DataFrame, name: str) -> MixedColumn | None:
    """Learn how a tag becomes columns; None when it is the same for everyone."""
    kind = declared_kind(require(frame, name)) or "number"
    raw = (
        _learn_number(frame, name, kind) if kind in ("number", "moment") else _learn_levels(frame, name, kind)
    )
    if raw is None:
        return None
    variance = float(encode_mixed(frame, raw).var(axis=0).sum())
    return (
        msgspec.structs.replace(raw, weight=float(1 / np.sqrt(variance))) if variance > _KNOWN_LEAST else None
    )


def _learn_number(frame: pl.DataFrame, name: str, kind: Kind) -> MixedColumn | None:
    values = read_kind(frame, name, kind).to_numpy()
    known = values[np.isfinite(values)]
    nulls = len(known) < len(values)
    if len(known) == 0:
        return None
    plain = _robust(known)
    bend = 0.0
    if kind == "number" and known.std() > 0 and abs(_skewness(known)) > SKEW_MOST:
        # where all are above zero, far below them: the logarithm; else the middle size of what is not zero
        bend = float(known.min()) / 10 if known.min() > 0 else float(np.median(np.abs(known[known != 0])))
    centre, spread = _robust(np.arcsinh(known / bend)) if bend else plain
    return MixedColumn(name, kind, bend=bend, centre=centre, spread=spread, nulls=nulls)


def _learn_levels(frame: pl.DataFrame, name: str, kind: Kind) -> MixedColumn:
    texts = _texts(frame, MixedColumn(name, kind))
    counts = (
        texts.drop_nulls()
        .alias("level")
        .value_counts(sort=False)
        .sort(["count", "level"], descending=[True, False])
    )
    frequent = counts.filter(pl.col("count") >= LEVEL_SHARE_LEAST * frame.height).head(LEVELS_MOST)
    levels = tuple(frequent["level"].to_list())
    return MixedColumn(
        name, kind, levels=levels, rest=counts.height > len(levels), nulls=texts.null_count() > 0
    )


def _texts(frame: pl.DataFrame, column: MixedColumn) -> pl.Series:
    if column.kind == "boolean":
        return require(frame, column.name).cast(pl.Boolean).cast(pl.String)
    return read_kind(frame, column.name, "text")


def _scaled(values: Floats, column: MixedColumn) -> Floats:
    bent = np.arcsinh(values / column.bend) if column.bend else values
    return np.clip((bent - column.centre) / column.spread, -CLIP, CLIP)


def _robust(values: Floats) -> tuple[float, float]:
    """Return median and robust standard deviation; where the quartiles meet, the plain one."""
    low, centre, high = np.quantile(values, [0.25, 0.5, 0.75])
    spread = (high - low) / NORMAL_IQR or values.std() or 1.0  # 1: the same for everyone
    return float(centre), float(spread)


def _skewness(values: Floats) -> float:
    centred = values - values.mean()
    deviation = values.std()
    return float((centred**3).mean() / deviation**3) if deviation > 0 else 0.0


def _components(centred: Floats) -> tuple[Floats, float]:
    """Return the principal axes, the largest entry of each above zero, and the variance they keep."""
    variances, axes = np.linalg.eigh(centred.T @ centred / max(len(centred), 1))
    order = np.argsort(variances)[::-1]
    shares = np.maximum(variances[order], 0) / max(variances.sum(), _KNOWN_LEAST)
    enough = int(np.searchsorted(np.cumsum(shares), VARIANCE_KEPT)) + 1
    count = min(enough, COMPONENTS_MOST, len(shares))
    kept = axes[:, order[:count]].T
    largest = kept[np.arange(count), np.abs(kept).argmax(axis=1)]
    return kept * np.sign(largest)[:, None], float(shares[:count].sum())
