"""Engine 引擎: where do data live, and where do queries run?

Importing this room is cheap; each name brings in its libraries when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vostro.engine.definitions import BankFolderError, Located, read_definitions, read_one
    from vostro.engine.disk import disk_guard
    from vostro.engine.doctor import Finding, diagnose
    from vostro.engine.errors import (
        AccountMissingError,
        DatabaseUrlError,
        DiskFullError,
        EventInvalidError,
        LakeFileMissingError,
        LakeNameError,
        LakeTableMissingError,
        OwnerError,
        SettingUnknownError,
        SettingValueError,
        StateFolderError,
        StoreDowngradeError,
        StoreForeignError,
        StoreLostError,
        StoreNewerError,
        StorePasswordError,
        StoreStartError,
        StoreUnfitError,
        StoreUnreachableError,
        StoreVersionError,
    )
    from vostro.engine.events import DRAIN_LOCK, append_events, is_contested, latest_versions, read_events
    from vostro.engine.lake import Lake, Partition
    from vostro.engine.queue import (
        LoggedEvent,
        Look,
        StoredRecord,
        announce,
        claim,
        customers_about,
        events_of,
        lake_pulse,
        last_sequence,
        live_partitions,
        look,
        own_events,
        read_records,
        replace_records,
        settle_pending,
        versions_of,
        write_records,
    )
    from vostro.engine.sessions import QueueSession, is_conflict
    from vostro.engine.settings import Settings, load_settings, settings_table
    from vostro.engine.stage import Stage
    from vostro.engine.store import Store
    from vostro.engine.tables import (
        drain,
        event,
        identity_customer,
        identity_model,
        load,
        metadata,
        partition,
        pending,
        portrait,
        reject,
        run,
    )
    from vostro.engine.workspace import Workspace

__all__ = [
    "DRAIN_LOCK",
    "AccountMissingError",
    "BankFolderError",
    "DatabaseUrlError",
    "DiskFullError",
    "EventInvalidError",
    "Finding",
    "Lake",
    "LakeFileMissingError",
    "LakeNameError",
    "LakeTableMissingError",
    "Located",
    "LoggedEvent",
    "Look",
    "OwnerError",
    "Partition",
    "QueueSession",
    "SettingUnknownError",
    "SettingValueError",
    "Settings",
    "Stage",
    "StateFolderError",
    "Store",
    "StoreDowngradeError",
    "StoreForeignError",
    "StoreLostError",
    "StoreNewerError",
    "StorePasswordError",
    "StoreStartError",
    "StoreUnfitError",
    "StoreUnreachableError",
    "StoreVersionError",
    "StoredRecord",
    "Workspace",
    "announce",
    "append_events",
    "claim",
    "customers_about",
    "diagnose",
    "disk_guard",
    "drain",
    "event",
    "events_of",
    "identity_customer",
    "identity_model",
    "is_conflict",
    "is_contested",
    "lake_pulse",
    "last_sequence",
    "latest_versions",
    "live_partitions",
    "load",
    "load_settings",
    "look",
    "metadata",
    "own_events",
    "partition",
    "pending",
    "portrait",
    "read_definitions",
    "read_events",
    "read_one",
    "read_records",
    "reject",
    "replace_records",
    "run",
    "settings_table",
    "settle_pending",
    "versions_of",
    "write_records",
]

_HOMES = {
    "definitions": ("BankFolderError", "Located", "read_definitions", "read_one"),
    "disk": ("disk_guard",),
    "doctor": ("Finding", "diagnose"),
    "events": ("DRAIN_LOCK", "append_events", "is_contested", "latest_versions", "read_events"),
    "lake": ("Lake", "Partition"),
    "queue": (
        "LoggedEvent",
        "Look",
        "StoredRecord",
        "announce",
        "claim",
        "customers_about",
        "events_of",
        "lake_pulse",
        "last_sequence",
        "live_partitions",
        "look",
        "own_events",
        "read_records",
        "replace_records",
        "settle_pending",
        "versions_of",
        "write_records",
    ),
    "sessions": ("QueueSession", "is_conflict"),
    "settings": ("Settings", "load_settings", "settings_table"),
    "stage": ("Stage",),
    "store": ("Store",),
    "tables": (
        "drain",
        "event",
        "identity_customer",
        "identity_model",
        "load",
        "metadata",
        "partition",
        "pending",
        "portrait",
        "reject",
        "run",
    ),
    "workspace": ("Workspace",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME.get(name, 'errors')}"), name)
