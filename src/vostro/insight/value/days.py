"""Days 日期: on which day did an event happen, whatever the kind of its time?

A day is a whole number: days since 1970 for dates and moments (as the column says them, without
moving zones), the number itself rounded down where times are numbers.
"""

import math
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl

from vostro.insight.columns import kind_of, read_kind
from vostro.insight.errors import FeatureTypeError
from vostro.insight.outcomes import require
from vostro.insight.value.errors import AsOfError, CustomerMissingError, HorizonDaysError, TimeMissingError

__all__ = ["AsOf", "day_of", "read_events", "require_days"]

AsOf = date | datetime | str | float | int
EPOCH = date(1970, 1, 1)


def day_of(as_of: AsOf) -> int:
    """Return the day of a moment.

    >>> day_of("1970-01-03"), day_of(date(1970, 1, 3)), day_of(2.5)
    (2, 2, 2)

    Raises:
        AsOfError: it is no moment.
    """
    if isinstance(as_of, str):
        try:
            return (datetime.fromisoformat(as_of).date() - EPOCH).days
        except ValueError as error:
            raise AsOfError(value=f"'{as_of[:40]}'") from error
    if isinstance(as_of, datetime):
        return (as_of.date() - EPOCH).days
    if isinstance(as_of, date):
        return (as_of - EPOCH).days
    try:
        return math.floor(as_of)
    except (TypeError, ValueError, OverflowError) as error:
        raise AsOfError(value=repr(as_of)[:40]) from error


def read_events(frame: pl.DataFrame, *, customer: str, time: str) -> pl.DataFrame:
    """Return customer (as given) and day (Int64) of every event, in the rows' order.

    Raises:
        FeatureMissingError, FeatureTypeError: the columns.
        CustomerMissingError, TimeMissingError: an empty cell; names the first row.
    """
    who = require(frame, customer)
    when = require(frame, time)
    kind = kind_of(when) or "number"
    if kind not in ("number", "moment") or when.dtype == pl.Boolean:
        raise FeatureTypeError(column=time, found=str(when.dtype), wanted="number | date | moment")
    days = read_kind(frame, time, kind).fill_nan(None)
    if who.null_count():
        raise CustomerMissingError(column=customer, count=who.null_count(), row=who.is_null().arg_max())
    lost = days.is_null() | ~days.is_finite().fill_null(False)
    if lost.any():
        raise TimeMissingError(column=time, count=int(lost.sum()), row=lost.arg_max())
    return pl.DataFrame({"customer": who, "day": days.floor().cast(pl.Int64)})


def require_days(value: Any, name: str) -> float:
    """Return a span of days.

    Raises:
        HorizonDaysError: it is no finite number above 0.
    """
    try:
        found = float(value)
    except (TypeError, ValueError) as error:
        raise HorizonDaysError(name=name, value=repr(value)[:40]) from error
    if not (np.isfinite(found) and found > 0):
        raise HorizonDaysError(name=name, value=f"{found:g}")
    return found
