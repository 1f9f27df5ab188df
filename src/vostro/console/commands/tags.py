"""``vostro tags`` 标签命令: what do the bank's tags state, how do they spread, and who sets them by hand?"""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from vostro.console.commands.common import AsJson, BankFolder, SayIn, now_of, terminal_of

if TYPE_CHECKING:
    from vostro.portrait import CatalogueEntry, ManualTags

__all__ = ["tags"]

tags = App(
    name="tags", help="The tag catalogue: meaning, coverage, distribution, lineage, history; manual tags."
)

TagCode = Annotated[str, Parameter(help="The tag's code.")]
Customer = Annotated[str, Parameter(help="The customer, as sources name him.")]
By = Annotated[str, Parameter(help="Who says so.")]
Reason = Annotated[str, Parameter(help="Why.")]


@tags.command(name="list")
def list_tags(
    bank: BankFolder = Path(),
    *,
    dimension: Annotated[str | None, Parameter(help="Only tags of this dimension.")] = None,
    kind: Annotated[str | None, Parameter(help="Only tags of this kind.")] = None,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """List every tag: kind, dimension, type, coverage, owner, uses; those that nothing uses or that expired."""
    from vostro.console.tag_views import show_tags

    entries = _catalogue(bank).values()
    found = [e for e in entries if dimension in (None, e.dimension) and kind in (None, e.kind)]
    show_tags(found, terminal_of(language, bank, json=json))


@tags.command
def show(code: TagCode, bank: BankFolder = Path(), *, json: AsJson = False, language: SayIn = None) -> None:
    """Show one tag: its definition in words, coverage, distribution, lineage and uses."""
    from vostro.console.tag_views import show_tag
    from vostro.portrait import unknown_tag

    entries = _catalogue(bank)
    if code not in entries:
        raise unknown_tag(code, set(entries))
    show_tag(entries[code], terminal_of(language, bank, json=json))


@tags.command
def history(
    code: TagCode, bank: BankFolder = Path(), *, json: AsJson = False, language: SayIn = None
) -> None:
    """Show how a tag's definition, coverage and distribution moved from build to build."""
    from vostro.bank import read_bank
    from vostro.console.tag_views import show_history
    from vostro.engine import Workspace
    from vostro.portrait import tag_history

    known = set(read_bank(bank).tags)
    with Workspace.open(bank) as workspace:
        builds = tag_history(workspace.lake, code, known)
    show_history(code, builds, terminal_of(language, bank, json=json))


@tags.command
def lineage(
    code: Annotated[str, Parameter(help="A tag's code, or contract.column.")],
    bank: BankFolder = Path(),
    *,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Show from which columns a tag comes and what uses it; or all that is made from a column."""
    from vostro.bank import read_bank
    from vostro.console.tag_views import show_lineage
    from vostro.portrait import trace
    from vostro.stages import column_users, lineage_of

    read = read_bank(bank)
    columns = {f"{name}.{column}" for name, each in read.contracts.items() for column in each.columns}
    show_lineage(
        trace(code, lineage_of(read), columns, column_users(read)), terminal_of(language, bank, json=json)
    )


@tags.command(name="set")
def set_tag(
    tag: TagCode,
    customer: Customer,
    value: Annotated[str, Parameter(help="The value; of the tag's type.")],
    bank: BankFolder = Path(),
    *,
    by: By,
    reason: Reason,
    until: Annotated[str | None, Parameter(help="Unknown from this moment on (ISO 8601 with zone).")] = None,
    language: SayIn = None,
) -> None:
    """Set a manual tag of one customer; who, why and until when are kept in the log."""
    from vostro.console.tag_views import show_setting
    from vostro.words import parse_moment

    end = None if until is None else parse_moment(until)
    with _desk(bank) as (desk, moment):
        setting = desk.set(tag, customer, value, by=by, reason=reason, moment=moment, until=end)
    show_setting(setting, terminal_of(language, bank))


@tags.command
def clear(
    tag: TagCode,
    customer: Customer,
    bank: BankFolder = Path(),
    *,
    by: By,
    reason: Reason,
    language: SayIn = None,
) -> None:
    """Make a manual tag of one customer unknown again; what it was stays in the log."""
    from vostro.console.tag_views import show_setting

    with _desk(bank) as (desk, moment):
        setting = desk.clear(tag, customer, by=by, reason=reason, moment=moment)
    show_setting(setting, terminal_of(language, bank))


@tags.command
def cuts(
    prefix: Annotated[str, Parameter(help="The prefix of an RFM template's tags.")] = "rfm",
    bank: BankFolder = Path(),
    *,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Learn the cut points of an RFM template from the last build, as the line of YAML that keeps them."""
    from vostro.bank import read_bank
    from vostro.console.tag_views import show_cuts
    from vostro.engine import Workspace
    from vostro.portrait import CutsUnknownError, read_templates, rfm_cuts
    from vostro.stages import last_portraits

    read_bank(bank)
    known = [code for code, at in read_templates(bank).items() if at.value.template == "rfm"]
    with Workspace.open(bank) as workspace:
        found = rfm_cuts(last_portraits(workspace.lake), prefix) if prefix in known else None
    if found is None:
        raise CutsUnknownError(prefix=prefix, known=", ".join(known) or "-")
    show_cuts(found, terminal_of(language, bank, json=json))


def _catalogue(bank: Path) -> "dict[str, CatalogueEntry]":
    from vostro.bank import read_bank
    from vostro.engine import Workspace
    from vostro.stages import bank_catalogue

    read = read_bank(bank)
    with Workspace.open(bank) as workspace:
        return bank_catalogue(read, workspace.lake, moment=now_of(read))


@contextlib.contextmanager
def _desk(bank: Path) -> "Iterator[tuple[ManualTags, datetime]]":
    """Open the bank to set tags by hand, and say which moment it is there."""
    from vostro.bank import read_bank
    from vostro.engine import Workspace
    from vostro.portrait import ManualTags

    read = read_bank(bank)
    with Workspace.open(bank) as workspace:
        yield ManualTags(workspace.lake, read.tags, read.contracts), now_of(read)
