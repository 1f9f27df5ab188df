"""Console 控制台: words for people; the terminal's tables, the demo, and the report of a run as HTML.

Importing this room is cheap; each name brings in its libraries when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vostro.console.benches import run_bench
    from vostro.console.demo import run_demo
    from vostro.console.failures import path_error, tell_error, tell_failure
    from vostro.console.manual import commands_page, made_pages, settings_page, write_pages
    from vostro.console.portrait_page import render_portrait_report, write_portrait_report
    from vostro.console.report import render_report, write_report
    from vostro.console.starter import FolderTakenError, make_bank
    from vostro.console.terminal import Terminal
    from vostro.console.views import (
        show_bank,
        show_built,
        show_findings,
        show_reject_replay,
        show_rejects,
        show_replay,
    )

__all__ = [
    "FolderTakenError",
    "Terminal",
    "commands_page",
    "made_pages",
    "make_bank",
    "path_error",
    "render_portrait_report",
    "render_report",
    "run_bench",
    "run_demo",
    "settings_page",
    "show_bank",
    "show_built",
    "show_findings",
    "show_reject_replay",
    "show_rejects",
    "show_replay",
    "tell_error",
    "tell_failure",
    "write_pages",
    "write_portrait_report",
    "write_report",
]

_HOMES = {
    "benches": ("run_bench",),
    "demo": ("run_demo",),
    "failures": ("path_error", "tell_error", "tell_failure"),
    "manual": ("commands_page", "made_pages", "settings_page", "write_pages"),
    "portrait_page": ("render_portrait_report", "write_portrait_report"),
    "report": ("render_report", "write_report"),
    "starter": ("FolderTakenError", "make_bank"),
    "terminal": ("Terminal",),
    "views": (
        "show_bank",
        "show_built",
        "show_findings",
        "show_reject_replay",
        "show_rejects",
        "show_replay",
    ),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
