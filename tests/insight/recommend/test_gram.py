"""The Gram matrix and what is made of it: by matrix algebra, and by a closed form for two items."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.insight.recommend.coding import Sparse
from vostro.insight.recommend.gram import ease_weights, gram, neighbour_weights


def sparse(matrix):
    rows, columns = np.nonzero(matrix)
    starts = np.concatenate([[0], np.cumsum((matrix != 0).sum(axis=1))]).astype(np.int64)
    plain = bool((matrix[rows, columns] == 1).all())
    weights = np.zeros(0, dtype=np.float32) if plain else matrix[rows, columns].astype(np.float32)
    return Sparse(starts, columns.astype(np.int32), weights, matrix.shape[1])


MATRICES = st.tuples(st.integers(1, 20), st.integers(2, 7), st.integers(0, 10**6), st.booleans())


@settings(max_examples=50, deadline=None)
@given(MATRICES)
def test_gram_is_the_matrix_product(case):
    rows, columns, seed, weighted = case
    draw = np.random.default_rng(seed)
    matrix = (draw.random((rows, columns)) < 0.4) * (
        draw.integers(1, 5, (rows, columns)) if weighted else 1.0
    )
    assert gram(sparse(matrix)) == pytest.approx(matrix.T @ matrix)


def test_ease_solves_its_own_least_squares():
    """Steck (2019): each column is the ridge regression of an item on all others."""
    draw = np.random.default_rng(1)
    matrix = (draw.random((300, 6)) < 0.4).astype(float)
    weights = ease_weights(matrix.T @ matrix, 7.0)
    for item in range(6):
        others = [each for each in range(6) if each != item]
        design = matrix[:, others]
        ridge = np.linalg.solve(design.T @ design + 7.0 * np.eye(5), design.T @ matrix[:, item])
        assert weights[others, item] == pytest.approx(ridge, abs=1e-6)
        assert weights[item, item] == 0


def test_ease_of_two_items_in_the_head():
    """40 hold both, 60 hold each: 40 / (60 + 20)."""
    weights = ease_weights(np.array([[60.0, 40.0], [40.0, 60.0]]), 20.0)
    assert weights == pytest.approx(np.array([[0.0, 0.5], [0.5, 0.0]]))


def test_neighbours_are_cosines():
    draw = np.random.default_rng(2)
    matrix = (draw.random((200, 5)) < 0.5).astype(float)
    unit = matrix / np.linalg.norm(matrix, axis=0)
    wanted = unit.T @ unit
    np.fill_diagonal(wanted, 0)
    assert neighbour_weights(matrix.T @ matrix, 0.5, 0.0) == pytest.approx(wanted, abs=1e-6)
    shrunk = neighbour_weights(matrix.T @ matrix, 0.5, 50.0)
    off = ~np.eye(5, dtype=bool)
    assert (shrunk[off] < wanted[off]).all()
