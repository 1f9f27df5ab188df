"""Solver: the optimum that liblinear finds, label by label."""

import numpy as np
import polars as pl
import pytest
from scipy import sparse

from vostro.insight.text.features import count_texts, learn_space, learn_vocabulary
from vostro.insight.text.solver import learn_weights, margins

from .conftest import CLASSES, spoken


@pytest.fixture(scope="module")
def rows() -> tuple[sparse.csr_matrix, np.ndarray]:
    frame, _ = spoken(600, seed=2)
    counts = count_texts(frame["text"], learn_vocabulary(frame["text"], 0))
    marked = np.stack([(frame["topic"] == each).to_numpy() for each in CLASSES], axis=1)
    return learn_space(counts, 1.0).rows(counts), marked


def _price(matrix: sparse.csr_matrix, sign: np.ndarray, weights: np.ndarray, cost: float) -> float:
    """The primal objective of one label; the intercept is drawn towards 0 as a weight is."""
    short = np.maximum(0, 1 - sign * margins(matrix, weights[:, None])[:, 0])
    return 0.5 * float(weights @ weights) + cost * float(short @ short)


@pytest.mark.parametrize("cost", [0.1, 1.0])
def test_the_price_is_that_of_liblinear(rows: tuple[sparse.csr_matrix, np.ndarray], cost: float) -> None:
    from sklearn.svm import LinearSVC

    matrix, marked = rows
    ours = learn_weights(matrix, marked, cost=cost)
    for label in range(marked.shape[1]):
        sign = np.where(marked[:, label], 1.0, -1.0)
        theirs = LinearSVC(C=cost, tol=1e-6, max_iter=20_000, random_state=0).fit(matrix, sign)
        best = np.append(theirs.coef_[0], theirs.intercept_[0])
        assert _price(matrix, sign, ours[:, label], cost) == pytest.approx(
            _price(matrix, sign, best, cost), rel=0.01
        )


def test_a_row_of_weight_two_counts_as_two_rows(rows: tuple[sparse.csr_matrix, np.ndarray]) -> None:
    matrix, marked = rows[0][:80], rows[1][:80]
    twice = np.where(np.arange(80) < 20, 2, 1).astype(np.float32)
    weighed = learn_weights(matrix, marked, cost=0.3, weight=twice)
    again = np.concatenate([np.arange(80), np.arange(20)])
    repeated = learn_weights(matrix[again], marked[again], cost=0.3)
    assert margins(matrix, weighed) == pytest.approx(margins(matrix, repeated), abs=0.05)


def test_a_row_without_weight_teaches_nothing(rows: tuple[sparse.csr_matrix, np.ndarray]) -> None:
    matrix, marked = rows[0][:80], rows[1][:80]
    none = learn_weights(matrix, marked, cost=1.0, weight=np.zeros(80, np.float32))
    assert not none.any()


def test_labels_do_not_disturb_each_other(rows: tuple[sparse.csr_matrix, np.ndarray]) -> None:
    matrix, marked = rows
    both = margins(matrix, learn_weights(matrix, marked, cost=1.0))
    alone = margins(matrix, learn_weights(matrix, marked[:, 1:2], cost=1.0))
    assert both[:, 1] == pytest.approx(alone[:, 0], abs=0.05)


def test_the_seed_orders_and_decides_nothing_else(rows: tuple[sparse.csr_matrix, np.ndarray]) -> None:
    matrix, marked = rows
    one, same, other = (learn_weights(matrix, marked, cost=1.0, seed=seed) for seed in (0, 0, 1))
    assert np.array_equal(one, same)
    assert margins(matrix, one) == pytest.approx(margins(matrix, other), abs=0.1)


def test_texts_without_words_have_the_intercept_only() -> None:
    matrix = sparse.csr_matrix((30, 5), dtype=np.float32)
    marked = (np.arange(30) < 20)[:, None]
    weights = learn_weights(matrix, marked, cost=1.0)
    # the minimum of b^2 / 2 + 20 (1 - b)^2 + 10 (1 + b)^2 is at b = 20 / 61
    assert weights[-1, 0] == pytest.approx(20 / 61, abs=0.02)
    assert not weights[:-1].any()
    assert pl.Series(margins(matrix, weights)[:, 0]).n_unique() == 1
