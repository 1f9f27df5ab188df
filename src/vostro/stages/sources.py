"""Sources 加载: what 'vostro load' does, and 'vostro build' when it is given files."""

import os
from datetime import datetime
from pathlib import Path

from vostro.bank import Bank, read_bank
from vostro.capture import load_all
from vostro.engine import Workspace, load_settings
from vostro.learn import SourceResult
from vostro.stages.capture import DataMissingError
from vostro.stages.learn import source_result
from vostro.words import Progress, silent

__all__ = ["load_into", "load_sources"]


def load_sources(
    folder: Path, data: Path | None, *, load_time: datetime, progress: Progress = silent
) -> list[SourceResult]:
    """Load every contract's files from a data folder; files that are awaited may be absent.

    Raises:
        DataMissingError: no data folder.
        VostroError: a file is refused; the store is as before that file.
    """
    if data is None:
        raise DataMissingError
    bank = read_bank(folder)
    with Workspace.open(folder, load_settings(folder, os.environ)) as workspace:
        return load_into(workspace, bank, data, load_time=load_time, progress=progress)


def load_into(
    workspace: Workspace, bank: Bank, data: Path, *, load_time: datetime, progress: Progress = silent
) -> list[SourceResult]:
    """Load every contract's files into an open workspace; see ``load_sources``."""
    wanted = {
        name: each for name, each in bank.contracts.items() if not each.awaited or any(data.glob(each.file))
    }
    reports = load_all(
        wanted,
        data,
        store=workspace.store,
        lake=workspace.lake,
        load_time=load_time,
        progress=lambda source, done, total: progress(f"capture:{source}", done, total),
    )
    return [source_result(each, workspace.store) for each in reports]
