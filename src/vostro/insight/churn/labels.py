"""Labels of churn 流失标签: who left within a horizon, and what was known before?

Two worlds, never mixed:

* *contractual* (a deposit, a loan, a card that is closed): leaving is seen. ``contract_labels`` reads it
  from the contracts.
* *non-contractual* (payments, app visits): leaving is not seen, only silence. ``churn_labels`` calls a
  customer who was active before as_of and shows nothing within the horizon gone; choose a horizon in which
  nearly every customer who stays shows something (``Dormancy`` tells the usual gaps).

Whatever is learnt from lies at or before ``as_of``; whatever is foreseen lies after it. A horizon that the
log does not cover to its end is refused, because the silent would be called gone.
"""

import polars as pl

from vostro.insight.churn.errors import ContractEndError, HorizonUnknownError
from vostro.insight.errors import FeatureTypeError
from vostro.insight.frames import Frame, as_polars
from vostro.insight.outcomes import require
from vostro.insight.value.days import AsOf, day_of, read_events, require_days

__all__ = ["activity_features", "churn_labels", "contract_labels"]

WINDOWS_DAYS = (7, 30, 90, 180)


def churn_labels(
    events: Frame,
    *,
    as_of: AsOf,
    horizon_days: float,
    active_days: float | None = None,
    customer: str = "customer",
    time: str = "time",
    until: AsOf | None = None,
) -> pl.DataFrame:
    """Say who, of the customers active before as_of, shows no event within the horizon.

    Args:
        events: shape (n, columns), one row an event.
        as_of: the moment of the question; events on its day are known.
        horizon_days: length of the horizon after as_of.
        active_days: only customers with an event in so many days before as_of are asked about; as long as
            the horizon when None.
        customer: name of a column.
        time: name of a column of dates, moments or day numbers.
        until: last day that the log covers; that of the last event when None.

    Returns:
        customer (sorted) and churned, one row a customer.

    Raises:
        HorizonUnknownError: the log ends before the horizon.
        CustomerMissingError, TimeMissingError, AsOfError, HorizonDaysError: the arguments.
        FeatureMissingError, FeatureTypeError, FrameKindError: the frame.

    >>> log = pl.DataFrame({"customer": ["a", "a", "b", "c"], "time": [1, 12, 9, 15]})
    >>> churn_labels(log, as_of=10, horizon_days=5).to_dict(as_series=False)
    {'customer': ['b'], 'churned': [True]}
    >>> churn_labels(log, as_of=10, horizon_days=5, active_days=30).to_dict(as_series=False)
    {'customer': ['a', 'b'], 'churned': [False, True]}
    """
    rows = read_events(as_polars(events), customer=customer, time=time)
    end, ahead = day_of(as_of), int(require_days(horizon_days, "horizon_days"))
    back = ahead if active_days is None else int(require_days(active_days, "active_days"))
    _covered(rows, end + ahead, until)
    day = pl.col("day")
    return (
        rows.group_by("customer")
        .agg(
            asked=day.is_between(end - back, end, closed="right").any(),
            churned=~day.is_between(end, end + ahead, closed="right").any(),
        )
        .filter("asked")
        .drop("asked")
        .sort("customer")
    )


