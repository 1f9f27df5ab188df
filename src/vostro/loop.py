"""The loop 全流程: capture, portray, estimate, decide, reach, listen, learn. Read this first.

Data flow from stage to stage in a ``Lap``. A stage takes it and returns it with more in
it; the next go around starts from the log that this one wrote.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from vostro.bank import read_bank
from vostro.engine import Workspace
from vostro.lap import Lap, Options, Progress, silent
from vostro.learn import RunReport
from vostro.stages import capture, decide, insight, learn, listen, portrait, reach

__all__ = ["STAGES", "Finished", "run_loop"]

STAGES: tuple[Callable[[Lap], Lap], ...] = (capture, portrait, insight, decide, reach, listen, learn)


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished go around the loop."""

    report: RunReport
    folder: Path  # holds the call list


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
        report = _timed(lap.report, lap.steps_seconds, total)
    return Finished(report, folder)


def _timed(report: RunReport, steps_seconds: dict[str, float], seconds: float) -> RunReport:
    import msgspec

    return msgspec.structs.replace(report, steps_seconds=steps_seconds, seconds=seconds)
