"""Summaries count every known customer once; how far a distribution moved has the properties of a distance."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vostro.portrait import Tag, TagSummary
from vostro.portrait.catalogue.summary import movement, summarise
from vostro.words import Text

NAME = Text(en="A", zh="甲")


def tag(kind: str = "text", **more: object) -> Tag:
    return Tag(tag="t", name=NAME, dimension="basic", type=kind, **more)


texts = st.lists(st.one_of(st.none(), st.sampled_from([f"v{i}" for i in range(30)])), max_size=80)
numbers = st.lists(st.one_of(st.none(), st.integers(-50, 50), st.just(0)), max_size=80)


@given(texts)
def test_values_are_counted_once(values: list[str | None]) -> None:
    summary = summarise(pl.Series(values, dtype=pl.String), tag())
    known = [value for value in values if value is not None]
    assert (summary.customers, summary.known) == (len(values), len(known))
    assert sum(each.count for each in summary.values) == len(known)
    assert sum(each.share for each in summary.values) == pytest.approx(1 if known else 0)
    for each in summary.values:
        if isinstance(each.value, str):
            assert each.count == known.count(each.value)


@given(numbers)
def test_ranges_hold_every_number(values: list[int | None]) -> None:
    summary = summarise(pl.Series(values, dtype=pl.Int64), tag("integer"))
    known = sorted(value for value in values if value is not None)
    assert sum(each.count for each in summary.values) == summary.known == len(known)
    if known:
        assert (summary.deciles[0], summary.deciles[-1]) == (known[0], known[-1])
        assert list(summary.deciles) == sorted(summary.deciles)


def test_a_pile_at_zero_does_not_hide_the_rest() -> None:
    column = pl.Series([0] * 900 + list(range(1, 101)), dtype=pl.Int64)
    values = summarise(column, tag("integer")).values
    assert (values[0].value, values[0].count) == ("0", 900)
    assert len(values) > 4


def test_tiers_keep_their_order_and_values_their_names() -> None:
    tiers = (("gold", None), ("mass", None))
    named = tag(tiers=tiers, value_names={"gold": Text(en="Gold", zh="金")})
    values = summarise(pl.Series(["mass", "mass", "gold"]), named).values
    assert [each.value for each in values] == [Text(en="Gold", zh="金"), "mass"]
    truth = summarise(pl.Series([True, False, None]), tag("boolean"))
    assert {each.value.zh for each in truth.values} == {"是", "否"} and truth.coverage == pytest.approx(2 / 3)


def test_who_somebody_is_has_no_distribution() -> None:
    summary = summarise(pl.Series(["138-0001", "138-0002"]), tag(sensitivity="contact"))
    assert summary == TagSummary(2, 2) and summary.coverage == 1.0


def test_dates_are_shown_by_year() -> None:
    column = pl.Series([date(2020, 1, 1) + timedelta(days=30 * i) for i in range(60)])
    summary = summarise(column, tag("date"))
    assert sum(each.count for each in summary.values) == 60
    assert summary.deciles[0] == (date(2020, 1, 1) - date(1970, 1, 1)).days
    assert summarise(pl.Series([], dtype=pl.Date), tag("date")) == TagSummary(0, 0)


@given(texts, texts)
def test_movement_is_a_distance_between_distributions(one: list[str | None], other: list[str | None]) -> None:
    a, b = (summarise(pl.Series(each, dtype=pl.String), tag()) for each in (one, other))
    moved = movement(a, b)
    if not (a.known and b.known):
        assert moved is None
        return
    assert moved == pytest.approx(movement(b, a)) and 0 <= moved <= 1 + 1e-9
    assert movement(a, a) == 0


def test_movement_of_numbers_finds_a_shift() -> None:
    draw = np.random.default_rng(1)
    base = draw.normal(0, 1, 20_000)
    same, shifted = draw.normal(0, 1, 20_000), draw.normal(1, 1, 20_000)
    a, b, c = (summarise(pl.Series(each), tag("number")) for each in (base, same, shifted))
    assert movement(a, b) <= 0.1
    # two normals one standard deviation apart: the largest gap of their functions is 0.383
    assert movement(a, c) == pytest.approx(0.383, abs=0.1)
    assert movement(a, summarise(pl.Series(["x"]), tag())) is None
