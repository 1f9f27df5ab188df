"""Value 客户价值: how much will each customer buy, is he still there, and what is he worth?

For customers without a contract, who may come back at any time and leave without a word. The number of
purchases by BG/NBD with two extensions that the history may ask for (see ``timing``), their amounts by
gamma-gamma (see ``spending``). For customers with a contract, whose leaving is seen, use ``ChurnModel``.
"""

from pathlib import Path
from typing import Any, Self

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.errors import NotFittedError
from vostro.insight.files import read_state, state_digest, write_state
from vostro.insight.frames import Frame
from vostro.insight.value.days import AsOf, require_days
from vostro.insight.value.errors import PurchasesMissingError, ShareError
from vostro.insight.value.fitting import learn_timing
from vostro.insight.value.forecast import (
    Posterior,
    count_interval,
    expected_purchases,
    posterior,
    survival,
)
from vostro.insight.value.purchases import Histories, read_histories
from vostro.insight.value.reasons import reason_table
from vostro.insight.value.spending import Spending, expected_amount, learn_spending
from vostro.insight.value.timing import Timing
from vostro.insight.value.total import PurchaseTotal, purchase_total
from vostro.insight.value.worth import amount_interval

__all__ = ["ValueModel", "ValueState"]

Floats = npt.NDArray[np.float64]
YEAR_DAYS = 365.25
PIECES = 12  # of the horizon, each discounted from its middle


class ValueState(msgspec.Struct, frozen=True):
    """All that a trained value model is; it holds no customer's data."""

    seed: int
    columns: tuple[str, str, str | None]  # customer, time, amount
    timing: Timing
    spending: Spending | None
    kind: str = "value"


