"""Driver 压测端: a process that sends requests over many connections and says how long it took.

It reads one task as JSON from its standard input and prints one answer. It is a process of its own,
so that its work is not counted as the server's.
"""

import asyncio
import sys
import time
from collections import deque
from typing import Any

import msgspec

from vostro.api.bench.bank import messages, requests

__all__ = ["Task", "Told", "drive"]

_LENGTH = b"content-length: "


class Task(msgspec.Struct, frozen=True):
    """What to send."""

    port: int
    first: int  # number of the first event
    events: int
    size: int  # events a request
    connections: int


class Told(msgspec.Struct, frozen=True):
    """How it went."""

    seconds: float  # from the first request to the last answer
    accepted: int  # requests answered with 202
    p50_ms: float
    p99_ms: float


class _Connection(asyncio.Protocol):
    """One request after the other, the next one when the answer to the last is whole."""

    def __init__(self, queue: deque[bytes], taken: list[float], ended: asyncio.Event) -> None:
        self.queue, self.taken, self.ended = queue, taken, ended
        self.accepted = self.wanted = 0
        self.buffer = b""
        self.began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self.transport: Any = transport  # uvloop's are of no class of asyncio
        self._next()

    def data_received(self, data: bytes) -> None:
        """Take a part of an answer."""
        self.buffer += data
        if not self.wanted:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self.buffer[:end].lower()
            at = head.find(_LENGTH) + len(_LENGTH)
            self.wanted = end + 4 + int(head[at:].split(b"\r\n", 1)[0])
        if len(self.buffer) >= self.wanted:
            self.accepted += self.buffer.startswith(b"HTTP/1.1 202")
            self.taken.append(time.perf_counter() - self.began)
            self.buffer, self.wanted = b"", 0
            self._next()

    def connection_lost(self, error: Exception | None) -> None:
        """Note the end."""
        self.ended.set()

    def _next(self) -> None:
        if not self.queue:
            self.transport.close()
            return
        self.began = time.perf_counter()
        self.transport.write(self.queue.popleft())


async def drive(task: Task) -> Told:
    """Send the task's events and wait for all answers."""
    queue = deque(requests(messages(task.events, task.first), task.size))
    taken: list[float] = []
    loop = asyncio.get_running_loop()
    made, ends = [], []
    began = time.perf_counter()
    for _ in range(task.connections):
        ended = asyncio.Event()
        ends.append(ended)
        _, connection = await loop.create_connection(
            lambda ended=ended: _Connection(queue, taken, ended),  # type: ignore[misc]
            "127.0.0.1",
            task.port,
        )
        made.append(connection)
    for ended in ends:
        await ended.wait()
    seconds = time.perf_counter() - began
    ranked = sorted(taken)
    return Told(
        seconds,
        sum(each.accepted for each in made),
        1e3 * ranked[len(ranked) // 2],
        1e3 * ranked[min(len(ranked) - 1, int(0.99 * len(ranked)))],
    )


def main() -> None:
    """Read the task, drive, print the answer."""
    import uvloop

    task = msgspec.json.decode(sys.stdin.buffer.read(), type=Task)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(drive(task))))


if __name__ == "__main__":
    main()
