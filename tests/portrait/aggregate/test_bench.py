"""The benchmarks run small, and their values are equal to those of a query that was written by hand."""

import shutil

import polars as pl
import pytest

from vostro.portrait.aggregate.bench import _agree, bench_tags, bench_tags_spark
from vostro.portrait.aggregate.bench_bank import sixty_tags, write_payments


def test_sixty_tags_equal_the_query_by_hand():
    found = bench_tags(40_000, 700, repeats=1)
    assert (found["rows"], found["tags"], found["exact"]) == (40_000, 60, True)
    assert 690 < found["customers"] <= 700
    assert found["ratio"] > 0 < found["per_second"]


@pytest.mark.filterwarnings("ignore")
def test_spark_computes_the_same_sixty_tags():
    pytest.importorskip("pyspark", reason="Spark is an extra: pip install 'vostro[spark]'")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17 or later, which is not installed")
    found = bench_tags_spark(4_000, 200, master="local[1]")
    assert (found["rows"], found["customers"], found["tags"], found["exact"]) == (4_000, 200, 60, True)


def test_every_measure_of_the_language_is_measured():
    from vostro.portrait.aggregate.definition import MEASURES

    tags = [aggregate for aggregate, _ in sixty_tags().values()]
    assert {part.measure.name for each in tags for part in each.parts} == set(MEASURES)
    assert sum(each.trend for each in tags) == 2
    assert sum(each.ratio_to is not None for each in tags) == 4


def test_the_payments_are_the_same_each_time(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_payments(tmp_path / name, rows=4_000, customers=50)
    one, two = (pl.read_parquet(tmp_path / name / "*.parquet") for name in ("a", "b"))
    assert one.equals(two)
    assert one["event_time"].is_sorted()
    assert one["payment_id"].n_unique() == 4_000


def test_a_difference_is_seen():
    one = pl.DataFrame({"customer": ["1", "2"], "n": [1, None], "x": [0.5, 0.1]})
    assert _agree(one, one.reverse())
    assert not _agree(one, one.with_columns(pl.lit(2).alias("n")))
    assert not _agree(one, one.with_columns(x=pl.Series([0.5, 0.1000001])))
    assert not _agree(one, one.with_columns(x=pl.Series([0.5, None])))
    assert not _agree(one, one.head(1))
