"""Customers 客户查询: what happened to one customer?"""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import polars as pl
from litestar import Request, get
from litestar.datastructures import State
from litestar.params import Parameter

from vostro.api.access import caller, masked_body, note_shown
from vostro.api.service import Service
from vostro.engine import read_events
from vostro.portrait import aliases
from vostro.words import iso, parse_moment

__all__ = ["CustomerEvent", "CustomerEvents", "customer_events"]

EVENTS_MAX = 1_000

Unmask = Annotated[
    bool, Parameter(description="Show personal values as they are; needs the right and a purpose.")
]
Purpose = Annotated[
    str | None, Parameter(description="What personal values are shown for; written to the log.")
]


class CustomerEvent(msgspec.Struct, frozen=True):
    """Something that happened to a customer, as it is known now."""

    kind: str
    event_time: str
    load_time: str
    body: dict[str, Any]  # the contract's columns; personal ones masked


class CustomerEvents(msgspec.Struct, frozen=True):
    """A customer's events, the latest first."""

    customer: str
    masked: bool
    events: list[CustomerEvent]
    more: bool  # older ones are left out


@get(
    "/customers/{customer:str}/events",
    summary="Events of a customer",
    tags=["customers"],
    sync_to_thread=True,
)
def customer_events(
    request: Request[Any, Any, Any],
    state: State,
    customer: Annotated[str, Parameter(max_length=200, description="The customer's id.")],
    kind: Annotated[str | None, Parameter(description="Only events of this kind.")] = None,
    before: Annotated[
        str | None, Parameter(description="Only what happened before this moment (ISO 8601 with a zone).")
    ] = None,
    limit: Annotated[int, Parameter(ge=1, le=EVENTS_MAX, description="At most this many.")] = 100,
    unmask: Unmask = False,
    purpose: Purpose = None,
) -> CustomerEvents:
    """Return what happened to a customer over all channels, the latest first; corrected, without what was deleted.

    Where identity knows that he has several identifiers, under all of them.
    """
    service: Service = state["service"]
    key = caller(request, service, "read")
    until = None if before is None else parse_moment(before)
    if unmask:
        note_shown(service, key, customer, "events", purpose, datetime.now(UTC))
    with service.workspace.store.begin() as connection:
        names = aliases(connection, customer)
        found = pl.concat(read_events(connection, customer=each, kind=kind) for each in names)
    if until is not None:
        found = found.filter(found["event_time"] < until)
    found = found.sort("event_time", "sequence", descending=True)
    rows = found.head(limit).select("kind", "event_time", "load_time", "body").rows()
    events = [_shown(service, *row, unmask=unmask) for row in rows]
    return CustomerEvents(customer, not unmask, events, found.height > limit)


def _shown(
    service: Service, kind: str, event_time: datetime, load_time: datetime, body: str, *, unmask: bool
) -> CustomerEvent:
    plain = msgspec.json.decode(body)
    shown = plain if unmask else masked_body(plain, service.by_kind.get(kind))
    return CustomerEvent(kind, iso(event_time), iso(load_time), shown)
