"""What is usual: stated false alarm rates against simulation, indices and quantiles against other libraries."""

import math

import numpy as np
import pytest

from vostro.capture.watch.usual import (
    HISTORY_MAX,
    HISTORY_MIN,
    psi,
    psi_noise,
    rhythm,
    share_noise,
    usual_range,
)
from vostro.insight.metrics import psi as insight_psi


@pytest.mark.parametrize("n", [8, 9, 12, 17, 24, 30])
def test_of_unchanged_figures_one_in_twenty_is_looked_at_and_one_in_two_hundred_alarms(n: int) -> None:
    rng = np.random.default_rng(n)
    rounds = 20_000
    figures = rng.normal(7.0, 0.3, (rounds, n + 1))
    ranges = [usual_range(row[:-1], spread_min=0.0) for row in figures]
    outside = np.mean([not r.low <= x <= r.high for r, x in zip(ranges, figures[:, -1], strict=True)])
    alarms = np.mean(
        [not r.alert_low <= x <= r.alert_high for r, x in zip(ranges, figures[:, -1], strict=True)]
    )
    assert abs(outside - 0.05) < 4 * math.sqrt(0.05 * 0.95 / rounds)
    assert abs(alarms - 0.005) < 4 * math.sqrt(0.005 * 0.995 / rounds)


def test_too_few_figures_say_nothing_and_old_ones_are_forgotten() -> None:
    assert usual_range(range(HISTORY_MIN - 1), spread_min=1.0) is None
    long = [1000.0] * 100 + [5.0] * HISTORY_MAX
    found = usual_range(long, spread_min=0.5)
    assert found is not None and found.centre == 5.0


def test_bad_days_do_not_widen_what_is_usual() -> None:
    rng = np.random.default_rng(3)
    calm = rng.normal(100, 1, 20)
    wild = calm.copy()
    wild[[3, 8, 15]] = [0, 100_000, 0]
    with_bad, without = (usual_range(each, spread_min=0.0) for each in (wild, calm))
    assert with_bad is not None and without is not None
    assert with_bad.alert_high - with_bad.alert_low < 2 * (without.alert_high - without.alert_low)


def test_psi_is_the_symmetric_relative_entropy_of_another_library() -> None:
    from scipy.stats import entropy

    rng = np.random.default_rng(1)
    for _ in range(200):
        bins = int(rng.integers(2, 14))
        then, now = rng.integers(0, 500, bins), rng.integers(0, 500, bins)
        p, q = (each + 0.5 for each in (then, now))  # half a record in each bin
        assert psi(then, now) == pytest.approx(entropy(p, q) + entropy(q, p), abs=1e-12)
        assert psi(then, now) == pytest.approx(psi(now, then), abs=1e-12)


def test_psi_agrees_with_the_one_of_estimators_where_no_bin_is_small() -> None:
    rng = np.random.default_rng(2)
    then, now = rng.integers(2_000, 90_000, (2, 10))
    assert psi(then, now) == pytest.approx(insight_psi(then, now), rel=2e-3)
    assert psi([0, 0], [3, 4]) is None


def test_noise_is_the_chi_square_of_another_library() -> None:
    from scipy.stats import chi2

    for bins in range(2, 15):
        for chance in (0.05, 0.01, 0.001, 0.0001):
            exact = (1 / 700 + 1 / 300) * chi2.ppf(1 - chance, bins - 1)
            ours = psi_noise(700, 300, bins, chance=chance)
            assert ours == pytest.approx(exact, rel=0.04 if bins > 3 else 1e-9)


@pytest.mark.parametrize(("n", "m", "bins"), [(300, 300, 10), (2_000, 150, 10), (500, 5_000, 5)])
def test_noise_is_exceeded_as_rarely_as_said(n: int, m: int, bins: int) -> None:
    rng = np.random.default_rng(n)
    shares = rng.dirichlet(np.full(bins, 8.0))
    then, now = rng.multinomial(n, shares, 20_000), rng.multinomial(m, shares, 20_000)
    indices = np.array([psi(a, b) for a, b in zip(then, now, strict=True)])
    assert np.mean(indices > psi_noise(n, m, bins, chance=0.01)) < 0.016
    assert np.mean(indices > psi_noise(n, m, bins, chance=0.01)) > 0.004


def test_shares_rise_above_their_noise_as_rarely_as_said() -> None:
    rng = np.random.default_rng(5)
    for share, rows in ((0.1, 2_000), (0.5, 300), (0.02, 20_000)):
        seen = rng.binomial(rows, share, 200_000) / rows
        assert np.mean(seen > share + share_noise(share, rows, chance=0.001)) < 0.002
    assert share_noise(0.0, 100, chance=0.001) > 0 and share_noise(0.0, 0, chance=0.001) == 1.0


def test_rhythm_knows_weekends_and_needs_five_gaps() -> None:
    day = 86_400.0
    workdays = [day * n for n in range(60) if n % 7 < 5]
    assert rhythm(workdays) == 3 * day
    assert rhythm(workdays[:5]) is None
    assert rhythm([day] * 20) is None, "many files of one moment are no rhythm"
