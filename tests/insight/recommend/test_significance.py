"""p is Fisher's, q is Benjamini and Hochberg's: second opinions of scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, fisher_exact

from vostro.insight.recommend.significance import chance_p, false_discovery


@settings(max_examples=80, deadline=None)
@given(st.tuples(*[st.integers(0, 60)] * 4).filter(lambda cells: sum(cells) > 0))
def test_p_is_that_of_scipy(cells):
    both, only_left, only_right, neither = cells
    p = chance_p(np.array([both]), np.array([both + only_left]), np.array([both + only_right]), sum(cells))
    told = fisher_exact([[both, only_left], [only_right, neither]], alternative="greater").pvalue
    assert p[0] == pytest.approx(told, rel=1e-9, abs=1e-14)


def test_large_counts_keep_their_digits():
    """A million baskets: the normal approximation is far off, the exact tail is not."""
    p = chance_p(np.array([30_400]), np.array([100_000]), np.array([300_000]), 1_000_000)
    told = fisher_exact([[30_400, 69_600], [269_600, 630_400]], alternative="greater").pvalue
    assert p[0] == pytest.approx(told, rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_q_is_that_of_scipy(p):
    assert false_discovery(np.array(p)) == pytest.approx(false_discovery_control(p, method="bh"))


def test_chance_alone_is_seldom_called_significant():
    """2,000 pairs of independent items: at 5 % false discovery, next to none may remain."""
    draw = np.random.default_rng(1)
    held = draw.random((2_000, 64)) < 0.2
    counts = held.T.astype(int) @ held
    left, right = np.triu_indices(64, 1)
    single = np.diag(counts)
    q = false_discovery(chance_p(counts[left, right], single[left], single[right], 2_000))
    assert (q <= 0.05).mean() < 0.005
