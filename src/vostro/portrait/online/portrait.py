"""One portrait 单客画像: the tags of one customer as of a moment, and what they were made from."""

from datetime import datetime

import msgspec

__all__ = ["OnlinePortrait"]


class OnlinePortrait(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one customer as of a moment."""

    customer: str
    as_of: datetime  # UTC
    tags: dict[str, object]  # in the order of the tags, in their types; None where unknown
    sequence: int = 0  # the last event of the log that is in it; 0 where that is not known
