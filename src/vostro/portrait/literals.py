"""Values written in a rule 字面值: which number, date or moment do the letters mean?"""

from datetime import date
from decimal import Decimal, InvalidOperation

from vostro.portrait import tree
from vostro.portrait.types import ValueType, literal_type
from vostro.words import MomentFormatError, parse_moment

__all__ = ["number_of", "retype"]

_FLOAT_DIGITS = 300  # a float ends near 1e308


def number_of(text: str) -> tree.Constant | None:
    """Read a number, exactly as it is written; None when it is none or beyond any engine.

    >>> number_of("0.55").value, number_of("1e6").value
    (Decimal('0.55'), 1000000)
    """
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or (number and abs(number.adjusted()) > _FLOAT_DIGITS):
        return None
    value = int(number) if number == number.to_integral_value() else number
    return tree.Constant(value, literal_type(value))


def retype(text: str, target: ValueType) -> tree.Constant | tuple[str, str]:
    """Read a text as a date or a moment; a text that is none gives the reason in both languages.

    >>> retype("2026-01-31", ValueType("date")).value
    datetime.date(2026, 1, 31)
    """
    if target.kind == "date":
        try:
            return tree.Constant(date.fromisoformat(text), target)
        except ValueError:
            return (f"'{text}' is not a date; write '2026-01-31'", f"'{text}' 不是日期，请写成 '2026-01-31'")
    try:
        return tree.Constant(parse_moment(text), target)
    except MomentFormatError:
        return (
            f"'{text}' is not a moment with a time zone; write '2026-01-31T09:00+08:00'",
            f"'{text}' 不是带时区的时刻，请写成 '2026-01-31T09:00+08:00'",
        )
