"""Check 检查项: one figure of one source at one moment, what was expected, and what to think of it.

A verdict is ``ok``, ``watch`` (look at it), ``alert``, or ``too_little_history`` (nothing to
compare with yet). Shares are from 0 to 1, ages are seconds.
"""

from datetime import datetime
from typing import Literal

import msgspec

from vostro.words import Text

__all__ = ["CHECKS", "Check", "CheckKind", "Unit", "Verdict", "judge", "worst"]

CheckKind = Literal[
    "freshness",
    "volume",
    "volume_day",
    "null_rate",
    "drift",
    "drift_reference",
    "reference_breaks",
    "schema",
    "reject_rate",
    "duplicate_rate",
]
Verdict = Literal["ok", "too_little_history", "watch", "alert"]
Unit = Literal["seconds", "rows", "share", "psi", "columns"]

CHECKS: dict[CheckKind, Text] = {
    "freshness": Text("Freshness", "及时性"),
    "volume": Text("Records a load", "每次入库记录数"),
    "volume_day": Text("Events a day", "每日事件数"),
    "null_rate": Text("Missing values", "空值率"),
    "drift": Text("Drift against the last load", "分布漂移（较上次入库）"),
    "drift_reference": Text("Drift against the reference", "分布漂移（较基准）"),
    "reference_breaks": Text("Broken references", "引用断裂"),
    "schema": Text("Columns", "字段变更"),
    "reject_rate": Text("Rejects", "拒收率"),
    "duplicate_rate": Text("Repeated keys", "主键重复率"),
}
_GRAVE: tuple[Verdict, ...] = ("ok", "too_little_history", "watch", "alert")


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One figure, held against what was expected of it."""

    source: str
    check: CheckKind
    subject: str = ""  # the column, or "column -> table.key"
    unit: Unit
    value: float | None  # None: there is nothing to measure
    low: float | None = None  # from here ...
    high: float | None = None  # ... to here all is well; None: no bound on that side
    verdict: Verdict
    words: Text  # without the subject
    load_id: int | None = None  # the newest load that was looked at
    measured: datetime  # with a zone; as of when
    history: int = 0  # figures that the expectation is made of

    @property
    def key(self) -> tuple[str, str, str]:
        """Return what an alert is one of: source, check and subject."""
        return self.source, self.check, self.subject


def judge(
    value: float,
    *,
    low: float | None = None,
    high: float | None = None,
    alert_low: float | None = None,
    alert_high: float | None = None,
) -> Verdict:
    """Return the verdict on a value: beyond the wider bounds alert, beyond the narrower watch.

    >>> [judge(value, high=2, alert_high=3) for value in (2, 2.5, 3.5)]
    ['ok', 'watch', 'alert']
    """
    if (alert_high is not None and value > alert_high) or (alert_low is not None and value < alert_low):
        return "alert"
    if (high is not None and value > high) or (low is not None and value < low):
        return "watch"
    return "ok"


def worst(verdicts: list[Verdict]) -> Verdict:
    """Return the gravest verdict; ``too_little_history`` only where nothing else could be said.

    >>> worst(["ok", "too_little_history"]), worst(["ok", "watch"]), worst([])
    ('ok', 'watch', 'too_little_history')
    """
    known = [each for each in verdicts if each != "too_little_history"]
    return max(known, key=_GRAVE.index) if known else "too_little_history"
