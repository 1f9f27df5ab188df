"""Intake 接收: which events arrive one by one, and are they on the disk before we say so?

Importing this room is cheap; each name brings in its libraries when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vostro.capture.intake.group import Answer, GroupCommit
    from vostro.capture.intake.messages import (
        BODY_BYTES_MAX,
        MESSAGES_MAX,
        Broken,
        Message,
        read_messages,
        unpack,
    )
    from vostro.capture.intake.reasons import Reason
    from vostro.capture.intake.segment import CALLS, SegmentCall, read_segment
    from vostro.capture.intake.view import MessageContract, message_contracts
    from vostro.capture.intake.writer import ACCEPTED, DUPLICATE, REJECTED, Writer, Written

__all__ = [
    "ACCEPTED",
    "BODY_BYTES_MAX",
    "CALLS",
    "DUPLICATE",
    "MESSAGES_MAX",
    "REJECTED",
    "Answer",
    "BodyEmptyError",
    "BodyJsonError",
    "BodyLargeError",
    "BodyManyError",
    "BodyShapeError",
    "BodyZippedError",
    "Broken",
    "GroupCommit",
    "IntakeBusyError",
    "IntakeClosedError",
    "IntakeFailedError",
    "Message",
    "MessageContract",
    "Reason",
    "SegmentCall",
    "Writer",
    "Written",
    "message_contracts",
    "read_messages",
    "read_segment",
    "unpack",
]

_HOMES = {
    "group": ("Answer", "GroupCommit"),
    "messages": ("BODY_BYTES_MAX", "MESSAGES_MAX", "Broken", "Message", "read_messages", "unpack"),
    "reasons": ("Reason",),
    "segment": ("CALLS", "SegmentCall", "read_segment"),
    "view": ("MessageContract", "message_contracts"),
    "writer": ("ACCEPTED", "DUPLICATE", "REJECTED", "Writer", "Written"),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME.get(name, 'errors')}"), name)
