"""Cold start 冷启动: what do customers with a like portrait hold, when a customer holds nothing yet?

A ridge regression from the columns of mixed tags to each item's holders; one linear map for all items.
"""

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.mixed import MixedSpace, blocks_of, learn_space
from vostro.insight.recommend.coding import Sparse
from vostro.insight.recommend.kernels import compiled

__all__ = ["PortraitMap", "learn_portrait_map"]

Weights = npt.NDArray[np.float32]
LEARN_ROWS = 20_000  # customers that scales and levels of tags are learnt from
PENALTY = 10.0  # customers


class PortraitMap(msgspec.Struct, frozen=True):
    """A linear map from tags to the chance of holding each item."""

    space: MixedSpace
    weights: bytes  # float64, shape (1 + columns, items); the first row is the constant
    items: int

    def scores(self, frame: pl.DataFrame) -> Weights:
        """Return the score of every item for each row, shape (n, items).

        Raises:
            FeatureMissingError, FeatureTypeError: a tag is not there, or is of another kind.
        """
        weights = np.frombuffer(self.weights).reshape(-1, self.items)
        found = [self.space.matrix(block) @ weights[1:] + weights[0] for block in blocks_of(frame)]
        return np.vstack(found).astype(np.float32) if found else np.zeros((0, self.items), dtype=np.float32)


def learn_portrait_map(frame: pl.DataFrame, held: Sparse, features: list[str], seed: int) -> PortraitMap:
    """Learn from customers whose holdings are known, one row of tags for each row of ``held``.

    Raises:
        FeaturesEmptyError, FeatureTypeError, TagsFlatError: the tags cannot be used.
    """
    drawn = frame
    if frame.height > LEARN_ROWS:
        rows = np.random.default_rng(seed).choice(frame.height, LEARN_ROWS, replace=False)
        drawn = frame[np.sort(rows)]
    space = learn_space(drawn, features)
    squares: Any = 0.0
    sums: Any = 0.0
    begin = 0
    for block in blocks_of(frame):
        matrix = space.matrix(block)
        design = np.column_stack([np.ones(len(matrix)), matrix])
        squares = squares + design.T @ design
        sums = sums + _tag_sums(
            held.starts[begin : begin + len(design) + 1], held.items, design, held.columns
        )
        begin += len(design)
    ridge = PENALTY * np.eye(len(squares))
    ridge[0, 0] = 0.0  # the constant is not drawn towards 0
    return PortraitMap(space, np.linalg.solve(squares + ridge, sums).tobytes(), held.columns)


@compiled
def _tag_sums(starts: Any, items: Any, design: Any, width: int) -> Any:
    """Sums over the holders of each item of their columns, shape (columns, items)."""
    sums = np.zeros((width, design.shape[1]))
    for row in range(len(design)):
        for i in range(starts[row], starts[row + 1]):
            sums[items[i]] += design[row]
    return sums.T.copy()
