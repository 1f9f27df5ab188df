"""What every room's tests share: real data, one real PostgreSQL, and a fresh workspace in it."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from vostro.engine import Settings, Store, Workspace

TEMPLATE = "vostro_template"
LONG = (  # first, so that no worker is left with one of them when the others are done
    "portrait/online/test_kills.py",
    "docs/test_tutorial.py",
    "portrait/online/test_people.py",
    "portrait/aggregate/test_spark.py",
    "portrait/identity/test_linking.py",
    "portrait/test_people.py",
    "portrait/online/test_people_kills.py",
    "loop/test_berka.py",
    "loop/test_term_deposit.py",
    "portrait/aggregate/test_agreement.py",
)
_NUMBERS = count()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first; the order within a file stays."""
    here = Path(__file__).parent
    places = {here / name: number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path, len(LONG)))


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data: VOSTRO_DATA, or ``shared/data`` beside the repository."""
    folder = Path(os.environ.get("VOSTRO_DATA") or Path(__file__).parents[2] / "shared" / "data")
    if folder.is_dir():
        return folder
    message = f"no real data in {folder}: set VOSTRO_DATA to the folder that holds them"
    if os.environ.get("VOSTRO_REQUIRE") == "1":
        pytest.fail(message + " (VOSTRO_REQUIRE=1)")
    pytest.skip(message)


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One real PostgreSQL for the session (for each xdist worker); not safe against power loss, so fast."""
    from vostro.engine.server import Server

    server = Server(tmp_path_factory.mktemp("server"), durable=False)
    server.start()
    try:
        Store(server.ensure_database(TEMPLATE)).close()
        yield server.url()
    finally:
        server.stop()


@pytest.fixture
def database_url(server_url: str) -> Iterator[str]:
    """A fresh, migrated database."""
    import psycopg

    name = f"test_{next(_NUMBERS)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
    yield server_url.replace("/postgres?", f"/{name}?")
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def workspace(tmp_path: Path, database_url: str) -> Iterator[Workspace]:
    """A fresh workspace: its own state folder and its own database."""
    bank = tmp_path / "bank"
    bank.mkdir()
    settings = Settings(database_url=database_url, memory_limit_mb=512, threads=2)
    with Workspace.open(bank, settings) as opened:
        yield opened
