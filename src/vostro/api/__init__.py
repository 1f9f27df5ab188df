"""API 接口: how do other programs send events and ask about customers and audiences?

Importing this room is cheap; each name brings in its libraries when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vostro.api.app import create_app
    from vostro.api.asyncapi import asyncapi
    from vostro.api.bench import bench_events
    from vostro.api.keys import RIGHTS, Right, new_key, read_keys
    from vostro.api.serving import Served, serve

__all__ = [
    "RIGHTS",
    "ApiKeysError",
    "BodyTypeError",
    "FaultError",
    "HostError",
    "KeyMissingError",
    "KeysMissingError",
    "MethodError",
    "PortTakenError",
    "PurposeMissingError",
    "RequestError",
    "Right",
    "RightMissingError",
    "Served",
    "asyncapi",
    "bench_events",
    "create_app",
    "new_key",
    "read_keys",
    "serve",
]

_HOMES = {
    "app": ("create_app",),
    "asyncapi": ("asyncapi",),
    "bench": ("bench_events",),
    "keys": ("RIGHTS", "Right", "new_key", "read_keys"),
    "serving": ("Served", "serve"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME.get(name, 'errors')}"), name)
