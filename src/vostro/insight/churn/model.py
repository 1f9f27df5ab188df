"""Churn 流失预测: how likely is it that this customer leaves within the horizon?

A ``ResponseModel`` whose target is leaving: same inputs, calibration, reasons, card and file. The horizon
travels with the model, so that nobody reads a chance of 90 days as one of a year.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import msgspec
import polars as pl

from vostro.insight.churn.labels import WINDOWS_DAYS, activity_features, churn_labels
from vostro.insight.files import read_state, state_digest, write_state
from vostro.insight.frames import Frame
from vostro.insight.response import ResponseModel, ResponseState
from vostro.insight.value.days import AsOf, require_days
from vostro.words import Text

__all__ = ["ChurnModel", "ChurnState", "churn_frame"]

NAMES = {
    "days_since_last": Text(en="days since the last activity", zh="距上次活动天数"),
    "days_since_first": Text(en="days since the first activity", zh="距首次活动天数"),
    "days_active": Text(en="days with activity", zh="活动天数"),
    "gap_days_mean": Text(en="usual days between activities", zh="平均活动间隔天数"),
    "silence_in_gaps": Text(en="silence, in usual pauses", zh="静默时长（以平均间隔计）"),
    **{f"events_{n}d": Text(en=f"events in {n} days", zh=f"近 {n} 天事件数") for n in WINDOWS_DAYS},
}


class ChurnState(msgspec.Struct, frozen=True):
    """All that a trained churn model is."""

    horizon_days: float
    response: ResponseState
    kind: str = "churn"


class ChurnModel(ResponseModel):
    """Estimates the chance that a customer leaves within the horizon, from any frame.

    Args:
        horizon_days: what the target was observed over; kept with the model.
        seed: the same seed, data and library versions give the same model, byte for byte.
        features: as of ``ResponseModel``.
        contexts: as of ``ResponseModel``.
        moment: as of ``ResponseModel``.
        names: words for reasons; those of ``activity_features`` are known.
        threads: of LightGBM; the results do not depend on it.
    """

    def __init__(
        self,
        *,
        horizon_days: float = 90,
        seed: int = 0,
        features: Sequence[str] | None = None,
        contexts: Sequence[Sequence[str]] = (),
        moment: str | None = None,
        names: Mapping[str, Text] | None = None,
        threads: int = 0,
    ) -> None:
        super().__init__(
            seed=seed,
            features=features,
            contexts=contexts,
            moment=moment,
            names=NAMES | dict(names or {}),
            threads=threads,
        )
        self.horizon_days = require_days(horizon_days, "horizon_days")

    def save(self, path: Path) -> None:
        """Write the model as one JSON file, whole or not at all."""
        state, _ = self._ready()
        write_state(path, ChurnState(self.horizon_days, state), self._version)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a model that ``save`` wrote.

        Raises:
            ModelFileError: the file is absent, damaged, changed or of another version.
        """
        state = read_state(path, ChurnState)
        model = cls(horizon_days=state.horizon_days, names=state.response.names)
        model._plan, model._names = state.response.plan, state.response.names
        model._hold(state.response)
        return model

    def _hold(self, state: ResponseState, trees: Any = None) -> None:
        super()._hold(state, trees)
        self._version = state_digest(ChurnState(self.horizon_days, state))


def churn_frame(
    events: Frame,
    *,
    moments: Iterable[AsOf],
    horizon_days: float,
    active_days: float | None = None,
    customer: str = "customer",
    time: str = "time",
    until: AsOf | None = None,
) -> pl.DataFrame:
    """Return a training frame from the log: what was known at several moments, and who left after each.

    Args:
        events: shape (n, columns), one row an event.
        moments: as_of's; each gives one row for each customer then active.
        horizon_days: as of ``churn_labels``.
        active_days: as of ``churn_labels``.
        customer: name of a column.
        time: name of a column.
        until: as of ``churn_labels``.

    Returns:
        the columns of ``activity_features``, as_of (as text) and churned. Train with
        ``ChurnModel(horizon_days=...).fit(frame.drop("customer", "as_of"), target="churned")``.

    Raises:
        VostroError: as ``churn_labels``.
    """
    found = []
    for each in moments:
        labels = churn_labels(
            events,
            as_of=each,
            horizon_days=horizon_days,
            active_days=active_days,
            customer=customer,
            time=time,
            until=until,
        )
        known = activity_features(events, as_of=each, customer=customer, time=time)
        found.append(labels.join(known, on="customer", how="left").with_columns(as_of=pl.lit(str(each))))
    return pl.concat(found)
