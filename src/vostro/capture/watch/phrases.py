"""Phrases 措辞: how is a check said in both languages?"""

from vostro.words import Text

__all__ = ["age", "share"]

_SPANS = ((86_400.0, "days", "天"), (3_600.0, "hours", "小时"), (60.0, "minutes", "分钟"))


def age(seconds: float) -> Text:
    """Say a span in its largest unit of which there are at least two.

    >>> age(3 * 86400).en, age(5400).zh, age(20).en
    ('3 days', '90 分钟', '20 seconds')
    """
    for size, en, zh in _SPANS:
        if seconds >= 2 * size:
            number = _short(seconds / size)
            return Text(f"{number} {en}", f"{number} {zh}")
    return Text(f"{seconds:.0f} seconds", f"{seconds:.0f} 秒")


def share(value: float) -> str:
    """Say a share as per cent, with the digits that it needs.

    >>> share(0.25), share(0.0004), share(0.123)
    ('25 %', '0.04 %', '12.3 %')
    """
    return f"{_short(100 * value)} %"


def _short(value: float) -> str:
    if value and abs(value) < 0.1:
        return f"{value:.2g}"
    return f"{value:,.1f}".removesuffix(".0")
