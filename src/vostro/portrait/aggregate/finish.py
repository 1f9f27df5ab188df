"""Finishing aggregates 聚合收尾: how do exact sums become the values of tags, for all customers at once?

The same arithmetic as ``vostro.portrait.aggregate.exact``, on columns: whole numbers until the one
division of a mean, ratio or trend.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa

from vostro.portrait.aggregate.definition import DAY_US, NUMBER_SCALE, Aggregate, Measure, Part
from vostro.portrait.aggregate.errors import AggregateRangeError
from vostro.portrait.aggregate.plan import Plan, sums_of
from vostro.portrait.errors import AmountRangeError
from vostro.portrait.types import TagInfo

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["finish"]

_INT64_MAX = 2**63 - 1
_DIGITS_38 = 10**38
_ZERO = ("count", "sum", "distinct")  # measures that are 0 where nothing is in the window
_Fraction = tuple[pl.Series, "pl.Series | int"]


def finish(
    code: str,
    aggregate: Aggregate,
    info: TagInfo,
    answers: pl.DataFrame,
    plan: Plan,
    as_of_us: "pl.Series | int",
) -> pl.Series:
    """Return the values of one tag.

    Args:
        code: the tag.
        aggregate: its definition.
        info: its type.
        answers: one row a customer (or customer and moment), the plan's columns in it.
        plan: what was asked.
        as_of_us: the moment, or the moment of each row; microseconds.

    Returns:
        shape (answers.height,), named like the tag, of the tag's type; unknown is null.

    Raises:
        AmountRangeError: an amount has more digits than a tag can hold.
        AggregateRangeError: a quotient's exact parts have more than 38 digits.
    """
    if aggregate.base is not None:
        part = _fraction(aggregate.part, answers, plan, as_of_us)
        base = _fraction(aggregate.base, answers, plan, as_of_us)
        return _quotient(code, part, base, trend=aggregate.trend)
    measure = aggregate.measure
    if measure.name == "mean":
        return _divide(*_fraction(aggregate.part, answers, plan, as_of_us)).alias(code)
    if measure.name == "top":
        return _top(aggregate.part, answers, plan).alias(code)
    return _typed(code, measure, info, _form(aggregate.part, answers, plan, as_of_us)).alias(code)


def _form(part: Part, answers: pl.DataFrame, plan: Plan, as_of_us: "pl.Series | int") -> pl.Series:
    """Return a part's value in plain form, before any division."""
    measure = part.measure
    if measure.name == "distinct":
        assert measure.column is not None
        return answers[plan.tables[measure.column][part]].fill_null(0)
    found = answers[plan.sums[sums_of(part)[0]]]
    if measure.name in ("days_since_first", "days_since_last"):
        return (as_of_us - found.dt.epoch("us")) // DAY_US
    if isinstance(found.dtype, pl.Decimal):
        found = found.to_physical()
    return found.fill_null(0) if measure.name in _ZERO else found


def _fraction(part: Part, answers: pl.DataFrame, plan: Plan, as_of_us: "pl.Series | int") -> _Fraction:
    """Return a part's number as exact numerator and denominator."""
    measure = part.measure
    form = _form(part, answers, plan, as_of_us)
    scaled = measure.column is not None and measure.name != "distinct"
    scale: int = 10**measure.scale if scaled else 1
    if measure.name != "mean":
        return form, scale
    count = answers[plan.sums[sums_of(part)[1]]]
    return form, _product(count, scale)


def _quotient(code: str, part: _Fraction, base: _Fraction, *, trend: bool) -> pl.Series:
    """Return ``part / base``, or ``(part - base) / base``."""
    above = _product(part[0], base[1])
    below = _product(base[0], part[1])
    if trend:
        above = above.cast(pl.Int128) - below.cast(pl.Int128)
    return _divide(above, below).alias(code)


def _divide(above: pl.Series, below: "pl.Series | int") -> pl.Series:
    """Divide whole numbers as floats, each rounded to the nearest first; x / 0 is null.

    In numpy: Polars multiplies by the reciprocal of a constant, which rounds twice.
    """
    under = float(below) if isinstance(below, int) else _floats(below)
    with np.errstate(divide="ignore", invalid="ignore"):
        quotient = _floats(above) / under
    return pl.Series(np.where(np.isfinite(quotient), quotient, np.nan)).fill_nan(None)


def _floats(numbers: pl.Series) -> "NDArray[np.float64]":
    """Return whole numbers as the nearest floats; null is NaN."""
    return numbers.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _product(one: pl.Series, other: "pl.Series | int") -> pl.Series:
    """Multiply whole numbers exactly, in 64 bits where they are enough."""
    largest = _largest(one) * (abs(other) if isinstance(other, int) else _largest(other))
    if largest >= _DIGITS_38:
        raise AggregateRangeError(digits=38)
    dtype = pl.Int64 if largest <= _INT64_MAX else pl.Int128
    factor = pl.Series([other]) if isinstance(other, int) else other
    return one.cast(dtype) * factor.cast(dtype)


def _largest(numbers: pl.Series) -> int:
    """Return the largest distance from zero; exact."""
    low, high = numbers.min(), numbers.max()
    return max(-low, high) if isinstance(low, int) and isinstance(high, int) else 0


def _top(part: Part, answers: pl.DataFrame, plan: Plan) -> pl.Series:
    """Return the most frequent values as texts, joined by ", "."""
    assert part.measure.column is not None
    name = plan.tables[part.measure.column][part]
    found = [answers[f"{name}_{i}"] for i in range(part.measure.k)]
    if part.measure.k == 1:
        found = [found[0].struct.field("v")]
    texts = pl.DataFrame([_text(each).alias(f"{i}") for i, each in enumerate(found)])
    joined = texts.select(pl.concat_str(pl.all(), separator=", ", ignore_nulls=True)).to_series()
    return joined.set(texts["0"].is_null(), None)


def _text(values: pl.Series) -> pl.Series:
    if values.dtype == pl.Date:
        return values.dt.to_string("%Y-%m-%d")
    return values.cast(pl.String)


def _typed(code: str, measure: Measure, info: TagInfo, form: pl.Series) -> pl.Series:
    """Return plain forms as values in the tag's type."""
    match info.type:
        case "integer":
            return form.cast(pl.Int64)
        case "number":
            return _divide(form, 10**NUMBER_SCALE)
        case "decimal":
            return _amounts(code, measure, info, form)
        case "moment":
            return form.cast(pl.Datetime("us")).dt.replace_time_zone("UTC") if _naive(form) else form
    return form


def _naive(form: pl.Series) -> bool:
    return isinstance(form.dtype, pl.Datetime) and form.dtype.time_zone is None


def _amounts(code: str, measure: Measure, info: TagInfo, form: pl.Series) -> pl.Series:
    """Set the point into whole numbers: the digits stay the same, so nothing is rounded."""
    largest = _largest(form)
    if largest >= 10**info.digits:
        value = largest // 10**measure.scale
        raise AmountRangeError(tag=code, value=value, digits=info.digits - info.scale)
    whole: Any = form.cast(pl.Int128).cast(pl.Decimal(38, 0)).to_arrow()
    pointed = pa.Array.from_buffers(
        pa.decimal128(info.digits, info.scale), len(whole), whole.buffers(), whole.null_count, whole.offset
    )
    return pl.Series(pl.from_arrow(pointed))
