"""Portraits 画像查询: what is known of one customer, now or at a past moment?

A live portrait holds every event of the customer that was acknowledged before the question,
whether or not the worker has taken it in yet.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.datastructures import State
from litestar.params import Parameter

from vostro.api.access import MASKED, caller, note_shown
from vostro.api.customers import Purpose, Unmask
from vostro.api.service import Service
from vostro.capture import mask
from vostro.portrait import CustomerUnknownError, Tag
from vostro.words import iso, parse_moment

__all__ = ["CustomerPortrait", "customer_portrait"]


class CustomerPortrait(msgspec.Struct, frozen=True):
    """All tags of one customer as of a moment."""

    customer: str  # the person, where identity knows one behind the identifier
    as_of: str
    sequence: int  # the last event of the log that is in it; 0 where that is not known
    masked: bool
    tags: dict[str, Any]  # in their types; null where unknown; amounts as texts with all digits


@get("/customers/{customer:str}", summary="Portrait of a customer", tags=["customers"], sync_to_thread=True)
def customer_portrait(
    request: Request[Any, Any, Any],
    state: State,
    customer: Annotated[str, Parameter(max_length=200, description="The customer's id.")],
    as_of: Annotated[
        str | None,
        Parameter(description="As known at this past moment (ISO 8601 with a zone); default: now."),
    ] = None,
    unmask: Unmask = False,
    purpose: Purpose = None,
) -> CustomerPortrait:
    """Return a customer's tags: now, with every event that was acknowledged, or as they were known at a moment."""
    service: Service = state["service"]
    key = caller(request, service, "read")
    moment = None if as_of is None else parse_moment(as_of)
    if unmask:
        note_shown(service, key, customer, "portrait", purpose, datetime.now(UTC))
    found = service.reader.read(customer) if moment is None else service.past.read(customer, moment)
    if found is None:
        raise CustomerUnknownError(customer=customer, known_en="", known_zh="")
    own = service.bank.tags
    tags = {code: _shown(own[code], value, unmask=unmask) for code, value in found.tags.items()}
    return CustomerPortrait(found.customer, iso(found.as_of), found.sequence, not unmask, tags)


def _shown(tag: Tag, value: Any, *, unmask: bool) -> Any:
    hidden = value is not None and not unmask and tag.sensitivity in MASKED
    return mask(str(value)) if hidden else value
