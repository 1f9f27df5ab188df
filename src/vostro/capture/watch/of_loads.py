"""Checks of loads 入库检查: is the newest load like those before it?

Only what is kept of every load is read, never its records. ``past`` is in order, the load in
question being the last; so any earlier load can be judged as it was then.
"""

import math
from collections.abc import Iterator
from statistics import median
from typing import Any

from vostro.capture.contracts import Contract, parse_share
from vostro.capture.quality import HIDDEN
from vostro.capture.watch import phrases
from vostro.capture.watch.check import Check, CheckKind, Unit, Verdict, judge
from vostro.capture.watch.past import PastColumn, PastLoad
from vostro.capture.watch.usual import HISTORY_MAX, HISTORY_MIN, share_noise, usual_range
from vostro.words import Text, zone

__all__ = ["load_checks"]

PSI_WATCH = 0.1  # Siddiqi (2006): below it, nothing has changed
NULL_RISE = (0.02, 0.10)  # share above the usual null rate: watch, alert
REJECT_RISE = (0.01, 0.05)
CHANCE = 0.001  # that a share rises above its noise where nothing has changed
WEEKDAYS_MIN = 5  # a source that loads on as many has a week of its own
_SPREAD_MIN = 0.01  # of the logarithm of a number of records


def load_checks(contract: Contract, past: list[PastLoad]) -> list[Check]:
    """Return the checks of the newest load against those before it; none without a load.

    Args:
        contract: the source's, with its limits.
        past: loads of the source, the oldest first.
    """
    if not past:
        return []
    return [
        _volume(contract, past),
        *_null_rates(contract, past),
        *_drifts(contract, past),
        *_schema(contract, past),
        _rejects(contract, past),
        *_duplicates(contract, past),
    ]


def _check(contract: Contract, past: list[PastLoad], kind: CheckKind, unit: Unit, **found: Any) -> Check:
    """Return a check of the newest load."""
    return Check(
        source=contract.contract,
        check=kind,
        unit=unit,
        load_id=past[-1].load_id,
        measured=past[-1].load_time,
        **found,
    )


def _volume(contract: Contract, past: list[PastLoad]) -> Check:
    """Records of the file, on a logarithmic scale: half as many is as unusual as twice as many."""
    rows, before = past[-1].rows_read, [each.rows_read for each in _comparable(contract, past)][-HISTORY_MAX:]
    least = contract.watch.rows_min
    if contract.watch.volume is not None and before:
        part, centre = float(parse_share(contract.watch.volume)), median(before)
        low: float | None = max(centre * (1 - part), least or 0)
        high: float | None = centre * (1 + part)
        verdict = judge(rows, low=low, high=high, alert_low=low, alert_high=high)
    else:
        typical = median(before) if before else 0
        spread_min = max(1 / math.sqrt(typical + 1), _SPREAD_MIN)
        usual = usual_range([math.log1p(each) for each in before], spread_min=spread_min)
        if usual is None:
            low, high = least, None
            verdict = "too_little_history" if least is None else judge(rows, low=low, alert_low=low)
        else:
            low, high = max(math.expm1(usual.low), least or 0), math.expm1(usual.high)
            alert_low = max(math.expm1(usual.alert_low), least or 0)
            verdict = judge(
                rows, low=low, high=high, alert_low=alert_low, alert_high=math.expm1(usual.alert_high)
            )
    words = Text(f"{rows:,} records; {_between(low, high).en}", f"{rows:,} 条记录；{_between(low, high).zh}")
    return _check(
        contract,
        past,
        "volume",
        "rows",
        value=rows,
        verdict=verdict,
        words=words,
        low=low,
        high=high,
        history=len(before),
    )


def _comparable(contract: Contract, past: list[PastLoad]) -> list[PastLoad]:
    """Return the earlier loads of the same weekday, where loads come on most days and enough are known; else all."""
    clock = zone((contract.event_time.zone if contract.event_time else None) or contract.zone or "UTC")
    weekdays = [each.load_time.astimezone(clock).weekday() for each in past]
    same = [each for each, day in zip(past[:-1], weekdays, strict=False) if day == weekdays[-1]]
    return same if len(same) >= HISTORY_MIN and len(set(weekdays)) >= WEEKDAYS_MIN else past[:-1]


