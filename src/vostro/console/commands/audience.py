"""``vostro audience`` 人群命令: how many customers does a rule select, and who are they?"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter, validators

from vostro.console.commands.common import AsJson, BankFolder, SayIn, terminal_of
from vostro.words import VostroError

if TYPE_CHECKING:
    from vostro.bank import Bank
    from vostro.portrait import AudienceIndex

__all__ = ["SampleFileError", "audience"]


class SampleFileError(VostroError):
    """A sample was asked for, but no file to write it to."""

    code = "console.sample_file"
    status = 422
    en = "A sample is a list of customers: say where to write it, '--ids FILE'."
    zh = "抽样结果是客户名单：请用“--ids 文件”指定写入位置。"


def audience(
    rule: Annotated[str, Parameter(help='A condition over tags, such as "age >= 60 AND NOT holds_card".')],
    bank: BankFolder = Path(),
    *,
    against: Annotated[str | None, Parameter(help="Another rule: how far is it the same audience?")] = None,
    tenth: Annotated[
        int | None,
        Parameter(help="Only this stable tenth of it, 1 to 10.", validator=validators.Number(gte=1, lte=10)),
    ] = None,
    ids: Annotated[
        Path | None, Parameter(help="Write the customers' identifiers to this CSV file; personal data.")
    ] = None,
    sample: Annotated[
        int | None,
        Parameter(help="Write only so many, drawn by lot.", validator=validators.Number(gte=1)),
    ] = None,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Count an audience exactly: each condition, the reach per channel, the portrait; list it if asked."""
    from vostro.bank import read_bank
    from vostro.console.audience_views import show_audience, show_exported
    from vostro.portrait import describe_audience, parse_rule

    if sample is not None and ids is None:
        raise SampleFileError
    read = read_bank(bank)
    asked = parse_rule(rule, read.tags, use="segment")
    other = None if against is None else parse_rule(against, read.tags, use="segment")
    channels = {code: read.catalogue.reachable.get(code) for code in read.catalogue.channels}
    chosen, answer = describe_audience(
        _index(read), asked, read.tags, version=read.version, channels=channels, against=other, tenth=tenth
    )
    terminal = terminal_of(language, bank, json=json)
    names = {code: each.name for code, each in read.catalogue.channels.items()}
    show_audience(answer, terminal, channels=names, tags=read.tags)
    if ids is not None:
        customers = chosen.customers() if sample is None else chosen.sample(sample)
        customers.to_frame().write_csv(ids)
        show_exported(len(customers), ids, terminal)


def _index(bank: "Bank") -> "AudienceIndex":
    """Open the index that the last build made; PostgreSQL is not needed for it."""
    from vostro.engine import load_settings
    from vostro.portrait import index_folder, open_index

    settings = load_settings(bank.folder, os.environ)
    return open_index(index_folder(bank.folder / settings.state_dir))
