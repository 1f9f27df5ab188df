"""Monitoring of a scorecard 评分卡监控: are today's applicants those that the points were made for?

PSI compares the distribution of the score with that of the training, over tenths of the training; CSI is
the same index for the bins of a column. Source: Siddiqi (2017), "Intelligent Credit Scoring", chapter 13.
"""

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.metrics import psi
from vostro.insight.scorecard.learning import Card

__all__ = ["ScoreProfile", "learn_profile", "stability_table"]

Floats = npt.NDArray[np.float64]
Points = tuple[tuple[float, ...], ...]
TENTHS = np.arange(1, 10) / 10


class ScoreProfile(msgspec.Struct, frozen=True):
    """How the score lay in the training."""

    edges: tuple[float, ...]  # a band starts with its edge
    rows: tuple[float, ...]  # by band; sums of weights
    points_mean: float
    counts: tuple[tuple[float, ...], ...]  # rows by feature and bin


def learn_profile(card: Card, points: Points, frame: pl.DataFrame, weight: Floats) -> ScoreProfile:
    """Count the rows of a training frame by bin and by band of the score."""
    codes = card.codes(frame)
    total = _total(points, codes, frame.height)
    edges = np.unique(np.quantile(total, TENTHS, method="lower"))
    band = np.searchsorted(edges, total, side="right")
    rows = np.bincount(band, weights=weight, minlength=len(edges) + 1)
    counts = [
        np.bincount(code, weights=weight, minlength=len(each))
        for code, each in zip(codes, points, strict=True)
    ]
    return ScoreProfile(
        tuple(edges.tolist()),
        tuple(rows.tolist()),
        float(np.average(total, weights=weight)),
        tuple(tuple(each.tolist()) for each in counts),
    )


def stability_table(
    card: Card, points: Points, profile: ScoreProfile, frame: pl.DataFrame, total: Floats
) -> pl.DataFrame:
    """Return feature, psi and points_shift: the score first, then the columns of the card."""
    band = np.searchsorted(np.array(profile.edges), total, side="right")
    now = np.bincount(band, minlength=len(profile.rows))
    names, index = ["score"], [psi(profile.rows, now)]
    shift = [float(total.mean()) - profile.points_mean]
    for feature, laid, then, code in zip(
        card.features, points, profile.counts, card.codes(frame), strict=True
    ):
        here = np.bincount(code, minlength=len(laid))
        names.append(feature.name)
        index.append(psi(then, here))
        shift.append(float(here @ np.array(laid) / here.sum() - np.array(then) @ np.array(laid) / sum(then)))
    return pl.DataFrame({"feature": names, "psi": index, "points_shift": shift})


def _total(points: Points, codes: list[npt.NDArray[np.intp]], rows: int) -> Floats:
    total = np.zeros(rows)
    for laid, code in zip(points, codes, strict=True):
        total += np.array(laid)[code]
    return total
