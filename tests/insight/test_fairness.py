"""Groups are compared as fairlearn compares them, and the intervals hold in simulation."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.insight.fairness import BEST, ROWS_LEAST, chosen_best, group_fairness, rate_ratio
from vostro.words import Text


def _bank(rows: int, seed: int, *, gap: float = 0.0) -> tuple[np.ndarray, np.ndarray, pl.Series]:
    rng = np.random.default_rng(seed)
    group = rng.random(rows) < 0.4
    chance = 1 / (1 + np.exp(2 - rng.normal(size=rows) - gap * group))
    observed = (rng.random(rows) < chance).astype(float)
    return observed, chance, pl.Series("gender", np.where(group, "f", "m"))


def test_rates_are_those_of_fairlearn() -> None:
    """Second opinion: fairlearn's MetricFrame, selection rate and demographic parity ratio."""
    fairlearn = pytest.importorskip("fairlearn.metrics")
    observed, said, groups = _bank(3000, 1, gap=0.7)
    found = group_fairness(observed, said, groups, name=Text("Gender", "性别"))
    chosen = chosen_best(said) > 0.5
    frame = fairlearn.MetricFrame(
        metrics=fairlearn.selection_rate,
        y_true=observed,
        y_pred=chosen,
        sensitive_features=groups.to_numpy(),
    )
    for row in found.groups:
        assert row.chosen == pytest.approx(frame.by_group[row.group], abs=1e-12)
    parity = fairlearn.demographic_parity_ratio(observed, chosen, sensitive_features=groups.to_numpy())
    assert found.parity == pytest.approx(parity, abs=1e-12)
    assert found.reference == "m" and found.groups[0].ratio.value == 1.0


def test_the_interval_of_a_ratio_is_that_of_the_textbook() -> None:
    """Aspirin and myocardial infarction (Physicians' Health Study, 1988; Agresti, Categorical Data
    Analysis, 2.2): 189 of 11,034 against 104 of 11,037: relative risk 1.82, interval 1.43 to 2.31."""
    found = rate_ratio(189, 11_034, 104, 11_037)
    assert (found.value, found.low, found.high) == pytest.approx((1.82, 1.43, 2.31), abs=0.005)


@pytest.mark.parametrize(
    ("counts", "value"),
    [((0, 0, 3, 10), None), ((1, 10, 0, 10), None), ((0, 50, 10, 50), 0.0), ((5, 5, 5, 5), 1.0)],
)
def test_edges_of_a_ratio(counts: tuple[int, int, int, int], value: float | None) -> None:
    found = rate_ratio(*counts)
    assert found.value == value
    if value is not None:
        assert found.low <= value <= found.high


def test_a_fair_estimate_is_well_and_an_unfair_one_is_looked_at() -> None:
    observed, said, groups = _bank(6000, 2)
    fair = group_fairness(observed, said, groups)
    assert fair.verdict == "ok" and fair.parity > 0.8
    unfair = np.where((groups == "f").to_numpy(), said * 0.5, said)
    found = group_fairness(observed, unfair, groups)
    assert found.verdict == "look"
    (women,) = [row for row in found.groups if row.group == "f"]
    assert women.ratio.high < 0.8, "chosen less often"
    assert women.calibration.low > 1.25, "and twice as much happened as was said"


def test_calibration_intervals_cover_one_for_a_true_estimate() -> None:
    covered = trials = 0
    for seed in range(150):
        observed, said, groups = _bank(600, seed)
        for row in group_fairness(observed, said, groups).groups:
            covered += row.calibration.low <= 1 <= row.calibration.high
            trials += 1
    assert 0.91 <= covered / trials <= 0.98


@given(st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.9]), min_size=1, max_size=40))
def test_a_fifth_is_chosen_whatever_the_ties(said: list[float]) -> None:
    chosen = chosen_best(np.array(said))
    assert chosen.sum() == pytest.approx(BEST * len(said))
    assert ((chosen >= 0) & (chosen <= 1)).all()
    order = np.argsort(said)
    assert (np.diff(chosen[order]) >= -1e-12).all(), "a higher estimate is never chosen less"


@pytest.mark.parametrize(
    ("values", "groups"),
    [
        (pl.Series("g", [1, 2, 3, 4] * 25), {"≤ 1", "1 – 2", "2 – 3", "> 3"}),
        (pl.Series("g", [None, "a"] * 50), {"–", "a"}),
        (pl.Series("g", [True, False] * 50), {"true", "false"}),
        (pl.Series("g", [None] * 100, dtype=pl.Int64), {"–"}),
        (pl.Series("g", [f"l{i % 20}" for i in range(100)]), None),
    ],
)
def test_groups_of_every_kind_of_tag(values: pl.Series, groups: set[str] | None) -> None:
    rng = np.random.default_rng(0)
    found = group_fairness(rng.integers(0, 2, 100).astype(float), rng.random(100), values)
    names = {row.group for row in found.groups}
    assert sum(row.rows for row in found.groups) == 100
    assert names == groups if groups is not None else (len(names) == 12 and "…" in names)


def test_small_groups_are_not_judged() -> None:
    observed, said, _ = _bank(200, 4)
    few = pl.Series("g", ["a"] * (200 - ROWS_LEAST + 1) + ["b"] * (ROWS_LEAST - 1))
    assert group_fairness(observed, said, few).verdict == "too_few"
