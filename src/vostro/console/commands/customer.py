"""``vostro customer`` 客户命令: what is known of one customer, now or at a past moment?"""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter, validators

from vostro.console.commands.common import AsJson, BankFolder, SayIn, now_of, terminal_of

__all__ = ["customer"]


def customer(
    id: Annotated[str, Parameter(help="The customer, as sources name him.")],
    bank: BankFolder = Path(),
    *,
    as_of: Annotated[str | None, Parameter(help="As known at this moment (ISO 8601 with zone).")] = None,
    page: Annotated[int, Parameter(help="Which page of events.", validator=validators.Number(gte=1))] = 1,
    limit: Annotated[int, Parameter(help="Events a page.", validator=validators.Number(gte=1))] = 20,
    unmask: Annotated[bool, Parameter(negative="", help="Show personal values.")] = False,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Show one customer: identity, holdings, tags by dimension, segments, and events over all channels."""
    from vostro.bank import read_bank
    from vostro.console.customer_view import show_customer
    from vostro.engine import Workspace
    from vostro.stages import view_customer
    from vostro.words import parse_moment

    read = read_bank(bank)
    moment = now_of(read) if as_of is None else parse_moment(as_of)
    with Workspace.open(bank) as workspace:
        found = view_customer(
            read, workspace, id, as_of=moment, skip=(page - 1) * limit, limit=limit, unmask=unmask
        )
    show_customer(
        found, terminal_of(language, bank, json=json), zone=read.header.zone, page=page, limit=limit
    )
