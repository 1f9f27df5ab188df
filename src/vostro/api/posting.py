"""Posting 事件接口: how does a request become messages, and its answer come back after the commit?

The hot route, written against ASGI itself: no model, no dependency, no second copy of the body.
A request waits for its group's commit without a thread of its own.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from vostro.api.errors import BodyTypeError, MethodError
from vostro.api.keys import Key, KeyRing, check_host
from vostro.api.problems import PROBLEM, language_of, problem_of
from vostro.capture.intake import (
    ACCEPTED,
    BODY_BYTES_MAX,
    DUPLICATE,
    Answer,
    BodyLargeError,
    Broken,
    GroupCommit,
    Message,
    SegmentCall,
    read_messages,
    read_segment,
    unpack,
)
from vostro.words import Language, VostroError

__all__ = ["EventAnswer", "PostAnswer", "Posting"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Handler = Callable[[Any, Any, Any], Awaitable[None]]
_JSON = "application/json"
_LINES = ("application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines")
_WANTED = f"{_JSON} or {_LINES[0]}"
_SEGMENT_DONE = b'{"success":true}'


class EventAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one event."""

    status: str = ""  # accepted, duplicate or rejected
    id: str | None = None  # the event's; given back where the message had none
    code: str | None = None  # why it was rejected
    field: str | None = None
    detail: str | None = None  # in the language that was asked for


class PostAnswer(msgspec.Struct, frozen=True):
    """What became of a request's events; all that are not rejected are on the disk, and so are the rejects."""

    accepted: int
    duplicate: int
    rejected: int
    events: list[EventAnswer]


_ENCODER = msgspec.json.Encoder()
_DUPLICATES = "duplicate"


class Posting:
    """The routes that take events in."""

    def __init__(self, group: GroupCommit, ring: KeyRing) -> None:
        self._group, self._ring = group, ring
        self._ready: deque[tuple[asyncio.Future[Answer], Answer | VostroError]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None

    def bind(self, loop: asyncio.AbstractEventLoop) -> None:
        """Name the loop in which answers are awaited."""
        self._loop = loop

    def answered(self) -> None:
        """Hand the answers of a group to the loop, all at once; called by the writing thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._resolve)

    async def events(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer ``POST /events``."""
        headers = dict(scope["headers"])
        language = language_of(headers.get(b"accept-language"))
        try:
            _check_method(scope)
            self._allowed(headers, None)
            lines = _is_lines(headers.get(b"content-type", b""))
            body = await _body(headers, receive)
            answer = await self._write(read_messages(body, lines=lines))
            await _send(send, 202, _JSON, _told(answer, language))
        except VostroError as error:
            await _refuse(send, error, language)

    def segment(self, call: SegmentCall) -> Handler:
        """Return the handler of ``POST /v1/CALL``."""

        async def handle(scope: Scope, receive: Receive, send: Send) -> None:
            headers = dict(scope["headers"])
            language = language_of(headers.get(b"accept-language"))
            try:
                _check_method(scope)
                body = await _body(headers, receive)
                messages, key = read_segment(body, call, datetime.now(UTC))
                self._allowed(headers, key)
                await self._write(messages)
                await _send(send, 200, _JSON, _SEGMENT_DONE)
            except VostroError as error:
                await _refuse(send, error, language)

        return handle

    def _allowed(self, headers: dict[bytes, bytes], write_key: str | None) -> Key:
        if not self._ring.keys:
            check_host(headers.get(b"host", b"").decode("latin-1"))
        authorization, own = headers.get(b"authorization"), headers.get(b"x-api-key")
        if authorization is None and own is None and write_key is not None:
            key = self._ring.match(write_key.encode())
        else:
            key = self._ring.find(authorization, own)
        key.need("events")
        return key

    async def _write(self, messages: list[Message | Broken]) -> Answer:
        """Lay messages into the queue and wait until they are on the disk."""
        assert self._loop is not None, "the app has been started"
        future: asyncio.Future[Answer] = self._loop.create_future()
        self._group.submit(messages, lambda answer: self._ready.append((future, answer)))
        return await future

    def _resolve(self) -> None:
        while self._ready:
            future, answer = self._ready.popleft()
            if future.done():
                continue  # whoever asked has gone; the events are kept all the same
            if isinstance(answer, VostroError):
                future.set_exception(answer)
            else:
                future.set_result(answer)


def _told(answer: Answer, language: Language) -> bytes:
    """Return the answer's body."""
    written, first, last = answer.written, answer.start, answer.start + answer.count
    states = written.states[first:last].tolist()
    ids = written.ids[first:last]
    accepted, duplicate = states.count(ACCEPTED), states.count(DUPLICATE)
    if accepted == len(states):
        events = [EventAnswer("accepted", each) for each in ids]
    else:
        events = [
            EventAnswer("accepted", own)
            if state == ACCEPTED
            else EventAnswer(_DUPLICATES, own)
            if state == DUPLICATE
            else _rejected(answer, place, own, language)
            for place, (state, own) in enumerate(zip(states, ids, strict=True), start=first)
        ]
    return _ENCODER.encode(PostAnswer(accepted, duplicate, len(states) - accepted - duplicate, events))


def _rejected(answer: Answer, place: int, own: str | None, language: Language) -> EventAnswer:
    reason = answer.written.reasons[place]
    return EventAnswer("rejected", own, reason.code, reason.field, reason.say.say(language))


def _check_method(scope: Scope) -> None:
    if scope["method"] != "POST":
        raise MethodError(method=scope["method"], path=scope["path"])


def _is_lines(header: bytes) -> bool:
    """Tell whether the body is JSON lines; it is JSON otherwise.

    Raises:
        BodyTypeError: it is neither, or not in UTF-8.
    """
    kind, _, parameters = header.decode("latin-1").lower().partition(";")
    kind = kind.strip()
    charset = parameters.partition("charset=")[2].strip(' "')
    if kind not in (_JSON, *_LINES) or charset not in ("", "utf-8", "utf8"):
        raise BodyTypeError(type=header.decode("latin-1")[:100], wanted=_WANTED)
    return kind != _JSON


async def _body(headers: dict[bytes, bytes], receive: Receive) -> bytes:
    """Read the body, unpacked.

    Raises:
        BodyLargeError, BodyZippedError: it is too large, or not what it is said to be.
    """
    said = headers.get(b"content-length", b"")
    if said.isdigit() and int(said) > BODY_BYTES_MAX:
        raise BodyLargeError(max_mb=BODY_BYTES_MAX >> 20)
    event = await receive()
    body: bytes = event.get("body", b"")
    if event.get("more_body"):
        parts = [body]
        size = len(body)
        while event.get("more_body"):
            event = await receive()
            parts.append(event.get("body", b""))
            size += len(parts[-1])
            if size > BODY_BYTES_MAX:
                raise BodyLargeError(max_mb=BODY_BYTES_MAX >> 20)
        body = b"".join(parts)
    encoding = headers.get(b"content-encoding")
    return body if encoding is None else unpack(body, encoding.decode("latin-1").strip().lower())


async def _refuse(send: Send, error: VostroError, language: Language) -> None:
    problem, headers = problem_of(error, language)
    more = [(name.encode(), value.encode()) for name, value in headers.items()]
    if problem.status == 405:
        more.append((b"allow", b"POST"))
    await _send(send, problem.status, PROBLEM, _ENCODER.encode(problem), more)


async def _send(
    send: Send, status: int, kind: str, body: bytes, more: list[tuple[bytes, bytes]] | None = None
) -> None:
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode()), *(more or ())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
