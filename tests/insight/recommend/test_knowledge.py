"""Product knowledge: all customers, one customer and the engine agree; obstacles are told."""

from decimal import Decimal

import ibis
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vostro.insight.errors import FeatureMissingError
from vostro.insight.recommend import Knowledge
from vostro.insight.recommend.errors import RecommendationCountError
from vostro.portrait import TagMissingError

from .bank import EVENTS, PRODUCTS, TAGS

KNOWLEDGE = Knowledge(PRODUCTS, life_events=EVENTS, tags=TAGS)
SCHEMA = {
    "customer": pl.String,
    "age": pl.Int64,
    "balance": pl.Decimal(18, 2),
    "risk_level": pl.Int64,
    "child_days": pl.Int64,
    "city": pl.String,
}
PORTRAIT = st.fixed_dictionaries(
    {
        "age": st.none() | st.sampled_from([17, 18, 59, 60]),
        "balance": st.none()
        | st.sampled_from([Decimal("20000.00"), Decimal("20000.01"), Decimal("90000.00")]),
        "risk_level": st.none() | st.sampled_from([2, 3]),
        "child_days": st.none() | st.sampled_from([365, 366]),
        "city": st.none() | st.sampled_from(["Brno", "Praha"]),
    }
)
HELD = st.sets(st.sampled_from(["salary_account", "deposit", "fund", "child_plan", "unheard_of"]))
BANKS = st.lists(st.tuples(PORTRAIT, HELD), min_size=1, max_size=6)
RICH = {"age": 65, "balance": Decimal("90000.00"), "risk_level": 3, "child_days": None, "city": "Brno"}


def tables(people):
    portraits = [{"customer": f"c{i}", **portrait} for i, (portrait, _) in enumerate(people)]
    pairs = [(f"c{i}", item) for i, (_, held) in enumerate(people) for item in sorted(held)]
    return (
        pl.DataFrame(portraits, schema=SCHEMA),
        pl.DataFrame(pairs, schema={"customer": pl.String, "item": pl.String}, orient="row"),
    )


@settings(max_examples=40, deadline=None)
@given(BANKS, st.integers(1, 4))
def test_all_customers_and_one_customer_agree(people, k):
    portraits, held = tables(people)
    found = KNOWLEDGE.recommend(portraits, held=held, k=k)
    for i, (portrait, mine) in enumerate(people):
        advice = [each for each in KNOWLEDGE.advise(portrait, mine) if each.proposed][:k]
        rows = found.filter(pl.col("customer") == f"c{i}").to_dicts()
        assert [row["item"] for row in rows] == [each.product for each in advice]
        assert [row["score"] for row in rows] == [each.score for each in advice]
        assert [row["en"] for row in rows] == ["; ".join(fit.en for fit in each.fits) for each in advice]
        assert [row["zh"] for row in rows] == ["；".join(fit.zh for fit in each.fits) for each in advice]
        assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))


def test_the_engine_agrees():
    """120 customers in one question to DuckDB, with all that is unknown or held among them."""
    draw = np.random.default_rng(7)
    choices = {
        "age": [None, 17, 18, 59, 60],
        "balance": [None, Decimal("20000.00"), Decimal("20000.01"), Decimal("90000.00")],
        "risk_level": [None, 2, 3],
        "child_days": [None, 365, 366],
        "city": [None, "Brno", "Praha"],
    }
    items = ["salary_account", "deposit", "fund", "child_plan", "unheard_of"]
    people = [
        (
            {tag: values[draw.integers(len(values))] for tag, values in choices.items()},
            {item for item in items if draw.random() < 0.4},
        )
        for _ in range(120)
    ]
    portraits, held = tables(people)
    asked = KNOWLEDGE.recommend_table(ibis.memtable(portraits), held=ibis.memtable(held), k=2)
    told = ibis.duckdb.connect().to_polars(asked).sort("customer", "rank")
    wanted = KNOWLEDGE.recommend(portraits, held=held, k=2).sort("customer", "rank")
    assert told.equals(wanted.select("customer", "rank", "item", "score"))
    assert told["item"].n_unique() == 3
    assert told["rank"].max() == 2


def advice(product, portrait=None, held=("salary_account",)):
    (found,) = (each for each in KNOWLEDGE.advise(portrait or RICH, held) if each.product == product)
    return found


@pytest.mark.parametrize(
    ("product", "change", "held", "obstacles"),
    [
        ("fund", {}, ["salary_account"], []),
        (
            "fund",
            {"risk_level": 2},
            ["salary_account"],
            ["not suitable: risk tolerance of 3 or more is not so"],
        ),
        (
            "fund",
            {"risk_level": None},
            ["salary_account"],
            ["not suitable: risk tolerance of 3 or more is not known"],
        ),
        ("fund", {}, [], ["needs account"]),
        ("fund", {}, ["fund", "salary_account"], ["held already"]),
        ("deposit", {}, ["salary_account", "fund"], ["not together with investment"]),
        ("child_plan", {"age": 17}, [], ["not suitable: Age is at least 18 is not so"]),
    ],
)
def test_obstacles_are_told(product, change, held, obstacles):
    found = advice(product, RICH | change, held)
    assert [each.en for each in found.obstacles] == obstacles
    assert all(each.zh for each in found.obstacles)
    assert found.proposed == (not obstacles and found.score > 0)


def test_a_kind_counts_as_its_products():
    assert KNOWLEDGE.members("accounts") == {"accounts", "salary_account"}
    assert advice("deposit", held=["salary_account"]).proposed
    assert not advice("deposit", held=["deposit_of_another_bank"]).proposed


def test_a_life_event_speaks_for_a_product():
    found = advice("child_plan", RICH | {"child_days": 100})
    assert (found.score, [fit.en for fit in found.fits]) == (3.0, ["a child was born"])
    assert advice("child_plan").score == 0


def test_reasons_without_words_of_their_own_are_the_rule():
    words = [KNOWLEDGE.rules[f"fund: fits[{i}].when"].words("en") for i in range(2)]
    assert [fit.en for fit in advice("fund").fits] == words
    assert words[0].startswith("Balance")


def test_two_rows_of_one_customer_hold_the_same():
    portraits, held = tables([(RICH, {"fund", "salary_account"})])
    found = KNOWLEDGE.recommend(pl.concat([portraits, portraits]), held=held)
    assert "fund" not in found["item"].to_list()


def test_tables_that_lack_something_are_told():
    portraits, held = tables([(RICH, set())])
    with pytest.raises(TagMissingError):
        KNOWLEDGE.recommend(portraits.drop("age"))
    with pytest.raises(FeatureMissingError):
        KNOWLEDGE.recommend(portraits.drop("customer"))
    with pytest.raises(FeatureMissingError):
        KNOWLEDGE.recommend(portraits, held=held.drop("item"))
    with pytest.raises(RecommendationCountError):
        KNOWLEDGE.recommend(portraits, k=0)
    assert KNOWLEDGE.recommend(portraits.head(0)).is_empty()


def test_no_products_no_advice():
    assert Knowledge([], tags=TAGS).recommend(pl.DataFrame({"customer": ["a"]})).is_empty()
