"""Sources and builds 加载与构建: what 'vostro load' and 'vostro build' do, each a part of the loop."""

import os
from datetime import datetime
from pathlib import Path

import msgspec

from vostro.bank import read_bank
from vostro.capture import load_all
from vostro.engine import Workspace, load_settings
from vostro.lap import Progress, silent
from vostro.learn import SourceResult
from vostro.portrait import build_portraits
from vostro.stages.capture import DataMissingError
from vostro.stages.learn import source_result

__all__ = ["Built", "build_bank", "load_sources"]


class Built(msgspec.Struct, frozen=True):
    """What was built: how many portraits, how large the segments, how well the tags are filled."""

    customers: int
    segments: dict[str, int]  # code -> customers
    coverage: dict[str, float]  # tag -> share of customers with a value


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
    wanted = {
        name: each for name, each in bank.contracts.items() if not each.awaited or any(data.glob(each.file))
    }
    with Workspace.open(folder, load_settings(folder, os.environ)) as workspace:
        reports = load_all(
            wanted,
            data,
            store=workspace.store,
            lake=workspace.lake,
            load_time=load_time,
            progress=lambda source, done, total: progress(f"capture:{source}", done, total),
        )
        return [source_result(each, workspace.store) for each in reports]


def build_bank(folder: Path, *, progress: Progress = silent) -> Built:
    """Build every portrait from what is loaded, keep it as partition ``latest``, and size the segments.

    Raises:
        LakeTableMissingError: nothing was loaded yet.
    """
    bank = read_bank(folder)
    with Workspace.open(folder, load_settings(folder, os.environ)) as workspace:
        progress("portrait", 0, 1)
        portraits = build_portraits(bank.tags, bank.contracts, workspace.lake)
        workspace.lake.write("portrait", "latest", portraits)
        progress("portrait", 1, 1)
    sizes = {code: int(each.mask(portraits).sum()) for code, each in bank.segments.items()}
    rows = max(1, portraits.height)
    coverage = {tag: 1 - portraits[tag].null_count() / rows for tag in bank.tags}
    return Built(portraits.height, sizes, coverage)
