"""Watching 持续监测: how is every source now, how was it at each load, and what has to be told?"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec

from vostro.capture.contracts import Contract
from vostro.capture.watch.alerts import Alert, raise_alerts, read_alerts
from vostro.capture.watch.check import Check, Verdict, worst
from vostro.capture.watch.of_lake import day_counts, day_volume, freshness, newest_event, reference_breaks
from vostro.capture.watch.of_loads import load_checks
from vostro.capture.watch.past import PastLoad, past_loads
from vostro.engine import Lake, Store
from vostro.words import Text

__all__ = ["LoadFigures", "SourceWatch", "WatchReport", "watch_and_raise", "watch_load", "watch_sources"]

DAYS_SHOWN, LOADS_SHOWN = 400, 60


class LoadFigures(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one load, for a chart over time. Shares are from 0 to 1."""

    load_id: int
    load_time: datetime
    file: str
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    reject_rate: float
    duplicate_rate: float
    event_time_max: datetime | None
    null_rates: dict[str, float]  # column -> share without a value
    drift: dict[str, float]  # column -> population stability index against the load before
    drift_reference: dict[str, float]
    verdict: Verdict  # of its checks, as it was then
    alerts: list[str]  # what was wrong then: check, or "check column"


class SourceWatch(msgspec.Struct, frozen=True, kw_only=True):
    """How one source is."""

    source: str
    meaning: Text
    verdict: Verdict
    checks: list[Check]
    loads: list[LoadFigures]  # the last sixty, the oldest first
    days: list[tuple[date, int]]  # events by day, the last 400 days with any
    newest: datetime | None  # newest event, or without events the newest load


class WatchReport(msgspec.Struct, frozen=True, kw_only=True):
    """How all sources are as of a moment."""

    as_of: datetime
    sources: list[SourceWatch]
    alerts: list[Alert]  # open, the oldest first
    resolved: list[Alert]  # well again, the newest first


def watch_sources(
    store: Store,
    lake: Lake,
    contracts: Mapping[str, Contract],
    as_of: datetime,
    *,
    lives: datetime | None = None,
) -> WatchReport:
    """Check every source as of a moment; nothing is written.

    Args:
        store: where loads, rejects and the log are.
        lake: where the sources' tables are.
        contracts: by name; references are looked up among them.
        as_of: with a zone; only what was loaded by then counts, and ages are counted to here.
        lives: the moment at which a bank of the past lives; ages are counted to there.
    """
    behind = timedelta() if lives is None else as_of - lives
    sources = [_source(store, lake, contracts, contract, as_of, behind) for contract in contracts.values()]
    found = read_alerts(store, as_of=as_of, resolved=True)
    return WatchReport(
        as_of=as_of,
        sources=sources,
        alerts=[each for each in found if each.state == "open"],
        resolved=[each for each in found if each.state == "resolved"][::-1],
    )


def watch_and_raise(
    store: Store,
    lake: Lake,
    contracts: Mapping[str, Contract],
    moment: datetime,
    *,
    lives: datetime | None = None,
) -> WatchReport:
    """Check every source now, and write into the log what is wrong and what is well again; see ``watch_sources``."""
    report = watch_sources(store, lake, contracts, moment, lives=lives)
    if any(raise_alerts(store, [check for each in report.sources for check in each.checks], moment)):
        return _again(store, report)
    return report


def _again(store: Store, report: WatchReport) -> WatchReport:
    """Return the report with the alerts as they stand in the log now."""
    found = read_alerts(store, resolved=True)
    return msgspec.structs.replace(
        report,
        alerts=[each for each in found if each.state == "open"],
        resolved=[each for each in found if each.state == "resolved"][::-1],
    )


def watch_load(store: Store, contract: Contract, moment: datetime) -> list[Check]:
    """Check the source's newest load against those before it, and raise what is wrong; the lake is not read.

    Args:
        store: where loads and the log are.
        contract: the source's.
        moment: with a zone; the load's.
    """
    checks = load_checks(contract, past_loads(store, contract.contract))
    raise_alerts(store, checks, moment)
    return checks


def _source(
    store: Store,
    lake: Lake,
    contracts: Mapping[str, Contract],
    contract: Contract,
    as_of: datetime,
    behind: timedelta,
) -> SourceWatch:
    past = past_loads(store, contract.contract, as_of=as_of)
    newest = newest_event(store, lake, contract, as_of)
    days = day_counts(lake, contract, as_of)
    found = [
        freshness(contract, past, newest, as_of - behind, behind),
        *load_checks(contract, past),
        day_volume(contract, past, days, as_of),
        *reference_breaks(contract, contracts, lake, past, as_of),
    ]
    checks = [each for each in found if each is not None]
    return SourceWatch(
        source=contract.contract,
        meaning=contract.meaning,
        verdict=worst([each.verdict for each in checks]),
        checks=checks,
        loads=[_figures(contract, past[: i + 1]) for i in range(max(len(past) - LOADS_SHOWN, 0), len(past))],
        days=days[-DAYS_SHOWN:],
        newest=newest or (past[-1].load_time - behind if past else None),
    )


def _figures(contract: Contract, past: Sequence[PastLoad]) -> LoadFigures:
    """Return the figures of a load, judged by what was known when it came."""
    load, checks = past[-1], load_checks(contract, list(past))
    wrong = [each for each in checks if each.verdict == "alert"]
    return LoadFigures(
        load_id=load.load_id,
        load_time=load.load_time,
        file=load.file,
        rows_read=load.rows_read,
        rows_loaded=load.rows_loaded,
        rows_rejected=load.rows_rejected,
        reject_rate=load.reject_rate,
        duplicate_rate=load.duplicate_rate,
        event_time_max=load.event_time_max,
        null_rates={name: 1 - each.completeness for name, each in load.columns.items()},
        drift={
            check.subject: check.value
            for check in checks
            if check.check == "drift" and check.value is not None
        },
        drift_reference={
            check.subject: check.value
            for check in checks
            if check.check == "drift_reference" and check.value is not None
        },
        verdict=worst([each.verdict for each in checks]),
        alerts=[f"{each.check} {each.subject}".strip() for each in wrong],
    )
