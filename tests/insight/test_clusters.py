"""Clusters of customers whose groups are known, and of customers without any."""

import msgspec
import numpy as np
import polars as pl
import pytest

from vostro.insight import ClusterModel, Clusters, rand_index
from vostro.insight.errors import ClusterNumberError, ClusterRowsError, NotFittedError

from .groups import one_cloud, three_groups

FEATURES = ["age", "balance", "city", "card"]


@pytest.fixture(scope="module", params=["kmeans", "mixture"])
def found(request: pytest.FixtureRequest) -> Clusters:
    return Clusters(method=request.param, seed=1, k_most=6).fit(three_groups()[0], features=FEATURES)


def test_the_hidden_groups_are_found_with_their_number(found: Clusters) -> None:
    frame, group = three_groups()
    assert found.model.k == 3 and not found.model.weak
    assert rand_index(found.predict(frame), group) > 0.85
    new, truth = three_groups(400, seed=99)
    assert rand_index(found.predict(new), truth) > 0.8, "customers that were not there when it was learnt"


def test_mixtures_find_groups_that_overlap() -> None:
    frame, group = three_groups(2000, seed=8, apart=2.0)
    clusters = Clusters(method="mixture", seed=1, k_most=6).fit(frame, features=FEATURES)
    assert clusters.model.k == 3
    assert rand_index(clusters.predict(frame), group) > 0.6


def test_clusters_are_numbered_from_the_largest(found: Clusters) -> None:
    sizes = np.bincount(found.predict(three_groups()[0]))[1:]
    assert list(sizes) == sorted(sizes, reverse=True) and sizes.sum() == 900


def test_the_same_seed_gives_the_same_clusters(found: Clusters) -> None:
    frame, _ = three_groups()
    again = Clusters(method=found.method, seed=1, k_most=6).fit(frame, features=FEATURES)
    assert again.model == found.model
    assert (again.predict(frame) == found.predict(frame)).all()


def test_a_model_can_be_written_down(found: Clusters) -> None:
    frame, _ = three_groups()
    read = msgspec.json.decode(msgspec.json.encode(found.model), type=ClusterModel)
    assert (Clusters.of(read).predict(frame) == found.predict(frame)).all()


def test_chances_are_chances(found: Clusters) -> None:
    frame, _ = three_groups()
    chances = found.chances(frame)
    assert chances.shape == (900, 3) and np.allclose(chances.sum(axis=1), 1)
    assert (chances.argmax(axis=1) + 1 == found.predict(frame)).all()


def test_order_of_rows_and_single_customers_do_not_matter(found: Clusters) -> None:
    frame, _ = three_groups()
    every = found.predict(frame)
    assert (found.predict(frame[::-1]) == every[::-1]).all()
    for row in (0, 17, 899):
        assert found.predict(frame[row]) == every[row]


def test_a_cloud_without_groups_is_one_group_or_called_weak() -> None:
    frame = one_cloud()
    mixture = Clusters(method="mixture", seed=1, k_most=5).fit(frame)
    assert mixture.model.k == 1 and mixture.model.weak
    assert Clusters(seed=1, k_most=5).fit(frame).model.weak


def test_every_number_that_was_tried_is_told(found: Clusters) -> None:
    tried = found.model.tried
    assert sum(each.chosen for each in tried) == 1
    if found.method == "kmeans":
        assert [each.k for each in tried] == [2, 3, 4, 5, 6]
        assert all(each.silhouette is not None and each.stability is not None for each in tried)
    else:
        assert [each.k for each in tried] == [1, 2, 3, 4, 5, 6]
        assert min(tried, key=lambda each: each.bic or 0).chosen


def test_a_number_can_be_asked_for() -> None:
    frame, _ = three_groups()
    for method in ("kmeans", "mixture"):
        clusters = Clusters(4, method=method, seed=0).fit(frame, features=FEATURES)  # type: ignore[arg-type]
        assert clusters.model.k == 4 and [each.k for each in clusters.model.tried] == [4]


def test_too_few_customers_are_refused() -> None:
    frame, _ = three_groups()
    with pytest.raises(ClusterRowsError):
        Clusters().fit(frame.head(99), features=FEATURES)
    with pytest.raises(ClusterRowsError):
        Clusters(10).fit(frame.head(150), features=FEATURES)
    with pytest.raises(ClusterNumberError):
        Clusters(1).fit(frame, features=FEATURES)
    with pytest.raises(NotFittedError):
        Clusters().predict(frame)


def test_many_customers_are_learnt_from_by_a_sample() -> None:
    frame = pl.concat([three_groups(900, seed=s)[0] for s in range(25)])
    clusters = Clusters(3, seed=0).fit(frame, features=FEATURES)
    assert clusters.model.rows == 20_000 and len(clusters.predict(frame)) == 22_500
