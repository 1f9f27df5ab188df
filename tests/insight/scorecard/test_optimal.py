"""The dynamic program is exact: no other way to cut tells more, by brute force and by another library."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.insight.scorecard.optimal import DIRECTIONS, best_bins, information_value

from .conftest import borrowers, second_opinion

COUNTS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 25)), min_size=1, max_size=7)


def _joined(values: np.ndarray, ends: np.ndarray) -> np.ndarray:
    return np.diff(np.concatenate([[0.0], np.cumsum(values)[ends]]))


def _allowed(goods, bads, trend, rows_least, z_least) -> bool:
    size = goods + bads
    if (goods <= 0).any() or (bads <= 0).any() or (size < rows_least).any():
        return False
    rate = bads / size
    step = np.diff(rate)
    pooled = (bads[1:] + bads[:-1]) / (size[1:] + size[:-1])
    noise = pooled * (1 - pooled) * (1 / size[1:] + 1 / size[:-1])
    if (step**2 < z_least**2 * noise * (1 - 1e-12)).any():
        return False
    up, down = (step > 0).all(), (step < 0).all()
    turn = step.argmin() if len(step) else 0
    peak = any((step[:i] > 0).all() and (step[i:] < 0).all() for i in range(len(step) + 1))
    valley = any((step[:i] < 0).all() and (step[i:] > 0).all() for i in range(len(step) + 1))
    assert turn >= 0
    shapes = {
        "auto": up or down,
        "increasing": up,
        "decreasing": down,
        "peak": peak,
        "valley": valley,
        "none": True,
    }
    return bool(shapes[trend])


def _brute(goods, bads, trend, rows_least, bins_most, z_least) -> float:
    """The most information of all ways to cut; -1: none is allowed."""
    best, last = -1.0, len(goods) - 1
    for cuts in range(min(bins_most, len(goods))):
        for inner in combinations(range(last), cuts):
            ends = np.array([*inner, last])
            g, b = _joined(goods, ends), _joined(bads, ends)
            if _allowed(g, b, trend, rows_least, z_least):
                best = max(best, information_value(g, b))
    return best


@settings(max_examples=300, deadline=None)
@given(
    COUNTS,
    st.sampled_from(list(DIRECTIONS)),
    st.integers(0, 40),
    st.integers(1, 5),
    st.sampled_from([0.0, 1.0, 2.5]),
)
def test_no_other_cut_tells_more(counts, trend, rows_least, bins_most, z_least) -> None:
    goods, bads = (np.array(each, dtype=float) for each in zip(*counts, strict=True))
    limits = {"trend": trend, "bins_most": bins_most, "z_least": z_least}
    ends = best_bins(goods, bads, rows_least=float(rows_least), **limits)
    assert ends[-1] == len(goods) - 1
    assert (np.diff(ends) > 0).all()
    best = _brute(goods, bads, trend, rows_least, bins_most, z_least)
    if best < 0:
        assert len(ends) == 1, "nothing is allowed: one bin"
        return
    g, b = _joined(goods, ends), _joined(bads, ends)
    assert len(ends) <= bins_most
    assert _allowed(g, b, trend, rows_least, z_least)
    assert information_value(g, b) == pytest.approx(best, abs=1e-9)


@pytest.mark.parametrize("trend", ["ascending", "descending"])
@pytest.mark.parametrize("seed", [1, 2])
def test_optbinning_tells_no_more(trend: str, seed: int) -> None:
    """The same prebins and the same limits: the constraint solver of optbinning finds no better bins."""
    optbinning = second_opinion("optbinning", "credit")
    frame, _ = borrowers(5000, seed=seed)
    values, bad = frame["months"].to_numpy(), frame["default"].cast(float).to_numpy()
    kept = values >= 0
    values, bad = values[kept], bad[kept]
    cuts = np.quantile(values, np.arange(1, 16) / 16)
    theirs = optbinning.OptimalBinning(
        dtype="numerical",
        user_splits=cuts,
        monotonic_trend=trend,
        min_bin_size=0.08,
        max_n_bins=5,
        solver="cp",
    ).fit(values, bad)
    place = np.searchsorted(cuts, values, side="right")  # their bins start with their edge
    rows, bads = np.bincount(place, minlength=16).astype(float), np.bincount(place, weights=bad, minlength=16)
    ours = best_bins(
        rows - bads,
        bads,
        trend="increasing" if trend == "ascending" else "decreasing",
        rows_least=0.08 * len(values),
        bins_most=5,
    )
    found = information_value(_joined(rows - bads, ours), _joined(bads, ours))
    table = theirs.binning_table.build()
    assert found >= float(table.loc["Totals", "IV"]) - 1e-9
    if trend == "descending":
        assert found > 0.05
        assert len(ours) > 2


def test_without_both_outcomes_there_is_one_bin() -> None:
    assert best_bins(np.array([5.0, 3.0]), np.zeros(2)).tolist() == [1]
