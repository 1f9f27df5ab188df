"""Averaged effects: the evidence of a closed form, and worlds whose modifiers are known."""

from math import comb

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from vostro.insight.uplift.averaged import _average_sets, _evidence, _set_prior, learn_averaged
from vostro.insight.uplift.learners import Pair, learn_effect
from vostro.insight.uplift.views import learn_space

from .conftest import Floats, world


def pair(rows: int, seed: int, *, moved: bool = True) -> tuple[Pair, Floats]:
    frame, uplift = world(rows, seed, moved=moved)
    space = learn_space(frame, ["app", "age", "city", "noise"])
    treated, outcome = (frame[name].cast(float).to_numpy() for name in ("arm", "bought"))
    return Pair(space, space.view(frame), treated, outcome, np.full(rows, 0.5), True, 0), uplift


def test_the_evidence_is_the_density_of_the_data() -> None:
    """For a linear model with noise of variance 1, evidence is a ratio of two normal densities."""
    rng = np.random.default_rng(0)
    x, spread = rng.normal(size=(30, 5)), 0.7
    y = x[:, :2] @ [0.5, -0.4] + rng.normal(size=30)
    for use in ([0], [1, 3], [0, 1, 2, 3, 4]):
        chosen = np.array(use)
        found, _, mean = _evidence(x.T @ x, x.T @ y, chosen, spread)
        cover = np.eye(30) + spread**2 * x[:, chosen] @ x[:, chosen].T
        plain = multivariate_normal(np.zeros(30), np.eye(30)).logpdf(y)
        assert found == pytest.approx(multivariate_normal(np.zeros(30), cover).logpdf(y) - plain)
        ridge = np.linalg.solve(
            x[:, chosen].T @ x[:, chosen] + np.eye(len(use)) / spread**2, x[:, chosen].T @ y
        )
        assert mean == pytest.approx(ridge)


@pytest.mark.parametrize("size", range(7))
def test_each_size_of_a_set_is_believed_as_much_as_any_other(size: int) -> None:
    assert comb(6, size) * np.exp(_set_prior(size, 6)) == pytest.approx(1.0)


def test_without_evidence_nothing_modifies_and_with_much_one_does() -> None:
    bases = [np.eye(4)[:, [i]] for i in range(4)]
    curve = 400.0 * np.eye(4)
    mean, chances = _average_sets(curve, np.zeros(4), bases, list("abcd"))
    assert mean == pytest.approx(np.zeros(4))
    assert max(chances.values()) < 0.3
    mean, chances = _average_sets(curve, 400.0 * np.array([0.5, 0, 0, 0]), bases, list("abcc"))
    assert mean[0] == pytest.approx(0.5, abs=0.02)
    assert chances["a"] > 0.999
    assert list(chances) == ["a", "b", "c"]
    assert chances["b"] < 0.3
    assert chances["b"] < chances["c"] < 2 * chances["b"], "one of two, or both, counted once"


def test_the_modifier_is_found_and_noise_is_not() -> None:
    learnt, _ = pair(12_000, seed=1)
    effect = learn_effect("averaged", learnt)
    evidence = dict(effect.pair.evidence)
    assert evidence["app"] > 0.99
    assert evidence["noise"] < 0.3
    fresh, truth = pair(12_000, seed=2)
    said = effect.uplift(fresh.view)
    assert np.corrcoef(said, truth)[0, 1] > 0.95
    assert np.abs(said - truth).mean() < 0.02
    assert said.mean() == pytest.approx(truth.mean(), abs=0.02)


def test_one_odds_ratio_for_all_is_left_as_one() -> None:
    """Effects alike in log-odds differ in probability by the prognosis alone; averaging hardly disturbs it."""
    learnt, _ = pair(12_000, seed=3, moved=False)
    fresh, truth = pair(12_000, seed=4, moved=False)
    averaged = learn_effect("averaged", learnt)
    assert max(chance for _, chance in averaged.pair.evidence) < 0.7
    without, given = averaged.pair.scores(fresh.view.codes)
    assert np.std(given - without) < 0.12
    assert np.corrcoef(averaged.uplift(fresh.view), truth)[0, 1] > 0.8
    constant = learn_effect("constant", learnt)
    without, given = constant.pair.scores(fresh.view.codes)
    assert np.ptp(given - without) < 1e-9
    assert (given - without)[0] == pytest.approx(0.5, abs=0.1)


def test_a_number_as_outcome_is_learnt_in_its_own_unit() -> None:
    rng = np.random.default_rng(0)
    codes = rng.integers(1, 4, (8000, 2))
    treated = (rng.random(8000) < 0.3).astype(float)
    truth = np.where(codes[:, 0] == 3, 40.0, 10.0)
    spent = 200 + 30 * codes[:, 1] + treated * truth + rng.normal(0, 60, 8000)
    found = learn_averaged(
        codes, (4, 4), (False, False), ("a", "b"), treated=treated, outcome=spent, logistic=False
    )
    without, given = found.scores(codes)
    assert np.abs(given - without - truth).mean() < 4
    assert without == pytest.approx(200 + 30 * codes[:, 1], abs=8)
    assert dict(found.evidence)["a"] > 0.99


def test_a_shift_of_all_weights_changes_nothing_and_a_rows_weight_counts() -> None:
    learnt, _ = pair(3000, seed=5)
    codes, sizes = learnt.view.codes, learnt.space.sizes
    kept = {"ordered": learnt.space.ordered, "names": learnt.space.names}
    twice = np.concatenate([codes, codes[:1000]])
    repeated = learn_averaged(
        twice,
        sizes,
        treated=np.concatenate([learnt.treated, learnt.treated[:1000]]),
        outcome=np.concatenate([learnt.outcome, learnt.outcome[:1000]]),
        **kept,
    )
    weighted = learn_averaged(
        codes,
        sizes,
        treated=learnt.treated,
        outcome=learnt.outcome,
        weight=np.where(np.arange(3000) < 1000, 2.0, 1.0),
        **kept,
    )
    # the rows of a bin are counted without weights to scale trends and prognosis, hence not to the last digit
    assert weighted.scores(codes)[1] == pytest.approx(repeated.scores(codes)[1], abs=0.01)
