"""The demo 演示: a bank that does not exist decides, calls, is answered, and is compared with the truth.

The simulated bank delivers files, takes the call list and delivers the outcomes, as a real
one would; only afterwards, and only here, its hidden truth is put beside what was measured.
"""

import shutil
from datetime import datetime
from pathlib import Path

import msgspec
import polars as pl

from vostro.console.report import write_report
from vostro.console.starter import STARTER
from vostro.console.terminal import Terminal
from vostro.lap import Options
from vostro.learn import RunReport
from vostro.loop import run_loop
from vostro.twin import Truth, TwinBank
from vostro.words import Text, parse_moment

__all__ = ["DemoResult", "run_demo"]

START = "2026-03-02T09:00+08:00"  # of the simulated campaign, whatever the clock says


class DemoResult(msgspec.Struct, frozen=True):
    """What was measured, and what only the simulation knows."""

    report: RunReport
    truth: Truth


def run_demo(
    folder: Path, *, customers: int, seed: int, terminal: Terminal, load_time: datetime
) -> DemoResult:
    """Generate a bank, run its campaign, let its customers answer, and print claim and truth side by side.

    The same customers and seed give the same bank; run again, it goes on from what is there.
    """
    bank, data = folder / "bank", folder / "data"
    if not (bank / "bank.yaml").exists():
        shutil.copytree(STARTER, bank, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".vostro"))
    twin = TwinBank(customers=customers, seed=seed, start=parse_moment(START))
    twin.write_history(data)
    options = Options(load_time=load_time, data=data, out=folder)
    with terminal.progress() as progress:
        first = run_loop(bank, options, progress=progress)
    call_list = Path(first.report.channels[0].file)
    if first.report.effect.status == "waiting":
        twin.answer(call_list, data / "outcomes.csv")
        with terminal.progress() as progress:
            first = run_loop(bank, options, progress=progress)
    write_report(first.report, first.page, language=terminal.language)
    result = DemoResult(report=first.report, truth=_truth(twin, first.decisions, folder))
    show_demo(result, terminal)
    return result


def _truth(twin: TwinBank, decisions: pl.DataFrame, folder: Path) -> Truth:
    """Ask the simulation about the customers chosen for their value, those drawn at random left out."""
    path = folder / "chosen.csv"
    decisions.filter(pl.col("verdict") == "chosen").select("customer").write_csv(path)
    try:
        return twin.truth(path)
    finally:
        path.unlink()


def show_demo(result: DemoResult, terminal: Terminal) -> None:
    """Print the run, then what was claimed beside what is true."""
    if terminal.quiet:
        terminal.print_json(msgspec.to_builtins(result, enc_hook=_plain))
        return
    terminal.show_run(result.report)
    effect, truth = result.report.effect, result.truth
    calls = effect.chosen.rows
    heads = (
        Text(en="purchases that the calls caused", zh="外呼带来的增量购买"),
        Text(en="measured", zh="测得"),
        Text(en="95 % interval", zh="95% 区间"),
        Text(en="truth of the simulation", zh="模拟真值"),
    )
    if effect.difference is None or effect.difference_low is None or effect.difference_high is None:
        return
    per_call = truth.purchases_incremental / truth.called
    name = terminal.words(Text(en="per call", zh="每次外呼"))
    row = (
        name,
        f"{effect.difference:.4f}",
        f"{effect.difference_low:.4f} – {effect.difference_high:.4f}",
        f"{per_call:.4f}",
    )
    whole = (
        terminal.words(Text(en="in all", zh="合计")),
        f"{effect.difference * calls:,.0f}",
        f"{effect.difference_low * calls:,.0f} – {effect.difference_high * calls:,.0f}",
        f"{per_call * calls:,.0f}",
    )
    terminal.table(Text(en="Claim and truth", zh="测量与真值"), heads, [row, whole])


def _plain(value: object) -> object:
    """Leave the arrays of the truth out of JSON: 20,000 hidden probabilities are nobody's output."""
    return None
