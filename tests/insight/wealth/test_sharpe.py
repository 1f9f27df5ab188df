"""Intervals hold as often as they say; the ratio is the one of the book."""

import numpy as np
import pytest

from vostro.insight.wealth import sharpe_difference, sharpe_ratio
from vostro.insight.wealth.sharpe import _stationary


def test_the_ratio_of_a_long_past_is_its_truth() -> None:
    day = np.random.default_rng(0).normal(0.0005, 0.01, 200_000)
    # standard error of a Sharpe ratio of independent days (Lo 2002): sqrt((1 + S^2 / 2) / days), a day
    assert sharpe_ratio(day) == pytest.approx(0.05 * np.sqrt(252), abs=4 * np.sqrt(252 / 200_000))
    assert sharpe_ratio(np.full(10, 0.01)) == 0.0


def test_the_interval_is_as_wide_as_theory_says() -> None:
    draw = np.random.default_rng(1)
    one, other = draw.normal(0.0004, 0.01, (2, 2000))
    said = sharpe_difference(one, other, seed=3)
    width = 2 * 1.96 * np.sqrt(2 * 252 / 2000)  # two independent ratios
    assert said.high - said.low == pytest.approx(width, rel=0.12)
    assert said.low < said.difference < said.high


def test_the_truth_lies_inside_as_often_as_said() -> None:
    draw = np.random.default_rng(2)
    held = 0
    for seed in range(120):
        common = draw.normal(0.0004, 0.008, 600)
        one, other = common + draw.normal(0, 0.004, (2, 600))
        said = sharpe_difference(one, other, seed=seed, draws=300)
        held += said.low <= 0 <= said.high
    assert 0.87 <= held / 120 <= 0.99


def test_a_clear_difference_is_said_and_an_unclear_one_is_not() -> None:
    draw = np.random.default_rng(3)
    base = draw.normal(0.0, 0.01, 1500)
    assert sharpe_difference(base + 0.002, base).better is True
    assert sharpe_difference(base - 0.002, base).better is False
    assert sharpe_difference(base, draw.normal(0.0, 0.01, 1500)).better is None
    assert sharpe_difference(base, base).difference == 0.0


def test_the_same_seed_gives_the_same() -> None:
    one, other = np.random.default_rng(4).normal(0, 0.01, (2, 300))
    assert sharpe_difference(one, other, seed=5) == sharpe_difference(one, other, seed=5)
    assert sharpe_difference(one, other, seed=5) != sharpe_difference(one, other, seed=6)


def test_blocks_have_the_length_asked_for_and_go_round() -> None:
    rows = _stationary(500, 400, 10.0, np.random.default_rng(6))
    follows = rows[:, 1:] == (rows[:, :-1] + 1) % 500
    assert follows.mean() == pytest.approx(0.9 + 0.1 / 500, abs=0.005)
    assert np.bincount(rows.ravel(), minlength=500).min() > 250, (
        "every day is drawn about equally often (400)"
    )
