"""Console 控制台: HTML for people; today, the report of a run."""

from pathlib import Path
from typing import TYPE_CHECKING

from vostro.words import Language

if TYPE_CHECKING:
    from vostro.learn import RunReport

__all__ = ["write_report"]


def write_report(report: "RunReport", path: Path, language: Language = "en") -> None:
    """Write the report of a run as one HTML file that needs nothing else.

    Args:
        report: the figures of the run; nothing is computed from them.
        path: where the page goes; an older page there is replaced as a whole.
        language: the language that the page opens in; a reader can switch without the network.
    """
    # Templates are loaded when a page is written, not when a command starts.
    from vostro.console.report import write_report as write  # noqa: PLC0415

    write(report, path, language)
