"""Kept messages 拒收消息: how are messages that broke their contract kept, so that they can be mended?

As rejects beside those of files, with ``api`` as the name of the file: listed, exported and
replayed by the same commands. The message is kept as it was sent.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from vostro.capture.intake.messages import Broken, Message
from vostro.capture.intake.reasons import Reason
from vostro.capture.rejects import API_FILE, KeptRecord
from vostro.capture.spool import VALUE_CHARACTERS_MAX
from vostro.engine import load as load_table
from vostro.engine import reject as reject_table

__all__ = ["keep_rejects", "shown_reason"]

_SOURCE_CHARACTERS_MAX = 100


def keep_rejects(
    connection: sa.Connection,
    messages: Sequence[Message | Broken],
    reasons: dict[int, Reason],
    *,
    load_id: int,
    load_time: datetime,
    sources: dict[str, str],
) -> None:
    """Write down rejected messages, in the transaction of the others.

    Args:
        connection: of ``Store.begin``.
        messages: of the flush.
        reasons: of those that were rejected, by place.
        load_id: of the flush; the attempt to load them gets a row of its own in ``load``.
        load_time: when they came.
        sources: the contract of each kind; a kind that has none stands for itself.
    """
    if not reasons:
        return
    connection.execute(
        sa.insert(load_table).values(
            id=load_id,
            source=API_FILE,
            file=API_FILE,
            file_digest=f"{API_FILE} {load_id}",
            contract_digest="",
            state="done",
            started=load_time,
            finished=load_time,
            rows_read=len(messages),
            rows_loaded=len(messages) - len(reasons),
            rows_rejected=len(reasons),
        )
    )
    rows = [
        _row(messages[place], place, reason, sources) | {"load_id": load_id, "created": load_time}
        for place, reason in sorted(reasons.items())
    ]
    connection.execute(sa.insert(reject_table), rows)


def _row(message: Message | Broken, place: int, reason: Reason, sources: dict[str, str]) -> dict[str, Any]:
    kept = KeptRecord(
        place,
        raw=message.raw if isinstance(message, Broken) else None,
        personal=reason.personal,
        message=None if isinstance(message, Broken) else message,
    )
    kind = getattr(message, "kind", None)
    source = sources.get(kind, kind) if isinstance(kind, str) and kind else "?"
    return {
        "source": source.replace("\0", "␀")[:_SOURCE_CHARACTERS_MAX],
        "file": API_FILE,
        "line": place,
        "record": msgspec.json.encode(kept).decode(),
        **shown_reason(reason),
    }


def shown_reason(reason: Reason) -> dict[str, str | None]:
    """Return a reason as the table of rejects holds it; PostgreSQL's texts hold no NUL."""
    texts = {
        "field": reason.field,
        "value": reason.value,
        "code": reason.code,
        "message_en": reason.say.en,
        "message_zh": reason.say.zh,
    }
    clean = {name: text and text.replace("\0", "␀") for name, text in texts.items()}
    return clean | {"value": clean["value"] and clean["value"][:VALUE_CHARACTERS_MAX]}
