"""Messages 消息: what did a request say, one object, a list or one on each line?

Numbers with a point keep the digits in which they were written (``1.10`` stays ``1.10``), as
in files. A message that is none is kept as a broken one with its reason; only a body that
cannot be split into messages at all is refused.
"""

import gzip
import zlib
from typing import Any

import msgspec

from vostro.capture.intake.errors import (
    BodyEmptyError,
    BodyJsonError,
    BodyLargeError,
    BodyManyError,
    BodyShapeError,
    BodyZippedError,
)
from vostro.capture.intake.reasons import Reason, hint, message_reason
from vostro.words import suggest

__all__ = ["BODY_BYTES_MAX", "MESSAGES_MAX", "Broken", "Message", "message_of", "read_messages", "unpack"]

MESSAGES_MAX = 1_000
BODY_BYTES_MAX = 8 << 20
_NAMES = ("object", "array", "string", "number", "boolean", "null")


class Message(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One event as it was sent. Nothing is checked yet, so that every fault has a reason of its own."""

    kind: Any = None  # the contract's `event`
    customer: Any = None
    event_time: Any = None  # ISO 8601 with a zone
    id: Any = None  # which event this is; the same one again adds nothing
    operation: Any = "new"  # new, correct (the whole event again) or delete
    properties: Any = {}  # the contract's columns
    context: Any = None  # taken as columns `context_...` where the contract declares them


class Broken(msgspec.Struct, frozen=True):
    """What should have been a message."""

    raw: str
    reason: Reason


_MESSAGE = msgspec.json.Decoder(Message, float_hook=str)
_LIST = msgspec.json.Decoder(list[Message], float_hook=str)
_ANY = msgspec.json.Decoder(float_hook=str)


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    events: list[Message]


_ENVELOPE = msgspec.json.Decoder(_Envelope, float_hook=str)
_FAULTS = (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError)


def unpack(body: bytes, encoding: str, *, bytes_max: int = BODY_BYTES_MAX) -> bytes:
    """Return a body without its compression.

    Raises:
        BodyZippedError: not gzip, or broken off.
        BodyLargeError: larger than ``bytes_max`` when unpacked.
    """
    if encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise BodyZippedError(encoding=encoding[:40])
    unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        whole = unzip.decompress(body, bytes_max + 1)
    except (zlib.error, gzip.BadGzipFile) as error:
        raise BodyZippedError(encoding=encoding) from error
    if len(whole) > bytes_max:
        raise BodyLargeError(max_mb=bytes_max >> 20)
    if not unzip.eof:
        raise BodyZippedError(encoding=encoding)
    return whole


def read_messages(body: bytes, *, lines: bool = False) -> list[Message | Broken]:
    """Split a body into messages.

    Args:
        body: JSON: one object, an array, or ``{"events": [...]}``.
        lines: one JSON object on each line instead; a line that is none is a broken message.

    Raises:
        BodyEmptyError, BodyJsonError, BodyShapeError, BodyManyError: there are no messages in it, or too many.
    """
    found = _lines(body) if lines else _messages(body)
    if not found:
        raise BodyEmptyError
    if len(found) > MESSAGES_MAX:
        raise BodyManyError(count=len(found), max=MESSAGES_MAX)
    return found


def message_of(value: object) -> Message | Broken:
    """Return one decoded JSON value as a message."""
    if not isinstance(value, dict):
        return _broken(value, message_reason("message_shape", None, found=_name(value)))
    unknown = next((key for key in value if key not in Message.__struct_fields__), None)
    if unknown is not None:
        close = suggest(unknown, set(Message.__struct_fields__))
        return _broken(value, message_reason("message_field", unknown[:100], **hint(close)))
    return Message(**value)


def _messages(body: bytes) -> list[Message | Broken]:
    start = body.lstrip()[:1]
    try:
        if start == b"[":
            return list(_LIST.decode(body))
        if body.lstrip()[:64].replace(b" ", b"").startswith(b'{"events":'):
            return list(_ENVELOPE.decode(body).events)
        return [_MESSAGE.decode(body)]
    except _FAULTS:
        return _one_by_one(body)


def _one_by_one(body: bytes) -> list[Message | Broken]:
    """Read a body that holds something else than good messages: slow, and every fault is named."""
    if not body.strip():
        raise BodyEmptyError
    try:
        whole = _ANY.decode(body)
    except _FAULTS as error:
        raise BodyJsonError(cause=_cause(error)) from None
    if isinstance(whole, dict) and isinstance(whole.get("events"), list) and len(whole) == 1:
        whole = whole["events"]
    if isinstance(whole, dict):
        whole = [whole]
    if not isinstance(whole, list):
        raise BodyShapeError(found=_name(whole))
    return [message_of(each) for each in whole]


def _lines(body: bytes) -> list[Message | Broken]:
    lines = [line for line in body.split(b"\n") if line.strip()]
    try:
        return [_MESSAGE.decode(line) for line in lines]
    except _FAULTS:
        return [_line(line) for line in lines[: MESSAGES_MAX + 1]]


def _line(line: bytes) -> Message | Broken:
    try:
        return message_of(_ANY.decode(line))
    except _FAULTS:
        return Broken(
            line.decode(errors="replace")[:10_000], message_reason("message_shape", None, found="no JSON")
        )


def _broken(value: object, reason: Reason) -> Broken:
    return Broken(msgspec.json.encode(value).decode(), reason)


def _name(value: object) -> str:
    kinds = {dict: "an object", list: "an array", str: "a string", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def _cause(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)[:200].rstrip(".")
