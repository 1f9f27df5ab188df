"""``vostro watch`` 质量监测命令: is what the sources send still what they used to send?"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from vostro.console.commands.common import AsJson, BankFolder, SayIn, terminal_of

__all__ = ["watch"]


def watch(
    bank: BankFolder = Path(),
    *,
    as_of: Annotated[
        str | None,
        Parameter(help="Look back: as it was known at this moment (ISO 8601 with zone); writes nothing."),
    ] = None,
    every: Annotated[
        bool, Parameter(name="--all", negative="", help="Show checks that are well, too.")
    ] = False,
    strict: Annotated[
        bool, Parameter(name="--strict", negative="", help="Exit with 1 when any check is an alert.")
    ] = False,
    json: AsJson = False,
    language: SayIn = None,
) -> None:
    """Check every source against its contract and its own past; what is wrong becomes an alert in the log."""
    from vostro.bank import read_bank
    from vostro.capture import drain, watch_and_raise, watch_sources
    from vostro.console.watch_tables import show_watch
    from vostro.engine import Workspace, load_settings
    from vostro.words import parse_moment

    read, now = read_bank(bank), datetime.now(UTC)
    moment = None if as_of is None else parse_moment(as_of)
    with Workspace.open(bank, load_settings(bank, os.environ)) as workspace:
        store, lake = workspace.store, workspace.lake
        if moment is not None:
            report = watch_sources(store, lake, read.contracts, moment)
        else:
            for contract in read.contracts.values():
                drain(store, lake, contract)
            report = watch_and_raise(store, lake, read.contracts, now, lives=read.moment(now))
    show_watch(report, terminal_of(language, bank, json=json), every=every)
    if strict and any(check.verdict == "alert" for source in report.sources for check in source.checks):
        sys.exit(1)
