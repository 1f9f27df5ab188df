"""A session's locks end with it, and nobody works on records while all of them are rebuilt."""

import threading
import time

import pytest

from vostro.engine import QueueSession, StoreLostError, announce, is_conflict


def test_batches_wait_while_somebody_is_alone(workspace):
    order = []
    with QueueSession(workspace.store) as one, QueueSession(workspace.store) as other:

        def work():
            with other.batch():
                order.append("batch")

        with one.alone():
            thread = threading.Thread(target=work)
            thread.start()
            time.sleep(0.2)
            order.append("alone")
        thread.join(10)
    assert order == ["alone", "batch"]


def test_batches_do_not_wait_for_each_other(workspace):
    with (
        QueueSession(workspace.store) as one,
        QueueSession(workspace.store) as other,
        one.batch(),
        other.batch(),
    ):
        pass


def test_a_lock_ends_with_its_session(workspace):
    with QueueSession(workspace.store) as other:
        with QueueSession(workspace.store) as one:
            assert one.take_slice(3)
            assert not other.take_slice(3)
        assert any(other.take_slice(3) or time.sleep(0.02) for _ in range(500)), "PostgreSQL notices soon"


def test_a_session_whose_connection_is_cut_says_so(workspace):
    with QueueSession(workspace.store) as one, QueueSession(workspace.store) as other:
        with one.glance() as cursor:
            pid = cursor.execute("SELECT pg_backend_pid()").fetchone()[0]
        with other.glance() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
        with pytest.raises(StoreLostError):
            for _ in range(100):
                with one.batch():
                    time.sleep(0.01)


def test_two_writers_of_one_row_conflict(workspace):
    with QueueSession(workspace.store) as one, QueueSession(workspace.store) as other:
        with one.glance() as cursor:
            cursor.execute("INSERT INTO portrait VALUES ('1', 1, 'v', '', now())")
        with pytest.raises(Exception) as caught, one.batch() as mine:
            mine.execute("SELECT FROM portrait")
            with other.batch() as theirs:
                theirs.execute("UPDATE portrait SET sequence = 2")
            mine.execute("UPDATE portrait SET sequence = 3")
        assert is_conflict(caught.value)


def test_a_wait_ends_with_an_announcement_or_its_time(workspace):
    with QueueSession(workspace.store) as session:
        session.wait(0)
        begun = time.monotonic()
        session.wait(0.05)
        assert time.monotonic() - begun < 5
        with workspace.store.begin() as connection:
            announce(connection)
        begun = time.monotonic()
        session.wait(30)
        assert time.monotonic() - begun < 10


def test_sweeping_leaves_what_is_pending(workspace):
    with QueueSession(workspace.store) as session:
        with session.glance() as cursor:
            cursor.execute("INSERT INTO pending SELECT generate_series(1, 100)")
            cursor.execute("DELETE FROM pending WHERE sequence < 91")
        session.tidy()
        with session.glance() as cursor:
            assert cursor.execute("SELECT count(*) FROM pending").fetchone() == (10,)
