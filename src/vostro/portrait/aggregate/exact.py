"""Exact values 精确取值: in which form is a column measured, so that no engine can round differently?

Every value has a *plain form*, an integer or a text, whose order is the value's order:

| column | plain form |
| --- | --- |
| integer | itself |
| decimal | its digits without the point (12.50 with 2 decimals: 1250) |
| number | millionths, ``floor(x * 1000000 + 0.5)``; not finite or beyond ±9e12: unknown |
| boolean | 0 or 1 |
| date | days since 1970-01-01 |
| moment | microseconds since 1970-01-01 in UTC |
| text | itself |

Sums are sums of integers, so the order of events never matters. A mean, ratio or trend is one
division of two integers, each rounded to the nearest 64-bit float first: below 2^53 (9e15) the
quotient is the nearest float to the true one.
"""

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal

from vostro.portrait.aggregate.definition import NUMBER_SCALE, Aggregate, Measure

__all__ = [
    "NUMBER_MAX",
    "Fraction",
    "Plain",
    "canonical",
    "combine",
    "divide",
    "fraction",
    "plain",
    "ratio",
    "say_top",
    "trend",
    "value_of",
]

NUMBER_MAX = 9e12  # a `number` beyond it is unknown: in millionths it would not fit into 64 bits
Plain = int | str
Fraction = tuple[int, int]  # numerator, denominator > 0 or of either sign; exact
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_ZERO = date(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_WIDE = Context(prec=80)  # more digits than any engine holds: no shift of the point ever rounds


def plain(measure: Measure, value: object) -> Plain | None:  # noqa: PLR0911 - one return a type
    """Return the plain form of a column's value; None where it is unknown.

    >>> plain(Measure("sum", "amount", "decimal", scale=2), Decimal("12.50"))
    1250
    >>> plain(Measure("sum", "rate", "number", scale=6), 0.1), plain(Measure("sum", "x", "number"), math.nan)
    (100000, None)
    """
    if value is None:
        return None
    match measure.type:
        case "decimal":
            assert isinstance(value, Decimal)
            return int(_WIDE.scaleb(value, measure.scale))
        case "number":
            assert isinstance(value, float | int)
            within = -NUMBER_MAX <= value <= NUMBER_MAX
            return math.floor(float(value) * 10**NUMBER_SCALE + 0.5) if within else None
        case "date":
            assert isinstance(value, date)
            return (value - _DAY_ZERO).days
        case "moment":
            assert isinstance(value, datetime)
            return (value - _EPOCH) // _MICROSECOND
        case "text":
            return str(value)
    assert isinstance(value, int)
    return int(value)


def value_of(measure: Measure, form: Plain) -> object:  # noqa: PLR0911 - one return a type
    """Return the value of a plain form, in the column's type: the opposite of ``plain``.

    >>> value_of(Measure("max", "amount", "decimal", scale=2), 1250)
    Decimal('12.50')
    """
    if isinstance(form, str):
        return form
    match measure.type:
        case "decimal":
            return _WIDE.scaleb(Decimal(form), -measure.scale)
        case "number":
            return float(form) / 10**NUMBER_SCALE
        case "date":
            return _DAY_ZERO + timedelta(days=form)
        case "moment":
            return _EPOCH + form * _MICROSECOND
        case "boolean":
            return bool(form)
    return form


def canonical(form: Plain) -> str:
    """Return the text that is hashed when distinct values are counted: the plain form's digits, or the text."""
    return str(form)


def say_top(measure: Measure, forms: Sequence[Plain]) -> str | None:
    """Return the value of a ``top`` tag: texts joined by ", "; None when there are none.

    >>> say_top(Measure("top", "paid", "boolean", k=2), [1, 0])
    'true, false'
    """
    if not forms:
        return None
    if measure.type == "boolean":
        return ", ".join("true" if form else "false" for form in forms)
    return ", ".join(str(value_of(measure, form)) for form in forms)


def fraction(measure: Measure, total: int, count: int = 1) -> Fraction:
    """Return a part's number as an exact fraction.

    Args:
        measure: of the part.
        total: the count, the sum, the extreme value in plain form, the days.
        count: of a mean, how many values were summed.

    >>> fraction(Measure("mean", "amount", "decimal", scale=2), 1250, 4)
    (1250, 400)
    """
    scaled = measure.column is not None and measure.name != "distinct"
    return total, count * (10**measure.scale if scaled else 1)


def divide(numerator: int, denominator: int) -> float | None:
    """Divide two integers as 64-bit floats, each rounded to the nearest first; x / 0 is None.

    >>> divide(1, 4), divide(1, 0)
    (0.25, None)
    """
    return float(numerator) / float(denominator) if denominator else None


def ratio(part: Fraction | None, base: Fraction | None) -> float | None:
    """Return ``part / base``; None where either is unknown or the base is zero.

    >>> ratio((1, 2), (1, 4))
    2.0
    """
    if part is None or base is None:
        return None
    return divide(part[0] * base[1], part[1] * base[0])


def trend(part: Fraction | None, base: Fraction | None) -> float | None:
    """Return ``(part - base) / base``; None where either is unknown or the base is zero.

    >>> trend((3, 1), (2, 1))
    0.5
    """
    if part is None or base is None:
        return None
    return divide(part[0] * base[1] - base[0] * part[1], part[1] * base[0])


def combine(aggregate: Aggregate, part: Fraction | None, base: Fraction | None) -> float | None:
    """Return the value of a ratio or trend from its two parts."""
    return trend(part, base) if aggregate.trend else ratio(part, base)
