"""Masking 脱敏: how does a value look without saying what it is?

A mask keeps the shape: letters become ``a`` or ``A``, digits ``9``, Chinese characters ``文``.
A data steward sees that a telephone number has a letter in it, and not whose number it is.
"""

import re

__all__ = ["mask"]

_KINDS = (
    (re.compile(r"[0-9]"), "9"),
    (re.compile(r"[A-Z]"), "A"),
    (re.compile(r"[^\W\d_A-Za文]", re.UNICODE), "a"),
    (re.compile(r"[a-z]"), "a"),
)
_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_LENGTH_MAX = 60


def mask(value: str | None) -> str | None:
    """Return the shape of a value, at most 60 characters of it.

    >>> mask("王小明 +86 138-0000 x"), mask("Ann.Lee@bank.cn")
    ('文文文 +99 999-9999 a', 'Aaa.Aaa@aaaa.aa')
    """
    if value is None:
        return None
    shape = _CHINESE.sub("文", value[:_LENGTH_MAX])
    for pattern, sign in _KINDS:
        shape = pattern.sub(sign, shape)
    return shape + ("…" if len(value) > _LENGTH_MAX else "")
