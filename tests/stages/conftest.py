"""What the tests of stages share: a small bank, and as many workspaces as a test compares."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import pytest

from vostro.engine import Settings, Workspace

sys.path.insert(0, str(Path(__file__).parent))
_NUMBERS = count()


@contextmanager
def _database(server: str) -> Iterator[str]:
    import psycopg

    name = f"stages_{next(_NUMBERS)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE vostro_template STRATEGY file_copy")
    yield server.replace("/postgres?", f"/{name}?")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def open_workspace(server_url: str) -> Iterator[Callable[[Path], Workspace]]:
    """Open a workspace in a folder, each with a fresh database of its own."""
    with ExitStack() as stack:

        def opened(bank: Path) -> Workspace:
            url = stack.enter_context(_database(server_url))
            settings = Settings(database_url=url, memory_limit_mb=512, threads=1)
            return stack.enter_context(Workspace.open(bank, settings))

        yield opened
