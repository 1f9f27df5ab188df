"""Kernel: what scikit-learn's ridge says on the same waves, and near the true Gaussian kernel."""

import numpy as np
import pytest

from vostro.insight.text.kernel import (
    KernelTried,
    _directions,
    _scaled,
    _waves,
    cross_fit_kernel,
    learn_kernel,
)


@pytest.fixture(scope="module")
def meant() -> tuple[np.ndarray, np.ndarray]:
    """Points on a ring and inside of it: no line tells them apart."""
    draw = np.random.default_rng(0)
    around = draw.normal(size=(240, 16))
    around /= np.linalg.norm(around, axis=1, keepdims=True)
    inside = np.arange(240) % 2 == 0
    return np.where(inside[:, None], 0.3 * around, around).astype(np.float32), np.stack(
        [inside, ~inside], axis=1
    )


def test_waves_are_near_the_gaussian_kernel(meant: tuple[np.ndarray, np.ndarray]) -> None:
    scaled, _, _ = _scaled(np.random.default_rng(1).normal(size=(60, 384)).astype(np.float32))
    waves = _waves(scaled, _directions(384, 0), 0.5)
    distance = ((scaled[:, None] - scaled[None]) ** 2).sum(axis=2)
    assert waves @ waves.T == pytest.approx(np.exp(-0.5 * distance), abs=0.06)


def test_left_out_folds_are_what_a_ridge_without_them_says(meant: tuple[np.ndarray, np.ndarray]) -> None:
    from sklearn.linear_model import Ridge

    embeddings, marked = meant
    folds = np.array_split(np.random.default_rng(0).permutation(240), 3)
    found = cross_fit_kernel(embeddings, marked, folds, seed=0)
    waves = _waves(_scaled(embeddings)[0], _directions(16, 0), 1.0)
    rest = np.setdiff1d(np.arange(240), folds[0])
    theirs = Ridge(alpha=0.3).fit(waves[rest], np.where(marked, 1.0, -1.0)[rest]).predict(waves[folds[0]])
    assert found[KernelTried(1.0, 0.3)][folds[0]] == pytest.approx(theirs, abs=0.01)


def test_what_no_line_tells_apart_is_told(meant: tuple[np.ndarray, np.ndarray]) -> None:
    embeddings, marked = meant
    folds = np.array_split(np.random.default_rng(0).permutation(240), 3)
    said = cross_fit_kernel(embeddings, marked, folds, seed=0)[KernelTried(1.0, 0.1)]
    assert ((said[:, 0] > said[:, 1]) == marked[:, 0]).mean() > 0.95


def test_an_empty_text_speaks_for_nothing(meant: tuple[np.ndarray, np.ndarray]) -> None:
    embeddings, marked = meant
    head = learn_kernel(embeddings, marked, KernelTried(1.0, 0.1), seed=0, embedder="v")
    said = head.margins(np.vstack([embeddings[:1], np.zeros((1, 16), np.float32)]))
    assert said[0].any()
    assert not said[1].any()
