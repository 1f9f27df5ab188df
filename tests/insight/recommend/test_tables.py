"""The engine counts what memory counts: the same rules, the same weights, the same lists."""

import shutil
from math import ceil

import ibis
import numpy as np
import polars as pl
import pytest

from vostro.insight.recommend import Associations, Collaborative, Setting, gram_of_table, itemsets_of_table
from vostro.insight.recommend.coding import read_pairs, sparse_rows
from vostro.insight.recommend.errors import InteractionsFewError, ItemsetsManyError, MethodUnknownError
from vostro.insight.recommend.gram import gram

EASE = Setting("ease", penalty=40.0)


@pytest.fixture(scope="module")
def pairs(holdings: pl.DataFrame) -> pl.DataFrame:
    return holdings.head(4_000).drop("time")


@pytest.fixture(scope="module")
def duck(pairs: pl.DataFrame):
    return ibis.duckdb.connect().create_table("pairs", pairs.to_arrow())


@pytest.fixture(scope="module")
def spark(pairs: pl.DataFrame, tmp_path_factory, extra):
    extra("pyspark", "spark")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17 or later, which is not installed")
    from vostro.portrait.aggregate.spark import local_spark

    path = tmp_path_factory.mktemp("spark") / "pairs.parquet"
    pairs.write_parquet(path)
    with local_spark(
        "local[1]", spark_sql_shuffle_partitions="1", spark_sql_codegen_wholeStage="false"
    ) as connection:
        yield connection.read_parquet(path)


def counts_agree(table, pairs: pl.DataFrame, size: int) -> None:
    coded = read_pairs(pairs, "customer", "item")
    sums, names = gram_of_table(table)
    assert names == coded.names
    assert np.array_equal(sums, gram(sparse_rows(coded)))
    here = Associations(support=0.05, confidence=0.3, size_most=size).fit(pairs, basket="customer")
    least = ceil(0.05 * pairs["customer"].n_unique())
    there = Associations(support=0.05, confidence=0.3, size_most=size).take(
        *itemsets_of_table(table, count_least=least, size_most=size, row="customer")
    )
    assert here.rules().height > 50
    assert there.rules().equals(here.rules())
    assert there.version == here.version


def test_duckdb_counts_what_memory_counts(duck, pairs):
    counts_agree(duck, pairs, 3)


@pytest.mark.timeout(280)
@pytest.mark.filterwarnings("ignore")
def test_spark_counts_what_memory_counts(spark, pairs):
    counts_agree(spark, pairs, 2)


def test_lists_of_the_engine_are_those_of_memory(duck, pairs):
    model = Collaborative().fit_table(duck, setting=EASE)
    told = model.recommend_table(duck, k=3).to_polars().sort("customer", "rank")
    wanted = model.recommend(k=3, held=pairs)
    assert told["item"].to_list() == wanted["item"].to_list()
    assert told["score"].to_numpy() == pytest.approx(wanted["score"].to_numpy(), abs=1e-5)


def test_weights_of_the_engine_are_those_of_memory(duck, pairs):
    """The setting is given; all else is counted. Both know the same customers."""
    from vostro.insight.recommend.choice import item_part

    held = sparse_rows(read_pairs(pairs, "customer", "item"))
    for setting in (EASE, Setting("neighbours", shrink=3.0), Setting("popularity")):
        model = Collaborative().fit_table(duck, setting=setting)
        wanted = item_part(setting, held, gram(held), 0)
        assert np.array_equal(model._learnt, wanted)
        assert model.popularity()["share"].sum() == pytest.approx(len(held.items) / held.rows)


def test_refusals(duck):
    with pytest.raises(MethodUnknownError):
        Collaborative().fit_table(duck, setting=Setting("als", factors=4))
    with pytest.raises(MethodUnknownError):
        Collaborative().fit_table(duck, setting=Setting("popularity")).recommend_table(duck)
    with pytest.raises(InteractionsFewError):
        Collaborative().fit_table(duck.filter(duck.item == "p00"), setting=EASE)
    with pytest.raises(ItemsetsManyError):
        itemsets_of_table(duck, count_least=1, size_most=2, row="customer", sets_most=30)
