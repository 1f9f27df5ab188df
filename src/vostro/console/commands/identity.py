"""``vostro identity`` 客户识别命令: which customers are one person, why, and who says otherwise?"""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter, validators

from vostro.console.commands.common import AsJson, BankFolder, SayIn, now_of, terminal_of

if TYPE_CHECKING:
    from vostro.bank import Bank
    from vostro.portrait import IdentityDefinition

__all__ = ["identity"]

identity = App(
    name="identity", help="Who is who: link customers of all sources to people, and decide by hand."
)

Customer = Annotated[str, Parameter(help="A customer, as sources name him.")]
Reason = Annotated[str, Parameter(help="Why.")]
By = Annotated[str | None, Parameter(help="Who says so; by default, whoever runs the command.")]
Unmask = Annotated[bool, Parameter(negative="", help="Show personal values.")]


@identity.command
def run(
    bank: BankFolder = Path(),
    *,
    settle: Annotated[bool, Parameter(negative="", help="Estimate the parameters anew.")] = False,
    redo: Annotated[bool, Parameter(negative="", help="Compare all records again.")] = False,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Link customers to people now: what is new or has changed, with all that is known."""
    from vostro.console.identity_views import show_run
    from vostro.engine import Workspace
    from vostro.portrait import run_identity

    read, definition = _read(bank)
    with Workspace.open(bank) as workspace:
        found = run_identity(
            workspace.lake,
            definition,
            read.contracts,
            moment=now_of(read),
            estimate_again=settle,
            redo=redo,
        )
    show_run(found, terminal_of(language, bank, json=json))


@identity.command
def show(
    id: Annotated[str, Parameter(help="A customer or visitor.")],
    bank: BankFolder = Path(),
    *,
    unmask: Unmask = False,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Show the person behind an identifier: records, golden record, household, and how each was linked."""
    from vostro.console.identity_views import show_person
    from vostro.engine import Workspace
    from vostro.portrait import masked_view, person_view

    read, definition = _read(bank)
    with Workspace.open(bank) as workspace:
        found = person_view(workspace.lake, definition, read.contracts, id)
    shown = found if unmask else masked_view(found, definition, read.contracts)
    show_person(shown, terminal_of(language, bank, json=json))


@identity.command
def merge(
    a: Customer,
    b: Customer,
    bank: BankFolder = Path(),
    *,
    reason: Reason,
    by: By = None,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Say that two customers are one person."""
    from vostro.console.identity_views import show_decided
    from vostro.engine import Workspace
    from vostro.portrait import merge_people

    read, _ = _read(bank)
    with Workspace.open(bank) as workspace:
        done = merge_people(
            workspace.lake, a, b, reason=reason, by=by or getpass.getuser(), moment=now_of(read)
        )
    show_decided(done, terminal_of(language, bank, json=json))


@identity.command
def unmerge(
    a: Customer,
    b: Annotated[str | None, Parameter(help="The other; without it, everybody else.")] = None,
    bank: BankFolder = Path(),
    *,
    reason: Reason,
    by: By = None,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Say that two customers are not one person; no evidence brings them together again."""
    from vostro.console.identity_views import show_decided
    from vostro.engine import Workspace
    from vostro.portrait import unmerge_people

    read, _ = _read(bank)
    with Workspace.open(bank) as workspace:
        done = unmerge_people(
            workspace.lake, a, b, reason=reason, by=by or getpass.getuser(), moment=now_of(read)
        )
    show_decided(done, terminal_of(language, bank, json=json))


@identity.command
def review(
    bank: BankFolder = Path(),
    *,
    limit: Annotated[int, Parameter(help="At most this many.", validator=validators.Number(gte=1))] = 20,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """List pairs that a person should look at: likely one, yet not certain, or spoken against by others."""
    from vostro.console.identity_views import show_review
    from vostro.engine import Workspace
    from vostro.portrait import review_pairs

    _, definition = _read(bank)
    with Workspace.open(bank) as workspace:
        pairs = review_pairs(workspace.lake, definition)
    show_review(pairs, terminal_of(language, bank, json=json), limit=limit)


def _read(bank: Path) -> "tuple[Bank, IdentityDefinition]":
    from vostro.bank import read_bank
    from vostro.portrait import IdentityMissingError, read_identity

    read = read_bank(bank)
    definition = read_identity(bank, read.contracts)
    if definition is None:
        raise IdentityMissingError(folder=str(bank))
    return read, definition
