"""Watch view 质量监测视图: how are the checks of a source laid out, and what stands in each cell?

Checks of one kind stand together; of many columns the ones to look at come first, the others fold.
"""

from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from vostro.capture import Alert, Check, LoadFigures, SourceWatch, WatchReport
from vostro.console.page import Page
from vostro.console.sparks import bars, line, strip

__all__ = ["CheckRow", "SourceView", "WatchView"]

_GRAVITY = {"alert": 0, "watch": 1, "ok": 2, "too_little_history": 3}
_ROWS_OPEN = 4  # columns of one kind of check that are in sight
_LOADS_SHOWN = 40
_DAYS_SHOWN = 60


@dataclass(frozen=True)
class CheckRow:
    """One check as a row of the table."""

    check: Check
    now: Markup
    expected: Markup
    over_time: Markup


@dataclass(frozen=True)
class SourceView:
    """One source: its checks by kind, each kind with rows in sight and rows that fold."""

    watch: SourceWatch
    strip: Markup
    shown: list[CheckRow]
    folded: list[CheckRow]
    loads: list[LoadFigures]  # the newest first

    @property
    def anchor(self) -> str:
        """The end of the names of its charts."""
        return self.watch.source


class WatchView:
    """The watch in one language."""

    def __init__(self, report: WatchReport, page: Page) -> None:
        self.report, self.page = report, page

    @cached_property
    def sources(self) -> list[SourceView]:
        """The sources, those in trouble first."""
        return sorted((self._source(each) for each in self.report.sources), key=_trouble)

    @property
    def well(self) -> int:
        """How many sources have nothing to look at."""
        return sum(each.verdict == "ok" for each in self.report.sources)

    @property
    def young(self) -> int:
        """How many sources have too little history to be judged."""
        return sum(each.verdict == "too_little_history" for each in self.report.sources)

    def alerts_of(self, source: str) -> list[Alert]:
        """Return the open alerts of a source."""
        return [each for each in self.report.alerts if each.source == source]

    def verdict(self, verdict: str) -> Markup:
        """Return a verdict as a badge that does not need its colour."""
        return Markup('<span class="sign {}">{}</span>').format(verdict, self.page.word("watch", verdict))

    def kind(self, check: Check) -> Markup:
        """Return the name of a check with its column."""
        name = self.page.word("check", check.check)
        if not check.subject:
            return name
        return Markup("{} {}").format(name, self.page.code(check.subject))

    def _source(self, watch: SourceWatch) -> SourceView:
        rows = sorted((self._row(each, watch) for each in watch.checks), key=_order)
        shown: list[CheckRow] = []
        folded: list[CheckRow] = []
        for row in rows:
            many = sum(each.check.check == row.check.check for each in shown) >= _ROWS_OPEN
            quiet = row.check.verdict in ("ok", "too_little_history") and bool(row.check.subject)
            (folded if quiet and (many or not row.check.value) else shown).append(row)
        loads = watch.loads[-_LOADS_SHOWN:]
        return SourceView(watch, self._strip(watch, loads), shown, folded, loads[::-1])

    def _strip(self, watch: SourceWatch, loads: list[LoadFigures]) -> Markup:
        name = self.page.text(watch.meaning)
        counts = {verdict: sum(each.verdict == verdict for each in loads) for verdict in _GRAVITY}
        said = [(self.page.word("watch", each), count) for each, count in counts.items() if count]
        label = self.page.say("watch.strip_image", source=name, list=self.page.listed(list(said)))
        titles = [self._title(each) for each in loads]
        return strip([each.verdict for each in loads], titles, label)

    def _title(self, load: LoadFigures) -> str:
        rows = self.page.figure(load.rows_read, "count")
        day = self.page.form.day(load.load_time.isoformat())
        return str(self.page.say("watch.strip_title", day=day, file=load.file, rows=rows))

    def _row(self, check: Check, watch: SourceWatch) -> CheckRow:
        drawn = self._over_time(check, watch) or self.page.dash("over_time")
        return CheckRow(check, self._now(check), self._expected(check), drawn)

    def _now(self, check: Check) -> Markup:
        return self._write(check, check.value)

    def _write(self, check: Check, value: float | None) -> Markup:
        form = {"seconds": "age", "rows": "count", "share": "share", "psi": "fine", "columns": "count"}[
            check.unit
        ]
        return self.page.figure(value, form, "history")

    def _expected(self, check: Check) -> Markup:
        low, high = (self._write(check, each) for each in (check.low, check.high))
        if check.low is not None and check.high is not None:
            return self.page.say("watch.between", low=low, high=high)
        if check.high is not None:
            return high if check.high == 0 else self.page.say("watch.at_most", high=high)
        if check.low is not None:
            return self.page.say("watch.at_least", low=low)
        return self.page.dash("history")

    def _over_time(self, check: Check, watch: SourceWatch) -> Markup:
        loads = watch.loads[-_LOADS_SHOWN:]
        label = self.page.say("watch.spark_image", check=self.page.plain("check", check.check))
        if check.check == "volume_day":
            return bars([float(count) for _, count in watch.days[-_DAYS_SHOWN:]], label)
        if check.check == "volume":
            return bars([float(each.rows_read) for each in loads], label)
        series: list[float | None] = []
        for each in loads:
            column = getattr(each, _COLUMNS.get(check.check, ""), None)
            value = getattr(each, _LOADS.get(check.check, ""), None)
            series.append(column.get(check.subject) if column is not None else value)
        return line(series, label, limit=check.high)


_COLUMNS = {"null_rate": "null_rates", "drift": "drift", "drift_reference": "drift_reference"}
_LOADS = {"reject_rate": "reject_rate", "duplicate_rate": "duplicate_rate"}


def _order(row: CheckRow) -> tuple[int, int, float]:
    kinds = (
        "freshness",
        "volume",
        "volume_day",
        "reject_rate",
        "duplicate_rate",
        "schema",
        "reference_breaks",
    )
    place = kinds.index(row.check.check) if row.check.check in kinds else len(kinds)
    return (
        _GRAVITY[row.check.verdict] if row.check.verdict == "alert" else 1,
        place,
        -(row.check.value or 0.0),
    )


def _trouble(view: SourceView) -> int:
    return _GRAVITY[view.watch.verdict]
