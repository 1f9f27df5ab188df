"""Group commit 成组提交: how do many requests wait for one disk write instead of one each?

Requests lay their messages into a bounded queue. One thread takes all that wait, writes them in
one transaction, and answers them; while it does, the next group gathers. The more requests come,
the larger the groups. When too much waits, a request is told so at once instead of waiting.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from vostro.capture.intake.errors import IntakeBusyError, IntakeClosedError, IntakeFailedError
from vostro.capture.intake.messages import Broken, Message
from vostro.capture.intake.writer import Writer, Written
from vostro.engine import StoreLostError
from vostro.words import VostroError

__all__ = ["FLUSH_MESSAGES_MAX", "WAITING_MAX", "Answer", "GroupCommit"]

FLUSH_MESSAGES_MAX = 10_000
WAITING_MAX = 40_000  # messages; some seconds of work


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one request's messages: those of ``written`` from ``start`` on."""

    written: Written
    start: int
    count: int


Done = Callable[[Answer | VostroError], None]


@dataclass(frozen=True, slots=True)
class _Request:
    messages: Sequence[Message | Broken]
    done: Done


class GroupCommit:
    """The queue and its thread; ``start`` before use, ``close`` at the end."""

    def __init__(
        self,
        writer: Writer,
        *,
        waiting_max: int = WAITING_MAX,
        revive: Callable[[], object] | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        answered: Callable[[], None] | None = None,
    ) -> None:
        """Prepare.

        Args:
            writer: used by this group's thread only.
            waiting_max: how many messages may wait.
            revive: called when the database is gone; may start it again.
            clock: when messages come, with a zone.
            answered: called in the thread after the requests of a group were answered.
        """
        self._writer = writer
        self._waiting_max = waiting_max
        self._revive, self._clock, self._answered = revive, clock, answered
        self._queue: deque[_Request] = deque()
        self._waiting = 0
        self._closed = False
        self._more = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="vostro-intake", daemon=True)

    def start(self) -> None:
        """Start to write."""
        self._thread.start()

    @property
    def waiting(self) -> int:
        """How many messages wait."""
        return self._waiting

    def submit(self, messages: Sequence[Message | Broken], done: Done) -> None:
        """Lay messages into the queue; ``done`` is called in the writing thread once they are on the disk.

        Raises:
            IntakeBusyError: too many wait.
            IntakeClosedError: the group is closed, or being closed.
        """
        with self._more:
            if self._closed:
                raise IntakeClosedError
            if self._waiting and self._waiting + len(messages) > self._waiting_max:
                raise IntakeBusyError(waiting=self._waiting)
            self._queue.append(_Request(messages, done))
            self._waiting += len(messages)
            self._more.notify()

    def close(self) -> None:
        """Write what waits, and end the thread."""
        with self._more:
            self._closed = True
            self._more.notify()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while group := self._next():
            self._write(group)
            with self._more:
                self._waiting -= sum(len(each.messages) for each in group)
            if self._answered is not None:
                self._answered()

    def _next(self) -> list[_Request]:
        """Wait for requests and return as many as make one transaction; none at the end."""
        with self._more:
            while not self._queue and not self._closed:
                self._more.wait()
            group: list[_Request] = []
            count = 0
            while self._queue and (not group or count + len(self._queue[0].messages) <= FLUSH_MESSAGES_MAX):
                group.append(self._queue.popleft())
                count += len(group[-1].messages)
            return group

    def _write(self, group: list[_Request]) -> None:
        messages: list[Message | Broken] = []
        for request in group:
            messages.extend(request.messages)
        try:
            written = self._writer.write(messages, self._clock())
        except VostroError as error:
            for request in group:
                request.done(error)
            if isinstance(error, StoreLostError):
                self._try_revive()
        except Exception as error:
            self._write_apart(group, error)
        else:
            start = 0
            for request in group:
                request.done(Answer(written, start, len(request.messages)))
                start += len(request.messages)

    def _write_apart(self, group: list[_Request], error: Exception) -> None:
        """Write each request by itself, so that one which we cannot stand harms no other."""
        if len(group) == 1:
            group[0].done(IntakeFailedError(kind=type(error).__name__))
            return
        for request in group:
            self._write([request])

    def _try_revive(self) -> None:
        if self._revive is None:
            return
        try:
            self._revive()
        except VostroError:
            return  # the next request tries again
