"""Lookalikes of a seed whose true likeness is known."""

import numpy as np
import polars as pl
import pytest

from vostro.insight import find_lookalikes
from vostro.insight.errors import FeaturesEmptyError, LookalikeSizeError, SeedError
from vostro.insight.lookalike import wilson

from .groups import three_groups

FEATURES = ["age", "balance", "city", "card"]


@pytest.mark.parametrize(("share", "method"), [(0.1, "logistic"), (0.5, "trees")])
def test_the_hidden_group_is_found(share: float, method: str) -> None:
    frame, group = three_groups(6000, seed=1)
    seed = (group == 2) & (np.random.default_rng(0).random(6000) < share)
    rest = (group == 2) & ~seed
    found = find_lookalikes(frame, seed, size=int(rest.sum()), features=FEATURES)
    assert found.method == method
    picked = frame["customer"].is_in(list(found.customers)).to_numpy()
    assert not (picked & seed).any(), "the seed is no part of its audience"
    hits = (picked & rest).sum() / rest.sum()
    assert hits > 0.85
    assert found.recall.low <= hits + 0.03 and hits - 0.03 <= found.recall.high, (
        "the claim holds on those hidden"
    )
    assert found.lift_low > 2
    assert any(trait.tag == "age" and trait.effect > 0 for trait in found.shared)


def test_a_seed_drawn_by_lot_is_told_to_be_one() -> None:
    frame, _ = three_groups(6000, seed=2)
    seed = np.random.default_rng(1).random(6000) < 0.05
    found = find_lookalikes(frame, seed, size=600, features=FEATURES)
    assert found.lift_low < 1 < found.lift_high, "no better than chance, and it says so"


def test_the_size_is_kept_and_scores_fall() -> None:
    frame, group = three_groups(1000)
    seed = (group == 1) & (np.arange(1000) % 2 == 0)
    for size in (1, 37, int((~seed).sum())):
        found = find_lookalikes(frame, seed, size=size, features=FEATURES)
        assert len(found.customers) == len(set(found.customers)) == size
        assert list(found.scores) == sorted(found.scores, reverse=True)
    assert found.recall.value == 1 and found.lift == pytest.approx(1), "everybody is no better than chance"


def test_the_same_seed_gives_the_same_audience_in_any_order_of_rows() -> None:
    frame, group = three_groups(800)
    seed = group == 1
    one, two = (find_lookalikes(frame, seed, size=50, features=FEATURES) for _ in "ab")
    assert one == two


def test_what_gives_the_seed_away_is_left_out() -> None:
    frame, group = three_groups(2000)
    seed = group == 1
    frame = frame.with_columns(leak=pl.Series(seed.astype(float)), rule_tag=pl.Series(seed))
    found = find_lookalikes(
        frame, seed, size=100, features=[*FEATURES, "leak", "rule_tag"], defined_by=["rule_tag"]
    )
    assert found.left_out == {"rule_tag": None, "leak": 1.0}
    assert "leak" not in found.features
    with pytest.raises(FeaturesEmptyError):
        find_lookalikes(frame, seed, size=100, features=["leak"])


def test_small_seeds_and_impossible_sizes_are_refused() -> None:
    frame, _ = three_groups(300)
    with pytest.raises(SeedError):
        find_lookalikes(frame, np.arange(300) < 39, size=10, features=FEATURES)
    with pytest.raises(SeedError):
        find_lookalikes(frame, np.arange(300) < 270, size=10, features=FEATURES)
    for size in (0, 201):
        with pytest.raises(LookalikeSizeError):
            find_lookalikes(frame, np.arange(300) < 100, size=size, features=FEATURES)


def test_customers_that_are_all_alike_are_no_better_than_chance() -> None:
    frame = pl.DataFrame({"customer": [f"c{i}" for i in range(400)], "a": [1.0, 2.0] * 200})
    seed = np.arange(400) % 4 < 2  # both values, alike
    found = find_lookalikes(frame, seed, size=50, features=["a"])
    assert 0.15 < found.recall.value < 0.35, "a quarter is picked, so a quarter of the seed is found"


def test_wilsons_interval() -> None:
    """Wilson (1927); figures by hand for 8 of 10."""
    found = wilson(8, 10)
    assert (round(found.low, 4), round(found.high, 4)) == (0.4902, 0.9433)
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0, 1)
