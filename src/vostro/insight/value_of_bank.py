"""Value in a bank 银行中的客户价值: what will customers spend within the horizon, told from their purchases alone?

``ValueModel`` learns from a log of purchases; a bank asks of many customers as of many moments. This
estimator takes one row a customer and moment, with the purchases before it in the column ``_past``.
"""

from datetime import datetime
from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.errors import NotFittedError
from vostro.insight.files import read_state, state_digest, write_state
from vostro.insight.value import ValueModel, ValueState

__all__ = ["MOMENT", "PAST", "HistoryValue", "past_figures"]

Floats = npt.NDArray[np.float64]
PAST, MOMENT = "_past", "_moment"  # lists of structs (time, amount); the moment of the row
_DAY_US = 86_400e6


class HistoryValueState(msgspec.Struct, frozen=True):
    """All that a trained estimator of value is."""

    horizon_days: float
    value: ValueState
    kind: str = "history_value"


class HistoryValue:
    """Foresees the sum of amounts within the horizon.

    Args:
        seed: of the model below.
        horizon_days: how far ahead it looks; kept with the model.
    """

    def __init__(self, *, seed: int = 0, horizon_days: float = 365) -> None:
        self._seed, self._days = seed, float(horizon_days)
        self._state: HistoryValueState | None = None
        self._model: ValueModel | None = None

    def fit(self, frame: pl.DataFrame, *, target: Any) -> Self:
        """Learn from the purchases before the last moment; what came after it is not looked at.

        Args:
            frame: shape (n, 2): ``_past`` and ``_moment``.
            target: not used: the purchases themselves tell.

        Raises:
            RepeatsFewError, SpendFewError: fewer than 10 customers came back, or came back and paid.
        """
        last = frame[MOMENT].max()
        assert isinstance(last, datetime), "there are rows"
        model = ValueModel(seed=self._seed).fit(_purchases(frame.filter(pl.col(MOMENT) == last)), as_of=last)
        state = model._state  # it travels inside ours, in one file
        assert state is not None
        return self._hold(model, HistoryValueState(self._days, state))

    def predict(self, frame: pl.DataFrame) -> Floats:
        """Return the expected sum of each row, shape (n,), at least 0.

        Raises:
            NotFittedError: neither trained nor loaded.
        """
        if self._model is None or self._state is None:
            raise NotFittedError
        said = np.zeros(frame.height)
        numbered = frame.with_row_index("_row")
        for moment in frame[MOMENT].unique().to_list():  # a few moments, not customers
            here = numbered.filter(pl.col(MOMENT) == moment)
            found = self._model.predict(
                _purchases(here), days=self._state.horizon_days, as_of=moment, intervals=False
            )
            said[found["customer"].to_numpy()] = found["customer_value"].to_numpy()
        return said

    def save(self, path: Path) -> None:
        """Write the estimator, without any customer's data."""
        if self._state is None:
            raise NotFittedError
        write_state(path, self._state, self.version)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read an estimator that ``save`` wrote.

        Raises:
            ModelFileError: the file is absent, damaged or of another version.
        """
        state = read_state(path, HistoryValueState)
        model = ValueModel(seed=state.value.seed, unit_days=state.value.timing.unit_days)
        model._state = state.value
        return cls(seed=state.value.seed, horizon_days=state.horizon_days)._hold(model, state)

    @property
    def version(self) -> str:
        """Digest of all that the estimator is."""
        if self._state is None:
            raise NotFittedError
        return state_digest(self._state)

    def _hold(self, model: ValueModel, state: HistoryValueState) -> Self:
        self._model, self._state = model, state
        return self


def past_figures(frame: pl.DataFrame) -> pl.DataFrame:
    """Return what can drift of pasts: purchases, and days since the first and the last, one row each."""
    times = pl.col(PAST).list.eval(pl.element().struct.field("time").to_physical())
    now = pl.col(MOMENT).to_physical()
    return frame.select(
        purchases=pl.col(PAST).list.len().cast(pl.Float64),
        days_since_first=(now - times.list.min()) / _DAY_US,
        days_since_last=(now - times.list.max()) / _DAY_US,
    )


def _purchases(frame: pl.DataFrame) -> pl.DataFrame:
    """Return one row a purchase; the customer is the number of the row, so that nobody is two."""
    numbered = frame if "_row" in frame.columns else frame.with_row_index("_row")
    one_each = numbered.select(customer=pl.col("_row").cast(pl.Int64), past=pl.col(PAST)).explode("past")
    return one_each.unnest("past")
