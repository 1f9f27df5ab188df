"""Online portraits 在线画像: what is known of one customer now, and what was known at any past moment?

A record holds the partial results of all aggregates of one customer, tile by tile of time. A
worker folds every event into it exactly once, a reader answers from it with all that was
acknowledged, and the same code folds a customer's history for any moment of the past.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vostro.portrait.online.bench import bench_as_of, bench_portraits
    from vostro.portrait.online.cache import PortraitReader
    from vostro.portrait.online.copies import refresh_copies
    from vostro.portrait.online.customer import CustomerEvent, PastReader, customer_as_of
    from vostro.portrait.online.errors import DefinitionsChangedError, EventUnseenError
    from vostro.portrait.online.portrait import OnlinePortrait
    from vostro.portrait.online.refresh import refresh_online
    from vostro.portrait.online.seeding import seed
    from vostro.portrait.online.tiles import SourceEvent, Tiles
    from vostro.portrait.online.worker import Worker

__all__ = [
    "CustomerEvent",
    "DefinitionsChangedError",
    "EventUnseenError",
    "OnlinePortrait",
    "PastReader",
    "PortraitReader",
    "SourceEvent",
    "Tiles",
    "Worker",
    "bench_as_of",
    "bench_portraits",
    "customer_as_of",
    "refresh_copies",
    "refresh_online",
    "seed",
]

_HOMES = {
    "bench": ("bench_as_of", "bench_portraits"),
    "cache": ("PortraitReader",),
    "copies": ("refresh_copies",),
    "customer": ("CustomerEvent", "PastReader", "customer_as_of"),
    "errors": ("DefinitionsChangedError", "EventUnseenError"),
    "portrait": ("OnlinePortrait",),
    "refresh": ("refresh_online",),
    "seeding": ("seed",),
    "tiles": ("SourceEvent", "Tiles"),
    "worker": ("Worker",),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"vostro.portrait.online.{home}"), name)
    raise AttributeError(f"module 'vostro.portrait.online' has no attribute {name!r}")
