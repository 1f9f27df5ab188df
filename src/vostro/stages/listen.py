"""Listen, as a stage 倾听阶段: load the answers that have come, and join them with the decisions."""

from dataclasses import replace

import polars as pl

from vostro.lap import Lap
from vostro.listen import answers_of, outcomes_of
from vostro.stages.capture import load_present
from vostro.words import parse_span

__all__ = ["listen"]


def listen(lap: Lap) -> Lap:
    """Say of every contactable customer whether it succeeded, as far as answers have come."""
    loads = load_present(lap, awaited=True)
    outcomes = outcomes_of(lap.workspace.store, lap.estimator, lap.bank.contracts)
    assert lap.decisions is not None, "decide comes before listen"
    contactable = lap.decisions.filter(~pl.col("verdict").is_in(["ineligible", "suppressed"])).with_columns(
        pl.col("as_of").str.to_datetime(time_zone="UTC", time_unit="us")
    )
    answers = answers_of(contactable, outcomes, within=parse_span(lap.action.response.within))
    return replace(lap, loads=(*lap.loads, *loads), answers=answers)