def _between(low: float | None, high: float | None) -> Text:
    if high is None and low is None:
        return Text(f"fewer than {HISTORY_MIN} loads to compare with", f"可比的历史入库不足 {HISTORY_MIN} 次")
    if high is None:
        return Text(f"at least {low:,.0f} expected", f"应不少于 {low:,.0f} 条")
    return Text(f"{low or 0:,.0f} to {high:,.0f} expected", f"预期 {low or 0:,.0f} 至 {high:,.0f} 条")


def _null_rates(contract: Contract, past: list[PastLoad]) -> Iterator[Check]:
    if not past[-1].rows_loaded:
        return
    for name, column in past[-1].columns.items():
        if name in contract.watch.ignore or name not in contract.columns or name in contract.required:
            continue
        before = [
            1 - each.columns[name].completeness
            for each in past[-HISTORY_MAX - 1 : -1]
            if name in each.columns and each.rows_loaded
        ]
        rate = 1 - column.completeness
        fixed = contract.watch.null_rate_max
        limit = fixed.get(name) if isinstance(fixed, dict) else fixed
        high, verdict = _share_verdict(rate, past[-1].rows_loaded, before, limit, NULL_RISE)
        en, zh = f"{phrases.share(rate)} without a value", f"空值率 {phrases.share(rate)}"
        yield _check(
            contract,
            past,
            "null_rate",
            "share",
            value=rate,
            verdict=verdict,
            words=Text(*_at_most(en, zh, high)),
            subject=name,
            high=high,
            history=min(len(before), HISTORY_MAX),
        )


def _share_verdict(
    rate: float, rows: int, before: list[float], limit: str | None, rise: tuple[float, float]
) -> tuple[float | None, Verdict]:
    """Hold a share against a limit, or against how far it may rise above what was usual.

    Without a limit it may rise by two stated numbers of percentage points; by more, where chance alone
    (in so few records) or the history's own spread explains it.
    """
    if limit is not None:
        most = float(parse_share(limit))
        return most, judge(rate, high=most, alert_high=most)
    if not before:
        return None, "too_little_history"
    recent = before[-HISTORY_MAX:]
    centre = median(recent)
    noise = share_noise(centre, rows, chance=CHANCE)
    usual = usual_range(recent, spread_min=0.0)
    own = (usual.high - usual.centre, usual.alert_high - usual.centre) if usual else (0.0, 0.0)
    high, alert_high = (centre + max(part, noise, spread) for part, spread in zip(rise, own, strict=True))
    return high, judge(rate, high=high, alert_high=alert_high)


def _at_most(en: str, zh: str, high: float | None) -> tuple[str, str]:
    if high is None:
        return f"{en}; nothing to compare with yet", f"{zh}；尚无可比数据"
    return (
        f"{en}; at most {phrases.share(min(high, 1))} expected",
        f"{zh}；预期不高于 {phrases.share(min(high, 1))}",
    )


def _drifts(contract: Contract, past: list[PastLoad]) -> Iterator[Check]:
    """Distributions against the last load and the reference; times move by themselves, and keys are new."""
    passed = _not_drifting(contract)
    first = past[-1].reference is None
    for name, column in past[-1].columns.items():
        if name in passed or column.personal_data in HIDDEN or column.type in ("date", "moment"):
            continue
        if column.type == "text" and column.uniqueness > 0.9:
            continue  # names of things, not groups
        yield _drift(contract, past, column, "drift", column.change, column.change_noise)
        if first or (len(past) > 1 and past[-1].reference == past[-2].load_id):
            continue  # the reference is the last load: said once
        yield _drift(
            contract, past, column, "drift_reference", column.change_reference, column.change_reference_noise
        )


