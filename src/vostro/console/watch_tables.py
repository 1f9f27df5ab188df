"""Watch tables 质量监测表: how does the terminal show sources, checks and open alerts?"""

from typing import TYPE_CHECKING

import msgspec

from vostro.console.codes import CODES
from vostro.console.terminal import Terminal
from vostro.words import Text, iso

if TYPE_CHECKING:
    from vostro.capture import WatchReport

__all__ = ["show_watch"]

_QUIET = ("ok", "too_little_history")
_HEADS = (
    Text(en="source", zh="来源"),
    Text(en="check", zh="检查项"),
    Text(en="verdict", zh="结论"),
    Text(en="finding", zh="说明"),
)


def show_watch(report: "WatchReport", terminal: Terminal, *, every: bool = False) -> None:
    """Print sources by checks, then the open alerts; or one JSON object when another program reads.

    Args:
        report: how the sources are.
        terminal: where it goes, in which language.
        every: also print the checks that are well; otherwise each source's are counted in one line.
    """
    if terminal.quiet:
        terminal.print_json(msgspec.to_builtins(report))
        return
    rows: list[tuple[str, ...]] = []
    for source in report.sources:
        shown = [each for each in source.checks if every or each.verdict not in _QUIET]
        rows += [
            (
                source.source,
                f"{_word(terminal, f'check.{each.check}')} {each.subject}".strip(),
                _word(terminal, f"watch.{each.verdict}"),
                terminal.words(each.words),
            )
            for each in shown
        ]
        left = len(source.checks) - len(shown)
        if left:
            well = Text(en=f"{left} checks without a finding", zh=f"其余 {left} 项检查无异常")
            verdict = source.verdict if not shown else "ok"
            rows.append((source.source, "", _word(terminal, f"watch.{verdict}"), terminal.words(well)))
    moment = iso(report.as_of)
    terminal.table(Text(en=f"Data quality as of {moment}", zh=f"数据质量（截至 {moment}）"), _HEADS, rows)
    if not report.alerts:
        terminal.say("No open alerts.", "没有未解除的告警。")
        return
    heads = (_HEADS[0], _HEADS[1], Text(en="since", zh="自"), _HEADS[3])
    alerts = [
        (
            each.source,
            f"{_word(terminal, f'check.{each.check}')} {each.subject}".strip(),
            iso(each.since),
            terminal.words(each.words),
        )
        for each in report.alerts
    ]
    terminal.table(Text(en="Open alerts", zh="未解除的告警"), heads, alerts)


def _word(terminal: Terminal, key: str) -> str:
    return terminal.words(CODES[key])
