"""Money 金额: how much, in which currency? Always decimal, never a bare number."""

import re
from decimal import Decimal

import msgspec

from vostro.words.errors import VostroError

__all__ = ["CurrencyMismatchError", "Money", "MoneyFormatError"]

_FORM = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s+([A-Z]{3})\s*$")


class MoneyFormatError(VostroError):
    """A text is not an amount with a currency."""

    code = "words.money_format"
    status = 422
    en = "'{text}' is not money. Write an amount and an ISO 4217 currency, such as '120 EUR'."
    zh = "“{text}”不是金额。请写数额加 ISO 4217 币种，例如“120 EUR”。"


class CurrencyMismatchError(VostroError):
    """Two amounts of different currencies meet."""

    code = "words.currency_mismatch"
    status = 422
    en = "{left} and {right} cannot be added or compared. Give both in one currency."
    zh = "{left} 与 {right} 币种不同，不能相加或比较。请使用同一币种。"


class Money(msgspec.Struct, frozen=True):
    """A decimal amount of one currency.

    >>> Money.parse("120 EUR") - Money.parse("4.50 EUR")
    Money(amount=Decimal('115.50'), currency='EUR')
    """

    amount: Decimal
    currency: str

    @classmethod
    def parse(cls, text: str) -> "Money":
        """Read ``"120 EUR"``.

        Raises:
            MoneyFormatError: the text has no amount or no three-letter currency.
        """
        match = _FORM.match(text)
        if match is None:
            raise MoneyFormatError(text=text)
        return cls(Decimal(match[1]), match[2])

    def __add__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount + other.amount, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same(other)
        return Money(self.amount - other.amount, self.currency)

    def __str__(self) -> str:
        return f"{self.amount:,} {self.currency}"

    def _same(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise CurrencyMismatchError(left=str(self), right=str(other))
