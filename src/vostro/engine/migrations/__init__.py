"""Migrations 结构迁移: how does a store of any older version become one of this version?

A migration runs in one transaction under an advisory lock: two processes that start at once
do not both migrate, and a killed migration leaves the store as before.
"""

from pathlib import Path

import sqlalchemy as sa

from vostro.engine.errors import StoreNewerError

__all__ = ["HEAD", "VERSIONS", "migrate", "store_version"]

VERSIONS = ("0001", "0002", "0003", "0004")  # of versions/*.py, oldest first; a test compares
HEAD = VERSIONS[-1]
_LOCK = 0x766F7374  # "vost"


def store_version(connection: sa.Connection) -> str | None:
    """Return the version of the store's tables, or None when it has none yet."""
    if connection.scalar(sa.text("SELECT to_regclass('alembic_version')")) is None:
        return None
    found: str | None = connection.scalar(sa.text("SELECT max(version_num) FROM alembic_version"))
    return found


def migrate(connection: sa.Connection) -> None:
    """Bring the store's tables to this version, in the caller's transaction.

    Raises:
        StoreNewerError: a newer Vostro migrated it further.
    """
    if _is_current(connection):
        return
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    if _is_current(connection):
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _is_current(connection: sa.Connection) -> bool:
    found = store_version(connection)
    if found is not None and found not in VERSIONS:
        raise StoreNewerError(found=found, known=HEAD)
    return found == HEAD
