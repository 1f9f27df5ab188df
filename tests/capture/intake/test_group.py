"""Requests share a commit; too much is refused at once; what cannot be written is told, and harms no other."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from vostro.capture.intake import (
    Answer,
    GroupCommit,
    IntakeBusyError,
    IntakeClosedError,
    IntakeFailedError,
    Message,
    Written,
)
from vostro.engine import StoreLostError

from .conftest import NOW, Counter, payment


class Slow:
    """A writer that waits until it may go on, and notes its flushes."""

    def __init__(self) -> None:
        self.may = threading.Semaphore(0)
        self.flushes: list[list[Any]] = []
        self.fail: Callable[[list[Any]], None] = lambda messages: None

    def write(self, messages: list[Any], load_time: datetime) -> Written:
        self.flushes.append(list(messages))
        self.may.acquire()
        self.fail(messages)
        return Written(np.zeros(len(messages), dtype=np.uint8), [m.id for m in messages], {})


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def group(slow: Slow) -> Iterator[GroupCommit]:
    found = GroupCommit(slow, waiting_max=5)  # type: ignore[arg-type]
    found.start()
    yield found
    for _ in range(100):
        slow.may.release()
    found.close()


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def message(number: int) -> Message:
    return Message(id=str(number))


def test_what_comes_during_a_write_is_one_group(group: GroupCommit, slow: Slow) -> None:
    answers: dict[int, Any] = {}
    group.submit([message(0)], lambda answer: answers.setdefault(0, answer))
    wait_for(lambda: len(slow.flushes) == 1)
    for number in (1, 2):
        group.submit(
            [message(number)] * number, lambda answer, number=number: answers.setdefault(number, answer)
        )
    for _ in range(2):
        slow.may.release()
    wait_for(lambda: len(answers) == 3)
    assert [[m.id for m in flush] for flush in slow.flushes] == [["0"], ["1", "2", "2"]]
    assert [(answers[n].start, answers[n].count) for n in (1, 2)] == [(0, 1), (1, 2)]
    wait_for(lambda: group.waiting == 0)


def test_a_full_queue_is_told_at_once(group: GroupCommit, slow: Slow) -> None:
    group.submit([message(0)], lambda answer: None)
    wait_for(lambda: len(slow.flushes) == 1)
    group.submit([message(1)] * 4, lambda answer: None)
    with pytest.raises(IntakeBusyError) as caught:
        group.submit([message(2)], lambda answer: None)
    assert caught.value.status == 503
    slow.may.release()
    wait_for(lambda: len(slow.flushes) == 2)
    group.submit([message(3)], lambda answer: None)


def test_a_request_larger_than_the_queue_is_taken_when_nothing_waits(group: GroupCommit, slow: Slow) -> None:
    group.submit([message(0)] * 9, lambda answer: None)
    wait_for(lambda: len(slow.flushes) == 1)


def test_a_fault_in_one_request_harms_no_other(group: GroupCommit, slow: Slow) -> None:
    def fail(messages: list[Any]) -> None:
        if any(each.id == "2" for each in messages):
            raise ValueError

    slow.fail = fail
    answers: dict[int, Any] = {}
    group.submit([message(0)], lambda answer: None)
    wait_for(lambda: len(slow.flushes) == 1)
    for number in (1, 2, 3):
        group.submit([message(number)], lambda answer, number=number: answers.setdefault(number, answer))
    for _ in range(9):
        slow.may.release()
    wait_for(lambda: len(answers) == 3)
    assert isinstance(answers[2], IntakeFailedError)
    assert isinstance(answers[1], Answer)
    assert isinstance(answers[3], Answer)


def test_a_lost_store_is_told_and_started_again(slow: Slow) -> None:
    revived: list[int] = []

    def lose(messages: list[Any]) -> None:
        if not revived:
            raise StoreLostError(url="x")

    slow.fail = lose
    group = GroupCommit(slow, revive=lambda: revived.append(1))  # type: ignore[arg-type]
    group.start()
    answers: list[Any] = []
    slow.may.release()
    group.submit([message(0)], answers.append)
    wait_for(lambda: bool(revived))
    assert isinstance(answers[0], StoreLostError)
    slow.may.release()
    group.submit([message(1)], answers.append)
    wait_for(lambda: len(answers) == 2)
    assert isinstance(answers[1], Answer)
    group.close()


def test_what_waits_is_written_before_the_end(slow: Slow) -> None:
    group = GroupCommit(slow)  # type: ignore[arg-type]
    group.start()
    answers: list[Any] = []
    for number in range(3):
        group.submit([message(number)], answers.append)
    for _ in range(3):
        slow.may.release()
    group.close()
    assert len(answers) == 3
    with pytest.raises(IntakeClosedError):
        group.submit([message(9)], answers.append)


def test_many_requests_of_the_same_events_at_once_are_written_once(counter: Counter) -> None:
    answers: list[Any] = []
    group = GroupCommit(counter.writer, clock=lambda: NOW)
    group.start()
    rng = np.random.default_rng(7)
    batches = [[payment(int(n)) for n in rng.integers(0, 50, 20)] for _ in range(40)]
    threads = [threading.Thread(target=group.submit, args=(batch, answers.append)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    group.close()
    assert len(answers) == 40
    accepted = sum(int((a.written.states[a.start : a.start + a.count] == 0).sum()) for a in answers)
    wanted = {each.id for batch in batches for each in batch}
    assert accepted == len(wanted) == counter.events().height


def test_the_clock_has_a_zone() -> None:
    assert GroupCommit(Slow())._clock().tzinfo is UTC  # type: ignore[arg-type]
