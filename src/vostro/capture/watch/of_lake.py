"""Checks of the lake 存量检查: is the newest fresh, did each day bring its events, do references still hold?

These look at the records themselves, as they were known at a moment, because they change between
loads: time passes, events arrive one by one, and a referred table loses what a row refers to.
"""

import math
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from statistics import median

import polars as pl
import sqlalchemy as sa

from vostro.capture.contracts import Contract, Reference, parse_share
from vostro.capture.watch import phrases
from vostro.capture.watch.check import Check, Verdict, judge
from vostro.capture.watch.past import PastLoad
from vostro.capture.watch.usual import HISTORY_MIN, rhythm, usual_range
from vostro.engine import Lake, Store
from vostro.engine import event as event_table
from vostro.words import Text, parse_span

__all__ = ["day_counts", "day_volume", "freshness", "newest_event", "reference_breaks"]

LATE, MISSED = 1.5, 2.0  # rhythms after which something is late, or was missed
DENSE = 0.5  # share of days with events from which on a day without is worth a word
_WEEK = 7


def newest_event(store: Store, lake: Lake, contract: Contract, as_of: datetime) -> datetime | None:
    """Return the time of the newest event that was known at a moment, in the lake or still only in the log."""
    found: list[datetime] = []
    rows = _known(lake, contract, as_of)
    if rows is not None and contract.event_time is not None:
        latest = rows.select(pl.col("event_time").max()).collect().item()
        found += [] if latest is None else [latest]
    if contract.event is not None:
        event = event_table.c
        query = (
            sa.select(event.event_time)
            .where(event.kind == contract.event, event.load_time <= as_of)
            .order_by(event.sequence.desc())
            .limit(1)
        )
        with store.begin() as connection:
            arrived = connection.scalar(query)
        found += [] if arrived is None else [arrived]
    return max(found, default=None)


def freshness(
    contract: Contract,
    past: list[PastLoad],
    newest: datetime | None,
    as_of: datetime,
    behind: timedelta = timedelta(),
) -> Check | None:
    """Return how old the newest is: the newest event, or without events the newest load.

    None for an answer to a campaign, which comes when it comes, unless the contract promises a rhythm.

    Args:
        contract: the source's.
        past: its loads, the oldest first.
        newest: time of its newest event, None for a source without events.
        as_of: ages are counted to here.
        behind: how far the bank lives behind the clock that its files were loaded by.
    """
    watch = contract.watch
    if contract.awaited and contract.expected is None and watch.freshness_max is None:
        return None
    if newest is None and past:
        newest = past[-1].load_time - behind
    if newest is None:
        words = Text("nothing has come yet", "尚无数据")
        return _freshness(contract, past, None, None, "too_little_history", words, as_of, 0)
    old = max((as_of - newest).total_seconds(), 0.0)
    high, alert_high, history = _allowed(contract, past, behind)
    what = ("newest event", "最新事件") if contract.event_time else ("newest load", "最近一次入库")
    en, zh = f"{what[0]} is {phrases.age(old).en} old", f"{what[1]}距今 {phrases.age(old).zh}"
    if high is None:
        words = Text(f"{en}; its rhythm is not known yet", f"{zh}；更新周期尚不可知")
        return _freshness(contract, past, old, None, "too_little_history", words, as_of, history)
    words = Text(f"{en}; at most {phrases.age(high).en} expected", f"{zh}；预期不超过 {phrases.age(high).zh}")
    verdict = judge(old, high=high, alert_high=alert_high)
    return _freshness(contract, past, old, high, verdict, words, as_of, history)


def _allowed(
    contract: Contract, past: list[PastLoad], behind: timedelta
) -> tuple[float | None, float | None, int]:
    """Return the age from which the newest is late, from which something was missed, and loads behind it.

    The promised or measured rhythm counts from the usual delay: the age that the newest event of a load
    already has when the load comes.
    """
    if contract.watch.freshness_max is not None:
        most = parse_span(contract.watch.freshness_max).total_seconds()
        return most, most, 0
    promised = contract.expected_span
    moments = [each.load_time.timestamp() for each in past]
    beat = promised.total_seconds() if promised else rhythm(moments)
    if beat is None:
        return None, None, len(past)
    delays = [
        (each.load_time - behind - each.event_time_max).total_seconds()
        for each in past
        if each.event_time_max is not None
    ]
    delay = max(median(delays), 0.0) if delays and contract.event_time else 0.0
    return delay + LATE * beat, delay + MISSED * beat, len(past)


def _freshness(
    contract: Contract,
    past: list[PastLoad],
    value: float | None,
    high: float | None,
    verdict: Verdict,
    words: Text,
    as_of: datetime,
    history: int,
) -> Check:
    return Check(
        source=contract.contract,
        check="freshness",
        unit="seconds",
        value=value,
        high=high,
        verdict=verdict,
        words=words,
        load_id=past[-1].load_id if past else None,
        measured=as_of,
        history=history,
    )


def day_counts(lake: Lake, contract: Contract, as_of: datetime) -> list[tuple[date, int]]:
    """Return events by day in the source's zone, as they were delivered by a moment; days without are left out.

    Empty for a source whose event time is no clock's (months in order), or that has none.
    """
    event = contract.event_time
    rows = _known(lake, contract, as_of)
    if event is None or event.column is None or rows is None:
        return []
    day = pl.col("event_time").dt.convert_time_zone(event.zone or contract.zone or "UTC").dt.date()
    counted = rows.group_by(day.alias("day")).len().sort("day").collect(engine="streaming")
    return [(day, int(count)) for day, count in counted.iter_rows() if day is not None]


