"""The tag catalogue 标签目录: what does every tag state, who answers for it, who uses it, how did it move?"""

from importlib import import_module
from typing import Any

__all__ = ["held", "manual", "templates"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")
