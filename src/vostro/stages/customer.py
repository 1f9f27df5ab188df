"""One customer 单个客户: identity, tags, segments, holdings and events, all as known at a moment."""

from datetime import datetime
from typing import Any

from vostro.bank import Bank
from vostro.engine import Workspace
from vostro.portrait import CustomerView, CustomerViews, build_portraits, require_customer

__all__ = ["view_customer"]


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
    require_customer(workspace.lake, bank.contracts, customer, as_of=as_of)
    views = CustomerViews(workspace.lake, bank.tags, bank.contracts, bank.segments, unmask=unmask)
    portrait = _portrait(bank, workspace, customer, as_of)
    return views.view(customer, as_of=as_of, portrait=portrait, skip=skip, limit=limit)


def _portrait(bank: Bank, workspace: Workspace, customer: str, as_of: datetime) -> dict[str, Any]:
    rows = build_portraits(bank.tags, bank.contracts, workspace.lake, as_of=as_of)
    found = rows.filter(rows["customer"] == customer)
    return found.row(0, named=True) if found.height else dict.fromkeys(bank.tags)
