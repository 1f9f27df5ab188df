"""Audiences in the terminal 人群视图: the count, what each condition leaves, the reach, the portrait."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from vostro.console.terminal import Terminal
from vostro.words import Text, iso

if TYPE_CHECKING:
    from vostro.portrait import AudienceAnswer, Bin, Tag, TagDistribution

__all__ = ["show_audience", "show_exported"]

PORTRAIT_MAX = 12  # tags of the portrait in the terminal; JSON has all


def show_audience(
    answer: "AudienceAnswer", terminal: Terminal, *, channels: Mapping[str, Text], tags: "Mapping[str, Tag]"
) -> None:
    """Print what is known of an audience, or one JSON object when quiet."""
    if terminal.quiet:
        terminal.print_json(msgspec.to_builtins(answer))
        return
    _show_count(answer, terminal)
    _show_conditions(answer, terminal)
    _show_overlap(answer, terminal)
    _show_reach(answer, terminal, channels)
    _show_portrait(answer, terminal, tags)


def show_exported(count: int, path: Path, terminal: Terminal) -> None:
    """Say that identifiers were written."""
    terminal.say(
        f"{count:,} customers' identifiers written to {path}: personal data, not masked. Keep the file as such.",
        f"已将 {count:,} 位客户的标识写入 {path}：属个人信息且未脱敏，请妥善保管。",
    )


def _show_count(answer: "AudienceAnswer", terminal: Terminal) -> None:
    share = _percent(answer.count / max(answer.customers, 1))
    terminal.say(
        f"{answer.count:,} of {answer.customers:,} customers ({share}), exactly, as of {iso(answer.as_of)}.",
        f"{answer.customers:,} 位客户中有 {answer.count:,} 位（{share}），精确计数，时点 {iso(answer.as_of)}。",
    )
    if answer.in_tenth is not None:
        terminal.say(
            f"Tenth {answer.tenth} of them: {answer.in_tenth:,} customers; reach and portrait are theirs.",
            f"其中第 {answer.tenth} 个十分组：{answer.in_tenth:,} 位客户；以下触达与画像均指该组。",
        )
    if answer.changes:
        terminal.say(
            f"{answer.changes:,} changes of single customers have been entered since.",
            f"此后已录入 {answer.changes:,} 次单客变更。",
        )
    if answer.outdated:
        terminal.say(
            "The definitions have changed since the index was built: tags are as they were defined then. Run 'vostro build'.",
            "索引构建后定义已变更，标签仍按当时的定义计算。请运行“vostro build”。",
        )
    terminal.say("", "")


def _show_conditions(answer: "AudienceAnswer", terminal: Terminal) -> None:
    heads = (
        Text(en="condition", zh="条件"),
        Text(en="alone", zh="单独满足"),
        Text(en="left after it", zh="依次满足"),
        Text(en="of all", zh="占全部"),
    )
    rows = [
        (
            terminal.words(each.words),
            f"{each.alone:,}",
            f"{each.running:,}",
            _percent(each.running / max(answer.customers, 1)),
        )
        for each in answer.conditions
    ]
    terminal.table(Text(en="Conditions", zh="逐条计数"), heads, rows)


def _show_overlap(answer: "AudienceAnswer", terminal: Terminal) -> None:
    found = answer.overlap
    if found is None or answer.against is None:
        return
    rows = [
        (terminal.words(Text(en="the other audience", zh="对比人群")), f"{found.second:,}"),
        (terminal.words(Text(en="in both", zh="同属两者")), f"{found.both:,}"),
        (terminal.words(Text(en="Jaccard index", zh="Jaccard 系数")), _number(found.jaccard)),
        (terminal.words(Text(en="lift", zh="提升度")), _number(found.lift)),
    ]
    terminal.say(f"Against: {answer.against.en}", f"对比人群：{answer.against.zh}")
    terminal.table(
        Text(en="Overlap", zh="人群重合"), (Text(en="measure", zh="指标"), Text(en="value", zh="数值")), rows
    )


def _show_reach(answer: "AudienceAnswer", terminal: Terminal, channels: Mapping[str, Text]) -> None:
    if not answer.reach:
        return
    size = answer.count if answer.in_tenth is None else answer.in_tenth
    unknown = terminal.words(Text(en="no rule 'reachable'", zh="未设 reachable 规则"))
    rows = [
        (
            terminal.words(channels[code]),
            "–" if count is None else f"{count:,}",
            unknown if count is None else _percent(count / max(size, 1)),
        )
        for code, count in answer.reach.items()
    ]
    heads = (
        Text(en="channel", zh="渠道"),
        Text(en="reachable", zh="可触达"),
        Text(en="of the audience", zh="占人群"),
    )
    terminal.table(Text(en="Reach", zh="渠道触达"), heads, rows)


def _show_portrait(answer: "AudienceAnswer", terminal: Terminal, tags: "Mapping[str, Tag]") -> None:
    """Print the value that sets the audience apart most, for the tags that do; index 100 is as everywhere."""
    shown = [each for each in answer.portrait if each.bins][:PORTRAIT_MAX]
    if not shown:
        return
    rows = []
    for each in shown:
        most = _furthest(each)
        rows.append(
            (
                terminal.words(each.name),
                _said(most, tags[each.tag], terminal),
                _percent(most.audience_share),
                _percent(most.base_share),
                f"{most.index:.0f}",
            )
        )
    heads = (
        Text(en="tag", zh="标签"),
        Text(en="value", zh="取值"),
        Text(en="audience", zh="人群"),
        Text(en="all", zh="全体"),
        Text(en="index", zh="TGI"),
    )
    terminal.table(Text(en="Portrait: what sets it apart", zh="人群画像：与全体差异最大的标签"), heads, rows)


def _furthest(distribution: "TagDistribution") -> "Bin":
    return max(distribution.bins, key=lambda each: abs(each.audience_share - each.base_share))


def _said(each: "Bin", tag: "Tag", terminal: Terminal) -> str:
    value = each.value if isinstance(each.value, str) else terminal.words(each.value)
    return f"{value} {terminal.words(tag.unit)}" if tag.unit else value


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
