"""The loop 全流程: capture, portray, estimate, decide, reach, listen, learn. Read this first.

Data flow from stage to stage in a ``Lap``. A stage takes it and returns it with more in
it; the next go around starts from the log that this one wrote.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import polars as pl

from vostro.bank import read_bank
from vostro.engine import Workspace
from vostro.lap import Lap, Options
from vostro.learn import RunReport
from vostro.stages import capture, decide, insight, keep_run, learn, listen, portrait, reach
from vostro.words import Progress, silent

__all__ = ["STAGES", "Finished", "run_loop"]

STAGES: tuple[Callable[[Lap], Lap], ...] = (capture, portrait, insight, decide, reach, listen, learn)


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished go around the loop."""

    report: RunReport
    page: Path  # where the report is to be written
    decisions: pl.DataFrame  # one row a decision; the columns of ``decision_records`` and ``reasons``


def run_loop(bank: Path, options: Options, *, progress: Progress = silent) -> Finished:
    """Take the whole loop once.

    The same definitions, data and seed give the same run: it can be stopped at any moment and
    started again, and writes the same decisions.

    Raises:
        VostroError: definitions, files or the store have a fault; the words say which and how to mend it.
    """
    definitions = read_bank(bank)
    campaign = definitions.campaign(options.campaign)
    with Workspace.open(bank) as workspace:
        folder = options.out or workspace.settings.state_dir / "runs" / campaign.campaign
        lap = Lap(definitions, campaign, workspace, options, folder, progress)
        for stage in STAGES:
            began = time.perf_counter()
            lap = stage(lap)
            seconds = {**lap.steps_seconds, stage.__name__: time.perf_counter() - began}
            lap = replace(lap, steps_seconds=seconds)
        assert lap.report is not None, "learn writes the report"
        total = sum(lap.steps_seconds.values())
        assert lap.decisions is not None
        report = msgspec.structs.replace(
            lap.report, steps_seconds=lap.steps_seconds, seconds=total, report=str(folder / "report.html")
        )
        with workspace.store.begin() as connection:
            keep_run(connection, replace(lap, report=report))
    return Finished(report, folder / "report.html", lap.decisions)
