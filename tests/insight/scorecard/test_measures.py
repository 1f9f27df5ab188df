"""KS, Gini and AUC agree with other libraries, their intervals with the bootstrap, the lines with counting."""

import numpy as np
import pytest
from scipy.stats import ks_2samp
from sklearn.metrics import roc_auc_score

from vostro.insight.scorecard.measures import cutoff_table, measure_scores


def _drawn(rows: int = 1500, seed: int = 0, apart: float = 0.9) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    bad = (draw.random(rows) < 0.2).astype(float)
    return bad, (600 + 40 * (draw.normal(size=rows) - apart * bad)).round()


def test_scipy_and_sklearn_say_the_same() -> None:
    bad, points = _drawn()
    found = measure_scores(bad, points)
    assert found.ks == pytest.approx(ks_2samp(points[bad == 1], points[bad == 0]).statistic)
    assert found.auc == pytest.approx(roc_auc_score(bad, -points))
    assert found.gini == pytest.approx(2 * found.auc - 1)
    assert (found.gini_low, found.gini_high) == pytest.approx((2 * found.auc_low - 1, 2 * found.auc_high - 1))
    at = points <= found.ks_points
    assert found.ks == pytest.approx(at[bad == 1].mean() - at[bad == 0].mean())


def test_intervals_are_as_wide_as_the_spread_of_new_samples() -> None:
    drawn = [measure_scores(*_drawn(seed=i)) for i in range(300)]
    for name in ("auc", "ks", "gini"):
        spread = np.std([getattr(each, name) for each in drawn])
        half = np.mean([getattr(each, f"{name}_high") - getattr(each, name) for each in drawn]) / 1.96
        assert half == pytest.approx(spread, rel=0.15), name


def test_the_interval_of_gini_covers_the_truth() -> None:
    from scipy.stats import norm

    truth = 2 * norm.cdf(0.9 / np.sqrt(2)) - 1  # two normal distributions of one variance
    covered = [
        m.gini_low <= truth <= m.gini_high for m in (measure_scores(*_drawn(seed=i)) for i in range(300))
    ]
    assert np.mean(covered) == pytest.approx(0.95, abs=0.04)


def test_the_lines_are_those_of_counting() -> None:
    bad, points = _drawn()
    chance = 1 / (1 + np.exp((points - 560) / 20))
    table = cutoff_table(points, chance, bad, gain_good_cny=100.0, loss_bad_cny=900.0, steps=15)
    assert table["approval_rate"][0] == 1.0
    for row in table.iter_rows(named=True):
        yes = points >= row["points_least"]
        assert row["approved"] == yes.sum()
        assert row["bad_rate"] == pytest.approx(bad[yes].mean())
        assert row["bad_rate_expected"] == pytest.approx(chance[yes].mean())
        assert row["profit_cny"] == pytest.approx(
            100 * (yes & (bad == 0)).sum() - 900 * (yes & (bad == 1)).sum()
        )
        assert row["profit_cny_expected"] == pytest.approx(
            np.sum(100 * (1 - chance[yes]) - 900 * chance[yes])
        )
    assert table["approval_rate"].is_sorted(descending=True)


def test_the_best_line_is_where_gain_and_loss_meet() -> None:
    """With true chances, approving pays exactly where (1 - p) gain exceeds p loss."""
    points = np.linspace(400, 800, 4001)
    chance = 1 / (1 + np.exp((points - 560) / 30))
    table = cutoff_table(points, chance, None, gain_good_cny=100.0, loss_bad_cny=900.0, steps=400)
    best = table.sort("profit_cny_expected")["points_least"][-1]
    even = 560 + 30 * np.log(9)  # p = 0.1
    assert best == pytest.approx(even, abs=1.5)
    assert "bad_rate" not in table.columns
