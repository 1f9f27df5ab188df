"""Reach 触达: scripts, the outbox, and the call list that a channel takes."""

from vostro.reach.outbox import CALL_LIST_COLUMNS, promise_messages, write_call_list
from vostro.reach.scripts import ScriptEncodingError, ScriptError, read_script

__all__ = [
    "CALL_LIST_COLUMNS",
    "ScriptEncodingError",
    "ScriptError",
    "promise_messages",
    "read_script",
    "write_call_list",
]
