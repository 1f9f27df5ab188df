"""Qini and AUUC: as scikit-uplift computes them, and as one can check by hand."""

import warnings

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.insight.uplift import auuc, auuc_interval, qini, qini_curve, qini_interval, uplift_table
from vostro.insight.uplift.measures import qini_draws
from vostro.words import VostroError

from .conftest import library, world


@st.composite
def rows(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    size = draw(st.integers(8, 60))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    treated = rng.permutation(np.arange(size) % 2)
    outcome = (rng.random(size) < 0.4).astype(float)
    outcome[:4] = [0, 1, 0, 1]
    treated[:4] = [0, 0, 1, 1]
    return outcome, rng.integers(0, draw(st.integers(1, 12)), size).astype(float), treated


@settings(max_examples=60, deadline=None)
@given(rows())
def test_both_are_those_of_scikit_uplift(drawn: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    outcome, uplift, treated = drawn
    metrics = library("sklift.metrics")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = metrics.qini_auc_score(outcome, uplift, treated)
        area = metrics.uplift_auc_score(outcome, uplift, treated)
        x, y = metrics.qini_curve(outcome, uplift, treated)
    assert qini(outcome, uplift, treated) == pytest.approx(theirs, abs=1e-12)
    assert auuc(outcome, uplift, treated) == pytest.approx(area, abs=1e-12)
    ours = qini_curve(outcome, uplift, treated)
    assert np.interp(x, *ours) == pytest.approx(y)


@settings(max_examples=60, deadline=None)
@given(rows(), st.integers(0, 99))
def test_the_order_of_rows_and_the_scale_of_estimates_do_not_matter(
    drawn: tuple[np.ndarray, np.ndarray, np.ndarray], seed: int
) -> None:
    outcome, uplift, treated = drawn
    turned = np.random.default_rng(seed).permutation(len(outcome))
    for measure in (qini, auuc):
        found = measure(outcome, uplift, treated)
        assert measure(outcome[turned], uplift[turned], treated[turned]) == pytest.approx(found)
        assert measure(outcome, np.exp(uplift / 9) - 5, treated) == pytest.approx(found)
        assert found <= 1 + 1e-12


def test_the_perfect_ranking_has_one_and_a_constant_has_zero() -> None:
    rng = np.random.default_rng(0)
    treated, outcome = rng.integers(0, 2, 500), (rng.random(500) < 0.3).astype(float)
    assert qini(outcome, outcome * (2 * treated - 1), treated) == pytest.approx(1.0)
    assert qini(outcome, np.zeros(500), treated) == pytest.approx(0.0)
    assert auuc(outcome, np.zeros(500), treated) == pytest.approx(0.0)


def test_a_weight_of_two_is_a_row_twice() -> None:
    rng = np.random.default_rng(1)
    treated, outcome, uplift = rng.integers(0, 2, 200), rng.integers(0, 2, 200), rng.normal(size=200)
    weight = rng.integers(1, 4, 200)
    again = np.repeat(np.arange(200), weight)
    for measure in (qini, auuc):
        weighted = measure(outcome, uplift, treated, weight=weight)
        assert weighted == pytest.approx(measure(outcome[again], uplift[again], treated[again]))


def test_the_interval_holds_the_truth_of_a_ranking_by_lot_nine_times_in_ten() -> None:
    """A ranking by lot has Qini 0; of 40 intervals of 95 % at least 33 hold it (binomial, p < 0.0005 otherwise)."""
    held = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        treated, outcome = rng.integers(0, 2, 800), rng.random(800) < 0.3
        low, high = qini_interval(outcome, rng.normal(size=800), treated, draws=100, seed=seed)
        held += low <= 0 <= high
    assert held >= 33


def test_intervals_narrow_with_the_root_of_the_rows_and_are_repeatable() -> None:
    widths = []
    for size in (1000, 16_000):
        frame, uplift = world(size, seed=3)
        values = frame["bought"].to_numpy(), uplift, frame["arm"].to_numpy()
        low, high = qini_interval(*values, draws=150)
        assert low < qini(*values) < high
        assert qini_interval(*values, draws=150) == (low, high)
        below, above = auuc_interval(*values, draws=60)
        assert below < auuc(*values) < above
        widths.append(high - low)
    assert widths[0] / widths[1] == pytest.approx(4, rel=0.35)


def test_draws_of_two_estimates_share_their_customers() -> None:
    frame, uplift = world(2000, seed=4)
    treated, outcome = frame["arm"].cast(float).to_numpy(), frame["bought"].cast(float).to_numpy()
    drawn = qini_draws(outcome, [uplift, 2 * uplift, -uplift], treated, None, draws=20, seed=0)
    assert np.array_equal(drawn[:, 0], drawn[:, 1])
    assert np.corrcoef(drawn[:, 0], drawn[:, 2])[0, 1] < -0.9


def test_the_table_counts_everyone_once_and_shows_what_happened() -> None:
    frame, uplift = world(20_000, seed=5)
    treated, outcome = frame["arm"].to_numpy(), frame["bought"].to_numpy()
    table = uplift_table(outcome, uplift, treated)
    assert [row.tenth for row in table] == list(range(1, 11))
    assert sum(row.rows_treated for row in table) == treated.sum()
    assert sum(row.rows_control for row in table) == (~treated).sum()
    assert table[0].uplift == pytest.approx(table[0].mean_treated - table[0].mean_control)
    assert table[0].uplift > 0.1 > table[-1].high - 0.05
    held = sum(row.low <= row.predicted <= row.high for row in table)
    assert held >= 8, "the true uplift lies in 95 % intervals, two of ten misses are rare"
    bought = sum(row.mean_treated * row.rows_treated for row in table)
    assert bought == pytest.approx(outcome[treated].sum())


def test_a_tenth_without_one_arm_says_so() -> None:
    treated = np.repeat([1, 0], 50)
    table = uplift_table(np.zeros(100), -np.arange(100.0), treated)
    assert table[0].rows_control == 0
    assert table[0].uplift is None is table[0].mean_control
    assert table[-1].mean_treated is None


def test_numbers_as_outcomes_are_measured_too() -> None:
    rng = np.random.default_rng(0)
    treated, moved = rng.integers(0, 2, 4000), rng.random(4000)
    spent = rng.gamma(2, 10, 4000) + 30 * moved * treated
    assert qini(spent, moved, treated) > 0.1 > abs(qini(spent, rng.random(4000), treated))
    assert qini(spent, -moved, treated) < -0.1


@pytest.mark.parametrize(
    ("change", "code", "named"),
    [
        ({"outcome": [0, 1, np.nan, 1]}, "insight.uplift_measure", "outcome is nan in row 2"),
        ({"uplift": [0, np.inf, 0, 1]}, "insight.uplift_measure", "uplift is inf in row 1"),
        ({"treated": [0, 1, 2, 1]}, "insight.uplift_measure", "treated is 2 in row 2"),
        ({"treated": [0, 0, 0, 0]}, "insight.uplift_measure", "0 everywhere"),
        ({"treated": [1, 1, 1, 1]}, "insight.uplift_measure", "1 everywhere"),
        ({"weight": [1, 1, 0, 1]}, "insight.uplift_measure", "weight is 0 in row 2"),
        ({"uplift": [0, 1]}, "insight.length_mismatch", "uplift has 2"),
        ({"weight": [1]}, "insight.length_mismatch", "weight has 1"),
    ],
)
def test_what_cannot_be_measured_is_named(change: dict[str, list[float]], code: str, named: str) -> None:
    given = {
        "outcome": [0, 1, 0, 1],
        "uplift": [1, 2, 3, 4],
        "treated": [0, 1, 0, 1],
        "weight": None,
    } | change
    for measure in (qini, auuc):
        with pytest.raises(VostroError) as caught:
            measure(given["outcome"], given["uplift"], given["treated"], weight=given["weight"])
        assert caught.value.code == code
        assert named in str(caught.value)
        assert caught.value.say("zh")


def test_the_column_womens_ranks_the_real_customers_as_known(hillstrom: pl.DataFrame) -> None:
    """0.064 by scikit-uplift 0.5.1 on all rows of the women's e-mail and none."""
    own = hillstrom.filter(pl.col("segment") != "Mens E-Mail")
    treated = (own["segment"] == "Womens E-Mail").to_numpy()
    assert qini(own["visit"], own["womens"], treated) == pytest.approx(0.0640155, abs=1e-6)
    assert auuc(own["visit"], own["womens"], treated) == pytest.approx(0.0294312, abs=1e-6)
