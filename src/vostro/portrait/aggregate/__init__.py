"""Aggregates 聚合标签: measures over a customer's events, one definition run in batch, as of, and online.

``definition`` says what an aggregate is, ``reading`` reads it from YAML, ``exact`` in which form
values are measured, ``batch`` computes all customers on DuckDB or Spark.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vostro.portrait.aggregate.bench import bench_tags, bench_tags_spark
    from vostro.portrait.aggregate.definition import (
        Aggregate,
        Clock,
        Measure,
        Part,
        Ratio,
        Window,
        part_bounds,
        window_bounds,
    )

__all__ = [
    "Aggregate",
    "Clock",
    "Measure",
    "Part",
    "Ratio",
    "Window",
    "bench_tags",
    "bench_tags_spark",
    "part_bounds",
    "window_bounds",
]

_HOMES = {
    "bench": ("bench_tags", "bench_tags_spark"),
    "definition": (
        "Aggregate",
        "Clock",
        "Measure",
        "Part",
        "Ratio",
        "Window",
        "part_bounds",
        "window_bounds",
    ),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"vostro.portrait.aggregate.{home}"), name)
    raise AttributeError(f"module 'vostro.portrait.aggregate' has no attribute {name!r}")
