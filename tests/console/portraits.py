"""Other portrait reports made from a real one: two hundred tags, next to nothing, and hostile texts."""

from datetime import UTC, datetime
from typing import Any

import msgspec

from vostro.capture import WatchReport
from vostro.stages import PortraitReport, TagCard

HOSTILE = '</script><img src=x onerror="window.hacked=1"><b>\'&{{7*7}}'
_FREE = {
    "meaning",
    "name",
    "en",
    "zh",
    "words",
    "file",
    "rule",
    "owner",
    "purpose",
    "value",
    "reason",
    "definition",
    "bank_name",
    "rule_words",
    "subject",
}  # fmt: skip  what a bank, a source or a person wrote


def many(report: PortraitReport, tags: int = 200) -> PortraitReport:
    """The same bank with two hundred tags."""
    cards = [_renamed(report.tags[n % len(report.tags)], n // len(report.tags)) for n in range(tags)]
    return msgspec.structs.replace(report, tags=cards)


def _renamed(card: TagCard, round_: int) -> TagCard:
    if not round_:
        return card
    entry = msgspec.structs.replace(card.entry, tag=f"{card.entry.tag}_{round_}")
    return msgspec.structs.replace(card, entry=entry)


def least(report: PortraitReport) -> PortraitReport:
    """A bank with no customer, tag, segment or source."""
    nothing = WatchReport(as_of=datetime(2026, 4, 1, tzinfo=UTC), sources=[], alerts=[], resolved=[])
    empty: dict[str, Any] = {
        name: [] for name in ("tags", "segments", "overlap", "grids", "stages", "rejects")
    }
    return msgspec.structs.replace(report, customers=0, watch=nothing, **empty)


def attacked(report: PortraitReport) -> PortraitReport:
    """A bank whose every free text is an attack."""
    return msgspec.convert(_spoil(msgspec.to_builtins(report), free=False), PortraitReport)


def _spoil(value: Any, *, free: bool) -> Any:
    if isinstance(value, str):
        return HOSTILE if free else value
    if isinstance(value, list | tuple):
        return [_spoil(each, free=free) for each in value]
    if isinstance(value, dict):
        return {
            key: _spoil(each, free=key in _FREE or (free and key in ("en", "zh")))
            for key, each in value.items()
        }
    return value
