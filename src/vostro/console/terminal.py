"""The terminal 终端: progress bars while work goes on, short tables when it is done."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from vostro.words import Language, Text, silent
from vostro.words import Progress as Listener

if TYPE_CHECKING:
    from vostro.learn import EffectResult, RunReport, SourceResult

__all__ = ["Terminal"]

_STEPS = {
    "capture": Text(en="Load and check files", zh="加载并检查文件"),
    "portrait": Text(en="Build portraits", zh="构建客户画像"),
    "insight": Text(en="Estimate responses", zh="估计响应概率"),
    "decide": Text(en="Decide whom to contact", zh="决策触达名单"),
    "reach": Text(en="Write the call list", zh="生成外呼名单"),
    "listen": Text(en="Read the outcomes", zh="读取业务结果"),
    "learn": Text(en="Measure what it earned", zh="评估成效"),
    "replay": Text(en="Decide again", zh="重放决策"),
    "build": Text(en="Build portraits and what follows", zh="构建画像及其后续"),
}

_WIDE = 120  # characters


class Terminal:
    """Prints in one language; quiet when another program reads."""

    def __init__(self, language: Language, *, quiet: bool = False) -> None:
        self.language = language
        self.quiet = quiet
        self._out = Console(highlight=False)
        self._err = Console(stderr=True, highlight=False)

    def say(self, en: str, zh: str) -> None:
        """Print one line, unless quiet."""
        if not self.quiet:
            self._out.print(zh if self.language == "zh" else en, soft_wrap=True, markup=False)

    @property
    def wide(self) -> bool:
        """Tell whether long columns have room: 120 characters and more."""
        return self._out.width >= _WIDE

    def words(self, text: Text) -> str:
        """Return a text in the terminal's language."""
        return text.say(self.language)

    @contextmanager
    def progress(self) -> Iterator[Listener]:
        """Show a bar for each step on the error stream; silent when quiet or not on a terminal."""
        if self.quiet or not self._err.is_terminal:
            yield silent
            return
        columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
        tasks: dict[str, TaskID] = {}
        with Progress(*columns, console=self._err, transient=False) as bars:

            def hear(step: str, done: float, total: float) -> None:
                if step not in tasks:
                    tasks[step] = bars.add_task(self._step(step), total=total)
                bars.update(tasks[step], completed=done, total=total)

            yield hear

    def print_json(self, value: object) -> None:
        """Print one JSON object on one line."""
        sys.stdout.write(msgspec.json.encode(value).decode() + "\n")

    def table(self, title: Text, heads: Sequence[Text], rows: Sequence[Sequence[str]]) -> None:
        """Print a small table; numbers (cells that start with a digit or sign) stand right."""
        table = Table(title=self.words(title), title_justify="left", show_edge=False, pad_edge=False)
        for i, head in enumerate(heads):
            numeric = all(row[i][:1] in "0123456789+-–" for row in rows) and bool(rows)
            table.add_column(
                self.words(head), justify="right" if numeric else "left", overflow="fold", no_wrap=i == 0
            )
        for row in rows:
            table.add_row(*(cell.replace("[", r"\[") for cell in row))
        self._out.print(table)
        self._out.print()

    def show_sources(self, sources: "Sequence[SourceResult]") -> None:
        """Print what each file gave."""
        if self.quiet:
            self.print_json(list(sources))
            return
        heads = (
            Text(en="source", zh="来源"),
            Text(en="file", zh="文件"),
            Text(en="read", zh="读取"),
            Text(en="loaded", zh="入库"),
            Text(en="rejected", zh="拒收"),
        )
        again = self.words(Text(en=" (already loaded)", zh="（已加载过）"))
        rows = [
            (
                each.source,
                each.file + (again if each.already_loaded else ""),
                f"{each.rows_read:,}",
                f"{each.rows_loaded:,}",
                f"{each.rows_rejected:,}",
            )
            for each in sources
        ]
        self.table(Text(en="Sources", zh="数据来源"), heads, rows)

    def show_quality(self, sources: "Sequence[SourceResult]") -> None:
        """Print the quality of every column of every source, unless quiet."""
        heads = (
            Text(en="column", zh="字段"),
            Text(en="complete", zh="完整率"),
            Text(en="valid", zh="有效率"),
            Text(en="distinct", zh="唯一率"),
            Text(en="least", zh="最小值"),
            Text(en="greatest", zh="最大值"),
            Text(en="change (PSI)", zh="变化（PSI）"),
        )
        for source in [] if self.quiet else sources:
            rows = [
                (
                    each.column,
                    f"{100 * each.completeness:.1f} %",
                    f"{100 * each.validity:.1f} %",
                    f"{100 * each.uniqueness:.1f} %",
                    each.minimum or "–",
                    each.maximum or "–",
                    "–" if each.change_psi is None else f"{each.change_psi:.3f}",
                )
                for each in source.columns
            ]
            fresh = f"{source.freshness_first or '–'} – {source.freshness_last or '–'}"
            title = Text(en=f"{source.meaning.en} ({fresh})", zh=f"{source.meaning.zh}（{fresh}）")
            self.table(title, heads, rows)

    def show_run(self, report: "RunReport") -> None:
        """Print a run's figures and where its files are, or the whole report as JSON when quiet."""
        if self.quiet:
            self.print_json(report)
            return
        self.show_sources(report.sources)
        heads = (Text(en="measure", zh="指标"), Text(en="value", zh="数值"))
        self.table(
            report.campaign_name, heads, [(self.words(name), value) for name, value in _figures(report)]
        )
        for channel in report.channels:
            self.say(f"{channel.name.en}: {channel.file}", f"{channel.name.zh}：{channel.file}")
        if report.report:
            self.say(f"Report: {report.report}", f"报告：{report.report}")
        if report.effect.status == "waiting":
            self.say(report.effect.note.en, report.effect.note.zh)

    def show_rows(
        self, title: Text, heads: Sequence[Text], rows: Sequence[Sequence[str]], plain: object
    ) -> None:
        """Print a table, or the plain values as JSON when quiet."""
        if self.quiet:
            self.print_json(plain)
        else:
            self.table(title, heads, rows)

    def say_exported(self, count: int, path: Path, bank: Path) -> None:
        """Say how many rejects were written where."""
        self.say(
            f"{count:,} rejects written to {path}. It holds personal data unmasked. Mend it, then: "
            f"vostro rejects replay {bank} --mended {path}",
            f"已将 {count:,} 条拒收记录写入 {path}，其中个人信息未脱敏。修正后运行：vostro rejects replay {bank} --mended {path}",
        )

    def _step(self, step: str) -> str:
        name, _, rest = step.partition(":")
        words = _STEPS.get(name)
        return (self.words(words) if words else name) + (f" {rest}" if rest else "")