def day_volume(
    contract: Contract, past: list[PastLoad], counts: list[tuple[date, int]], as_of: datetime
) -> Check | None:
    """Return whether the last whole day brought as many events as the same weekday used to.

    The newest day may still be growing, so the day before it is looked at. None for a source that has
    events on fewer than half of its days: there, a day without says nothing.
    """
    if not counts:
        return None
    by_day, last = dict(counts), counts[-1][0] - timedelta(days=1)
    if last <= counts[0][0] or len(counts) < DENSE * ((counts[-1][0] - counts[0][0]).days + 1):
        return None
    weeks = (last - counts[0][0]).days // _WEEK
    before = [by_day.get(last - timedelta(days=_WEEK * week), 0) for week in range(weeks, 0, -1)]
    value = by_day.get(last, 0)
    spread_min = 1 / math.sqrt(median(before) + 1) if before else 1.0
    usual = usual_range([math.log1p(each) for each in before], spread_min=spread_min)
    en, zh = f"{value:,} events on {last}", f"{last} 有 {value:,} 个事件"
    low = high = None
    verdict: Verdict = "too_little_history"
    if usual is None:
        en += f"; fewer than {HISTORY_MIN} of this weekday to compare with"
        zh += f"；可比的同一星期日期不足 {HISTORY_MIN} 个"
    else:
        low, high = max(math.expm1(usual.low), 0.0), math.expm1(usual.high)
        alert_low, alert_high = math.expm1(usual.alert_low), math.expm1(usual.alert_high)
        verdict = judge(value, low=low, high=high, alert_low=alert_low, alert_high=alert_high)
        en += f"; {low:,.0f} to {high:,.0f} expected on this weekday"
        zh += f"；同一星期日期预期 {low:,.0f} 至 {high:,.0f} 个"
    return Check(
        source=contract.contract,
        check="volume_day",
        unit="rows",
        value=value,
        low=low,
        high=high,
        verdict=verdict,
        words=Text(en, zh),
        load_id=past[-1].load_id if past else None,
        measured=as_of,
        history=len(before),
    )


def reference_breaks(
    contract: Contract, contracts: Mapping[str, Contract], lake: Lake, past: list[PastLoad], as_of: datetime
) -> Iterator[Check]:
    """Yield, for each reference, the share of rows that refer to what does not exist (any more)."""
    rows = _present(lake, contract, as_of)
    if rows is None:
        return
    most = float(parse_share(contract.watch.reference_breaks_max))
    for reference in contract.references:
        target = contracts.get(reference.table)
        known = None if target is None else _present(lake, target, as_of)
        if target is None or known is None:
            continue
        referring, broken = _broken(rows, known, reference)
        share = broken / referring if referring else 0.0
        subject = f"{reference.column} -> {reference.to}"
        en, zh = f"{broken:,} rows ({phrases.share(share)})", f"{broken:,} 行（{phrases.share(share)}）"
        words = Text(f"{en} refer to what does not exist; none expected", f"{zh}引用了不存在的记录；预期为 0")
        yield Check(
            source=contract.contract,
            check="reference_breaks",
            subject=subject,
            unit="share",
            value=share,
            high=0.0,
            verdict=judge(share, high=0.0, alert_high=most),
            words=words,
            load_id=past[-1].load_id if past else None,
            measured=as_of,
            history=referring,
        )


def _broken(rows: pl.LazyFrame, known: pl.LazyFrame, reference: Reference) -> tuple[int, int]:
    """Return how many rows refer to something, and how many of them to nothing that exists."""
    held = rows.select(pl.col(reference.column).alias("value")).drop_nulls().group_by("value").len()
    keys = known.select(pl.col(reference.key).alias("value")).unique()
    found = held.join(keys.with_columns(there=pl.lit(value=True)), on="value", how="left")
    totals = found.select(
        pl.col("len").sum().alias("all"),
        pl.col("len").filter(pl.col("there").is_null()).sum().alias("broken"),
    )
    total, broken = totals.collect(engine="streaming").row(0)
    return int(total), int(broken)


def _known(lake: Lake, contract: Contract, as_of: datetime) -> pl.LazyFrame | None:
    """Return all rows that were loaded by a moment, or None when the table has no data at all."""
    if not lake.partitions(contract.contract):
        return None
    return lake.scan(contract.contract).filter(pl.col("load_time") <= as_of)


def _present(lake: Lake, contract: Contract, as_of: datetime) -> pl.LazyFrame | None:
    """Return the rows that exist at a moment: the last of each key, none that was deleted.

    Where every file is the whole table (``snapshot``), those of the newest load.
    """
    rows = _known(lake, contract, as_of)
    if rows is None:
        return None
    if contract.watch.snapshot:
        rows = rows.filter(pl.col("_load") == pl.col("_load").max())
    elif contract.key and len(lake.partitions(contract.contract)) > 1:
        rows = rows.sort("_load", "_line").unique(contract.key, keep="last")
    if "_deleted" in rows.collect_schema():
        rows = rows.filter(~pl.col("_deleted").fill_null(value=False))
    return rows
