"""Points 评分刻度: how do log-odds become points that people add up by hand?

A score of ``points`` means ``odds`` good customers for each bad one, and every ``pdo`` points more double
the odds. Base and intercept are shared out evenly among the columns, so that a card of k columns is k
tables of points and nothing else. Source: Siddiqi (2017), "Intelligent Credit Scoring", chapter 10.
"""

import math

import msgspec
import numpy as np
import numpy.typing as npt

from vostro.insight.scorecard.errors import ScalingError

__all__ = ["Scaling", "lay_points"]

Floats = npt.NDArray[np.float64]


class Scaling(msgspec.Struct, frozen=True):
    """How points are laid out.

    >>> Scaling(points=600, odds=50, pdo=20).score(100.0)
    620.0
    """

    points: float = 600.0  # at the odds
    odds: float = 50.0  # good customers for each bad one
    pdo: float = 20.0  # points that double the odds
    rounded: bool = True  # points of an attribute are whole numbers

    @property
    def factor(self) -> float:
        """Points of one unit of log-odds."""
        return self.pdo / math.log(2)

    @property
    def offset(self) -> float:
        """Points at even odds."""
        return self.points - self.factor * math.log(self.odds)

    def score(self, odds: float) -> float:
        """Return the points of given odds of good to bad."""
        return self.points + self.factor * math.log(odds / self.odds)

    def check(self) -> None:
        """Refuse a scaling without meaning.

        Raises:
            ScalingError: a setting is infinite, or odds or pdo are not above 0.
        """
        for name, least in (("points", -math.inf), ("odds", 0.0), ("pdo", 0.0)):
            value = getattr(self, name)
            if not (isinstance(value, float | int) and math.isfinite(value) and value > least):
                raise ScalingError(setting=name, found=value)


def lay_points(
    woe: tuple[tuple[float, ...], ...], coefficients: Floats, intercept: float, scaling: Scaling
) -> tuple[tuple[float, ...], ...]:
    """Return the points of every bin of every column, in the shape of ``woe``.

    Args:
        woe: of the bins of each column.
        coefficients: shape (columns,), of the log-odds of good.
        intercept: log-odds of good.
        scaling: base, odds and pdo.
    """
    share = (scaling.offset + scaling.factor * intercept) / max(len(woe), 1)
    laid = [share + scaling.factor * c * np.array(w) for w, c in zip(woe, coefficients, strict=True)]
    return tuple(tuple((np.round(p) if scaling.rounded else p).tolist()) for p in laid)
