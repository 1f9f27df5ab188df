"""Views 视图: how the terminal shows what the smaller commands found; tables, or one JSON object."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from vostro.console.model_views import say_learnt
from vostro.console.terminal import Terminal
from vostro.words import Text, iso

if TYPE_CHECKING:  # a view of the doctor need not load what a view of a replay needs
    from vostro.bank import Bank
    from vostro.capture import Reject, ReplayReport
    from vostro.engine import Finding
    from vostro.replay import Replayed
    from vostro.stages import Built

__all__ = ["show_bank", "show_built", "show_findings", "show_reject_replay", "show_rejects", "show_replay"]

_MARKS = {
    "ok": Text(en="ok", zh="正常"),
    "warn": Text(en="look", zh="留意"),
    "bad": Text(en="BAD", zh="异常"),
}


def show_bank(bank: "Bank", terminal: Terminal) -> None:
    """Print how many definitions of each kind are sound."""
    catalogue = bank.catalogue
    counts = (
        (Text(en="contracts", zh="数据契约"), bank.contracts),
        (Text(en="tags", zh="标签"), bank.tags),
        (Text(en="segments", zh="客群"), bank.segments),
        (Text(en="identity", zh="客户识别"), bank.identity.sources if bank.identity else ()),
        (Text(en="estimators", zh="模型"), bank.estimators),
        (Text(en="clusters", zh="聚类"), bank.clusters),
        (Text(en="products", zh="产品"), catalogue.products),
        (Text(en="actions", zh="动作"), catalogue.actions),
        (Text(en="channels", zh="渠道"), catalogue.channels),
        (Text(en="campaigns", zh="营销活动"), catalogue.campaigns),
    )
    rows = [(terminal.words(name), str(len(found)), ", ".join(found)) for name, found in counts]
    heads = (Text(en="kind", zh="类别"), Text(en="count", zh="数量"), Text(en="codes", zh="代码"))
    title = Text(en=f"{bank.header.name.en}: no faults", zh=f"{bank.header.name.zh}：定义无误")
    plain: dict[str, object] = {"bank": bank.header.bank, "version": bank.version}
    plain |= {name.en: list(found) for name, found in counts}
    terminal.show_rows(title, heads, rows, plain)


def show_built(built: "Built", terminal: Terminal, page: Path) -> None:
    """Print the size of every segment and the coverage of every tag, and where the report is."""
    rows = [
        (code, f"{count:,}", f"{100 * count / max(1, built.customers):.1f} %")
        for code, count in built.segments.items()
    ]
    heads = (Text(en="segment", zh="客群"), Text(en="customers", zh="客户数"), Text(en="share", zh="占比"))
    title = Text(en=f"{built.customers:,} portraits", zh=f"{built.customers:,} 个客户画像")
    plain = msgspec.to_builtins(msgspec.structs.asdict(built), enc_hook=str) | {"report": str(page)}
    if built.sources and not terminal.quiet:
        terminal.show_sources(built.sources)
    terminal.show_rows(title, heads, rows, plain)
    if not terminal.quiet:
        tags = [(code, f"{100 * share:.1f} %") for code, share in built.coverage.items()]
        terminal.table(
            Text(en="Tags", zh="标签"), (Text(en="tag", zh="标签"), Text(en="coverage", zh="覆盖率")), tags
        )
    learnt = (
        Text(en="estimator", zh="模型"),
        Text(en="outcomes", zh="样本"),
        Text(en="AUC", zh="AUC"),
        Text(en="calibration error", zh="校准误差"),
        Text(en="reads most", zh="主要依据"),
    )
    cards = [
        (code, f"{card.rows:,}", f"{card.auc:.3f}", f"{card.calibration_error:.4f}", _most(card.importance))
        for code, card in built.estimators.items()
    ]
    if cards and not terminal.quiet:
        terminal.table(Text(en="Estimators", zh="模型"), learnt, cards)
    _say_more(built, terminal, page)


def _say_more(built: "Built", terminal: Terminal, page: Path) -> None:
    """Say what else was brought up to date."""
    say_learnt(built.models, terminal)
    moment = iso(built.as_of)
    if built.identity is not None:
        people, customers = f"{built.identity.people:,}", f"{built.identity.customers:,}"
        terminal.say(
            f"Identity: {customers} customer numbers are {people} people.",
            f"客户识别：{customers} 个客户号归属 {people} 人。",
        )
    terminal.say(
        f"Audience index as of {moment}: {built.index_mb:,.1f} MB. Ask it: vostro audience RULE",
        f"人群索引（截至 {moment}）：{built.index_mb:,.1f} MB。查询：vostro audience 规则",
    )
    terminal.say(f"Portrait report: {page}", f"画像报告：{page}")


def _most(importance: dict[str, float]) -> str:
    return ", ".join(list(importance)[:3])


def show_rejects(rejects: "Sequence[Reject]", terminal: Terminal) -> None:
    """Print open rejects, or say that there are none."""
    if not rejects and not terminal.quiet:
        terminal.say("No open rejects.", "没有待处理的拒收记录。")
        return
    heads = (
        Text(en="id", zh="编号"),
        Text(en="source", zh="来源"),
        Text(en="file", zh="文件"),
        Text(en="line", zh="行"),
        Text(en="field", zh="字段"),
        Text(en="value", zh="值"),
        Text(en="reason", zh="原因"),
    )
    rows = [
        (str(r.id), r.source, r.file, str(r.line), r.field or "–", r.value or "–", terminal.words(r.reason))
        for r in rejects
    ]
    terminal.show_rows(
        Text(en="Open rejects", zh="待处理拒收记录"), heads, rows, msgspec.to_builtins(list(rejects))
    )


def show_reject_replay(report: "ReplayReport", terminal: Terminal) -> None:
    """Print how many rejects passed, and how many are still open."""
    terminal.say(
        f"{report.accepted:,} records passed and are loaded; {report.still_open:,} are still rejected.",
        f"{report.accepted:,} 条记录已通过并入库；仍有 {report.still_open:,} 条被拒收。",
    )


def show_replay(replayed: "Replayed", terminal: Terminal) -> None:
    """Print whether the decisions came out byte for byte."""
    if terminal.quiet:
        terminal.print_json(msgspec.to_builtins(replayed))
        return
    if replayed.differences:
        terminal.say(
            f"Run {replayed.run_id}: {replayed.differences:,} of {replayed.decisions:,} records differ. "
            f"First: {replayed.first_difference}",
            f"批次 {replayed.run_id}：{replayed.decisions:,} 条记录中有 {replayed.differences:,} 条不一致。"
            f"首条：{replayed.first_difference}",
        )
    else:
        terminal.say(
            f"Run {replayed.run_id}: {replayed.decisions:,} decisions decided again, all byte for byte the same.",
            f"批次 {replayed.run_id}：重放 {replayed.decisions:,} 条决策，逐字节一致。",
        )
    if replayed.record:
        terminal.say(replayed.record, replayed.record)


def show_findings(findings: "Sequence[Finding]", terminal: Terminal) -> None:
    """Print each finding, and how to mend it."""
    heads = (Text(en="what", zh="项目"), Text(en="state", zh="状态"), Text(en="finding", zh="说明"))
    rows = []
    for each in findings:
        said = terminal.words(each.say)
        if each.mend is not None:
            said += "\n→ " + terminal.words(each.mend)
        rows.append((each.name, terminal.words(_MARKS[each.state]), said))
    plain = msgspec.to_builtins(list(findings))
    terminal.show_rows(Text(en="Doctor", zh="体检"), heads, rows, plain)
