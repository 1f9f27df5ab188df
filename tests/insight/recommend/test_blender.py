"""The blender finds who knows something, refuses what it cannot learn from, and never ranks worse than the best."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from vostro.insight.errors import FeatureMissingError
from vostro.insight.recommend import Blender
from vostro.insight.recommend.blender import _chances, _learn
from vostro.insight.recommend.errors import MethodUnknownError, NothingToBlendError, NotLearntError
from vostro.insight.recommend.ranking import measure_ranking

CUSTOMERS, ITEMS = 1_500, 30


def ranked(score):
    """Lists of 10 items by a score, shape (customers, items)."""
    order = np.argsort(-score, axis=1)[:, :10]
    return pl.DataFrame(
        {
            "customer": np.repeat(np.arange(len(score)), 10),
            "item": [f"p{i:02}" for i in order.ravel()],
            "rank": np.tile(np.arange(1, 11), len(score)),
        }
    )


@pytest.fixture(scope="module")
def world():
    """What is taken follows two hidden scores; each recommender sees one of them, a third sees nothing."""
    draw = np.random.default_rng(4)
    one, two = draw.gumbel(size=(2, CUSTOMERS, ITEMS))
    taste = 1.2 * one + 1.2 * two + draw.gumbel(size=(CUSTOMERS, ITEMS))
    taken = pl.DataFrame(
        {"customer": np.arange(CUSTOMERS), "item": [f"p{i:02}" for i in taste.argmax(axis=1)]}
    )
    rows = np.arange(CUSTOMERS * 4)
    history = pl.DataFrame(
        {"customer": rows // 4, "item": [f"p{i:02}" for i in draw.integers(0, ITEMS, len(rows))]}
    )
    lists = {"one": ranked(one), "two": ranked(two), "lot": ranked(draw.random((CUSTOMERS, ITEMS)))}
    return lists, taken, history


@pytest.fixture(scope="module")
def blender(world):
    lists, taken, history = world
    return Blender(k=3, seed=1).fit(lists, taken=taken, history=history)


def test_the_blend_is_better_than_its_parts(blender):
    best = max(blender.measures[name].ndcg_high for name in ("one", "two", "lot"))
    assert blender.measures["blend"].ndcg_low > best
    assert blender.alone is None


def test_who_knows_nothing_weighs_nothing(blender):
    weights = {name: present + rank for name, (present, rank) in blender.weights.items()}
    assert weights["lot"] < 0.2 * min(weights["one"], weights["two"])
    assert min(min(each) for each in blender.weights.values()) >= 0


def test_weights_are_where_the_gradient_vanishes():
    """Second opinion: the likelihood of the multinomial logistic model by its definition."""
    draw = np.random.default_rng(1)
    groups = np.repeat(np.arange(300), 4)
    features = draw.random((1_200, 2))
    chance = _chances(features @ np.array([2.0, 1.0]), groups)
    took = np.zeros(1_200)
    for group in range(300):
        took[draw.choice(np.flatnonzero(groups == group), p=chance[groups == group])] = 1
    weights = _learn(features, took, groups)

    def loss(given):
        score = features @ given
        total = sum(np.log(np.exp(score[groups == g]).sum()) for g in range(300))
        return total - took @ score + given @ given / 2

    step = 1e-4
    slopes = [(loss(weights + step * d) - loss(weights - step * d)) / (2 * step) for d in np.eye(2)]
    assert slopes == pytest.approx([0, 0], abs=0.02)
    assert weights == pytest.approx([2.0, 1.0], abs=0.8)


def test_where_one_is_best_alone_it_leads(world):
    lists, taken, history = world
    mixed = {"one": lists["one"], "shadow": lists["one"]}
    perfect = taken.with_columns(rank=pl.lit(1))
    blender = Blender(k=3).fit(mixed | {"perfect": perfect}, taken=taken, history=history)
    found = blender.recommend(mixed | {"perfect": perfect}, k=3)
    assert measure_ranking(found, taken, history, k=3).hit_rate == 1.0


def test_lists_are_whole_and_in_order(blender, world):
    lists, _, _ = world
    found = blender.recommend(lists, k=3)
    assert found.height == 3 * CUSTOMERS
    assert found.group_by("customer").agg(pl.col("item").n_unique())["item"].eq(3).all()
    assert found.group_by("customer").agg(down=pl.col("score").is_sorted(descending=True))["down"].all()
    assert found["score"].is_between(0, 1).all()
    alone = {name: each.filter(pl.col("customer") == 7) for name, each in lists.items()}
    assert blender.recommend(alone, k=3).equals(found.filter(pl.col("customer") == 7))


def test_a_recommender_may_be_silent(blender, world):
    lists, _, _ = world
    found = blender.recommend({"two": lists["two"]}, k=2)
    assert found["item"].to_list() == lists["two"].filter(pl.col("rank") <= 2)["item"].to_list()
    assert set(found["source"]) == {"two"}


def test_diversity_parts_what_is_alike():
    draw = np.random.default_rng(2)
    twins = np.repeat(np.arange(400), 2)
    history = pl.DataFrame({"customer": twins, "item": np.tile(["a", "b"], 400)})
    history = pl.concat([history, pl.DataFrame({"customer": np.arange(400, 800), "item": ["c"] * 400})])
    lists = pl.DataFrame(
        {"customer": np.repeat(np.arange(300), 3), "item": ["a", "b", "c"] * 300, "rank": [1, 2, 3] * 300}
    )
    taken = pl.DataFrame(
        {"customer": np.arange(300), "item": draw.choice(["a", "b", "c"], 300, p=[0.5, 0.3, 0.2])}
    )
    plain = Blender(k=2).fit({"x": lists}, taken=taken, history=history)
    diverse = Blender(k=2, diversity=1.0).fit({"x": lists}, taken=taken, history=history)
    assert plain.recommend({"x": lists}, k=2)["item"].to_list()[:2] == ["a", "b"]
    assert diverse.recommend({"x": lists}, k=2)["item"].to_list()[:2] == ["a", "c"]
    assert diverse.measures["blend, diverse"].diversity > diverse.measures["blend"].diversity


def test_words_come_along(world):
    lists, taken, history = world
    told = {
        name: each.with_columns(en=pl.lit(f"by {name}"), zh=pl.lit(f"据 {name}"))
        for name, each in lists.items()
    }
    found = Blender(k=3).fit(told, taken=taken, history=history).recommend(told, k=1)
    assert (found["en"] == pl.Series([f"by {source}" for source in found["source"]])).all()
    assert found["zh"].str.starts_with("据").all()


def test_saved_and_loaded_it_says_the_same(blender, world, tmp_path: Path):
    blender.save(tmp_path / "b.json")
    again = Blender.load(tmp_path / "b.json")
    assert again.version == blender.version
    assert again.recommend(world[0]).equals(blender.recommend(world[0]))
    assert again.measures == blender.measures


def test_refusals_say_what_to_do(blender, world):
    lists, taken, history = world
    with pytest.raises(NotLearntError):
        Blender().recommend(lists)
    with pytest.raises(MethodUnknownError):
        blender.recommend({"stranger": lists["one"]})
    with pytest.raises(NothingToBlendError) as caught:
        Blender().fit(lists, taken=taken.with_columns(item=pl.lit("nothing")), history=history)
    assert caught.value.data["customers"] == CUSTOMERS
    with pytest.raises(FeatureMissingError):
        Blender().fit({"one": lists["one"].drop("rank")}, taken=taken, history=history)
    for nothing in ({}, {"one": lists["one"].head(0)}):
        with pytest.raises(NothingToBlendError):
            Blender().fit(nothing, taken=taken, history=history)


def test_customers_of_another_type_are_the_same_customers(blender, world):
    lists, taken, history = world
    told = {name: each.with_columns(pl.col("customer").cast(pl.String)) for name, each in lists.items()}
    again = Blender(k=3, seed=1).fit(told, taken=taken, history=history)
    assert again.measures["one"] == blender.measures["one"]
