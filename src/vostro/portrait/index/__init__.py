"""The audience index 人群索引: exact answers about sets of customers in milliseconds.

Packed bitmaps of every tag's values; built once (``build_index``), kept in a folder
(``AudienceIndex.save``, ``open_index``), changed customer by customer, and asked anything a rule
can say.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vostro.portrait.index.bench import bench_audience, bench_audience_portrait
    from vostro.portrait.index.build import IndexBuilder, build_index
    from vostro.portrait.index.describe import AudienceAnswer, Condition, describe_audience, index_folder
    from vostro.portrait.index.errors import (
        CustomerNotIndexedError,
        IndexDamagedError,
        IndexMissingError,
        IndexTagError,
        TenthError,
    )
    from vostro.portrait.index.index import AudienceIndex, Freshness, Step
    from vostro.portrait.index.keep import open_index
    from vostro.portrait.index.selection import Audience, Overlap

__all__ = [
    "Audience",
    "AudienceAnswer",
    "AudienceIndex",
    "Condition",
    "CustomerNotIndexedError",
    "Freshness",
    "IndexBuilder",
    "IndexDamagedError",
    "IndexMissingError",
    "IndexTagError",
    "Overlap",
    "Step",
    "TenthError",
    "bench_audience",
    "bench_audience_portrait",
    "build_index",
    "describe_audience",
    "index_folder",
    "open_index",
]

_HOMES = {
    "bench": ("bench_audience", "bench_audience_portrait"),
    "build": ("IndexBuilder", "build_index"),
    "describe": ("AudienceAnswer", "Condition", "describe_audience", "index_folder"),
    "errors": (
        "CustomerNotIndexedError",
        "IndexDamagedError",
        "IndexMissingError",
        "IndexTagError",
        "TenthError",
    ),
    "index": ("AudienceIndex", "Freshness", "Step"),
    "keep": ("open_index",),
    "selection": ("Audience", "Overlap"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"vostro.portrait.index.{home}"), name)
    raise AttributeError(f"module 'vostro.portrait.index' has no attribute {name!r}")
