"""Spark on this machine 本机 Spark: real executor processes, for tests and for comparison."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["local_spark"]

_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",  # moments without a zone are in UTC, as everywhere
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.executor.memory": "2g",
    "spark.driver.memory": "2g",
    "spark.log.level": "ERROR",
}


@contextmanager
def local_spark(master: str = "local-cluster[2,1,2048]", **settings: str) -> Iterator[Any]:
    """Yield an Ibis connection to a Spark of our own, which is stopped at the end.

    A Spark that this process runs already is used as it is, in a session of its own, and goes on.

    Args:
        master: ``local-cluster[2,1,2048]`` starts two executor processes of one core and 2 GB.
        settings: further settings of Spark, ``_`` for ``.`` in their names.
    """
    import ibis
    from pyspark.sql import SparkSession

    given = _SETTINGS | {name.replace("_", "."): value for name, value in settings.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pyspark warns of pandas 3, which is not used here
        builder = SparkSession.builder.master(master).appName("vostro")
        for name, value in given.items():
            builder = builder.config(name, value)
        running = SparkSession.getActiveSession()
        session = builder.getOrCreate() if running is None else running.newSession()
        session.conf.set("spark.sql.session.timeZone", "UTC")
        try:
            yield ibis.pyspark.connect(session)
        finally:
            if running is None:
                session.stop()