def _not_drifting(contract: Contract) -> set[str]:
    """Return the columns that name something (keys, customers, what is referred to) or tell the time."""
    names = {*contract.key, *contract.watch.ignore, *(each.column for each in contract.references)}
    if contract.event_time is not None:
        names.add(contract.event_time.source_column)
    if contract.customer is not None:
        names.add(contract.looked_up.via if contract.looked_up else contract.customer)
    return names


def _drift(
    contract: Contract,
    past: list[PastLoad],
    column: PastColumn,
    kind: CheckKind,
    index: float | None,
    noise: float | None,
) -> Check:
    if index is None or noise is None:
        words = Text("too few records to compare with yet", "可比的记录尚不足")
        return _check(
            contract,
            past,
            kind,
            "psi",
            value=None,
            verdict="too_little_history",
            words=words,
            subject=column.name,
        )
    most = contract.watch.psi_max
    high, alert_high = max(min(PSI_WATCH, most), noise), max(most, noise)
    words = Text(
        f"distribution moved by {index:.3f} (PSI); at most {high:.3f} expected",
        f"分布变化 {index:.3f}（PSI）；预期不高于 {high:.3f}",
    )
    verdict = judge(index, high=high, alert_high=alert_high)
    return _check(
        contract,
        past,
        kind,
        "psi",
        value=index,
        verdict=verdict,
        words=words,
        subject=column.name,
        high=high,
        history=1,
    )


def _schema(contract: Contract, past: list[PastLoad]) -> Iterator[Check]:
    """Columns against the last load: a new one is worth a look, one that is gone or retyped breaks readers."""
    if len(past) < 2:
        return
    now = {name: each.type for name, each in past[-1].columns.items()}
    then = {name: each.type for name, each in past[-2].columns.items()}
    new = sorted(set(now) - set(then))
    gone = sorted(set(then) - set(now))
    retyped = sorted(name for name in set(now) & set(then) if now[name] != then[name])
    parts = [
        (new, "new: {}", "新增：{}"),
        (gone, "gone: {}", "缺失：{}"),
        (retyped, "other type: {}", "类型变更：{}"),
    ]
    en = "; ".join(en.format(", ".join(names)) for names, en, _ in parts if names) or "as before"
    zh = "；".join(zh.format("、".join(names)) for names, _, zh in parts if names) or "与上次一致"
    verdict: Verdict = "alert" if gone or retyped else "watch" if new else "ok"
    changed = len(new) + len(gone) + len(retyped)
    yield _check(
        contract,
        past,
        "schema",
        "columns",
        value=changed,
        verdict=verdict,
        words=Text(en, zh),
        high=0,
        history=1,
    )


def _rejects(contract: Contract, past: list[PastLoad]) -> Check:
    last = past[-1]
    before = [each.reject_rate for each in past[:-1] if each.rows_read]
    high, verdict = _share_verdict(
        last.reject_rate, last.rows_read, before, contract.watch.reject_rate_max, REJECT_RISE
    )
    en = f"{phrases.share(last.reject_rate)} rejected ({last.rows_rejected:,} records)"
    zh = f"拒收率 {phrases.share(last.reject_rate)}（{last.rows_rejected:,} 条）"
    words = Text(*_at_most(en, zh, high))
    history = min(len(before), HISTORY_MAX)
    return _check(
        contract,
        past,
        "reject_rate",
        "share",
        value=last.reject_rate,
        verdict=verdict,
        words=words,
        high=high,
        history=history,
    )


def _duplicates(contract: Contract, past: list[PastLoad]) -> Iterator[Check]:
    """Records whose key was in the file before."""
    if not contract.key:
        return
    last, most = past[-1], float(parse_share(contract.watch.duplicate_rate_max))
    en = f"{phrases.share(last.duplicate_rate)} repeat a key ({last.rows_repeated:,} records)"
    zh = f"主键重复 {phrases.share(last.duplicate_rate)}（{last.rows_repeated:,} 条）"
    verdict = judge(last.duplicate_rate, high=most, alert_high=most)
    yield _check(
        contract,
        past,
        "duplicate_rate",
        "share",
        value=last.duplicate_rate,
        verdict=verdict,
        words=Text(*_at_most(en, zh, most)),
        high=most,
    )
