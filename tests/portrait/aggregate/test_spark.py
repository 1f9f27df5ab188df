"""Spark says what DuckDB and the oracle say: many random cases at once, on two real executor processes."""

import shutil
from types import SimpleNamespace

import pytest

from vostro.portrait.aggregate.batch import aggregate_customers

from .cases import CONTRACT, bulk
from .test_agreement import asked_of, check, relation_of

pytestmark = [pytest.mark.timeout(280), pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def spark():
    pytest.importorskip("pyspark", reason="Spark is an extra: pip install 'vostro[spark]'")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java 17 or later, which is not installed")
    from vostro.portrait.aggregate.spark import local_spark

    with local_spark("local-cluster[2,1,2048]", spark_sql_codegen_wholeStage="false") as connection:
        yield connection


def test_spark_says_what_duckdb_and_the_oracle_say(spark, tmp_path):
    assert spark._session.sparkContext.master.startswith("local-cluster"), "another test left its Spark"
    case = bulk(2, customers=150, events=1_000, tags=50, wide=3)
    path = tmp_path / "history.parquet"
    case.frame.write_parquet(path)
    relation = SimpleNamespace(table=spark.read_parquet(path), unique=False)
    (as_of,) = case.moments
    found = aggregate_customers(asked_of(case), CONTRACT, relation, as_of)
    check(case, as_of, found)
    duck = aggregate_customers(asked_of(case), CONTRACT, relation_of(case.frame), as_of)
    assert found.sort("customer").equals(duck.sort("customer"))
    assert found.schema == duck.schema
