"""A column as rules read it 列信息: of which type are its values, and which values may it have?"""

from typing import TYPE_CHECKING

from vostro.portrait.types import TagInfo
from vostro.words import Text

if TYPE_CHECKING:
    from vostro.capture.contracts import ContractColumn

__all__ = ["WHOLE_MAX", "column_info"]

WHOLE_MAX = 18  # digits before the point of a decimal tag: no customer owns a quintillion


def column_info(column: "ContractColumn", name: Text | None = None) -> TagInfo:
    """Return a contract's column as something that rules can read."""
    digits, scale = column.decimal
    return TagInfo(
        type=column.type,
        name=name or column.meaning,
        values=tuple(column.allowed) if column.allowed else None,
        digits=min(digits - scale, WHOLE_MAX) + scale,
        scale=scale,
    )