def contract_labels(
    contracts: Frame,
    *,
    as_of: AsOf,
    horizon_days: float,
    until: AsOf,
    customer: str = "customer",
    begin: str = "begin",
    end: str = "end",
) -> pl.DataFrame:
    """Say who, of the customers with an open contract at as_of, has none left at the end of the horizon.

    A customer with several contracts has left when the last open one ended, and no new one began, by
    as_of + horizon_days. An end after the horizon is not known at the horizon and is not looked at.

    Args:
        contracts: shape (n, columns), one row a contract.
        as_of: the moment of the question.
        horizon_days: length of the horizon after as_of.
        until: last day that the contracts are known for.
        customer: name of a column.
        begin: name of a column of dates, moments or day numbers; no cell empty.
        end: name of a column of the same; empty while the contract is open.

    Returns:
        customer (sorted) and churned, one row a customer.

    Raises:
        HorizonUnknownError: the contracts are not known to the horizon's end.
        ContractEndError: a contract ends before it begins.
        CustomerMissingError, TimeMissingError, AsOfError, HorizonDaysError: the arguments.
        FeatureMissingError, FeatureTypeError, FrameKindError: the frame.
    """
    frame = as_polars(contracts)
    rows = read_events(frame, customer=customer, time=begin).rename({"day": "begin"})
    rows = rows.with_columns(end=_ends(frame, customer, end))
    wrong = (pl.col("end") < pl.col("begin")).fill_null(False)
    if rows.select(wrong.any()).item():
        raise ContractEndError(row=rows.select(wrong.arg_max()).item())
    now, ahead = day_of(as_of), int(require_days(horizon_days, "horizon_days"))
    if day_of(until) < now + ahead:
        raise HorizonUnknownError(until=day_of(until), wanted=now + ahead)

    def open_on(day: int) -> pl.Expr:
        return (pl.col("begin") <= day) & (pl.col("end").is_null() | (pl.col("end") > day))

    return (
        rows.group_by("customer")
        .agg(asked=open_on(now).any(), churned=~open_on(now + ahead).any())
        .filter("asked")
        .drop("asked")
        .sort("customer")
    )


def activity_features(
    events: Frame,
    *,
    as_of: AsOf,
    windows_days: tuple[int, ...] = WINDOWS_DAYS,
    customer: str = "customer",
    time: str = "time",
) -> pl.DataFrame:
    """Tell each customer's activity as it was known at as_of, ready for ``ChurnModel``.

    Args:
        events: shape (n, columns), one row an event; those after as_of are not looked at.
        as_of: the moment of the question.
        windows_days: lengths of the windows that end at as_of.
        customer: name of a column.
        time: name of a column of dates, moments or day numbers.

    Returns:
        customer (sorted), days_since_last, days_since_first, days_active, gap_days_mean (null for one day
        of activity), silence_in_gaps (the silence over that mean), and events_<n>d of each window.

    Raises:
        CustomerMissingError, TimeMissingError, AsOfError, FeatureMissingError, FeatureTypeError, FrameKindError.
    """
    end = day_of(as_of)
    rows = read_events(as_polars(events), customer=customer, time=time).filter(pl.col("day") <= end)
    day = pl.col("day")
    mean = (day.max() - day.min()) / (day.n_unique() - 1)
    gap = pl.when(day.n_unique() > 1).then(mean)
    windows = {f"events_{n}d": (day > end - n).sum().cast(pl.Int64) for n in windows_days}
    return (
        rows.group_by("customer")
        .agg(
            days_since_last=end - day.max(),
            days_since_first=end - day.min(),
            days_active=day.n_unique().cast(pl.Int64),
            gap_days_mean=gap,
            silence_in_gaps=(end - day.max()) / gap,
            **windows,
        )
        .sort("customer")
    )


def _covered(rows: pl.DataFrame, wanted: int, until: AsOf | None) -> None:
    last = rows["day"].max() if until is None else day_of(until)
    if not isinstance(last, int) or last < wanted:
        raise HorizonUnknownError(until=last, wanted=wanted)


def _ends(frame: pl.DataFrame, customer: str, end: str) -> pl.Series:
    """Days of the ends, null while a contract is open."""
    series = require(frame, end)
    if series.dtype.is_float():
        series = series.fill_nan(None)
    known = series.is_not_null()
    if not known.any():
        return pl.Series("end", [None] * frame.height, dtype=pl.Int64)
    if series.dtype == pl.Boolean:
        raise FeatureTypeError(column=end, found=str(series.dtype), wanted="number | date | moment")
    days = read_events(frame.filter(known), customer=customer, time=end)["day"]
    place = known.cum_sum() - 1
    return pl.select(end=pl.when(known).then(days.gather(place.cast(pl.Int64).clip(0)))).to_series()
