"""The twin bank 孪生银行: a simulated bank that delivers files, makes calls, and knows the truth.

It meets Vostro only where a real bank does, in files: it delivers customers and past
calls, reads the call list that Vostro wrote, and delivers the outcomes. The truth never
goes into a file; ``truth`` tells it to a test or a report.
"""

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from vostro.twin.chance import BoolArray, FloatArray, IntArray, stream
from vostro.twin.dirt import CALL_DIRT, CUSTOMER_DIRT, DirtyRow, choose_dirty, soil
from vostro.twin.errors import TwinSizeError, TwinStartError
from vostro.twin.files import ZONE_NAME, as_text, moments, read_call_list, write_csv
from vostro.twin.past import ATTRIBUTION_DAYS, PastCalls, draw_past_calls, past_first_call
from vostro.twin.people import People, draw_people
from vostro.twin.response import hidden_response
from vostro.twin.truth import Truth, true_effect
from vostro.words import zone

__all__ = ["CALLS_FILE", "CUSTOMERS_FILE", "TwinBank"]

CUSTOMERS_FILE = "customers.csv"
CALLS_FILE = "past_calls.csv.gz"
_CUSTOMERS_MAX = 99_000_000  # customer_id has eight digits, and some numbers stay free
_DAY_SECONDS = 86_400


class TwinBank:
    """A bank of simulated customers, whole from one seed.

    Args:
        customers: how many; 1 to 99,000,000.
        seed: same seed, same bytes in every file.
        start: the moment at which the campaign begins; with a time zone.
        history_share: in [0, 1]; which part of the callable customers the earlier campaign called.
        dirty_share: in [0, 0.5]; which part of the records is delivered broken.

    Raises:
        TwinSizeError: a number or share out of its range.
        TwinStartError: ``start`` has no time zone.
    """

    def __init__(
        self,
        *,
        customers: int = 20_000,
        seed: int = 7,
        start: datetime,
        history_share: float = 0.4,
        dirty_share: float = 0.003,
    ) -> None:
        _check(customers, start, history_share, dirty_share)
        self.customers, self.seed, self.start = customers, seed, start.astimezone(zone(ZONE_NAME))
        first_call = self.start.date()
        before = past_first_call(first_call)
        self.snapshot = before - timedelta(days=1)  # the customer file shows the evening of this day
        self._people = draw_people(customers, seed, self.snapshot)
        self._dirty_customers = self._choose_dirty_customers(dirty_share)
        self._reachable = _reachable(self._people)
        self._past = self._draw_past(history_share)
        self._dirty_calls = choose_dirty(
            stream(seed, "dirty_calls"), self._past.file.height, list(CALL_DIRT), dirty_share
        )
        self._response = hidden_response(self._people, first_call, self._past.called, self._past.bought)

    @property
    def callable(self) -> BoolArray:
        """Who may be called, shape (n_customers,): of age, no opt-out, no arrears, did not buy last time."""
        return self._reachable & ~self._past.bought

    @property
    def dirty_rows(self) -> tuple[DirtyRow, ...]:
        """Every record that the bank delivers broken, with file, line and kind."""
        return self._customer_file()[1] + self._call_file()[1]

    def write_history(self, folder: Path) -> None:
        """Deliver ``customers.csv`` (commas) and ``past_calls.csv.gz`` (semicolons) into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        write_csv(self._customer_file()[0], folder / CUSTOMERS_FILE)
        write_csv(self._call_file()[0], folder / CALLS_FILE, separator=";")

    def answer(self, call_list: Path, outcomes: Path, *, draw: int = 0) -> None:
        """Make the calls of a list, wait for the attribution window to close, and deliver the outcomes.

        Customers on the list answer by their hidden response, all others buy by themselves with
        their own probability. ``outcomes`` holds one record for every customer of the bank: ``decided`` is the
        purchase, or else the last second of the window that opens at ``start``.

        Args:
            call_list: CSV with a column ``customer``; only those in it are called, once each.
            outcomes: the file to write.
            draw: which of the possible futures; the same customer has the same luck in one future,
                whether called or not.

        Raises:
            CallListError: the list cannot be read or names no customer of this bank.
        """
        called = read_call_list(call_list, self.customers)
        generator = stream(self.seed, "luck", draw)
        chance = np.where(called, self._response.called, self._response.own)
        bought = generator.random(self.customers) < chance
        window_seconds = ATTRIBUTION_DAYS * _DAY_SECONDS
        wait = np.where(bought, generator.random(self.customers), 1.0) * (window_seconds - 1)
        frame = pl.DataFrame(
            [
                self._people.facts["customer_id"],
                moments("decided", self._local_seconds() + wait.astype(np.int64)),
                _yes_no("called", called),
                _yes_no("bought", bought),
            ]
        )
        outcomes.parent.mkdir(parents=True, exist_ok=True)
        write_csv(frame, outcomes)

    def truth(self, call_list: Path) -> Truth:
        """Tell what a call list really earns, which no file of the bank shows.

        Raises:
            CallListError: as for ``answer``.
        """
        return true_effect(self._response, read_call_list(call_list, self.customers), self.callable)

    def _choose_dirty_customers(self, share: float) -> dict[str, IntArray]:
        generator = stream(self.seed, "dirty_customers")
        return choose_dirty(generator, self.customers, list(CUSTOMER_DIRT), share)

    def _draw_past(self, share: float) -> PastCalls:
        """Draw the earlier campaign; broken customers were not in it, so that no reject causes another."""
        none = np.zeros(self.customers, dtype=np.bool_)
        pool = self._reachable.copy()
        pool[np.concatenate(list(self._dirty_customers.values()))] = False
        first_call = self.snapshot + timedelta(days=1)
        response = hidden_response(self._people, first_call, none, none)
        return draw_past_calls(response, pool, share=share, first_call=first_call, seed=self.seed)

    def _customer_file(self) -> tuple[pl.DataFrame, tuple[DirtyRow, ...]]:
        generator = stream(self.seed, "duplicate_customers")
        return soil(
            generator, as_text(self._people.facts), self._dirty_customers, CUSTOMER_DIRT, CUSTOMERS_FILE
        )

    def _call_file(self) -> tuple[pl.DataFrame, tuple[DirtyRow, ...]]:
        return soil(
            stream(self.seed, "duplicate_calls"), self._past.file, self._dirty_calls, CALL_DIRT, CALLS_FILE
        )

    def _local_seconds(self) -> int:
        offset = self.start.utcoffset()
        assert offset is not None, "start has a zone"
        return int(self.start.timestamp() + offset.total_seconds())


def _reachable(people: People) -> BoolArray:
    silent = people.flag("opted_out_of_calls") | people.flag("in_arrears")
    age: FloatArray = people.number("age")
    return (age >= 18) & ~silent


def _yes_no(name: str, flags: BoolArray) -> pl.Series:
    return pl.Series(name, ["no", "yes"]).gather(pl.Series(flags.astype(np.int64)))


def _check(customers: int, start: datetime, history_share: float, dirty_share: float) -> None:
    if start.tzinfo is None:
        raise TwinStartError(start=start.isoformat())
    ranges = (
        ("customers", customers, 1, _CUSTOMERS_MAX),
        ("history_share", history_share, 0, 1),
        ("dirty_share", dirty_share, 0, 0.5),
    )
    for name, value, low, high in ranges:
        if not low <= value <= high:
            raise TwinSizeError(name=name, value=value, wanted=f"{low} … {high}")
