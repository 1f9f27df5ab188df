"""Independence 价格独立性检验: did the price vary by chance, or was it set by what is known of the customer?

The features, cut into bins, foretell the price out of fold by ridge regression; the same is done with the
price shuffled. A price is refused when the share of its variance that is foretold is larger than among
shuffled prices and matters. Sums of effects are seen, products of columns are not.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from vostro.insight.binning import learn_bins
from vostro.insight.columns import declared_kind

__all__ = ["P_MOST", "R2_LEAST", "Independence", "check_independence"]

Floats = npt.NDArray[np.float64]
P_MOST = 0.01
R2_LEAST = 0.01  # share of variance; less is adjusted for, not refused
ROWS_MOST = 20_000  # rows that are looked at
SHUFFLES = 199
FOLDS = 3
RIDGE = 5.0  # rows
NAMED = 3  # columns


@dataclass(frozen=True, slots=True)
class Independence:
    """What the features say of a price."""

    r2: float  # share of the variance, out of fold; at or below 0: nothing
    p: float  # of shuffled prices that are foretold as well
    columns: tuple[tuple[str, float], ...]  # the strongest alone, with their share

    @property
    def confounded(self) -> bool:
        """Whether the price depends on the customer beyond chance and beyond a trifle."""
        return self.p <= P_MOST and self.r2 >= R2_LEAST


def check_independence(frame: pl.DataFrame, price: Floats, seed: int) -> Independence:
    """Test whether a price (or an instrument), shape (n,), depends on the columns of a frame."""
    draw = np.random.default_rng(seed)
    rows = draw.permutation(frame.height)[:ROWS_MOST]
    table, own = frame[rows], price[rows]
    blocks = [_one_hot(table, name) for name in sorted(frame.columns)]
    if not blocks or len(own) < 2 * FOLDS:
        return Independence(0.0, 1.0, ())
    shuffled = np.column_stack([own, *(draw.permutation(own) for _ in range(SHUFFLES))])
    with threadpool_limits(1):
        r2 = _foretold(np.hstack(blocks), shuffled)
        alone = [float(_foretold(block, own[:, None])[0]) for block in blocks]
    p = float((1 + (r2[1:] >= r2[0]).sum()) / (1 + SHUFFLES))
    ranked = sorted(zip(sorted(frame.columns), alone, strict=True), key=lambda pair: (-pair[1], pair[0]))
    return Independence(float(r2[0]), p, tuple(ranked[:NAMED]))


def _one_hot(frame: pl.DataFrame, name: str) -> Floats:
    column = learn_bins(frame, name, declared_kind(frame[name]) or "number")
    return np.eye(column.size)[column.codes(frame)]


def _foretold(features: Floats, prices: Floats) -> Floats:
    """Return the share of the variance of each price that is foretold out of fold, shape (prices,)."""
    count = len(prices)
    centred = prices - prices.mean(axis=0)
    left = np.zeros(prices.shape[1])
    for fold in np.array_split(np.arange(count), FOLDS):
        kept = np.ones(count, dtype=bool)
        kept[fold] = False
        x, y = features[kept], centred[kept]
        mean = y.mean(axis=0)
        gram = x.T @ x + RIDGE * np.eye(features.shape[1])
        beta = np.linalg.solve(gram, x.T @ (y - mean))
        left += ((centred[fold] - mean - features[fold] @ beta) ** 2).sum(axis=0)
    total = (centred**2).sum(axis=0)
    return np.asarray(1 - left / np.maximum(total, 1e-300), dtype=np.float64)
