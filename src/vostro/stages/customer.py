"""One customer 单个客户: identity, tags, segments, holdings and events, all as known at a moment."""

import contextlib
from datetime import datetime
from typing import Any

from vostro.bank import Bank
from vostro.engine import Workspace
from vostro.portrait import (
    CustomerView,
    CustomerViews,
    build_portraits,
    can_look_up,
    identity_view,
    person_at,
    require_customer,
    with_household,
)
from vostro.portrait.identity import read_identity
from vostro.portrait.online import PastReader

__all__ = ["view_customer"]

_EVENTS_MAX = 1_000_000  # of one customer, to count them all


def view_customer(
    bank: Bank,
    workspace: Workspace,
    customer: str,
    *,
    as_of: datetime,
    skip: int = 0,
    limit: int = 20,
    unmask: bool = False,
) -> CustomerView:
    """Return what was known of a customer at a moment.

    Args:
        bank: its definitions.
        workspace: open.
        customer: as sources name him.
        as_of: the moment.
        skip: how many of the newest events to leave out.
        limit: how many events to show.
        unmask: show personal values.

    Raises:
        CustomerUnknownError: no source had a record of him by then.
    """
    lake = workspace.lake
    require_customer(lake, bank.contracts, customer, as_of=as_of)
    views = CustomerViews(lake, bank.tags, bank.contracts, bank.segments, unmask=unmask)
    with contextlib.closing(PastReader(lake, bank.tags, bank.contracts)) as past:
        events = past.events(customer, as_of, limit=_EVENTS_MAX)
        portrait = _portrait(bank, workspace, past, customer, as_of)
    definition = read_identity(bank.folder, bank.contracts)
    identity = None
    if definition is not None:
        identity = identity_view(lake, definition, bank.contracts, customer, as_of=as_of, unmask=unmask)
    return views.view(
        customer, as_of=as_of, portrait=portrait, events=events, identity=identity, skip=skip, limit=limit
    )


def _portrait(
    bank: Bank, workspace: Workspace, past: PastReader, customer: str, as_of: datetime
) -> dict[str, Any]:
    """Return the customer's tags; those of his household come from its other members."""

    def read(other: str) -> dict[str, Any] | None:
        found = past.read(other, as_of)
        return None if found is None else dict(found.tags)

    if not can_look_up(bank.tags):
        rows = build_portraits(bank.tags, bank.contracts, workspace.lake, as_of=as_of)
        person = person_at(workspace.lake, customer, as_of)
        found = rows.filter(rows["customer"] == person)
        return found.row(0, named=True) if found.height else dict.fromkeys(bank.tags)
    own = dict.fromkeys(bank.tags) | (read(customer) or {})
    return with_household(own, bank.tags, bank.contracts, workspace.lake, as_of=as_of, read=read)
