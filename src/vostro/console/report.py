"""Report 营销活动报告: how does one run become one HTML file?

See ``sheet`` for what the file holds and what may run in it.
"""

from pathlib import Path

from vostro.console.charts import by_size, charts, effect_groups
from vostro.console.page import Page
from vostro.console.sheet import render_sheet, write_sheet
from vostro.console.watch_charts import watch_charts
from vostro.console.watch_view import WatchView
from vostro.learn import RunReport
from vostro.words import LANGUAGES, Language

__all__ = ["render_report", "write_report"]

_PORTRAIT_SHOWN = 6  # tags of the portrait that are open; the others fold away
_CALIBRATED = 0.02  # an average gap under two points: a probability may be calculated with


def write_report(report: RunReport, path: Path, language: Language = "en") -> None:
    """Write the report of a run as one HTML file, replacing the file as a whole.

    Args:
        report: the figures of the run; nothing is computed from them.
        path: where the page goes; its folder is made when it is not there.
        language: the language that the page opens in; a reader can switch.
    """
    write_sheet(render_report(report, language), path)


def render_report(report: RunReport, language: Language = "en") -> str:
    """Return the report of a run as the text of one HTML page.

    Args:
        report: the figures of the run; nothing is computed from them.
        language: the language that the page opens in.
    """
    pages = {code: Page(code, report.zone) for code in LANGUAGES}
    watch = report.watch
    views = {code: WatchView(watch, page) if watch else None for code, page in pages.items()}
    figures = {
        code: charts(report, page) | (watch_charts(watch, page) if watch else {})
        for code, page in pages.items()
    }
    return render_sheet(
        "report.html.j2",
        ["report.js"],
        ["report.css"],
        report=report,
        pages=pages,
        views=views,
        figures=figures,
        language=language,
        importance=by_size(report.importance),
        drift=by_size(report.drift_psi),
        effect_groups=effect_groups(report.effect),
        actual=next((point for point in report.capacity if point.actual), None),
        calibrated=_CALIBRATED,
        portrait_shown=_PORTRAIT_SHOWN,
    )