class ValueModel:
    """Foresees purchases, survival and customer_value from the log of purchases.

    Args:
        seed: of the draws behind the intervals of value; the same seed, data and libraries give the same.
        unit_days: length of the unit of time in days; ``alpha`` is told in it (a week by default).
        one_time: whether a share of customers never comes back after the first purchase; None: as the
            history says (BIC).
        weeks: whether some weeks move all customers (sales, holidays); None: as the history says.
            ``one_time=False, weeks=False`` is the published BG/NBD.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        unit_days: float = 7.0,
        one_time: bool | None = None,
        weeks: bool | None = None,
    ) -> None:
        self._seed, self._unit_days = seed, require_days(unit_days, "unit_days")
        self._one_time, self._weeks = one_time, weeks
        self._state: ValueState | None = None
        self._histories: Histories | None = None

    def fit(
        self,
        purchases: Frame,
        *,
        customer: str = "customer",
        time: str = "time",
        amount: str | None = "amount",
        as_of: AsOf | None = None,
    ) -> Self:
        """Learn from the purchases up to a moment; later ones are left out.

        Several purchases on one day are one. An amount below 0 is a refund: no purchase, taken off what
        the customer spent. An amount of 0 or none counts in time, not in money. A customer of one
        purchase counts; a customer with refunds alone does not.

        Args:
            purchases: shape (n, columns), any order.
            customer: name of the customer's column; no cell empty.
            time: name of the column of dates, moments or day numbers; no cell empty.
            amount: name of the column of amounts in one currency; None: foresee purchases alone.
            as_of: end of the observation; the last day in the rows when None. State it whenever the log
                was gathered longer than to its last row.

        Raises:
            FeatureMissingError, FeatureTypeError, FrameKindError: the frame.
            CustomerMissingError, TimeMissingError, AmountError, AsOfError, PurchasesEmptyError: its rows.
            RepeatsFewError, SpendFewError: fewer than 10 customers came back, or came back and paid.
        """
        found = read_histories(purchases, customer=customer, time=time, amount=amount, as_of=as_of)
        timing = learn_timing(found, unit_days=self._unit_days, one_time=self._one_time, weeks=self._weeks)
        spending = None if amount is None else learn_spending(found.paid, found.spent)
        self._histories = found
        self._state = ValueState(self._seed, (customer, time, amount), timing, spending)
        return self

    def predict(
        self,
        purchases: Frame | None = None,
        *,
        days: float = 365,
        as_of: AsOf | None = None,
        margin: float = 1.0,
        discount_year: float = 0.0,
        share: float = 0.9,
        intervals: bool = True,
    ) -> pl.DataFrame:
        """Foresee each customer's next days, one row a customer, sorted by customer.

        The intervals are predictive: given the parameters, ``share`` of customers end between the two ends
        (a whole number of purchases makes it more). They take the parameters as known.

        Args:
            purchases: pasts of the customers to foresee, with the columns of the training; None: those of ``fit``.
            days: length of the span from as_of.
            as_of: end of what is known in ``purchases``; their last day when None.
            margin: share of the amounts that the bank keeps, in [0, 1].
            discount_year: rate a year at which later margin counts less, at least 0.
            share: of customers that an interval should hold, in (0, 1).
            intervals: False leaves the intervals out, for speed.

        Returns:
            customer, repeats (purchases after the first so far), alive_probability (now),
            survival_probability (at the end of the span), purchases (expected), purchases_low and _high;
            with amounts also amount (expected of the next purchase), customer_value (expected discounted
            margin), value_low and value_high (of the margin, not discounted).

        Raises:
            NotFittedError, PurchasesMissingError: nothing to foresee from.
            HorizonDaysError, ShareError: the arguments; and as ``fit`` for the frame.
        """
        state, found = self._ready(), self._pasts(purchases, as_of)
        units = require_days(days, "days") / state.timing.unit_days
        levels = _levels(share)
        known = posterior(state.timing, found)
        table = _purchases_table(found, known, units, levels if intervals else None)
        if state.spending is None:
            return table
        rates = _share(margin, "margin", 0, 1), _share(discount_year, "discount_year", 0, np.inf)
        amount = expected_amount(state.spending, found.paid, found.spent)
        worth = amount * rates[0] * _discounted(known, units, rates[1], state.timing.unit_days)
        table = table.with_columns(amount=amount, customer_value=worth)
        if not intervals:
            return table
        low, high = amount_interval(
            known,
            state.spending,
            paid=found.paid,
            spent=found.spent,
            units=units,
            levels=levels,
            seed=state.seed,
        )
        return table.with_columns(value_low=rates[0] * low, value_high=rates[0] * high)

    def total(
        self,
        purchases: Frame | None = None,
        *,
        days: float = 365,
        as_of: AsOf | None = None,
        share: float = 0.9,
    ) -> PurchaseTotal:
        """Foresee the purchases of all these customers together, with an interval (see ``total``).

        Args and Raises: as ``predict``.
        """
        state, found = self._ready(), self._pasts(purchases, as_of)
        _levels(share)
        return purchase_total(state.timing, found, days=require_days(days, "days"), share=share)

    def reasons(self, purchases: Frame | None = None, *, as_of: AsOf | None = None) -> pl.DataFrame:
        """Say in words, in both languages, from what each customer's forecast comes.

        Args and Raises: as ``predict``.

        Returns:
            customer, en and zh, sorted by customer.
        """
        state, found = self._ready(), self._pasts(purchases, as_of)
        spending = state.spending
        amount = None if spending is None else expected_amount(spending, found.paid, found.spent)
        return reason_table(found, posterior(state.timing, found).alive, amount)

    @property
    def timing(self) -> Timing:
        """The parameters of times, with their likelihood."""
        return self._ready().timing

    @property
    def spending(self) -> Spending | None:
        """The parameters of amounts; None without amounts."""
        return self._ready().spending

    @property
    def version(self) -> str:
        """Digest of all that the model is, 64 hexadecimal digits."""
        return state_digest(self._ready())

    def save(self, path: Path) -> None:
        """Write the model, without any customer's data, as one JSON file, whole or not at all."""
        write_state(path, self._ready(), self.version)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a model that ``save`` wrote; it foresees from purchases given to ``predict``.

        Raises:
            ModelFileError: the file is absent, damaged, changed or of another version.
        """
        state = read_state(path, ValueState)
        model = cls(seed=state.seed, unit_days=state.timing.unit_days)
        model._state = state
        return model

    def _ready(self) -> ValueState:
        if self._state is None:
            raise NotFittedError
        return self._state

    def _pasts(self, purchases: Frame | None, as_of: AsOf | None) -> Histories:
        if purchases is None:
            if self._histories is None:
                raise PurchasesMissingError
            return self._histories
        customer, time, amount = self._ready().columns
        return read_histories(purchases, customer=customer, time=time, amount=amount, as_of=as_of)


def _purchases_table(
    found: Histories, known: Posterior, units: float, levels: tuple[float, float] | None
) -> pl.DataFrame:
    columns: dict[str, Any] = {
        "customer": found.customer,
        "repeats": found.repeats,
        "alive_probability": known.alive,
        "survival_probability": survival(known, units),
        "purchases": expected_purchases(known, units),
    }
    if levels is not None:
        low, high = count_interval(known, units, low=levels[0], high=levels[1])
        columns |= {"purchases_low": low, "purchases_high": high}
    return pl.DataFrame(columns)


def _discounted(known: Posterior, units: float, discount_year: float, unit_days: float) -> Floats:
    """Expected purchases, those of each piece of the span discounted from its middle."""
    if discount_year == 0:
        return expected_purchases(known, units)
    ends = np.linspace(0, units, PIECES + 1)
    until = np.stack([expected_purchases(known, end) for end in ends])
    years = (ends[1:] + ends[:-1]) / 2 * unit_days / YEAR_DAYS
    return np.asarray((1 + discount_year) ** -years @ np.diff(until, axis=0), dtype=np.float64)


def _levels(share: float) -> tuple[float, float]:
    inside = _share(share, "share", 0, 1)
    if inside in (0.0, 1.0):
        raise ShareError(name="share", value=f"{inside:g}", wanted="0 < share < 1")
    return (1 - inside) / 2, (1 + inside) / 2


def _share(value: Any, name: str, least: float, most: float) -> float:
    wanted = f"{least} ≤ {name} ≤ {most}" if most < np.inf else f"{name} ≥ {least}"
    if not (isinstance(value, int | float | np.number) and least <= value <= most and np.isfinite(value)):
        raise ShareError(name=name, value=repr(value)[:40], wanted=wanted)
    return float(value)