def _figures(report: "RunReport") -> list[tuple[Text, str]]:
    """Return the few figures that the terminal shows."""
    rows = [
        (Text(en="run", zh="批次"), report.run_id),
        (Text(en="customers considered", zh="进入决策的客户"), f"{report.decisions.decisions:,}"),
        (Text(en="chosen", zh="选中"), f"{report.decisions.by_verdict['chosen']:,}"),
        (Text(en="control group", zh="对照留白组"), f"{report.decisions.by_verdict['control']:,}"),
    ]
    if report.shuffled is not None:
        found = report.shuffled
        rows += [
            (Text(en="shuffled: AUC", zh="打乱评估：AUC"), f"{found.auc:.3f}"),
            (Text(en="shuffled: best tenth", zh="打乱评估：前一成"), f"{found.best_tenth:.2f} ×"),
            (Text(en="shuffled: best half", zh="打乱评估：前五成"), f"{found.best_half:.2f} ×"),
            (
                Text(en="shuffled: calibration error", zh="打乱评估：校准误差"),
                f"{found.calibration_error:.4f}",
            ),
        ]
    if report.waves is not None:
        rows.append((Text(en="waves: best fifth", zh="分批评估：前两成"), f"{report.waves.best_fifth:.2f} ×"))
    if report.effect.status == "measured":
        rows += _effect_figures(report.effect)
    rows += [
        (Text(en="seconds", zh="耗时（秒）"), f"{report.seconds:.1f}"),
        (Text(en="memory, MB", zh="内存（MB）"), f"{report.memory_mb:.0f}"),
    ]
    return rows


def _effect_figures(effect: "EffectResult") -> list[tuple[Text, str]]:
    def percent(value: float | None) -> str:
        return "–" if value is None else f"{100 * value:.1f} %"

    def between(low: float | None, high: float | None, form: str) -> str:
        return (
            ""
            if low is None or high is None
            else f" ({form} – {form})".replace(form, "{}").format(form.format(low), form.format(high))
        )

    rows = [
        (Text(en="success rate: chosen", zh="成功率：选中"), percent(effect.chosen.rate)),
        (Text(en="success rate: as many at random", zh="成功率：同等数量随机"), percent(effect.random.rate)),
        (
            Text(en="success rate: control, would have been chosen", zh="成功率：对照留白（本应选中）"),
            percent(effect.control.rate),
        ),
    ]
    if effect.ratio is not None:
        interval = between(effect.ratio_low, effect.ratio_high, "{:.2f}")
        rows.append(
            (Text(en="chosen / random, 95 %", zh="选中 / 随机（95% 区间）"), f"{effect.ratio:.2f}{interval}")
        )
    if effect.extra_successes is not None:
        interval = between(effect.extra_successes_low, effect.extra_successes_high, "{:,.0f}")
        name = Text(en="extra successes against random", zh="较随机多出的成功数")
        rows.append((name, f"{effect.extra_successes:,.0f}{interval}"))
    if effect.net_value is not None:
        amount, _, currency = effect.net_value.partition(" ")
        rows.append((Text(en="net value", zh="净收益"), f"{float(amount):,.0f} {currency}"))
    return rows
