"""Store 业务库: where does operational state live, and how is it written in one transaction?

Always a PostgreSQL: Vostro's own (``server``) or any by URL. One dialect, no second path.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError

from vostro.engine.disk import is_disk_full
from vostro.engine.errors import (
    DatabaseUrlError,
    DiskFullError,
    StoreLostError,
    StorePasswordError,
    StoreUnfitError,
    StoreUnreachableError,
)
from vostro.engine.migrations import migrate

if TYPE_CHECKING:
    import psycopg

__all__ = ["Store", "look", "parse_url"]

_CONNECT_SECONDS = 10
_VERSION_MIN = 14
_NOT_ALLOWED, _READ_ONLY = "42501", "25006"
_SCHEMES = ("postgresql", "postgres", "postgresql+psycopg")
_REFUSED = ("password authentication failed", "no password supplied", "authentication failed for user")


def parse_url(text: str) -> sa.URL:
    """Read the URL of a PostgreSQL.

    >>> str(parse_url("postgres://ann:secret@db/bank"))
    'postgresql+psycopg://ann:***@db/bank'

    Raises:
        DatabaseUrlError: it is none; the text is not repeated, since it may hold a password.
    """
    try:
        url = sa.make_url(text)
    except (ArgumentError, ValueError):
        raise DatabaseUrlError from None
    if url.drivername not in _SCHEMES:
        raise DatabaseUrlError
    return url.set(drivername="postgresql+psycopg")


class Store:
    """A migrated PostgreSQL."""

    def __init__(self, url: str, *, folder: Path | None = None) -> None:
        """Connect and migrate.

        Args:
            url: ``postgresql://user:password@host:5432/database``.
            folder: where its data lie, to be named when the disk is full; None for a distant one.

        Raises:
            DatabaseUrlError, StoreUnreachableError, StorePasswordError, StoreUnfitError, StoreNewerError.
        """
        self._url = parse_url(url)
        self.url = self._url.render_as_string(hide_password=True)
        self._folder = folder
        self._engine = sa.create_engine(self._url, connect_args=_connect_args(), pool_pre_ping=True)
        try:
            _check(self._engine)
            with self.begin() as connection:
                migrate(connection)
        except DBAPIError as error:
            self.close()
            raise _unfit(self.url, error) from error
        except BaseException:
            self.close()
            raise

    @contextlib.contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Open one transaction: committed at the end of the block, undone when it raises.

        Raises:
            StoreLostError: PostgreSQL went away; nothing of this transaction was kept, unless it
                went away in the very moment of the commit.
            DiskFullError: PostgreSQL has no space; nothing of this transaction was kept.
        """
        with self.told(), self._engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """Turn errors of a driver that is used directly into ours, as ``begin`` does.

        Raises:
            StoreLostError, DiskFullError.
        """
        from psycopg import Error as DriverError

        try:
            yield
        except (DBAPIError, DriverError) as error:
            if is_disk_full(error):
                raise DiskFullError(folder=str(self._folder or self.url)) from error
            if _is_lost(error):
                raise StoreLostError(url=self.url) from error
            raise

    def dedicated(self) -> "psycopg.Connection[Any]":
        """Return a connection of its own, in autocommit, that the caller closes.

        Raises:
            StoreLostError: there is nobody to connect to.
        """
        import psycopg

        url = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        with self.told():
            return psycopg.connect(url, autocommit=True, **_connect_args())

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def forget(self) -> None:
        """Let go of the connections in a forked child: they are the parent's."""
        self._engine.dispose(close=False)


@contextlib.contextmanager
def look(url: str) -> Iterator[sa.Connection]:
    """Open a connection that can only read, and migrates nothing.

    Raises:
        DatabaseUrlError, StoreUnreachableError, StorePasswordError, StoreUnfitError.
    """
    arguments = _connect_args("-c default_transaction_read_only=on")
    engine = sa.create_engine(parse_url(url), connect_args=arguments, poolclass=sa.NullPool)
    _check(engine)
    with engine.connect() as connection:
        yield connection


def _check(engine: sa.Engine) -> None:
    try:
        with engine.connect() as connection:
            found = connection.scalar(sa.text("SHOW server_version_num"))
            encoding = connection.scalar(sa.text("SHOW server_encoding"))
    except OperationalError as error:
        raise _unreachable(engine.url, error) from None
    major = int(found or 0) // 10000
    url = engine.url.render_as_string()
    if major < _VERSION_MIN:
        raise StoreUnfitError(
            url=url,
            what_en=f"it is PostgreSQL {major}; {_VERSION_MIN} or newer is needed",
            what_zh=f"版本为 PostgreSQL {major}，需要 {_VERSION_MIN} 或以上",
        )
    if encoding != "UTF8":
        raise StoreUnfitError(
            url=url,
            what_en=f"its encoding is {encoding}; create it with ENCODING 'UTF8'",
            what_zh=f"编码为 {encoding}，请以 ENCODING 'UTF8' 建库",
        )


def _unfit(url: str, error: DBAPIError) -> Exception:
    """Return a clear error for a database that lets us in and lets us make no tables."""
    state = getattr(error.orig, "sqlstate", None)
    if state == _NOT_ALLOWED:
        return StoreUnfitError(
            url=url,
            what_en="its user may not create tables; grant CREATE on schema public",
            what_zh="该用户无建表权限，请授予 public 模式的 CREATE 权限",
        )
    if state == _READ_ONLY:
        return StoreUnfitError(
            url=url,
            what_en="it can only be read; give the URL of the primary server",
            what_zh="该库为只读，请改用主库地址",
        )
    return error


def _unreachable(url: sa.URL, error: OperationalError) -> StorePasswordError | StoreUnreachableError:
    shown, text = url.render_as_string(), str(error.orig)
    if any(words in text for words in _REFUSED):
        return StorePasswordError(url=shown, user=url.username or "")
    reason = next((line.strip() for line in text.splitlines() if line.strip()), "?")
    if url.password:
        reason = reason.replace(str(url.password), "***")
    return StoreUnreachableError(url=shown, reason=reason.rstrip("."))


def _connect_args(more: str = "") -> dict[str, Any]:
    # An explicit time zone: the user's PGTZ or the server's setting must not change what is read.
    return {
        "connect_timeout": _CONNECT_SECONDS,
        "application_name": "vostro",
        "options": f"-c timezone=UTC {more}",
    }


def _is_lost(error: Exception) -> bool:
    """Return whether the connection is gone: by SQLSTATE class, or no SQLSTATE because nobody answered."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    cause = getattr(error, "orig", None) or error
    state: str | None = getattr(cause, "sqlstate", None)
    if state is not None:
        return state.startswith(("08", "57P"))
    return type(cause).__name__ == "OperationalError"
