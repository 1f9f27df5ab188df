"""Sessions 队列会话: how does one worker hold on to its part of the queue, and sleep until there is more?

A session is one connection of its own. Its locks end with it, however that happens, so that a
worker that was killed, or whose PostgreSQL was, leaves nothing to clean up.
"""

import contextlib
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from vostro.engine.queue import CHANNEL
from vostro.engine.store import Store

if TYPE_CHECKING:
    import psycopg

__all__ = ["QueueSession", "is_conflict"]

_ALL_RECORDS = 0x766F7061  # "vopa": shared during a batch, held whole while all records are rebuilt
_SLICES = 0x766F  # with a slice's number: the right to work on it
_CONFLICTS = ("40001", "40P01")


class QueueSession:
    """One connection to the queue and the records; for one thread."""

    def __init__(self, store: Store) -> None:
        """Connect.

        Raises:
            StoreLostError: there is nobody to connect to.
        """
        self._store = store
        self._driver = store.dedicated()
        # Every statement goes by an index from a few customers or events. Planning anew would cost more than
        # running it, and a plan from when the queue was empty must still be right when it is long.
        self._driver.execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off")
        self._listening = False
        self.cursor: psycopg.Cursor[Any] = self._driver.cursor(binary=True)

    @contextlib.contextmanager
    def batch(self) -> Iterator["psycopg.Cursor[Any]"]:
        """Open a transaction that sees one state of the store, while nobody rebuilds all records.

        Raises:
            StoreLostError: PostgreSQL went away; nothing was kept, unless it went away while committing.
        """
        with self._store.told(), self._held("shared"), self._driver.transaction():
            self._driver.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield self.cursor

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no batch is under way, and keep others from beginning one."""
        with self._store.told(), self._held(""):
            yield

    @contextlib.contextmanager
    def transaction(self) -> Iterator["psycopg.Cursor[Any]"]:
        """Open a transaction that sees one state of the store."""
        with self._store.told(), self._driver.transaction():
            self._driver.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield self.cursor

    @contextlib.contextmanager
    def glance(self) -> Iterator["psycopg.Cursor[Any]"]:
        """Use the connection for single statements, each of which sees what is committed by then."""
        with self._store.told():
            yield self.cursor

    def take_slice(self, number: int) -> bool:
        """Take the right to work on a slice until the session ends; False: somebody else has it."""
        with self.glance() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s::int, %s::int)", [_SLICES, number])
            return bool(cursor.fetchone()[0])  # type: ignore[index]

    def tidy(self) -> None:
        """Sweep what was taken out of the queue: a look at its first row walks over it otherwise."""
        with self.glance() as cursor:
            cursor.execute("VACUUM (TRUNCATE off, INDEX_CLEANUP on) pending")

    def wait(self, seconds: float) -> None:
        """Sleep until events are announced, or for so long."""
        with self._store.told():
            if not self._listening:
                self._driver.execute(f"LISTEN {CHANNEL}")
                self._listening = True
                return  # what came before is not announced to us: look once more
            for _ in self._driver.notifies(timeout=seconds, stop_after=1):
                return

    def close(self) -> None:
        """End the session and its locks."""
        with contextlib.suppress(Exception):
            self._driver.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextlib.contextmanager
    def _held(self, mode: str) -> Iterator[None]:
        end = f"_{mode}" if mode else ""
        self._driver.execute(f"SELECT pg_advisory_lock{end}(%s)", [_ALL_RECORDS])
        try:
            yield
        finally:
            with contextlib.suppress(Exception):
                self._driver.execute(f"SELECT pg_advisory_unlock{end}(%s)", [_ALL_RECORDS])


def is_conflict(error: BaseException) -> bool:
    """Tell whether a transaction failed only because another one wrote the same rows: try again."""
    return getattr(error, "sqlstate", None) in _CONFLICTS
