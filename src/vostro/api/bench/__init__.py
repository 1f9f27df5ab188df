"""Bench of events 事件基准: how many events a second does a served bank take in, and does it lose any?"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vostro.api.bench.events import bench_events

__all__ = ["bench_events"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.events"), name)
