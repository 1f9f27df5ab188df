"""Charts of the watch 质量监测图表: records by load, events by day, drift by load, for each source."""

from datetime import timedelta
from typing import Any

from vostro.capture import LoadFigures, SourceWatch, WatchReport
from vostro.console.page import Page

__all__ = ["DAYS_MIN", "LOADS_MIN", "watch_charts"]

Chart = dict[str, Any]
LOADS_MIN, DAYS_MIN = 3, 14  # with fewer, a table says more
_LOADS_SHOWN = 40
PSI_LOOK = 0.1  # Siddiqi (2006): from here on, look at it


def watch_charts(report: WatchReport, page: Page) -> dict[str, Chart]:
    """Return the charts of every source that has enough loads or days, by name."""
    drawn: dict[str, Chart] = {}
    for source in report.sources:
        loads = source.loads[-_LOADS_SHOWN:]
        if len(loads) >= LOADS_MIN:
            drawn[f"volume_{source.source}"] = _volume(source, loads, page)
            if any(each.drift for each in loads):
                drawn[f"drift_{source.source}"] = _drift(loads, page)
        if len(source.days) >= DAYS_MIN:
            drawn[f"days_{source.source}"] = _days(source, page)
    return drawn


def _volume(source: SourceWatch, loads: list[LoadFigures], page: Page) -> Chart:
    check = next(
        each for each in source.checks if each.check == "volume"
    )  # there is one where there is a load
    marks = [
        {"at": round(each), "name": page.words(key)}
        for each, key in ((check.low, "watch.low"), (check.high, "watch.high"))
        if each is not None and each > 0
    ]
    return {
        "kind": "columns",
        "names": _names(loads, page),
        "values": [each.rows_read for each in loads],
        "flags": [each.verdict == "alert" for each in loads],
        "form": "count",
        "x": page.words("watch.load"),
        "y": page.words("watch.records"),
        "marks": marks,
    }


def _drift(loads: list[LoadFigures], page: Page) -> Chart:
    def largest(name: str) -> list[float | None]:
        return [max(getattr(each, name).values(), default=None) for each in loads]

    series = [{"name": page.words("watch.drift_last"), "role": "accent", "values": largest("drift")}]
    reference = largest("drift_reference")
    if any(each is not None for each in reference):
        series.append({"name": page.words("watch.drift_reference"), "role": "grey", "values": reference})
    return {
        "kind": "lines",
        "limit": {"at": PSI_LOOK, "name": page.words("watch.look")},
        "names": _names(loads, page),
        "series": series,
        "form": "number",
        "x": page.words("watch.load"),
        "y": page.words("watch.psi"),
    }


def _days(source: SourceWatch, page: Page) -> Chart:
    counts, first = dict(source.days), source.days[0][0]
    days = [first + timedelta(days=n) for n in range((source.days[-1][0] - first).days + 1)]
    return {
        "kind": "days",
        "names": [f"{day:%Y-%m-%d}" for day in days],
        "values": [counts.get(day, 0) for day in days],
        "form": "count",
        "x": page.words("watch.day"),
        "y": page.words("watch.events"),
    }


def _names(loads: list[LoadFigures], page: Page) -> list[str]:
    return [page.form.day_short(each.load_time.isoformat()) for each in loads]
