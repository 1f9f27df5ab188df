"""Portrait, as a stage 画像阶段: one row of tags a customer, stored under the run's name."""

from dataclasses import replace

from vostro.lap import Lap
from vostro.portrait import build_portraits

__all__ = ["portrait"]


def portrait(lap: Lap) -> Lap:
    """Build every tag of every customer as known at the campaign's moment, and keep the result."""
    lap.progress("portrait", 0, 1)
    bank, lake = lap.bank, lap.workspace.lake
    portraits = build_portraits(bank.tags, bank.contracts, lake, as_of=lap.options.as_of)
    with lap.workspace.store.begin() as connection:
        lake.write("portrait", lap.run_id, portraits, connection)
    lap.progress("portrait", 1, 1)
    return replace(lap, portraits=portraits)
