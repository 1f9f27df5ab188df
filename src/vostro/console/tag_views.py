"""Views of tags 标签视图: how the terminal shows the catalogue, one tag, its history and its lineage."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec

from vostro.console.codes import CODES
from vostro.console.terminal import Terminal
from vostro.words import Text

if TYPE_CHECKING:
    from vostro.portrait import (
        CatalogueEntry,
        ColumnLineage,
        Cuts,
        Lineage,
        ManualSetting,
        TagBuild,
        TagSummary,
        TagUser,
    )

__all__ = ["show_cuts", "show_history", "show_lineage", "show_setting", "show_tag", "show_tags"]

_VALUE = (Text("what", "项目"), Text("value", "内容"))
_BAR = 20  # characters of the longest bar


def show_tags(entries: "Sequence[CatalogueEntry]", terminal: Terminal) -> None:
    """Print the catalogue; below it, tags that nothing uses and tags whose data are too old."""
    if terminal.quiet:
        terminal.print_json([_plain(each) for each in entries])
        return
    heads = (
        Text("tag", "标签"),
        Text("name", "名称"),
        Text("kind", "类别"),
        Text("known of", "覆盖率"),
        Text("users", "使用方"),
        Text("state", "状态"),
    )
    for dimension in (code.partition(".")[2] for code in CODES if code.startswith("dimension.")):
        rows = [
            (
                each.tag,
                terminal.words(each.name),
                terminal.words(CODES[f"kind.{each.kind}"]),
                _coverage(each.built.summary) if each.built else "–",
                str(len(each.lineage.users)),
                ", ".join(terminal.words(word) for word in _states(each)) or "–",
            )
            for each in entries
            if each.dimension == dimension
        ]
        if rows:
            terminal.table(CODES[f"dimension.{dimension}"], heads, rows)
    for state in (_UNUSED, _STALE, _EXPIRED):
        codes = [each.tag for each in entries if state in _states(each)]
        if codes:
            listed = ", ".join(codes)
            terminal.say(f"{len(codes)} {state.en}: {listed}", f"{len(codes)} 个标签{state.zh}：{listed}")


_UNUSED = Text("unused", "未被使用")
_STALE = Text("stale", "数据陈旧")
_EXPIRED = Text("expired", "已失效")


def _states(entry: "CatalogueEntry") -> list[Text]:
    flags = ((entry.unused, _UNUSED), (entry.stale, _STALE), (entry.expired, _EXPIRED))
    return [word for flag, word in flags if flag]


def show_tag(entry: "CatalogueEntry", terminal: Terminal) -> None:
    """Print one tag: what it states, how its values spread, where it comes from, and what uses it."""
    if terminal.quiet:
        terminal.print_json(_plain(entry))
        return
    rows = [
        (Text("definition", "定义"), terminal.words(entry.definition)),
        (Text("kind", "类别"), terminal.words(CODES[f"kind.{entry.kind}"])),
        (Text("dimension", "维度"), terminal.words(CODES[f"dimension.{entry.dimension}"])),
        (Text("type", "类型"), _type(entry, terminal)),
        (Text("owner", "负责人"), entry.owner or "–"),
        (Text("purpose", "处理目的"), terminal.words(entry.purpose) if entry.purpose else "–"),
        (
            Text("allowed uses", "允许用途"),
            ", ".join(terminal.words(CODES[f"use.{use}"]) for use in entry.uses) or "–",
        ),
        (Text("sensitivity", "敏感级别"), _sensitivity(entry, terminal)),
        (Text("refresh, expires", "刷新、失效"), f"{entry.refresh or '–'}, {entry.expires or '–'}"),
        (Text("newest data", "最新数据"), entry.newest or "–"),
        (Text("defined in", "定义位置"), f"{entry.file}:{entry.line}"),
        (Text("state", "状态"), ", ".join(terminal.words(word) for word in _states(entry)) or "–"),
    ]
    terminal.table(
        _titled(entry.tag, entry.name), _VALUE, [(terminal.words(head), said) for head, said in rows]
    )
    if entry.built is None:
        terminal.say(
            "Not built yet: 'vostro build' shows coverage and distribution.",
            "尚未构建：运行“vostro build”后可查看覆盖率与分布。",
        )
    else:
        _show_summary(entry.built, terminal)
    show_lineage(entry.lineage, terminal)


def _show_summary(build: "TagBuild", terminal: Terminal) -> None:
    summary = build.summary
    most = max((each.share for each in summary.values), default=1.0) or 1.0
    rows = [
        (
            each.value if isinstance(each.value, str) else terminal.words(each.value),
            f"{each.count:,}",
            f"{100 * each.share:.1f} %",
            "█" * round(_BAR * each.share / most),
        )
        for each in summary.values
    ]
    rows.append((terminal.words(Text("unknown", "未知")), f"{summary.customers - summary.known:,}", "", ""))
    heads = (
        Text("value", "取值"),
        Text("customers", "客户数"),
        Text("share of known", "占已知"),
        Text("", ""),
    )
    title = Text(
        f"Known of {summary.known:,} of {summary.customers:,} customers ({_coverage(summary)}), built {build.moment}",
        f"{summary.customers:,} 位客户中 {summary.known:,} 位已知（{_coverage(summary)}），构建于 {build.moment}",
    )
    terminal.table(title, heads, rows)


def show_history(code: str, builds: "Sequence[TagBuild]", terminal: Terminal) -> None:
    """Print each build of a tag, newest first, and how far it moved."""
    heads = (
        Text("built", "构建时间"),
        Text("definition", "定义版本"),
        Text("coverage", "覆盖率"),
        Text("median or most", "中位数或最多"),
        Text("moved", "分布移动"),
    )
    changed = terminal.words(Text(" (changed)", "（已变更）"))
    rows = [
        (
            each.moment,
            each.version + (changed if each.changed else ""),
            _coverage(each.summary),
            _middle(each, terminal),
            "–" if each.moved is None else f"{each.moved:.3f}",
        )
        for each in builds
    ]
    terminal.show_rows(
        Text(f"History of {code}", f"{code} 的历史"), heads, rows, msgspec.to_builtins(list(builds))
    )


def show_lineage(found: "Lineage | ColumnLineage", terminal: Terminal) -> None:
    """Print where a tag or a column comes from and what uses it."""
    if terminal.quiet:
        terminal.print_json(msgspec.to_builtins(found))
        return
    from vostro.portrait import Lineage

    if isinstance(found, Lineage):
        rows = [
            (Text("from columns", "来源列"), ", ".join(found.columns)),
            (Text("reads tags", "引用标签"), ", ".join(found.reads_all)),
            (Text("estimator", "模型"), found.estimator or ""),
            (Text("read by tags", "被标签引用"), ", ".join(found.read_by_all)),
        ]
        title = Text(f"Lineage of {found.tag}", f"{found.tag} 的血缘")
    else:
        rows = [(Text("tags", "标签"), ", ".join(found.tags))]
        title = Text(f"Made from {found.column}", f"由 {found.column} 生成")
    terminal.table(title, _VALUE, [(terminal.words(head), said or "–") for head, said in rows])
    _show_users(found.users, terminal)


def _show_users(users: "Sequence[TagUser]", terminal: Terminal) -> None:
    heads = (Text("used by", "使用方"), Text("code", "代码"), Text("name", "名称"), Text("by way of", "经由"))
    rows = [
        (terminal.words(CODES[f"user.{each.kind}"]), each.code, terminal.words(each.name), each.via or "–")
        for each in users
    ]
    if rows:
        terminal.table(Text("Uses", "使用情况"), heads, rows)
    else:
        terminal.say("Nothing uses it.", "尚无任何使用。")


def show_setting(setting: "ManualSetting", terminal: Terminal) -> None:
    """Say what was set or cleared."""
    if setting.value is None:
        terminal.say(f"Tag '{setting.tag}' is unknown from now on.", f"标签“{setting.tag}”已清除。")
    else:
        until = (f" until {setting.until}", f"，至 {setting.until}") if setting.until else ("", "")
        terminal.say(
            f"Tag '{setting.tag}' is {setting.value}{until[0]}.",
            f"标签“{setting.tag}”已设为 {setting.value}{until[1]}。",
        )


def show_cuts(cuts: "Cuts", terminal: Terminal) -> None:
    """Print the line of YAML that keeps cut points, alone on standard output."""
    if terminal.quiet:
        terminal.print_json(msgspec.to_builtins(cuts))
        return
    terminal.say(
        f"# Fifths of {cuts.customers:,} customers with an event in the window; add this line to the template:",
        f"# 由窗口内有交易的 {cuts.customers:,} 位客户五等分得出；请将下行加入模板：",
    )
    terminal.say(cuts.line, cuts.line)


def _plain(entry: "CatalogueEntry") -> dict[str, object]:
    plain: dict[str, object] = msgspec.to_builtins(entry)
    return plain | {
        "coverage": entry.built.summary.coverage if entry.built else None,
        "unused": entry.unused,
    }


def _coverage(summary: "TagSummary") -> str:
    return f"{100 * summary.coverage:.1f} %"


def _middle(build: "TagBuild", terminal: Terminal) -> str:
    summary = build.summary
    if summary.deciles:
        median = summary.deciles[len(summary.deciles) // 2]
        dated = build.definition.get("type") in ("date", "moment")
        return (date(1970, 1, 1) + timedelta(days=median)).isoformat() if dated else f"{median:,.10g}"
    if not summary.values:
        return "–"
    most = max(summary.values, key=lambda each: each.share)
    said = most.value if isinstance(most.value, str) else terminal.words(most.value)
    return f"{said} ({100 * most.share:.1f} %)"


def _type(entry: "CatalogueEntry", terminal: Terminal) -> str:
    said = terminal.words(CODES[f"type.{entry.type}"])
    return f"{said} ({terminal.words(entry.unit)})" if entry.unit else said


def _sensitivity(entry: "CatalogueEntry", terminal: Terminal) -> str:
    words = CODES.get(
        f"personal.{entry.sensitivity}", Text("none", "无") if entry.sensitivity == "none" else None
    )
    return terminal.words(words) if words else entry.sensitivity


def _titled(code: str, name: Text) -> Text:
    return Text(en=f"{name.en} ({code})", zh=f"{name.zh}（{code}）")
