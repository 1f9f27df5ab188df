"""Shares and capacities 比例与容量: how do definitions write "10 %" and "400 a wave"?"""

import re

import msgspec

from vostro.words import VostroError

__all__ = ["Capacity", "CapacityFormatError", "ShareFormatError", "parse_share"]

_SHARE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*%\s*$")
_CAPACITY = re.compile(r"^\s*(?:(\d+(?:\.\d+)?)\s*%|(\d+))\s+a\s+(wave|campaign)\s*$")


class ShareFormatError(VostroError):
    """A text is not a share between 0 % and 100 %."""

    code = "decide.share_format"
    status = 422
    en = "'{text}' is not a share. Write a percentage from 0 % to 100 %, such as '10 %'."
    zh = "“{text}”不是比例。请写 0 % 到 100 % 之间的百分数，例如“10 %”。"


class CapacityFormatError(VostroError):
    """A text is not a capacity."""

    code = "decide.capacity_format"
    status = 422
    en = "'{text}' is not a capacity. Write for example '400 a wave', '20 % a wave' or '2000 a campaign'."
    zh = "“{text}”不是容量。例如可写“400 a wave”、“20 % a wave”或“2000 a campaign”。"


def parse_share(text: str) -> float:
    """Read a percentage as a fraction.

    >>> parse_share("12.5 %")
    0.125

    Raises:
        ShareFormatError: not a percentage, or above 100 %.
    """
    match = _SHARE.match(text)
    if match is None or float(match[1]) > 100:
        raise ShareFormatError(text=text)
    return float(match[1]) / 100


class Capacity(msgspec.Struct, frozen=True):
    """How many contacts a channel can make: a number, or a share of those who are considered."""

    share: float | None
    contacts: int | None

    @classmethod
    def parse(cls, text: str) -> "Capacity":
        """Read ``"400 a wave"`` or ``"20 % a wave"``.

        Raises:
            CapacityFormatError: neither form.
        """
        match = _CAPACITY.match(text)
        if match is None or (match[1] and float(match[1]) > 100):
            raise CapacityFormatError(text=text)
        return cls(float(match[1]) / 100, None) if match[1] else cls(None, int(match[2]))

    def of(self, considered: int) -> int:
        """Return how many of ``considered`` customers can be contacted.

        >>> Capacity.parse("20 % a wave").of(1188)
        237
        """
        wanted = self.contacts if self.contacts is not None else int(considered * (self.share or 0) + 1e-9)
        return min(wanted, considered)
