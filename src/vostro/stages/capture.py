"""Capture, as a stage 采集阶段: load what the data folder holds, under the bank's contracts."""

from dataclasses import replace

from vostro import __version__
from vostro.capture import LoadReport, load_all
from vostro.lap import Lap
from vostro.words import VostroError, digest, iso

__all__ = ["DataMissingError", "capture", "load_present"]


class DataMissingError(VostroError):
    """Nothing is loaded and no data folder was given."""

    code = "capture.data_missing"
    status = 422
    en = "Nothing is loaded yet. Name the folder with the source files: --data FOLDER."
    zh = "尚未加载任何数据。请用 --data 指定源文件所在目录。"


def capture(lap: Lap) -> Lap:
    """Load every source that is not an answer to this campaign, and name the run.

    Raises:
        DataMissingError: no data folder, and nothing loaded before.
    """
    loads = load_present(lap, awaited=False)
    return replace(lap, loads=tuple(loads), run_id=_run_id(lap, loads))


def load_present(lap: Lap, *, awaited: bool) -> list[LoadReport]:
    """Load the contracts that are awaited and have come, or those that are not awaited."""
    if lap.options.data is None:
        return []
    wanted = {name: each for name, each in lap.bank.contracts.items() if each.awaited is awaited}
    if awaited:
        wanted = {name: each for name, each in wanted.items() if any(lap.options.data.glob(each.file))}
    return load_all(
        wanted,
        lap.options.data,
        store=lap.workspace.store,
        lake=lap.workspace.lake,
        load_time=lap.options.load_time,
        progress=lambda source, done, total: lap.progress(f"capture:{source}", done, total),
    )


def _run_id(lap: Lap, loads: list[LoadReport]) -> str:
    """Name a run by all that decides what it does, so that the same run has the same name."""
    lake = lap.workspace.lake
    sources = [
        f"{name}/{part.partition}/{part.rows}"  # a partition is named by its file's digest
        for name, each in sorted(lap.bank.contracts.items())
        if not each.awaited
        for part in lake.partitions(name)
    ]
    if not sources:
        raise DataMissingError
    as_of = iso(lap.options.as_of) if lap.options.as_of else "-"
    seed = str(lap.campaign.seed)
    return digest(__version__, lap.bank.version, lap.campaign.campaign, seed, as_of, *sources)[:12]
