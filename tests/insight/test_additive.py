"""The additive model against scikit-learn, and effects that are known."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from vostro.insight import additive
from vostro.insight.additive import additive_effects, learn_additive


def _sample(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes of a column that matters (2..5) and of one that does not (2..9), outcomes, and true effects."""
    draw = np.random.default_rng(seed)
    codes = np.column_stack([draw.integers(2, 6, rows), draw.integers(2, 10, rows)])
    effects = np.array([0.0, 0.0, -1.0, -0.3, 0.3, 1.0])
    chance = 1 / (1 + np.exp(-(effects[codes[:, 0]] - 1.0)))
    return codes, (draw.random(rows) < chance).astype(float), effects


def _learn(
    codes: np.ndarray, observed: np.ndarray, weight: np.ndarray | None = None
) -> tuple[np.ndarray, ...]:
    count = len(observed)
    size = np.ones(count) if weight is None else weight
    return learn_additive(codes, (6, 10), observed, offset=np.full(count, -1.0), weight=size)


def test_known_effects_are_recovered_and_noise_is_shrunk_away() -> None:
    codes, observed, effects = _sample(20_000, seed=0)
    real, noise = _learn(codes, observed)
    assert real[2:] - real[2:].mean() == pytest.approx(effects[2:], abs=0.12)
    assert np.abs(noise).max() < 0.1
    assert real[0] == noise[0] == 0, "an unseen value has the middle effect"


def test_with_fixed_variances_it_is_ridge_regression(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(additive, "STEPS_FIXED", 100)
    codes, observed, _ = _sample(2000, seed=1)
    weight = np.random.default_rng(0).random(2000)
    found = learn_additive(codes, (6, 10), observed, offset=np.zeros(2000), weight=weight)
    one_hot = np.column_stack(
        [codes[:, j] == v for j, size in enumerate((6, 10)) for v in range(2, size)]
    ).astype(float)
    ridge = LogisticRegression(C=additive.VARIANCE_FIRST, tol=1e-10, max_iter=5000)
    ridge.fit(one_hot, observed, sample_weight=weight)
    assert np.concatenate([own[2:] for own in found]) == pytest.approx(ridge.coef_[0], abs=1e-4)


def test_repeated_rows_weigh_as_weights_do() -> None:
    codes, observed, _ = _sample(1500, seed=2)
    doubled = _learn(np.repeat(codes, 2, axis=0), np.repeat(observed, 2))
    weighted = _learn(codes, observed, np.full(1500, 2.0))
    assert np.concatenate(doubled) == pytest.approx(np.concatenate(weighted), abs=1e-9)


def test_effects_of_rows_are_looked_up_by_code() -> None:
    found = additive_effects(
        np.array([[2, 1], [0, 2]]), (np.array([0.0, 0.1, 0.2]), np.array([0.0, -1.0, 1.0]))
    )
    assert found.tolist() == [[0.2, -1.0], [0.0, 1.0]]
    assert additive_effects(np.zeros((3, 0), dtype=np.intp), ()).shape == (3, 0)
    assert (
        learn_additive(np.zeros((3, 0), dtype=np.intp), (), np.ones(3), offset=np.zeros(3), weight=np.ones(3))
        == ()
    )


def test_no_row_and_one_outcome_stay_finite() -> None:
    codes, *_ = _sample(50, seed=3)
    for same in (np.zeros(50), np.ones(50)):
        assert np.isfinite(np.concatenate(_learn(codes, same))).all()


def test_a_bin_that_nearly_only_one_outcome_falls_in_does_not_blow_up() -> None:
    """Three columns say the same of 40 rows in 4,000: a full step of Newton overshoots there, and diverged."""
    draw = np.random.default_rng(3)
    few = np.arange(4000) < 40
    code = np.where(few, 2, 3)
    codes = np.column_stack([code, code, code, draw.integers(2, 8, 4000)])
    observed = np.where(few, draw.random(4000) < 0.95, draw.random(4000) < 0.02).astype(float)
    base = np.full(4000, np.log(observed.mean() / (1 - observed.mean())))
    found = learn_additive(codes, (4, 4, 4, 8), observed, offset=base, weight=np.ones(4000))
    said = additive_effects(codes, found).sum(axis=1)
    truth = np.log(0.95 / 0.05) - np.log(0.02 / 0.98)
    assert said[few].mean() - said[~few].mean() == pytest.approx(truth, abs=1.5)


def test_a_step_that_would_make_things_worse_is_halved() -> None:
    codes = np.full((100, 1), 2)
    observed = np.r_[np.ones(80), np.zeros(20)]
    belief = additive._Belief(
        codes,
        np.array([0, 3]),
        observed,
        np.zeros(100),
        np.ones(100),
        np.array([False, True, True]),
        np.array([1e-6, 10.0, 10.0]),
    )
    held = np.zeros(3)
    moved = additive._step(belief, held, np.array([64.0, 0.0, 0.0]))
    assert belief.doubt(np.array([64.0, 0.0, 0.0])) > belief.doubt(held), (
        "the way is right, the step too long"
    )
    assert belief.doubt(moved) < belief.doubt(held)
    assert 0 < moved[0] < 64
