"""Capture 采集: which records did the sources promise, and which of them kept the promise?

Importing this room is cheap; each name brings in its libraries when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vostro.capture.bench import bench_load
    from vostro.capture.contract_files import read_contracts
    from vostro.capture.contracts import Contract, ContractColumn, CustomerVia, EventTime, Reference
    from vostro.capture.errors import (
        ColumnTypeError,
        FileChangedError,
        HeaderError,
        MendedFileError,
        MonthsOrderError,
        ReferenceMissingError,
        RejectsMaxError,
        SourceMissingError,
        SourceUnknownError,
        unknown_source,
    )
    from vostro.capture.histories import HistoryRelation, drain, history, history_relation
    from vostro.capture.latest import current, lake_schema
    from vostro.capture.loading import LoadReport, load, load_all
    from vostro.capture.masking import mask
    from vostro.capture.quality import ColumnQuality, SourceQuality
    from vostro.capture.readers import ReadError, SourceFormat
    from vostro.capture.reasons import reason_name
    from vostro.capture.rejects import Reject, export_rejects, list_rejects, reject_sources
    from vostro.capture.replay import ReplayReport, replay_rejects
    from vostro.capture.watch import (
        Alert,
        Check,
        LoadFigures,
        SourceWatch,
        Watch,
        WatchReport,
        read_alerts,
        watch_and_raise,
        watch_sources,
    )

__all__ = [
    "Alert",
    "Check",
    "ColumnQuality",
    "ColumnTypeError",
    "Contract",
    "ContractColumn",
    "CustomerVia",
    "EventTime",
    "FileChangedError",
    "HeaderError",
    "HistoryRelation",
    "LoadFigures",
    "LoadReport",
    "MendedFileError",
    "MonthsOrderError",
    "ReadError",
    "Reference",
    "ReferenceMissingError",
    "Reject",
    "RejectsMaxError",
    "ReplayReport",
    "SourceFormat",
    "SourceMissingError",
    "SourceQuality",
    "SourceUnknownError",
    "SourceWatch",
    "Watch",
    "WatchReport",
    "bench_load",
    "current",
    "drain",
    "export_rejects",
    "history",
    "history_relation",
    "lake_schema",
    "list_rejects",
    "load",
    "load_all",
    "mask",
    "read_alerts",
    "read_contracts",
    "reason_name",
    "reject_sources",
    "replay_rejects",
    "unknown_source",
    "watch_and_raise",
    "watch_sources",
]

_HOMES = {
    "bench": ("bench_load",),
    "contract_files": ("read_contracts",),
    "contracts": ("Contract", "ContractColumn", "CustomerVia", "EventTime", "Reference"),
    "histories": ("HistoryRelation", "drain", "history", "history_relation"),
    "latest": ("current", "lake_schema"),
    "loading": ("LoadReport", "load", "load_all"),
    "masking": ("mask",),
    "quality": ("ColumnQuality", "SourceQuality"),
    "readers": ("ReadError", "SourceFormat"),
    "reasons": ("reason_name",),
    "rejects": ("Reject", "export_rejects", "list_rejects", "reject_sources"),
    "replay": ("ReplayReport", "replay_rejects"),
    "watch": (
        "Alert",
        "Check",
        "LoadFigures",
        "SourceWatch",
        "Watch",
        "WatchReport",
        "read_alerts",
        "watch_and_raise",
        "watch_sources",
    ),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME.get(name, 'errors')}"), name)
