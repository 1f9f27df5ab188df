"""Forms 书写格式: how does a reader of this language write a number, a sum of money, a day?

The locale tables of a browser are not at hand when the page is written, and a library with
all of the world's locales is more than two languages need.
"""

import math
import re
from collections.abc import Callable
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from zoneinfo import ZoneInfo

from vostro.words import Language

__all__ = ["Forms", "there"]

_MONEY = re.compile(r"^\s*([+-]?[\d,]+(?:\.\d+)?)\s+([A-Z]{3})\s*$")
_NUMBER = re.compile(r"^-?\d{1,30}(\.\d{1,12})?$")
_SEPARATORS_FROM = 10_000  # below, a number may be a year
_SIGNS = {"EUR": "€", "CNY": "CN¥", "USD": "$", "GBP": "£", "HKD": "HK$", "JPY": "JP¥"}
_NAMES = {"EUR": "欧元", "CNY": "元", "USD": "美元", "GBP": "英镑", "HKD": "港元", "JPY": "日元"}
_WHOLE_FROM = 1000  # an amount as large as this is written without cents
_MINUS = "\N{MINUS SIGN}"
# strftime's names of months follow the process's locale, and a page must not.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


class Forms:
    """The local forms of one language; every form takes a value that is there.

    >>> Forms("en").money("149508.00 EUR"), Forms("zh").money("149508.00 EUR")
    ('€149,508', '149,508 欧元')
    """

    def __init__(self, language: Language, zone: str = "UTC") -> None:
        self.language = language
        self.zone = zone  # IANA name of the zone in which days and moments are written

    def count(self, value: float) -> str:
        """Write a whole number with separators.

        >>> Forms("en").count(41188)
        '41,188'
        """
        return _signed(f"{value:,.0f}")

    def number(self, value: float, digits: int = 2) -> str:
        """Write a number with a fixed number of decimals.

        >>> Forms("en").number(-0.21)
        '−0.21'
        """
        return _signed(f"{value:,.{digits}f}")

    def plain(self, value: float) -> str:
        """Write a number with the decimals that it needs, at most two; a large one without.

        >>> Forms("en").plain(1234.56), Forms("en").plain(0.5), Forms("en").plain(7.0)
        ('1,235', '0.5', '7')
        """
        digits = 0 if abs(value) >= 100 else 2
        text = f"{value:,.{digits}f}"
        return _signed(text.rstrip("0").rstrip(".") if "." in text else text)

    def fine(self, value: float) -> str:
        """Write a number with three decimals, as an AUC is read."""
        return self.number(value, 3)

    def signed(self, value: float, digits: int = 2) -> str:
        """Write a number whose plus is worth saying, with more decimals where two say nothing.

        >>> Forms("en").signed(0.69), Forms("en").signed(-0.0042)
        ('+0.69', '−0.004')
        """
        while digits < 4 and value and not float(f"{value:.{digits}f}"):
            digits += 1
        return _signed(f"{value:+,.{digits}f}")

    def digits(self, value: str) -> str:
        """Write a number that is a text with separators, when it is long enough to need them.

        >>> Forms("en").digits("87550.00"), Forms("en").digits("2026"), Forms("en").digits("R3")
        ('87,550.00', '2026', 'R3')
        """
        if not _NUMBER.match(value) or abs(Decimal(value)) < _SEPARATORS_FROM:
            return value
        return _signed(f"{Decimal(value):,}")

    def share(self, value: float, digits: int = 1) -> str:
        """Write a fraction as per cent, and never round a fault away.

        >>> Forms("en").share(0.1234), Forms("en").share(0.99971), Forms("en").share(0.0004)
        ('12.3%', '99.97%', '0.04%')
        """
        while (
            digits < 4
            and value not in (0, 1)
            and f"{value:.{digits}%}" in (f"{0:.{digits}%}", f"{1:.{digits}%}")
        ):
            digits += 1
        return _signed(f"{value:.{digits}%}")

    def points(self, value: float) -> str:
        """Write a difference of two rates in percentage points.

        >>> Forms("zh").points(0.152)
        '+15.2 个百分点'
        """
        unit = " 个百分点" if self.language == "zh" else " points"
        return _signed(f"{100 * value:+.1f}") + unit

    def gap(self, value: float) -> str:
        """Write a distance of two rates in percentage points, without a sign.

        >>> Forms("en").gap(0.0061)
        '0.61 points'
        """
        return f"{100 * value:.2f}" + (" 个百分点" if self.language == "zh" else " points")

    def times(self, value: float) -> str:
        """Write a ratio.

        >>> Forms("en").times(2.638), Forms("zh").times(2.638)
        ('2.64×', '2.64 倍')
        """
        return f"{value:,.2f}" + (" 倍" if self.language == "zh" else "×")

    def seconds(self, value: float) -> str:
        """Write a duration; under a second to the hundredth."""
        return f"{value:,.{1 if value >= 1 else 2}f}" + (" 秒" if self.language == "zh" else " s")

    def age(self, value: float) -> str:
        """Write how old something is, in its largest unit of which there are at least two.

        >>> Forms("en").age(3 * 86400), Forms("zh").age(5400), Forms("en").age(2.5 * 86400)
        ('3 days', '90 分钟', '2.5 days')
        """
        for size, en, zh in ((86_400, "days", "天"), (3_600, "hours", "小时"), (60, "minutes", "分钟")):
            if value >= 2 * size:
                number = f"{value / size:,.1f}".removesuffix(".0")
                return f"{number} {zh if self.language == 'zh' else en}"
        return f"{value:,.0f}" + (" 秒" if self.language == "zh" else " seconds")

    def megabytes(self, value: float) -> str:
        """Write an amount of memory."""
        return f"{value:,.0f} MB"

    def money(self, value: str) -> str:
        """Write money such as ``"1234.50 EUR"``; a text that is not money stays as it is."""
        match = _MONEY.match(value)
        if match is None:
            return value
        amount, currency = Decimal(match[1].replace(",", "")), match[2]
        whole = abs(amount) >= _WHOLE_FROM
        number = f"{abs(amount).quantize(Decimal(1) if whole else Decimal('0.01'), ROUND_HALF_EVEN):,}"
        sign = _MINUS if amount < 0 else ""
        before, after = self.currency(currency)
        return f"{sign}{before}{number}{after}"

    def currency(self, currency: str) -> tuple[str, str]:
        """Return what stands before and after an amount of a currency.

        >>> Forms("en").currency("EUR"), Forms("zh").currency("EUR")
        (('€', ''), ('', ' 欧元'))
        """
        if self.language == "zh":
            return "", f" {_NAMES.get(currency, currency)}"
        return (_SIGNS[currency], "") if currency in _SIGNS else ("", f" {currency}")

    def day(self, value: str) -> str:
        """Write the day of an ISO 8601 moment.

        >>> Forms("en").day("2008-05-01T07:00:00+00:00"), Forms("zh").day("2008-05-01T07:00:00+00:00")
        ('1 May 2008', '2008年5月1日')
        """
        moment = self._moment(value)
        if moment is None:
            return value
        if self.language == "zh":
            return f"{moment.year}年{moment.month}月{moment.day}日"
        return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"

    def day_short(self, value: str) -> str:
        """Write the day of an ISO 8601 moment in digits, for an axis.

        >>> Forms("en").day_short("2008-05-01T07:00:00+00:00")
        '2008-05-01'
        """
        moment = self._moment(value)
        return value if moment is None else f"{moment:%Y-%m-%d}"

    def moment(self, value: str) -> str:
        """Write an ISO 8601 moment to the minute, and say in which zone.

        >>> Forms("en", "Europe/Lisbon").moment("2008-07-01T07:00:00+00:00")
        '1 July 2008, 08:00 Europe/Lisbon'
        """
        moment = self._moment(value)
        if moment is None:
            return value
        clock = f"{moment:%H:%M}"
        return (
            f"{self.day(value)} {clock}（{self.zone}）"
            if self.language == "zh"
            else f"{self.day(value)}, {clock} {self.zone}"
        )

    def _moment(self, value: str) -> datetime | None:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return None
        return moment.astimezone(ZoneInfo(self.zone)) if moment.tzinfo else moment

    def span(self, low: float, high: float, form: Callable[[float], str]) -> str:
        """Write an interval, both ends in the same form; a unit that is a word is said once.

        >>> forms = Forms("en")
        >>> forms.span(2.31, 2.98, forms.times), forms.span(-0.01, 0.02, forms.points)
        ('2.31× to 2.98×', '−1.0 to +2.0 points')
        >>> Forms("zh").span(2.31, 2.98, Forms("zh").times)
        '2.31～2.98 倍'
        """
        first, last = form(low), form(high)
        number, space, unit = first.partition(" ")
        if space and last.endswith(space + unit):
            first = number
        return f"{first}～{last}" if self.language == "zh" else f"{first} to {last}"


def there(value: object) -> bool:
    """Tell whether a value was measured: not None, not NaN, not infinite.

    >>> there(0.0), there(None), there(float("nan"))
    (True, False, False)
    """
    return value is not None and not (isinstance(value, float) and not math.isfinite(value))


def _signed(text: str) -> str:
    return text.replace("-", _MINUS)
