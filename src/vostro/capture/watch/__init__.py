"""Watch 数据质量监测: is what the sources send today still what they used to send?

Importing this room is cheap; each name brings in its libraries when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vostro.capture.watch.alerts import ALERT, RESOLVED, Alert, raise_alerts, read_alerts
    from vostro.capture.watch.check import CHECKS, Check
    from vostro.capture.watch.limits import Watch
    from vostro.capture.watch.past import PastLoad, past_loads
    from vostro.capture.watch.watching import (
        LoadFigures,
        SourceWatch,
        WatchReport,
        watch_and_raise,
        watch_load,
        watch_sources,
    )

__all__ = [
    "ALERT",
    "CHECKS",
    "RESOLVED",
    "Alert",
    "Check",
    "LoadFigures",
    "PastLoad",
    "SourceWatch",
    "Watch",
    "WatchReport",
    "past_loads",
    "raise_alerts",
    "read_alerts",
    "watch_and_raise",
    "watch_load",
    "watch_sources",
]

_HOMES = {
    "alerts": ("ALERT", "RESOLVED", "Alert", "raise_alerts", "read_alerts"),
    "check": ("CHECKS", "Check"),
    "limits": ("Watch",),
    "past": ("PastLoad", "past_loads"),
    "watching": (
        "LoadFigures",
        "SourceWatch",
        "WatchReport",
        "watch_and_raise",
        "watch_load",
        "watch_sources",
    ),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
