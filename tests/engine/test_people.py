"""Moves are noted with the change that makes them, only where records are in use, and taken once."""

from datetime import UTC, datetime

import sqlalchemy as sa

from vostro.engine import (
    QueueSession,
    StoredRecord,
    Workspace,
    claim_moved,
    delete_records,
    follow_customers,
    forget_moved,
    identifiers_of,
    is_moved,
    note_moves,
    persons_of,
    read_records,
    write_records,
)

MARK = StoredRecord("", 0, "v", b"")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def enter(connection: sa.Connection, *rows: tuple[str, str, str | None]) -> None:
    for customer, person, via in rows:
        query = "INSERT INTO identity_customer VALUES (:c, :p, 1, :v)"
        connection.execute(sa.text(query), {"c": customer, "p": person, "v": via})


def test_nothing_is_noted_where_nobody_has_records(workspace: Workspace) -> None:
    with workspace.store.begin() as connection:
        note_moves(connection, ["b"], ["a"])
    with QueueSession(workspace.store) as session, session.glance() as cursor:
        assert not is_moved(cursor)


def test_both_people_are_noted_and_claimed_once(workspace: Workspace) -> None:
    with QueueSession(workspace.store) as session, session.glance() as cursor:
        write_records(cursor, [MARK, StoredRecord("b", 1, "v", b"x")], NOW)
        with workspace.store.begin() as connection:
            enter(connection, ("c", "b", None))
            note_moves(connection, ["c", "a", "d", "x"], ["a", "a", "d", "a"])
        assert is_moved(cursor)
        assert is_moved(cursor, 3)
        assert not is_moved(cursor, 4)
        assert claim_moved(cursor, 10) == ["a", "b", "x"], "who stays with himself has not moved"
        assert claim_moved(cursor, 10) == []
        with workspace.store.begin() as connection:
            note_moves(connection, ["c"], ["a"])
        forget_moved(cursor)
        assert not is_moved(cursor)
        delete_records(cursor, ["b"])
        assert list(read_records(cursor, ["", "b"])) == [""]


def test_a_claim_is_undone_with_its_transaction(workspace: Workspace) -> None:
    with QueueSession(workspace.store) as session:
        with session.glance() as cursor:
            write_records(cursor, [MARK], NOW)
        with workspace.store.begin() as connection:
            note_moves(connection, ["b"], ["a"])
        try:
            with session.transaction() as cursor:
                assert claim_moved(cursor, 10)
                raise KeyError
        except KeyError:
            pass
        with session.glance() as cursor:
            assert is_moved(cursor)


def test_names_and_visitors_that_follow(workspace: Workspace) -> None:
    with QueueSession(workspace.store) as session, session.glance() as cursor:
        write_records(cursor, [MARK], NOW)
        with workspace.store.begin() as connection:
            enter(connection, ("a", "a", None), ("b", "a", None), ("anon:1", "b", "b"), ("anon:2", "z", "z"))
        assert persons_of(cursor, ["a", "b", "q"]) == {"b": "a"}
        assert identifiers_of(cursor, ["a", "b", "q"]) == {"a": ["a", "b"], "q": ["q"]}
        follow_customers(cursor, ["z"])
        assert persons_of(cursor, ["anon:1"]) == {"anon:1": "b"}
        follow_customers(cursor, ["a"])
        assert persons_of(cursor, ["anon:1", "anon:2"]) == {"anon:1": "a", "anon:2": "z"}
        assert claim_moved(cursor, 10) == ["a", "b"]
        with workspace.store.begin() as connection:
            enter(connection, ("z", "a", None))
            follow_customers(connection)
        assert claim_moved(cursor, 10) == ["a", "z"]
