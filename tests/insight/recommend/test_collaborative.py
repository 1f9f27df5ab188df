"""The door of collaborative filtering: kinds of customers, cold starts, files, refusals."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from vostro.insight.checks import frame_kinds
from vostro.insight.errors import FeatureMissingError
from vostro.insight.recommend import Collaborative
from vostro.insight.recommend.errors import (
    ExtraMissingError,
    InteractionsFewError,
    KeyMissingError,
    MethodUnknownError,
    NotLearntError,
    RecommendationCountError,
    TimeTypeError,
    WeightValueError,
)
from vostro.words import Text, VostroError

QUICK = ("ease", "neighbours", "popularity")


@pytest.fixture(scope="module")
def model(holdings: pl.DataFrame) -> Collaborative:
    return Collaborative(methods=QUICK, k=3).fit(holdings)


def test_each_kind_gets_what_its_kind_takes(holdings: pl.DataFrame, model: Collaborative):
    found = model.recommend(k=3).with_columns(
        kind=pl.col("customer").str.slice(1).cast(pl.Int64) % 2,
        half=pl.col("item").str.slice(1).cast(pl.Int64) // 10,
    )
    assert (found["kind"] == found["half"]).mean() > 0.9
    assert found.height == 3 * 2_000
    assert found["score"].is_not_nan().all()
    assert found.group_by("customer").agg(down=pl.col("score").is_sorted(descending=True))["down"].all()
    assert found.join(holdings, on=["customer", "item"], how="semi").is_empty(), (
        "what is held is not proposed"
    )


def test_reasons_are_holdings(holdings: pl.DataFrame):
    names = {f"p{i:02}": Text(en=f"product {i}", zh=f"产品{i}") for i in range(20)}
    model = Collaborative(methods=["neighbours"], names=names).fit(holdings)
    found = model.recommend(["c0001", "c0002"], k=2, said=True)
    mine = holdings.filter(pl.col("customer") == "c0001")["item"].to_list()
    first = found.row(0, named=True)
    (because,) = first["because"]
    assert because in mine
    assert first["en"] == f"because the customer holds {names[because].en}"
    assert first["zh"] == f"因为客户持有{names[because].zh}"


def test_one_customer_is_a_batch_of_one(model: Collaborative):
    every = model.recommend(k=4)
    for customer in ("c0000", "c0777", "c1999"):
        assert model.recommend([customer], k=4).equals(every.filter(pl.col("customer") == customer))
    turned = model.recommend(["c1999", "c0000"], k=4)
    assert turned["customer"].to_list() == ["c1999"] * 4 + ["c0000"] * 4


def test_holdings_of_now_take_the_place_of_those_learnt_from(model: Collaborative):
    now = pl.DataFrame({"customer": ["new", "new", "odd"], "item": ["p11", "p12", "no such product"]})
    found = model.recommend(["new", "odd"], k=3, held=now)
    mine = found.filter(pl.col("customer") == "new")
    assert mine["item"].str.slice(1).cast(pl.Int64).is_between(10, 19).all()
    assert set(found.filter(pl.col("customer") == "odd")["method"]) == {"popularity"}


def test_cold_customers_get_what_their_portrait_holds(holdings: pl.DataFrame):
    draw = np.random.default_rng(3)
    number = holdings["customer"].unique().sort()
    kind = number.str.slice(1).cast(pl.Int64).to_numpy() % 2
    portrait = pl.DataFrame(
        {
            "customer": number,
            "age": draw.normal(30 + 25 * kind, 6),
            "city": np.where(draw.random(len(kind)) < 0.85, kind, 1 - kind).astype(str),
        }
    )
    model = Collaborative(methods=["ease"]).fit(holdings, features=portrait)
    cold = pl.DataFrame(
        {"customer": ["young", "old", "unknown"], "age": [25.0, 60.0, None], "city": ["0", "1", None]}
    )
    found = model.recommend(["young", "old", "stranger"], k=5, features=cold, said=True)
    halves = found.with_columns(half=pl.col("item").str.slice(1).cast(pl.Int64) // 10)
    assert set(halves.filter(pl.col("customer") == "young")["half"]) == {0}
    assert set(halves.filter(pl.col("customer") == "old")["half"]) == {1}
    methods = dict(found.select("customer", "method").unique().iter_rows())
    assert methods == {"young": "portrait", "old": "portrait", "stranger": "popularity"}
    popular = (
        holdings.unique(["customer", "item"])["item"].value_counts().sort("count", descending=True)["item"]
    )
    assert found.filter(pl.col("customer") == "stranger")["item"][0] == popular[0]


def test_saved_and_loaded_it_says_the_same(holdings: pl.DataFrame, model: Collaborative, tmp_path: Path):
    model.save(tmp_path / "a.json")
    again = Collaborative.load(tmp_path / "a.json")
    assert again.version == model.version
    assert again.recommend(["c0003"], held=holdings).equals(model.recommend(["c0003"]))
    again.save(tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert b"c0003" not in (tmp_path / "a.json").read_bytes(), "no customer is in the file"
    with pytest.raises(NotLearntError):
        again.recommend(["c0003"])


def test_every_kind_of_frame_gives_the_same(holdings: pl.DataFrame):
    few = holdings.head(600)
    first = Collaborative(methods=QUICK).fit(few)
    for kind, given in frame_kinds(few):
        assert Collaborative(methods=QUICK).fit(given).version == first.version, kind


def test_moments_and_numbers_tell_the_same_order(holdings: pl.DataFrame, model: Collaborative):
    began = datetime(2026, 1, 1, tzinfo=UTC)
    moments = [began + timedelta(days=365 * each) for each in holdings["time"]]
    assert (
        Collaborative(methods=QUICK, k=3).fit(holdings.with_columns(time=pl.Series(moments))).tried
        == model.tried
    )


def test_without_times_a_draw_stands_for_them(holdings: pl.DataFrame):
    model = Collaborative(methods=QUICK, k=3, seed=2).fit(holdings.drop("time"))
    assert model.tried[0].customers > 100
    assert model.setting.method in ("ease", "neighbours")
    assert Collaborative(methods=QUICK, k=3, seed=2).fit(holdings.drop("time")).version == model.version


def test_weights_that_are_all_alike_change_nothing(holdings: pl.DataFrame, model: Collaborative):
    once = holdings.unique(["customer", "item"], maintain_order=True)
    plain = Collaborative(methods=QUICK, k=3).fit(once)
    heavy = Collaborative(methods=QUICK, k=3).fit(once.with_columns(weight=4.0))
    assert heavy.recommend(["c0001"]).equals(plain.recommend(["c0001"]))


def test_who_holds_everything_gets_nothing():
    pairs = pl.DataFrame({"customer": [1, 1, 1, 2, 2, 3], "item": ["a", "b", "c", "a", "b", "a"]})
    model = Collaborative(methods=QUICK).fit(pairs)
    found = model.recommend(k=9)
    assert 1 not in found["customer"].to_list()
    assert found.filter(pl.col("customer") == 2)["item"].to_list() == ["c"]
    whole = model.recommend([1], k=9, exclude_held=False)
    assert sorted(whole["item"]) == ["a", "b", "c"]


def test_popularity_is_the_share_of_holders(holdings: pl.DataFrame, model: Collaborative):
    told = dict(model.popularity().iter_rows())
    held = holdings.unique(["customer", "item"])["item"].value_counts()
    assert told == pytest.approx({item: count / 2_000 for item, count in held.iter_rows()})


PAIRS = pl.DataFrame({"customer": [1, 1, 2], "item": ["a", "b", "a"]})


@pytest.mark.parametrize(
    ("error", "act"),
    [
        (NotLearntError, lambda: Collaborative().recommend([1])),
        (NotLearntError, lambda: Collaborative().version),
        (MethodUnknownError, lambda: Collaborative(methods=["magic"])),
        (RecommendationCountError, lambda: Collaborative().fit(PAIRS).recommend([1], k=0)),
        (RecommendationCountError, lambda: Collaborative(k=0)),
        (FeatureMissingError, lambda: Collaborative().fit(PAIRS.drop("customer"))),
        (KeyMissingError, lambda: Collaborative().fit(PAIRS.with_columns(customer=pl.lit(None, pl.Int64)))),
        (InteractionsFewError, lambda: Collaborative().fit(PAIRS.head(1))),
        (
            WeightValueError,
            lambda: Collaborative().fit(PAIRS.with_columns(weight=pl.Series([1.0, 0.0, 2.0]))),
        ),
        (
            WeightValueError,
            lambda: Collaborative().fit(PAIRS.with_columns(weight=pl.Series([1.0, None, 2.0]))),
        ),
        (TimeTypeError, lambda: Collaborative().fit(PAIRS.with_columns(time=pl.lit("today")))),
        (TimeTypeError, lambda: Collaborative().fit(PAIRS.with_columns(time=pl.Series([1.0, None, 2.0])))),
    ],
)
def test_refusals_say_what_to_do(error, act):
    with pytest.raises(error) as caught:
        act()
    assert caught.value.say("en")
    assert caught.value.say("zh")


def test_without_the_extra_als_is_left_out_or_refused(monkeypatch):
    monkeypatch.setattr("vostro.insight.recommend.collaborative.can_factor", lambda: False)
    monkeypatch.setattr("vostro.insight.recommend.choice.can_factor", lambda: False)
    with pytest.raises(ExtraMissingError) as caught:
        Collaborative(methods=["als"])
    assert "vostro[recommend]" in caught.value.say("en")
    assert all(each.setting.method != "als" for each in Collaborative().fit(PAIRS).tried)


def test_categories_are_texts(holdings: pl.DataFrame):
    few = holdings.head(600)
    told = few.with_columns(pl.col("customer", "item").cast(pl.Categorical))
    assert Collaborative(methods=QUICK).fit(told).version == Collaborative(methods=QUICK).fit(few).version


def test_portraits_of_strangers_only_are_refused_in_words(holdings: pl.DataFrame):
    strangers = pl.DataFrame({"customer": ["x", "y"], "age": [20.0, 30.0]})
    with pytest.raises(VostroError):
        Collaborative(methods=["popularity"]).fit(holdings, features=strangers)
    with pytest.raises(VostroError):
        Collaborative(methods=["popularity"]).fit(holdings, features=strangers.select("customer"))


def test_nobody_asked_is_an_empty_table(model: Collaborative):
    found = model.recommend([], said=True)
    assert found.is_empty()
    assert found.columns == ["customer", "rank", "item", "score", "method", "because", "en", "zh"]
