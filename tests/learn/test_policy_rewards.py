"""Reward tables: drawn to the mean as far as the cells are alike, and never from the row itself."""

import numpy as np
import pytest

from vostro.learn.policy_rewards import shrunk_means
from vostro.words import VostroError


def test_cells_that_differ_keep_their_means_and_alike_ones_do_not() -> None:
    rng = np.random.default_rng(0)
    cell = rng.integers(0, 20, 40_000)
    truth = rng.uniform(0, 1, 20)
    apart = shrunk_means(truth[cell] + 0.01 * rng.normal(size=40_000), cell, 20)
    assert apart == pytest.approx(truth, abs=0.005)
    noise = rng.random(40_000)
    assert np.ptp(shrunk_means(noise, cell, 20)) < 0.02


def test_it_errs_less_than_plain_means_where_successes_are_rare() -> None:
    gains = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        truth = rng.beta(6, 994, 34)
        cell = rng.integers(0, 34, 10_000)
        click = (rng.random(10_000) < truth[cell]).astype(float)
        plain = np.bincount(cell, click, 34) / np.bincount(cell, minlength=34)
        gains.append(np.mean((plain - truth) ** 2) - np.mean((shrunk_means(click, cell, 34) - truth) ** 2))
    assert np.mean(gains) > 3 * np.std(gains) / 60**0.5


def test_a_row_does_not_see_itself() -> None:
    """A row's prediction lies between the means of its cell's others and of all others, whatever it earned."""
    rng = np.random.default_rng(1)
    cell = rng.integers(0, 500, 2000)
    reward = rng.normal(size=2000) + cell % 2
    without = shrunk_means(reward, cell, 500, leave_out=True)
    for row in (0, 7, 1999):
        others = (cell == cell[row]) & (np.arange(2000) != row)
        more = reward.copy()
        more[row] += 1e-6
        again = shrunk_means(more, cell, 500, leave_out=True)
        # what is left of a row in its own prediction is the shared pull towards the mean
        assert abs(again[row] - without[row]) < 1e-8
        low, high = sorted(
            [float(reward[others].mean()) if others.any() else 0.5, float(np.delete(reward, row).mean())]
        )
        assert low - 1e-9 <= without[row] <= high + 1e-9


def test_an_empty_cell_has_the_mean_of_all_and_one_cell_for_all_too() -> None:
    assert shrunk_means([1.0, 0.0, 1.0, 1.0], [0, 0, 0, 0], 3) == pytest.approx([0.75] * 3)
    with pytest.raises(VostroError) as caught:
        shrunk_means([1.0], [0, 1], 2)
    assert caught.value.code == "learn.policy_length"
