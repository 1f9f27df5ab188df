"""Fitting finds the parameters that made the purchases, and the form that made them."""

import msgspec
import numpy as np
import polars as pl
import pytest

from vostro.insight.value import Timing, read_histories, simulate_purchases
from vostro.insight.value.errors import RepeatsFewError
from vostro.insight.value.fitting import learn_timing

from .worlds import AS_OF, ONE_TIME, PLAIN, world


def _distance(found: Timing, truth: Timing) -> np.ndarray:
    """Parameters less the truth, in standard errors."""
    sd = np.sqrt(np.diag(np.array(found.covariance)))[:5]
    learnt = sd > 0
    return (found.theta - truth.theta)[learnt] / sd[learnt]


def test_parameters_lie_within_their_errors() -> None:
    found = learn_timing(read_histories(world()[0], as_of=AS_OF), one_time=False, weeks=False)
    assert np.abs(_distance(found, PLAIN)).max() < 3.5
    assert np.sqrt(np.diag(np.array(found.covariance)))[:4].max() < 0.5, "4,000 customers say something"


def test_one_time_buyers_are_found_where_they_are() -> None:
    histories = read_histories(world(timing=ONE_TIME)[0], as_of=AS_OF)
    found = learn_timing(histories, weeks=False)
    assert found.one_time > 0.2 and np.abs(_distance(found, ONE_TIME)).max() < 3.5
    plain = learn_timing(histories, one_time=False, weeks=False)
    assert found.bic < plain.bic and found.log_likelihood > plain.log_likelihood


def test_the_plain_form_is_kept_where_nothing_speaks_for_more() -> None:
    found = learn_timing(read_histories(world()[0], as_of=AS_OF))
    assert found.one_time == 0.0 and found.week_sd == 0.0


def test_weeks_that_move_all_customers_are_found() -> None:
    draw = np.random.default_rng(3)
    speeds = np.exp(draw.normal(0, 0.4, 39))
    truth = msgspec.structs.replace(PLAIN, week_speeds=tuple((speeds / speeds.mean()).tolist()))
    purchases, _ = simulate_purchases(6000, timing=truth, days=273, seed=8)
    found = learn_timing(read_histories(purchases, as_of=AS_OF))
    assert found.week_sd == pytest.approx(0.4, abs=0.12)
    inner = slice(0, 30)  # the first weeks hold few customers
    assert np.corrcoef(np.array(found.week_speeds)[inner], np.array(truth.week_speeds)[inner])[0, 1] > 0.9
    assert np.mean(found.week_speeds) == pytest.approx(1.0)


def test_the_unit_of_time_changes_the_numbers_and_not_the_model() -> None:
    histories = read_histories(world()[0], as_of=AS_OF)
    weeks = learn_timing(histories, one_time=False, weeks=False)
    days = learn_timing(histories, unit_days=1.0, one_time=False, weeks=False)
    assert days.alpha == pytest.approx(7 * weeks.alpha, rel=1e-3)
    assert [days.r, days.a, days.b] == pytest.approx([weeks.r, weeks.a, weeks.b], rel=1e-2)


def test_short_histories_do_without_weeks() -> None:
    purchases, _ = simulate_purchases(3000, timing=PLAIN, days=40, joining_days=20, seed=2)
    found = learn_timing(read_histories(purchases), weeks=True)
    assert found.week_speeds == ()


def test_nobody_came_back() -> None:
    frame = pl.DataFrame({"customer": range(50), "time": range(50), "amount": 1.0})
    with pytest.raises(RepeatsFewError, match="0 of 50"):
        learn_timing(read_histories(frame))
