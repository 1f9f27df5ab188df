"""Portrait report 画像报告: how do a bank's customers, tags and segments become one HTML file?

See ``sheet`` for what the file holds and what may run in it.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from vostro.console.codes import CODES
from vostro.console.page import Page
from vostro.console.portrait_view import PortraitView, compared
from vostro.console.sheet import render_sheet, write_sheet
from vostro.console.watch_charts import watch_charts
from vostro.console.watch_view import WatchView
from vostro.words import LANGUAGES, Language

if TYPE_CHECKING:
    from vostro.stages import PortraitReport

__all__ = ["render_portrait_report", "write_portrait_report"]

_SAID = (
    "compare.value",
    "compare.base",
    "compare.segment",
    "compare.index",
    "compare.coverage",
    "compare.lede",
    "compare.more",
    "compare.same",
    "compare.found",
    "compare.empty",
)


def write_portrait_report(report: "PortraitReport", path: Path, language: Language = "en") -> None:
    """Write the portrait report as one HTML file, replacing the file as a whole.

    Args:
        report: the figures; nothing is computed from them.
        path: where the page goes; its folder is made when it is not there.
        language: the language that the page opens in; a reader can switch.
    """
    write_sheet(render_portrait_report(report, language), path)


def render_portrait_report(report: "PortraitReport", language: Language = "en") -> str:
    """Return the portrait report as the text of one HTML page.

    Args:
        report: the figures; nothing is computed from them.
        language: the language that the page opens in.
    """
    pages = {code: Page(code, report.zone) for code in LANGUAGES}
    figures: dict[str, object] = {code: watch_charts(report.watch, page) for code, page in pages.items()}
    figures["compare"] = compared(report) | {"words": {code: _words(page) for code, page in pages.items()}}
    return render_sheet(
        "portrait.html.j2",
        ["report.js", "portrait.js"],
        ["report.css", "portrait.css"],
        report=report,
        pages=pages,
        views={code: WatchView(report.watch, page) for code, page in pages.items()},
        portraits={code: PortraitView(report, page) for code, page in pages.items()},
        figures=figures,
        language=language,
    )


def _words(page: Page) -> dict[str, str]:
    """Return what the script says itself."""
    words = {key.removeprefix("compare."): page.words(key) for key in _SAID}
    return words | {
        key: text.say(page.language) for key, text in CODES.items() if key.startswith("dimension.")
    }
