"""A mixture of customers of known groups finds their shares, means and chances."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.insight.mixed import learn_space
from vostro.insight.mixture import (
    PRIOR_ROWS,
    VARIANCE_LEAST,
    Mixture,
    MixtureData,
    learn_mixture,
    mixture_data,
)

from .groups import three_groups


def test_one_group_is_means_variances_and_shares() -> None:
    frame, _ = three_groups(500)
    space = learn_space(frame, ["age", "card"])
    data = mixture_data(frame, space)
    mixture = learn_mixture(data, np.ones((500, 1)))
    assert mixture.means[0][0] == pytest.approx(data.numbers[:, 0].mean())
    assert mixture.variances[0][0] == pytest.approx(data.numbers[:, 0].var())
    hits = dict(zip(space.columns[1].levels, mixture.chances[0], strict=False))
    assert hits["true"] == pytest.approx(frame["card"].mean(), abs=1e-6)
    assert mixture.free == 0 + 1 * (2 + 1)


def test_numbers_alone_agree_with_scikit_learn() -> None:
    from sklearn.mixture import GaussianMixture

    rng = np.random.default_rng(0)
    group = rng.choice(2, 800)
    frame = pl.DataFrame({"a": rng.normal(5 * group, 1), "b": rng.normal(-3 * group, 1)})
    data = mixture_data(frame, learn_space(frame, ["a", "b"]))
    first = np.eye(2)[group]
    ours = learn_mixture(data, first)
    theirs = GaussianMixture(
        2, covariance_type="diag", reg_covar=0, tol=1e-9, max_iter=500, means_init=ours.means
    )
    theirs.fit(data.numbers)
    assert ours.log_likelihood / 800 == pytest.approx(theirs.score(data.numbers), abs=1e-4)
    assert ours.bic(800) == pytest.approx(theirs.bic(data.numbers), rel=1e-4)


def climbed(mixture: Mixture, data: MixtureData) -> float:
    """What EM climbs: the likelihood times the prior of the levels (Dirichlet), as a logarithm."""
    prior = PRIOR_ROWS * (data.levels.mean(axis=0) + 1e-6)
    return mixture.log_likelihood + float((np.log(np.asarray(mixture.chances)) @ prior).sum())


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), k=st.integers(1, 4))
def test_learning_never_lowers_what_it_climbs_and_chances_sum_to_one(seed: int, k: int) -> None:
    frame, _ = three_groups(150, seed=seed)
    space = learn_space(frame, ["age", "balance", "city", "card"])
    data = mixture_data(frame, space)
    first = np.random.default_rng(seed).dirichlet(np.ones(k), 150)
    short = learn_mixture(data, first)
    chance, likelihood = short.posterior(data)
    assert np.allclose(chance.sum(axis=1), 1) and np.isfinite(likelihood)
    again = learn_mixture(data, chance)
    assert climbed(again, data) >= climbed(short, data) - 1e-9 * abs(climbed(short, data))
    assert min(v for row in short.variances for v in row) >= VARIANCE_LEAST
    for start, end in zip(data.starts[:-1], data.starts[1:], strict=True):
        assert np.allclose(np.asarray(short.chances)[:, start:end].sum(axis=1), 1)


def test_new_words_and_unknown_numbers_have_a_posterior() -> None:
    frame, _ = three_groups(300)
    space = learn_space(frame, ["age", "balance", "city"])
    mixture = learn_mixture(mixture_data(frame, space), np.ones((300, 1)))
    new = pl.DataFrame({"age": [None, 30.0], "balance": [None, 1.0], "city": ["atlantis", None]})
    chance, likelihood = mixture.posterior(mixture_data(new, space))
    assert np.isfinite(likelihood) and np.allclose(chance, 1)
