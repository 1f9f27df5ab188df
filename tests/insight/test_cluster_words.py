"""What sets a group apart is said with the right figures, in both languages."""

import numpy as np
import polars as pl
import pytest

from vostro.insight.cluster_words import describe_groups, traits_of
from vostro.portrait import TagInfo
from vostro.words import Text

from .groups import three_groups

TAGS = {
    "age": TagInfo(type="number", name=Text("Age", "年龄"), unit=Text("years", "岁")),
    "city": TagInfo(type="text", name=Text("City", "城市"), value_names={"south": Text("the South", "南方")}),
    "card": TagInfo(type="boolean", name=Text("Holds a card", "持卡")),
}


def test_figures_can_be_counted_by_hand() -> None:
    frame, group = three_groups()
    (south,) = [t for t in traits_of(frame, group == 1, TAGS) if t.tag == "city"]
    here = frame.filter(pl.Series(group == 1))
    share, base = (here["city"] == "south").mean(), (frame["city"] == "south").mean()
    assert f"'the South' for {share:.0%} (all: {base:.0%}, index {100 * share / base:.0f})" in south.words.en
    assert "城市为“南方”" in south.words.zh
    (age,) = [t for t in traits_of(frame, group == 2, TAGS) if t.tag == "age"]
    older = frame.filter(pl.Series(group == 2))["age"].median()
    assert f"Age is much higher: median {older:.3g} years (all: {frame['age'].median():.3g})" == age.words.en
    assert age.short == Text("high age", "年龄偏高") and age.effect > 0.8


def test_the_effect_of_shares_is_cohens_h() -> None:
    frame = pl.DataFrame({"card": [True] * 80 + [False] * 20 + [True] * 20 + [False] * 80})
    (trait,) = traits_of(frame, np.arange(200) < 100, TAGS)
    assert trait.effect == pytest.approx(2 * np.arcsin(np.sqrt(0.8)) - 2 * np.arcsin(np.sqrt(0.2)))
    assert trait.short.en == "holds a card: yes"


def test_chance_differences_are_not_told() -> None:
    frame, _ = three_groups()
    lot = np.random.default_rng(0).random(900) < 0.5
    assert traits_of(frame, lot, TAGS) == ()
    assert traits_of(frame, np.ones(900, dtype=bool), TAGS) == ()
    portraits = describe_groups(frame, np.where(lot, 1, 2), 2, TAGS)
    assert [each.title for each in portraits] == [Text("like all others", "与全体相近")] * 2
    assert sum(each.size for each in portraits) == 900


def test_not_known_is_told_once() -> None:
    frame = pl.DataFrame({name: pl.Series([None] * 100 + [float(i) for i in range(100)]) for name in "abc"})
    traits = traits_of(frame, np.arange(200) < 100, {})
    assert len(traits) == 1 and "'not known' for 100%" in traits[0].words.en


def test_where_most_have_nothing_the_mean_speaks() -> None:
    frame = pl.DataFrame({"paid": [0.0] * 70 + [9.0] * 30 + [0.0] * 100})
    (trait,) = traits_of(frame, np.arange(200) < 100, {})
    assert "mean 2.7 (all: 1.35)" in trait.words.en and "均值" in trait.words.zh
