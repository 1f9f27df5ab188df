"""A proposal says what it holds, what it risks and what it costs."""

import numpy as np
import pytest

from vostro.insight.wealth import propose
from vostro.insight.wealth.errors import PriceRowsError

from .conftest import priced


def test_figures_can_be_reckoned_again(three: np.ndarray) -> None:
    said = propose(priced(three), method="risk_parity")
    weights = np.array(list(said.weights.values()))
    day = three @ weights
    assert said.volatility_year == pytest.approx(day.std(ddof=1) * np.sqrt(252))
    assert said.loss_worst_days == pytest.approx(-np.sort(day)[:75].mean())
    assert sum(said.risk_shares.values()) == pytest.approx(1)
    assert (said.turnover, said.cost, said.days) == (pytest.approx(0.5), pytest.approx(0.001), 1500)


def test_what_is_held_already_costs_nothing(three: np.ndarray) -> None:
    first = propose(priced(three), method="min_variance")
    again = propose(priced(three), method="min_variance", previous=first.weights)
    assert again.turnover == pytest.approx(0, abs=1e-9) and again.cost == pytest.approx(0, abs=1e-9)
    moved = propose(priced(three), method="equal", previous={"a": 1.0}, cost_rate=0.002)
    assert moved.turnover == pytest.approx(2 / 3) and moved.cost == pytest.approx(0.002 * 4 / 3)


def test_it_is_said_in_words(three: np.ndarray) -> None:
    said = propose(priced(three), method="equal")
    assert len(said.reasons) == 3
    assert "33.3% of the money" in said.reasons[0].en and "占资金 33.3%" in said.reasons[0].zh


def test_a_short_past_is_refused(three: np.ndarray) -> None:
    with pytest.raises(PriceRowsError, match="61"):
        propose(priced(three[:50]))
