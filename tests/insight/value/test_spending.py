"""Amounts: truth is found, published figures are met, few purchases are drawn to the mean."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import approx_fprime
from scipy.stats import gamma

from vostro.insight.value.errors import SpendFewError
from vostro.insight.value.spending import Spending, _log_likelihood, expected_amount, learn_spending

from .worlds import MONEY


def _drawn(customers: int = 5000, seed: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    paid = draw.integers(1, 8, customers)
    own = draw.gamma(MONEY.q, 1 / MONEY.gamma, customers)
    return paid, draw.gamma(MONEY.p * paid, 1 / own), MONEY.p / own


def test_the_parameters_are_found() -> None:
    paid, spent, _ = _drawn(20_000)
    found = learn_spending(paid, spent)
    assert [found.p, found.q] == pytest.approx([6.0, 4.0], rel=0.1)
    assert found.amount_mean == pytest.approx(MONEY.p * MONEY.gamma / (MONEY.q - 1), rel=0.03)
    assert abs(found.correlation) < 0.05


def test_the_currency_does_not_matter() -> None:
    paid, spent, _ = _drawn()
    one, cents = learn_spending(paid, spent), learn_spending(paid, spent * 100)
    assert [cents.p, cents.q, cents.gamma / 100] == pytest.approx([one.p, one.q, one.gamma], rel=1e-3)


def test_the_expected_amount_is_the_best_guess() -> None:
    paid, spent, own = _drawn(20_000)
    said = expected_amount(MONEY, paid, spent)
    naive = np.square(spent / paid - own).mean()
    assert np.square(said - own).mean() < 0.9 * naive
    for low in (60, 100, 160):
        group = (said > low) & (said < 1.4 * low)
        assert own[group].mean() == pytest.approx(said[group].mean(), rel=0.05)


def test_nobody_known_is_the_mean_and_everything_known_is_his_own() -> None:
    assert expected_amount(MONEY, np.array([0]), np.array([0.0]))[0] == pytest.approx(MONEY.amount_mean)
    assert expected_amount(MONEY, np.array([10**6]), np.array([77e6]))[0] == pytest.approx(77.0, rel=1e-4)


def test_the_likelihood_is_the_mean_over_customers_means() -> None:
    p, q, g, n, z = 2.0, 3.0, 4.0, 3.0, 5.0
    mean, _ = quad(
        lambda own: gamma.pdf(z, p * n, scale=1 / (own * n)) * gamma.pdf(own, q, scale=1 / g), 0, 30
    )
    point = np.log([p, q, g])
    value, slope = _log_likelihood(point, np.array([n]), np.array([z]))
    assert value == pytest.approx(np.log(mean), abs=1e-8)
    numeric = approx_fprime(point, lambda at: _log_likelihood(at, np.array([n]), np.array([z]))[0], 1e-7)
    assert np.allclose(slope, numeric, atol=1e-4)


@pytest.mark.parametrize(
    ("paid", "spent"), [([0] * 50, [0.0] * 50), ([1] * 9, [5.0] * 9), ([2] * 20, [0.0] * 20)]
)
def test_too_few_amounts(paid: list[int], spent: list[float]) -> None:
    with pytest.raises(SpendFewError):
        learn_spending(np.array(paid), np.array(spent))


def test_all_amounts_alike_are_no_fault() -> None:
    found = learn_spending(np.full(30, 2), np.full(30, 20.0))
    assert isinstance(found, Spending) and found.amount_mean == pytest.approx(10.0, rel=0.05)
