"""Benches run small: their figures are there, and are those of the data."""

import polars as pl
import pytest

from vostro.insight.errors import BenchFileError
from vostro.insight.recommend import bench_baskets, bench_collaborative, bench_groceries
from vostro.insight.recommend.bench import synthetic_interactions


def test_baskets_small(extra):
    extra("mlxtend", "test")
    found = bench_baskets(rows=4_000, items=40)
    assert found["itemsets"] == found["mlxtend_fpgrowth"]["itemsets"] > 100
    assert found["times_faster"] == pytest.approx(
        found["mlxtend_fpgrowth"]["cpu_seconds"] / found["cpu_seconds"]
    )


def test_baskets_without_comparison_do_not_say_met():
    found = bench_baskets(rows=2_000, items=20, compared=False)
    assert (found["mlxtend_fpgrowth"], found["times_faster"], found["met"]) == (None, None, False)


def test_collaborative_small():
    found = bench_collaborative(customers=3_000, items=60)
    assert found["hit_rate_10_low"] <= found["hit_rate_10"] <= found["hit_rate_10_high"]
    assert found["met"] == (found["cpu_seconds"] <= 10 and found["hit_rate_10"] >= found["hit_rate_10_ease"])


def test_what_is_held_out_is_not_in_the_history():
    history, last = synthetic_interactions(500, 30, 6, 1)
    assert history.join(last, on=["customer", "item"], how="semi").is_empty()
    assert last["customer"].is_unique().all()
    first = history.group_by("customer", "item").agg(pl.col("time").min())
    joined = first.join(last, on="customer", suffix="_last")
    assert joined.height > 500
    assert (joined["time"] < joined["time_last"]).all(), "what is held out is the last thing that was new"


def test_a_folder_without_the_file_is_told(tmp_path):
    with pytest.raises(BenchFileError):
        bench_groceries(tmp_path)
