"""The door of association rules: real baskets, mlxtend's opinion, proposals, files, refusals."""

from pathlib import Path

import polars as pl
import pytest

from vostro.insight.checks import frame_kinds
from vostro.insight.errors import FeatureMissingError, ModelFileError
from vostro.insight.recommend import Associations, bench_groceries
from vostro.insight.recommend.errors import (
    ConfidenceRangeError,
    KeyMissingError,
    NotLearntError,
    RecommendationCountError,
    SupportRangeError,
)
from vostro.words import Text

BASKETS = pl.DataFrame(
    {
        "basket": [1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8],
        "item": ["card", "loan"] * 4 + ["card", "fund", "fund", "fund"],
    }
)


@pytest.fixture(scope="module")
def model(groceries: pl.DataFrame) -> Associations:
    return Associations(support=0.001, confidence=0.5).fit(groceries)


def test_all_rules_are_those_of_mlxtend(data_dir: Path, extra):
    extra("mlxtend", "test")
    found = bench_groceries(data_dir)
    assert found["identical"] is True
    assert found["met"] is True
    assert found["rules"] == found["rules_mlxtend"] > 5_000


def test_the_figures_of_a_rule_by_hand(groceries: pl.DataFrame, model: Associations):
    """Butter and yogurt foresee whole milk: counted from the baskets themselves."""
    sets = groceries.group_by("basket").agg(pl.col("item").unique())["item"]
    both = {"butter", "yogurt"}
    left = sum(both <= set(each) for each in sets)
    whole = sum(both | {"whole milk"} <= set(each) for each in sets)
    (row,) = (
        model.rules()
        .filter(
            (pl.col("antecedent") == pl.lit(sorted(both))) & (pl.col("consequent") == pl.lit(["whole milk"]))
        )
        .to_dicts()
    )
    assert row["baskets"] == whole
    assert row["confidence"] == whole / left


def test_the_best_rule_speaks_both_languages():
    names = {"card": Text(en="a credit card", zh="信用卡"), "loan": Text(en="a loan", zh="贷款")}
    rules = (
        Associations(support=0.2, confidence=0.9, names=names).fit(BASKETS).rules(said=True, of="customers")
    )
    assert rules.height == 1
    assert rules["en"][0] == (
        "Customers who hold a loan also hold a credit card in 100.0 % of cases, "
        "1.6 times as often as all (4 customers)."
    )
    assert rules["zh"][0] == "持有贷款的客户中，同时持有信用卡的占 100.0 %，是全体客户的 1.6 倍（4 位）。"


def test_proposals_are_the_most_confident_matching_rules(groceries: pl.DataFrame, model: Associations):
    held = groceries.head(400).rename({"basket": "customer"})
    found = model.recommend(held, k=3)
    rules = (
        model.rules(q_most=0.05).filter(pl.col("consequent").list.len() == 1, pl.col("lift") > 1).to_dicts()
    )
    for customer, items in held.group_by("customer").agg("item").iter_rows():
        best: dict[str, float] = {}
        for rule in rules:
            (target,) = rule["consequent"]
            if set(rule["antecedent"]) <= set(items) and target not in items:
                best[target] = max(best.get(target, 0.0), rule["confidence"])
        mine = found.filter(pl.col("customer") == customer)
        assert mine["score"].to_list() == sorted(best.values(), reverse=True)[:3]
        assert all(best[item] == score for item, score in mine.select("item", "score").iter_rows())
        assert mine["rank"].to_list() == list(range(1, mine.height + 1))
        assert all(set(because) <= set(items) for because in mine["because"])


def test_one_customer_is_a_batch_of_one(groceries: pl.DataFrame, model: Associations):
    held = groceries.head(200).rename({"basket": "customer"})
    found = model.recommend(held)
    for customer in held["customer"].unique()[:10]:
        alone = model.recommend(held.filter(pl.col("customer") == customer))
        assert alone.equals(found.filter(pl.col("customer") == customer))


def test_unknown_items_and_no_match_give_no_row(model: Associations):
    held = pl.DataFrame({"customer": ["a", "b"], "item": ["caviar", "soda"]})
    assert model.recommend(held).is_empty()
    assert model.recommend(held.head(0)).is_empty()


def test_every_kind_of_frame_gives_the_same():
    first = Associations(support=0.1, confidence=0.1).fit(BASKETS)
    for kind, given in frame_kinds(BASKETS):
        assert Associations(support=0.1, confidence=0.1).fit(given).version == first.version, kind


def test_order_and_repeats_of_rows_do_not_matter():
    first = Associations(support=0.1, confidence=0.1).fit(BASKETS)
    turned = pl.concat([BASKETS, BASKETS.head(5)]).sample(fraction=1.0, shuffle=True, seed=1)
    assert Associations(support=0.1, confidence=0.1).fit(turned).version == first.version


def test_saved_and_loaded_it_says_the_same(model: Associations, groceries: pl.DataFrame, tmp_path: Path):
    model.save(tmp_path / "a.json")
    again = Associations.load(tmp_path / "a.json")
    assert again.version == model.version
    assert again.rules(said=True).equals(model.rules(said=True))
    held = groceries.head(100).rename({"basket": "customer"})
    assert again.recommend(held).equals(model.recommend(held))
    again.save(tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    (tmp_path / "a.json").write_bytes((tmp_path / "a.json").read_bytes().replace(b"soda", b"sofa"))
    with pytest.raises(ModelFileError):
        Associations.load(tmp_path / "a.json")


def test_itemsets_are_listed():
    found = Associations(support=0.5, confidence=0.1).fit(BASKETS).itemsets()
    assert {tuple(row["items"]): row["baskets"] for row in found.to_dicts()} == {
        ("loan",): 4,
        ("card",): 5,
        ("card", "loan"): 4,
    }


@pytest.mark.parametrize(
    ("error", "act"),
    [
        (SupportRangeError, lambda: Associations(support=0)),
        (SupportRangeError, lambda: Associations(support=1.5)),
        (ConfidenceRangeError, lambda: Associations(confidence=-0.1)),
        (NotLearntError, lambda: Associations().rules()),
        (NotLearntError, lambda: Associations().recommend(BASKETS)),
        (FeatureMissingError, lambda: Associations().fit(BASKETS.drop("item"))),
        (KeyMissingError, lambda: Associations().fit(BASKETS.with_columns(item=pl.lit(None, pl.String)))),
        (
            RecommendationCountError,
            lambda: Associations().fit(BASKETS).recommend(BASKETS, customer="basket", k=0),
        ),
    ],
)
def test_refusals_say_what_to_do(error, act):
    with pytest.raises(error) as caught:
        act()
    assert caught.value.say("en")
    assert caught.value.say("zh")


def test_an_empty_table_has_no_rules():
    empty = Associations().fit(BASKETS.head(0))
    assert empty.rules().is_empty()
    assert empty.rules(said=True, pruned=True).is_empty()
