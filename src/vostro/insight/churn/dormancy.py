"""Dormancy 睡眠客户: who is silent longer than his own rhythm explains?

A month without a visit means nothing for a customer who comes each quarter and much for one who came
daily. Each customer's silence is measured by his own pauses, and by those of all where he has few. For
customers without a contract; who closes a contract has left (``contract_labels``).
"""

from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np
import polars as pl

from vostro.insight.churn.errors import RhythmFewError, SilenceLevelError
from vostro.insight.churn.rhythm import (
    Pauses,
    Rhythm,
    learn_rhythm,
    pause_quantile,
    silence_chance,
    still_active,
)
from vostro.insight.errors import NotFittedError
from vostro.insight.files import read_state, state_digest, write_state
from vostro.insight.frames import Frame, as_polars
from vostro.insight.value.days import AsOf, day_of, read_events
from vostro.insight.value.errors import PurchasesEmptyError, PurchasesMissingError

__all__ = ["Dormancy", "DormancyState"]

CUSTOMERS_LEAST = 30  # with a pause
LEARN_CUSTOMERS = 50_000  # the rhythm is learnt from so many at most, drawn by the seed
USUAL, LONG = 0.5, 0.95  # of a customer's pauses


class DormancyState(msgspec.Struct, frozen=True):
    """All that a fitted dormancy is; it holds no customer's data."""

    seed: int
    columns: tuple[str, str]
    rhythm: Rhythm
    level: float
    moments: bool  # whether times were dates or moments, or numbers
    kind: str = "dormancy"


class Dormancy:
    """Tells how unusual each customer's silence is, and the chance that he is still active.

    Args:
        level: a customer whose chance of being active is below it is called dormant, in (0, 1).
        seed: of the draw of customers where there are more than 50,000.
    """

    def __init__(self, *, level: float = 0.5, seed: int = 0) -> None:
        if not (isinstance(level, int | float) and 0 < level < 1):
            raise SilenceLevelError(value=repr(level)[:40])
        self._level, self._seed = float(level), seed
        self._state: DormancyState | None = None
        self._events: pl.DataFrame | None = None

    def fit(
        self, events: Frame, *, customer: str = "customer", time: str = "time", as_of: AsOf | None = None
    ) -> Self:
        """Learn the rhythm from the events up to a moment; several events on one day are one.

        Args:
            events: shape (n, columns), one row an event.
            customer: name of a column; no cell empty.
            time: name of a column of dates, moments or day numbers; no cell empty.
            as_of: end of the observation; the last day in the rows when None.

        Raises:
            RhythmFewError: fewer than 30 customers were active on two days.
            CustomerMissingError, TimeMissingError, AsOfError, PurchasesEmptyError: the rows.
            FeatureMissingError, FeatureTypeError, FrameKindError: the frame.
        """
        frame = as_polars(events)
        rows = read_events(frame, customer=customer, time=time)
        _, pauses = _pauses(rows, _end(rows, as_of))
        back = int((pauses.count > 0).sum())
        if back < CUSTOMERS_LEAST:
            raise RhythmFewError(count=back, least=CUSTOMERS_LEAST)
        rhythm = learn_rhythm(_drawn(pauses, self._seed))
        moments = not frame[time].dtype.is_numeric()
        self._events = rows
        self._state = DormancyState(self._seed, (customer, time), rhythm, self._level, moments)
        return self

    def predict(self, as_of: AsOf | None = None, events: Frame | None = None) -> pl.DataFrame:
        """Tell each customer's silence at a moment, one row a customer, sorted by customer.

        Args:
            as_of: the moment; events after it are not known. The last day in the rows when None.
            events: with the columns of the training; None: those of ``fit``.

        Returns:
            customer, last (day of the last event), silence_days, usual_pause_days (half of his pauses are
            shorter), long_pause_days (one in twenty is longer), silence_probability (chance that a pause of
            his, if active, is longer than this silence), active_probability, dormant.

        Raises:
            NotFittedError, PurchasesMissingError: nothing to tell from; and as ``fit``.
        """
        state, rows = self._ready(), self._rows(events)
        end = _end(rows, as_of)
        table, pauses = _pauses(rows, end)
        active = still_active(state.rhythm, pauses)
        return table.select(
            "customer",
            last=pl.col("last").cast(pl.Int32).cast(pl.Date) if state.moments else pl.col("last"),
            silence_days=pauses.silence.astype(np.int64),
            usual_pause_days=pause_quantile(state.rhythm, pauses, USUAL),
            long_pause_days=pause_quantile(state.rhythm, pauses, LONG),
            silence_probability=silence_chance(state.rhythm, pauses),
            active_probability=active,
            dormant=active < state.level,
        )

    @property
    def rhythm(self) -> Rhythm:
        """The parameters that all customers share."""
        return self._ready().rhythm

    @property
    def version(self) -> str:
        """Digest of all that it is, 64 hexadecimal digits."""
        return state_digest(self._ready())

    def save(self, path: Path) -> None:
        """Write it, without any customer's data, as one JSON file, whole or not at all."""
        write_state(path, self._ready(), self.version)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what ``save`` wrote; it tells of events given to ``predict``.

        Raises:
            ModelFileError: the file is absent, damaged, changed or of another version.
        """
        state = read_state(path, DormancyState)
        found = cls(level=state.level, seed=state.seed)
        found._state = state
        return found

    def _ready(self) -> DormancyState:
        if self._state is None:
            raise NotFittedError
        return self._state

    def _rows(self, events: Frame | None) -> pl.DataFrame:
        customer, time = self._ready().columns
        if events is not None:
            return read_events(as_polars(events), customer=customer, time=time)
        if self._events is None:
            raise PurchasesMissingError
        return self._events


def _end(rows: pl.DataFrame, as_of: AsOf | None) -> int:
    end: Any = rows["day"].max() if as_of is None else day_of(as_of)
    if end is None or rows.filter(pl.col("day") <= end).is_empty():
        raise PurchasesEmptyError(rows=rows.height, as_of=str(as_of))
    return int(end)


def _pauses(rows: pl.DataFrame, end: int) -> tuple[pl.DataFrame, Pauses]:
    """One row a customer known at the end of a day, sorted, with the sums of his pauses."""
    days = rows.filter(pl.col("day") <= end).unique().sort("customer", "day")
    pause = pl.col("day").diff()
    table = (
        days.group_by("customer", maintain_order=True)
        .agg(
            last=pl.col("day").last(),
            count=(pl.len() - 1).cast(pl.Float64),
            days=pause.sum().cast(pl.Float64),
            log_days=pause.cast(pl.Float64).log().sum(),
        )
        .with_columns(silence=(end - pl.col("last")).cast(pl.Float64))
    )
    return table, Pauses(*(table[name].to_numpy() for name in ("count", "days", "log_days", "silence")))


def _drawn(pauses: Pauses, seed: int) -> Pauses:
    if len(pauses.count) <= LEARN_CUSTOMERS:
        return pauses
    rows = np.random.default_rng(seed).choice(len(pauses.count), LEARN_CUSTOMERS, replace=False)
    return Pauses(pauses.count[rows], pauses.days[rows], pauses.log_days[rows], pauses.silence[rows])
