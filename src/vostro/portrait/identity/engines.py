"""Engines for matching 匹配计算引擎: where are records compared, on one machine or on Spark?

Blocking and grouping are done here; the engine counts, estimates and weighs pairs.
"""

from typing import Any, Protocol

import polars as pl

__all__ = ["MatchEngine", "match_engine"]


class MatchEngine(Protocol):
    """What the matcher needs of an engine."""

    api: Any  # Splink's
    jaro_winkler: str  # what the engine calls that function

    def register(self, frame: pl.DataFrame) -> Any:
        """Return the frame as a table that Splink knows."""

    def fetch(self, table: Any, columns: list[str]) -> pl.DataFrame:
        """Return some columns of one of Splink's tables, which is dropped."""

    def forget(self, table: Any) -> None:
        """Let go of a table that was registered."""

    def close(self) -> None:
        """Give back what the engine holds."""


def match_engine(threads: int | None, spark: Any) -> MatchEngine:
    """Return the engine of a Spark session, or a DuckDB in memory."""
    return _Duck(threads) if spark is None else _Spark(spark)


class _Duck:
    jaro_winkler = "jaro_winkler_similarity"

    def __init__(self, threads: int | None) -> None:
        import ibis
        from splink import DuckDBAPI

        self._backend: Any = ibis.duckdb.connect(**({"threads": threads} if threads else {}))
        self._backend.raw_sql("SET enable_progress_bar = false")  # standard output is for the answer
        self.api: Any = DuckDBAPI(self._backend.con)

    def register(self, frame: pl.DataFrame) -> Any:
        return self.api.register(frame.to_arrow())

    def fetch(self, table: Any, columns: list[str]) -> pl.DataFrame:
        rows = self._backend.con.sql(f"SELECT {', '.join(columns)} FROM {table.physical_name}")  # noqa: S608
        found = pl.DataFrame(rows.pl())
        table.drop_table_from_database_and_remove_from_cache()
        return found

    def forget(self, table: Any) -> None:
        table.drop_table_from_database_and_remove_from_cache(force_non_splink_table=True)

    def close(self) -> None:
        self._backend.disconnect()


class _Spark:
    jaro_winkler = "jaro_winkler"

    def __init__(self, session: Any) -> None:
        import splink

        self._session = session
        splink_api: Any = splink
        self.api: Any = splink_api.SparkAPI(spark_session=session, break_lineage_method="persist")

    def register(self, frame: pl.DataFrame) -> Any:
        return self.api.register(
            self._session.createDataFrame(frame.to_arrow(compat_level=pl.CompatLevel.oldest()))
        )

    def fetch(self, table: Any, columns: list[str]) -> pl.DataFrame:
        rows = self._session.table(table.physical_name).select(*columns)
        found = pl.DataFrame(pl.from_arrow(rows.toArrow()))
        table.drop_table_from_database_and_remove_from_cache()
        return found

    def forget(self, table: Any) -> None:
        self._session.catalog.dropTempView(table.physical_name)

    def close(self) -> None:
        self._session.catalog.clearCache()
