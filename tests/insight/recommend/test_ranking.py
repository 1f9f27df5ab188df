"""Ranking measures by hand, and intervals that hold what they say."""

import math

import numpy as np
import polars as pl
import pytest

from vostro.insight.errors import FeatureMissingError
from vostro.insight.recommend import measure_ranking, split_in_time

HISTORY = pl.DataFrame({"customer": [1, 1, 2, 2, 3, 4], "item": ["a", "b", "a", "b", "c", "d"]})
LISTS = pl.DataFrame(
    {"customer": [1, 1, 2, 2, 3], "item": ["c", "d", "d", "c", "a"], "rank": [1, 2, 1, 2, 1]}
)
TAKEN = pl.DataFrame({"customer": [1, 2, 3, 4], "item": ["c", "c", "d", "a"]})


def test_the_figures_by_hand():
    found = measure_ranking(LISTS, TAKEN, HISTORY, k=2)
    assert (found.customers, found.hit_rate) == (4, 0.5)
    assert found.ndcg == pytest.approx((1 + 1 / math.log2(3)) / 4)
    assert found.coverage == pytest.approx(3 / 4)
    assert found.novelty_bits == pytest.approx((2 + 2 + 2 + 2 + 1) / 5), "c and d: 1 of 4 holders, a: 2 of 4"
    assert found.diversity == 1.0, "nobody holds c and d together"


def test_alike_items_are_not_diverse():
    lists = pl.DataFrame({"customer": [3, 3], "item": ["a", "b"], "rank": [1, 2]})
    found = measure_ranking(lists, TAKEN, HISTORY, k=2)
    assert found.diversity == pytest.approx(0.0), "the same customers hold a and b"


def test_intervals_hold_the_truth_as_often_as_they_say():
    draw = np.random.default_rng(1)
    held, runs, customers = 0, 200, 300
    for _ in range(runs):
        hit = draw.random(customers) < 0.3
        lists = pl.DataFrame({"customer": np.arange(customers), "item": "a", "rank": 1})
        taken = pl.DataFrame({"customer": np.arange(customers), "item": np.where(hit, "a", "b")})
        found = measure_ranking(lists, taken, HISTORY, k=1)
        held += found.hit_rate_low <= 0.3 <= found.hit_rate_high
    assert 0.90 <= held / runs <= 0.99


def test_a_list_that_is_too_long_is_cut():
    assert measure_ranking(LISTS, TAKEN, HISTORY, k=1).hit_rate == 0.25


def test_nobody_took_anything():
    found = measure_ranking(LISTS, TAKEN.head(0), HISTORY)
    assert (found.customers, found.hit_rate, found.hit_rate_low, found.hit_rate_high) == (0, 0.0, 0.0, 1.0)


def test_the_split_keeps_time_in_order():
    frame = pl.DataFrame({"customer": range(10), "item": "a", "time": [5, 3, 9, 1, 7, 7, 2, 8, 4, 6]})
    earlier, later = split_in_time(frame, share=0.3)
    assert earlier["time"].max() < later["time"].min()
    assert later["time"].to_list() == [9, 8]
    with pytest.raises(FeatureMissingError):
        split_in_time(frame.drop("time"))
