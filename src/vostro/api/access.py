"""Access 访问与脱敏: who asks, may he, and what does he see of personal data?

Who somebody is, how to reach him, and sensitive data are masked, as in ``vostro customer``. Who has the
right ``unmask`` and states a purpose sees them, and an event of that customer says who saw what for.
"""

from datetime import datetime
from typing import Any

import msgspec
import polars as pl
from litestar import Request

from vostro.api.errors import PurposeMissingError
from vostro.api.keys import Key, Right
from vostro.api.service import Service
from vostro.capture import Contract, mask
from vostro.engine import append_events
from vostro.words import digest

__all__ = ["MASKED", "SHOWN", "caller", "masked_body", "note_shown"]

MASKED = ("identity", "contact", "sensitive")  # classes of personal data
SHOWN = "personal_data_shown"  # the kind of the event that says so
_PURPOSE_CHARACTERS_MAX = 200


def caller(request: Request[Any, Any, Any], service: Service, right: Right) -> Key:
    """Return who asks.

    Raises:
        KeyMissingError, RightMissingError: he may not.
    """
    headers = request.headers
    authorization, own = headers.get("authorization"), headers.get("x-api-key")
    key = service.ring.find(
        None if authorization is None else authorization.encode("latin-1"),
        None if own is None else own.encode("latin-1"),
    )
    key.need(right)
    return key


def note_shown(
    service: Service, key: Key, customer: str, what: str, purpose: str | None, now: datetime
) -> None:
    """Check that personal data may be shown, and write down that they are.

    Raises:
        RightMissingError: the key may not.
        PurposeMissingError: nobody said what for.
    """
    key.need("unmask")
    if purpose is None or not purpose.strip():
        raise PurposeMissingError
    body = {"key": key.name, "what": what, "purpose": purpose.strip()[:_PURPOSE_CHARACTERS_MAX]}
    written = msgspec.json.encode(body).decode()
    event = pl.DataFrame(
        {
            "customer": [customer],
            "kind": [SHOWN],
            "event_time": [now],
            "load_time": [now],
            "idempotency_key": [f"{SHOWN}:{digest(customer, written, now.isoformat())}"],
            "body": [written],
        }
    )
    with service.workspace.store.begin() as connection:
        append_events(connection, event)


def masked_body(body: dict[str, Any], contract: Contract | None) -> dict[str, Any]:
    """Return an event's body with the shape of personal values only; of an unknown contract, of all texts."""
    if contract is None:
        return {name: _masked(value) for name, value in body.items()}
    personal = {name for name, column in contract.columns.items() if column.personal_data in MASKED}
    return {name: _masked(value) if name in personal else value for name, value in body.items()}


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _masked(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_masked(each) for each in value]
    if value is None or isinstance(value, bool):
        return value
    return mask(str(value))
