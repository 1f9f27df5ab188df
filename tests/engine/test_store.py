"""Store: any PostgreSQL by URL, with an error that says what is wrong and never the password."""

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from vostro.engine import (
    DatabaseUrlError,
    Settings,
    Store,
    StoreNewerError,
    StorePasswordError,
    StoreUnfitError,
    StoreUnreachableError,
    Workspace,
)
from vostro.engine.store import look
from vostro.words import VostroError

SECRET = "s3cret-word"


@pytest.fixture(scope="module")
def ann_url(server_url: str) -> Iterator[str]:
    """A user with a password on the shared server."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE ann LOGIN PASSWORD '{SECRET}' CREATEDB")
        connection.execute("CREATE DATABASE anns OWNER ann")
        hba = Path(connection.execute("SHOW hba_file").fetchone()[0])
        text = hba.read_text()
        hba.write_text("local all ann scram-sha-256\n" + text)
        connection.execute("SELECT pg_reload_conf()")
    yield server_url.replace("vostro@/postgres?", f"ann:{SECRET}@/anns?")
    hba.write_text(text)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("DROP DATABASE anns WITH (FORCE)")
        connection.execute("DROP ROLE ann")


def test_any_database_by_url_is_migrated_and_its_password_hidden(ann_url: str, tmp_path: Path) -> None:
    settings = Settings(database_url=ann_url.replace("postgresql:", "postgres:"))
    with Workspace.open(tmp_path, settings) as workspace:
        assert workspace.server is None
        with workspace.store.begin() as connection:
            assert connection.scalar(sa.text("SELECT count(*) FROM event")) == 0
        assert SECRET not in workspace.store.url and "ann" in workspace.store.url
    assert not (tmp_path / ".vostro/store").exists()


def failing(url: str, kind: type[VostroError]) -> VostroError:
    with pytest.raises(kind) as caught:
        Store(url)
    for text in (caught.value.say("en"), caught.value.say("zh"), repr(caught.value.data), str(caught.value)):
        assert SECRET not in text and "wr0ng" not in text
    return caught.value


def test_a_wrong_password(ann_url: str) -> None:
    error = failing(ann_url.replace(SECRET, "wr0ng"), StorePasswordError)
    assert "ann" in error.say("zh")
    failing(ann_url.replace(f":{SECRET}", ""), StorePasswordError)


def test_a_database_or_host_that_is_not_there(ann_url: str) -> None:
    assert "nothing" in failing(ann_url.replace("/anns?", "/nothing?"), StoreUnreachableError).say("en")
    failing(f"postgresql://ann:{SECRET}@127.0.0.1:1/x", StoreUnreachableError)
    failing(f"postgresql://ann:{SECRET}@no-such-host.invalid/x", StoreUnreachableError)


@pytest.mark.parametrize(
    "url",
    [f"mysql://ann:{SECRET}@db/x", SECRET, "", f"postgresql://ann:{SECRET}@db:port/x", f"sqlite:///{SECRET}"],
)
def test_what_is_no_postgresql_url(url: str) -> None:
    failing(url, DatabaseUrlError)


def test_a_wrong_encoding_is_refused(server_url: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(
            "CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc TEMPLATE template0"
        )
    failing(server_url.replace("/postgres?", "/latin?"), StoreUnfitError)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE latin WITH (FORCE)")


def test_a_user_without_rights_or_a_database_to_read_only(ann_url: str, server_url: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE closed")
    error = failing(ann_url.replace("/anns?", "/closed?"), StoreUnfitError)
    assert "CREATE" in error.say("en") and "CREATE" in error.say("zh")
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("ALTER DATABASE closed SET default_transaction_read_only = on")
    assert "primary" in failing(server_url.replace("/postgres?", "/closed?"), StoreUnfitError).say("en")
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE closed WITH (FORCE)")


def test_a_newer_store_is_refused(database_url: str) -> None:
    store = Store(database_url)
    with store.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    assert failing(database_url, StoreNewerError).data["found"] == "9999"


def test_looking_changes_nothing(database_url: str) -> None:
    with pytest.raises(sa.exc.DBAPIError, match="read-only"), look(database_url) as connection:
        connection.execute(sa.text("CREATE TABLE x ()"))


def test_many_start_at_once_and_one_migrates(server_url: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE crowd")
    url = server_url.replace("/postgres?", "/crowd?")
    errors: list[BaseException] = []

    def start() -> None:
        try:
            Store(url).close()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE crowd WITH (FORCE)")
