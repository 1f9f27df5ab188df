"""Measures of a scorecard 评分卡指标: how well does it part good from bad, and where should the line be drawn?

Source: DeLong, DeLong and Clarke-Pearson (1988) for AUC and Gini. The interval of KS is that of the
difference of two shares at the best cut; where the best cut is one, its choice adds nothing in the first
order (Raghavachari 1973, Annals of Statistics 1).
"""

from statistics import NormalDist

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.metrics import auc, auc_interval

__all__ = ["ScoreMeasures", "cutoff_table", "measure_scores"]

Floats = npt.NDArray[np.float64]


class ScoreMeasures(msgspec.Struct, frozen=True):
    """How well points part good customers from bad ones; intervals of 95 %."""

    rows: int
    rows_bad: int
    auc: float  # chance that a good customer has more points than a bad one
    auc_low: float
    auc_high: float
    gini: float  # 2 AUC - 1
    gini_low: float
    gini_high: float
    ks: float  # largest distance between the distributions of bad and good
    ks_low: float
    ks_high: float
    ks_points: float  # where it is reached: customers with at most so many points


def measure_scores(bad: Floats, points: Floats, *, confidence: float = 0.95) -> ScoreMeasures:
    """Measure points against what happened.

    Args:
        bad: shape (n,), 0 or 1.
        points: shape (n,), finite; more is better.
        confidence: of the intervals.

    Raises:
        OutcomeError, OutcomesAlikeError, PredictionError, LengthMismatchError: they cannot be compared.
    """
    area = auc(bad, -points)
    low, high = auc_interval(bad, -points, confidence=confidence)
    ks, ks_half, where = _ks(bad, points, confidence)
    return ScoreMeasures(
        rows=len(bad),
        rows_bad=int(bad.sum()),
        auc=area,
        auc_low=low,
        auc_high=high,
        gini=2 * area - 1,
        gini_low=2 * low - 1,
        gini_high=2 * high - 1,
        ks=ks,
        ks_low=max(0.0, ks - ks_half),
        ks_high=min(1.0, ks + ks_half),
        ks_points=where,
    )


def cutoff_table(
    points: Floats,
    probability: Floats,
    bad: Floats | None,
    *,
    gain_good_cny: float,
    loss_bad_cny: float,
    steps: int = 20,
) -> pl.DataFrame:
    """Return what each line between yes and no would bring.

    Args:
        points: shape (n,).
        probability: shape (n,), of the bad outcome.
        bad: shape (n,), 0 or 1, where it is known; None: unknown.
        gain_good_cny: CNY earned from a good customer who is approved.
        loss_bad_cny: CNY lost with a bad one, above 0.
        steps: count of lines, at quantiles of the points; the lowest approves everyone.

    Returns:
        Rows by rising ``points_least``; approved (count), approval_rate, bad_rate_expected and
        profit_cny_expected of the approved, and, when ``bad`` is given, bad_rate and profit_cny.
    """
    lines = np.unique(np.quantile(points, np.arange(steps) / steps, method="lower"))
    order = np.argsort(points, kind="stable")
    first = np.searchsorted(points[order], lines, side="left")
    approved = len(points) - first
    table = pl.DataFrame(
        {"points_least": lines, "approved": approved, "approval_rate": approved / len(points)}
    )
    expected = _above(probability[order], first)
    table = table.with_columns(
        bad_rate_expected=expected / approved,
        profit_cny_expected=(approved - expected) * gain_good_cny - expected * loss_bad_cny,
    )
    if bad is None:
        return table
    seen = _above(bad[order], first)
    return table.with_columns(
        bad_rate=seen / approved, profit_cny=(approved - seen) * gain_good_cny - seen * loss_bad_cny
    )


def _above(values: Floats, first: npt.NDArray[np.intp]) -> Floats:
    """Return the sum from each place to the end."""
    return np.asarray(np.concatenate([np.cumsum(values[::-1])[::-1], [0.0]])[first], dtype=np.float64)


def _ks(bad: Floats, points: Floats, confidence: float) -> tuple[float, float, float]:
    """Return KS, half of its interval, and the points where it is reached."""
    levels, place = np.unique(points, return_inverse=True)
    bads = np.cumsum(np.bincount(place, weights=bad, minlength=len(levels)))
    goods = np.cumsum(np.bincount(place, weights=1 - bad, minlength=len(levels)))
    share_bad, share_good = bads / bads[-1], goods / goods[-1]
    best = int((share_bad - share_good).argmax())
    p, q = share_bad[best], share_good[best]
    error = np.sqrt(p * (1 - p) / bads[-1] + q * (1 - q) / goods[-1])
    half = NormalDist().inv_cdf(0.5 + confidence / 2) * error
    return float(p - q), float(half), float(levels[best])
