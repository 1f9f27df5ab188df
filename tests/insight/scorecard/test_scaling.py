"""Points mean odds: so many at the base, so many more for every doubling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.insight.scorecard import Scaling
from vostro.insight.scorecard.scaling import lay_points
from vostro.words import VostroError


@given(st.floats(0, 1000), st.floats(0.5, 200), st.floats(5, 100), st.floats(-4, 4), st.integers(1, 5))
def test_points_add_up_to_the_odds(points, odds, pdo, intercept, columns) -> None:
    scaling = Scaling(points=points, odds=odds, pdo=pdo, rounded=False)
    woe = tuple((0.3 * i, -0.7, 0.0) for i in range(columns))
    laid = lay_points(woe, np.full(columns, 0.9), intercept, scaling)
    for code in range(3):
        logodds = intercept + sum(0.9 * each[code] for each in woe)
        assert sum(each[code] for each in laid) == pytest.approx(scaling.score(np.exp(logodds)), abs=1e-6)


def test_double_odds_are_pdo_points() -> None:
    scaling = Scaling(points=500, odds=20, pdo=30)
    assert scaling.score(20) == pytest.approx(500)
    assert scaling.score(40) - scaling.score(20) == pytest.approx(30)
    assert scaling.offset == pytest.approx(scaling.score(1.0))


def test_rounded_points_are_whole_and_near() -> None:
    woe = ((0.31, -0.2), (0.05, 1.4))
    exact = lay_points(woe, np.ones(2), 0.4, Scaling(rounded=False))
    whole = lay_points(woe, np.ones(2), 0.4, Scaling())
    for a, b in zip(exact, whole, strict=True):
        assert all(p == round(p) for p in b)
        assert a == pytest.approx(b, abs=0.5)


@pytest.mark.parametrize("wrong", [{"pdo": 0}, {"odds": -1}, {"points": float("nan")}, {"pdo": float("inf")}])
def test_a_scaling_without_meaning_is_refused(wrong: dict) -> None:
    with pytest.raises(VostroError) as caught:
        Scaling(**wrong).check()
    assert caught.value.code == "insight.scorecard_scaling"
