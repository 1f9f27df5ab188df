"""How many clusters: indices against scikit-learn, and what is chosen."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.insight.cluster_number import NumberTried, best_stable, rand_index, silhouette, stability


@settings(max_examples=100, deadline=None)
@given(pairs=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=60))
def test_the_rand_index_is_scikit_learns(pairs: list[tuple[int, int]]) -> None:
    from sklearn.metrics import adjusted_rand_score

    left, right = (np.array(each) for each in zip(*pairs, strict=True))
    assert abs(rand_index(left, right) - adjusted_rand_score(left, right)) < 1e-9


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), k=st.integers(2, 5))
def test_the_silhouette_is_scikit_learns(seed: int, k: int) -> None:
    from sklearn.metrics import silhouette_score

    rng = np.random.default_rng(seed)
    places, clusters = rng.normal(size=(80, 3)), rng.integers(0, k, 80)
    if len(np.unique(clusters)) < 2:
        return
    assert abs(silhouette(places, clusters, seed=0) - silhouette_score(places, clusters)) < 1e-9
    assert silhouette(places, np.zeros(80, dtype=int), seed=0) == 0


def test_what_is_found_again_is_stable_and_what_is_drawn_is_not() -> None:
    rng = np.random.default_rng(1)
    places = np.concatenate([rng.normal(0, 1, (100, 2)), rng.normal(20, 1, (100, 2))])

    def by_border(_rows: np.ndarray):
        return lambda every: (every[:, 0] > 10).astype(int)

    def by_lot(rows: np.ndarray):
        lot = np.random.default_rng(int(abs(rows.sum() * 1e6)) % 2**32)
        return lambda every: lot.integers(0, 2, len(every))

    assert stability(places, by_border, seed=0) == 1
    assert abs(stability(places, by_lot, seed=0)) < 0.05


def test_the_best_of_the_stable_is_chosen() -> None:
    tried = [
        NumberTried(2, 0.5, 0.6),  # not found again
        NumberTried(3, 0.30, 1.0),
        NumberTried(4, 0.32, 0.8),  # 0.256: further apart, but less surely found again
        NumberTried(5, 0.9, 0.7),  # not found again
    ]
    assert best_stable(tried) == (3, True)
    assert best_stable(tried[:1]) == (2, False)
    assert best_stable([NumberTried(2, 0.4, 0.9), NumberTried(3, 0.4, 0.9)]) == (2, True), (
        "of equals the fewest"
    )
