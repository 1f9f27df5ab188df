"""The same link on Spark: the parameters are the same, and so are the people."""

import polars as pl
import pytest

from vostro.portrait import link

from .banks import again, people

pyspark = pytest.importorskip("pyspark.sql")


def _end_java() -> None:
    """End the Java of an earlier session: one that runs takes no more classes."""
    from pyspark import SparkContext

    if SparkContext._gateway is not None:
        SparkContext._gateway.shutdown()
        SparkContext._gateway = SparkContext._jvm = None


def test_spark_weighs_as_duckdb_does() -> None:
    from splink.backends.spark import similarity_jar_location

    _end_java()
    options = {
        "spark.jars": similarity_jar_location(),
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.autoBroadcastJoinThreshold": "-1",
    }
    builder = pyspark.SparkSession.builder.master("local[1]").appName("identity")
    for name, value in options.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        known = people(150)
        frames = {"crm": known.drop("n"), "core": again(known).drop("n")}
        ours, theirs = link(frames, id="client"), link(frames, id="client", spark=session)
    finally:
        session.stop()
        _end_java()
    assert theirs.model.parameters.shares == ours.model.parameters.shares
    assert theirs.people.equals(ours.people)
    both = ours.pairs.join(theirs.pairs, on=["id_a", "id_b"], suffix="_spark")
    assert both.height == ours.pairs.height
    assert both.select((pl.col("match_weight") - pl.col("match_weight_spark")).abs().max()).item() < 1e-3
