"""Segment-shaped calls 兼容 Segment 的调用: what do identify, track and page of existing libraries say here?

The rule is built in, and the contract decides as for any other message:

* ``track`` is an event of the kind that its name spells in snake_case (``Order Completed`` is
  ``order_completed``); ``page`` is ``page_view``, ``screen`` is ``screen_view``, ``identify`` is
  ``identify``, ``group`` is ``group``. Names of properties and traits are snake_case, too, and nested
  ones are joined (``address.postalCode`` is ``address_postal_code``); a list is its JSON text.
* The customer is ``userId``, or ``anon:`` and ``anonymousId``. Who is identified with both, or
  aliased, leaves an ``identity`` event that says so.
* Parts of ``context`` are taken when the contract declares them, such as ``context_page_url``.
* A clock that goes wrong is set right: when ``sentAt`` is off by more than five seconds, the event
  is moved by as much.

Source: Segment, "HTTP Tracking API" and "Spec: Common Fields" (messageId, sentAt, timestamp).
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Literal

import msgspec

from vostro.capture.intake.errors import BodyEmptyError, BodyJsonError, BodyManyError, BodyShapeError
from vostro.capture.intake.messages import Broken, Message
from vostro.capture.intake.reasons import message_reason
from vostro.capture.intake.view import IDENTITY

__all__ = ["CALLS", "SegmentCall", "read_segment", "snake_case"]

SegmentCall = Literal["identify", "track", "page", "screen", "group", "alias", "batch"]
CALLS: tuple[SegmentCall, ...] = ("identify", "track", "page", "screen", "group", "alias", "batch")
BATCH_MAX = 2_500
_KINDS = {"identify": "identify", "page": "page_view", "screen": "screen_view", "group": "group"}
_SKEW_MIN = timedelta(seconds=5)  # less is the way through the network
_NAME_CHARACTERS_MAX = 100
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_GAP = re.compile(r"\W+")
_UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", re.IGNORECASE)
_ANY = msgspec.json.Decoder(float_hook=str)
_FAULTS = (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError)


def read_segment(
    body: bytes, call: SegmentCall, received: datetime
) -> tuple[list[Message | Broken], str | None]:
    """Turn one call into messages, and return them with the ``writeKey`` that it may state.

    Args:
        body: JSON as a Segment library sends it.
        call: the last part of the path.
        received: with a zone; now.

    Raises:
        BodyJsonError, BodyShapeError, BodyEmptyError, BodyManyError: there is no call in it, or too many.
    """
    try:
        whole = _ANY.decode(body)
    except _FAULTS as error:
        raise BodyJsonError(cause=str(error)[:200].rstrip(".")) from None
    if not isinstance(whole, dict):
        raise BodyShapeError(found="an array" if isinstance(whole, list) else "a single value")
    calls = whole.get("batch") if call == "batch" else [whole]
    if not isinstance(calls, list):
        raise BodyShapeError(found="an object without a list `batch`")
    if not calls:
        raise BodyEmptyError
    if len(calls) > BATCH_MAX:
        raise BodyManyError(count=len(calls), max=BATCH_MAX)
    around = {name: whole.get(name) for name in ("sentAt", "context")} if call == "batch" else {}
    found: list[Message | Broken] = []
    for each in calls:
        found.extend(_messages(each, call, around, received))
    key = whole.get("writeKey")
    return found, key if isinstance(key, str) else None


def snake_case(name: str) -> str:
    """Return a name as contracts write names.

    >>> snake_case("Order Completed"), snake_case("postalCode"), snake_case("HTTPStatus")
    ('order_completed', 'postal_code', 'http_status')
    """
    return _GAP.sub("_", _HUMP.sub("_", name)).strip("_").lower()


def _messages(
    said: Any, call: SegmentCall, around: dict[str, Any], received: datetime
) -> Iterator[Message | Broken]:
    if not isinstance(said, dict):
        reason = message_reason("message_shape", None, found="no object")
        yield Broken(msgspec.json.encode(said).decode(), reason)
        return
    kind = said.get("type") if call == "batch" else call
    shared = {"event_time": _moment(said, around, received), "customer": _customer(said)}
    context = _context(said, around)
    if kind != "alias":
        yield Message(
            kind=_kind(said, kind), id=said.get("messageId"), properties=_properties(said, kind),
            context=context, **shared,
        )  # fmt: skip
    previous = _previous(said, kind)
    if previous is not None:
        own = said.get("messageId")
        number = f"{own}/{IDENTITY}" if isinstance(own, str) else None
        properties = {"previous": previous, "evidence": f"segment {kind}"}
        yield Message(kind=IDENTITY, id=number, properties=properties, context=context, **shared)


def _kind(said: dict[str, Any], kind: Any) -> Any:
    if kind == "track":
        name = said.get("event")
        return snake_case(name[:_NAME_CHARACTERS_MAX]) if isinstance(name, str) else name
    return _KINDS.get(kind, kind) if isinstance(kind, str) else kind


def _customer(said: dict[str, Any]) -> Any:
    user = said.get("userId")
    if user is not None and user != "":
        return user
    anonymous = said.get("anonymousId")
    return None if anonymous is None or anonymous == "" else _anonymous(anonymous)


def _anonymous(value: Any) -> Any:
    return f"anon:{value}" if isinstance(value, str | int) else value


def _previous(said: dict[str, Any], kind: Any) -> str | None:
    """Return whom this call says to be the same customer, or None."""
    if kind == "alias":
        value = said.get("previousId")
        known = isinstance(value, str) and value != said.get("anonymousId") and not _UUID.match(value)
        found = value if known else _anonymous(value)
    else:
        both = kind == "identify" and said.get("userId") and said.get("anonymousId")
        found = _anonymous(said["anonymousId"]) if both else None
    return found if isinstance(found, str) else None


def _properties(said: dict[str, Any], kind: Any) -> Any:
    own = said.get("traits" if kind in ("identify", "group") else "properties")
    if own is not None and not isinstance(own, dict):
        return own  # the check tells that it is no object
    found = _flat(own or {})
    if kind in ("page", "screen"):
        named = {name: said[name] for name in ("name", "category") if said.get(name) is not None}
        found = named | found
    if kind == "group" and said.get("groupId") is not None:
        found = {"group_id": said["groupId"]} | found
    return found


def _context(said: dict[str, Any], around: dict[str, Any]) -> dict[str, Any] | None:
    parts = [each for each in (around.get("context"), said.get("context")) if isinstance(each, dict)]
    found: dict[str, Any] = {}
    for part in parts:
        found |= _flat(part)
    if said.get("userId") and isinstance(said.get("anonymousId"), str):
        found["anonymous_id"] = said["anonymousId"]
    return found or None


def _flat(values: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Return nested objects as one, names joined and in snake_case; lists as JSON."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        path = before + snake_case(name)
        if isinstance(value, dict):
            found |= _flat(value, path + "_")
        elif isinstance(value, list):
            found[path] = msgspec.json.encode(value).decode()
        else:
            found[path] = value
    return found


def _moment(said: dict[str, Any], around: dict[str, Any], received: datetime) -> Any:
    """Return when it happened by our clock; a text that is no moment is left for the check."""
    stated = said.get("originalTimestamp") or said.get("timestamp")
    sent = _parsed(said.get("sentAt") or around.get("sentAt"))
    if stated is None:
        return received.isoformat()
    moment = _parsed(stated)
    if moment is None or sent is None or abs(received - sent) <= _SKEW_MIN:
        return stated
    try:
        return (moment + (received - sent)).isoformat()
    except OverflowError:
        return stated


def _parsed(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
