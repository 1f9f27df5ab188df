"""Views of groups 分群视图: how the terminal shows clusters, needs and lookalikes."""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from vostro.console.terminal import Terminal
from vostro.words import Text

if TYPE_CHECKING:
    from vostro.insight import Lookalikes, Measured
    from vostro.stages import ClustersFound, NeedsFound

__all__ = ["show_clusters", "show_lookalikes", "show_needs", "write_lookalikes"]

_WHAT = (Text("what", "项目"), Text("value", "内容"))
_METHODS = {
    "kmeans": Text("k-means", "k 均值"),
    "mixture": Text("mixture", "混合模型"),
    "trees": Text("boosted trees", "梯度提升树"),
    "logistic": Text("logistic regression", "逻辑回归"),
}


def show_clusters(found: "ClustersFound", terminal: Terminal, *, rules: bool) -> None:
    """Print the clusters, the numbers that were tried, and on demand a rule for each."""
    if terminal.quiet:
        terminal.print_json(msgspec.to_builtins(found))
        return
    title = found.name or Text("Clusters", "聚类")
    method = _METHODS[found.method]
    terminal.say(
        f"{found.customers:,} customers, {found.k} clusters by {method.en}"
        + ("" if found.learnt else " that were found earlier"),
        f"{found.customers:,} 位客户，{method.zh}，共 {found.k} 个聚类"
        + ("" if found.learnt else "（沿用既有聚类）"),
    )
    if found.weak:
        terminal.say(
            "Weak: these customers are hardly more than one cloud cut into parts.",
            "结构较弱：这些客户几乎只是同一整体的人为划分。",
        )
    heads = (
        Text("cluster", "聚类"),
        Text("customers", "客户数"),
        Text("share", "占比"),
        Text("what sets it apart", "特征"),
    )
    rows = []
    for each in found.portraits:
        words = "\n".join(terminal.words(trait.words) for trait in each.traits) or terminal.words(each.title)
        rows.append((str(each.cluster), f"{each.size:,}", f"{each.share:.1%}", words))
    terminal.table(title, heads, rows)
    _show_tried(found, terminal)
    if found.dropped:
        shown = ", ".join(found.dropped)
        terminal.say(f"The same for everyone, so left out: {shown}", f"全体取值相同，未使用：{shown}")
    if rules:
        _show_rules(found, terminal)


def show_needs(found: "NeedsFound", terminal: Terminal, ids: Path | None) -> None:
    """Print for each product how many lack it while customers like them hold it."""
    if terminal.quiet:
        plain = msgspec.to_builtins(
            {"as_of": found.as_of, "customers": found.customers, "needs": found.needs}
        )
        terminal.print_json(plain | {"by_need": found.by_need})
        return
    heads = (
        Text("product", "产品"),
        Text("hold it", "已持有"),
        Text("share in its clusters", "各聚类持有率"),
        Text("customers whose need it is", "需求客户数"),
    )
    rows = [
        (
            each.product,
            f"{each.base:.1%}",
            f"{min(each.shares):.1%} – {max(each.shares):.1%}",
            f"{found.by_need[each.product]:,}",
        )
        for each in found.needs
    ]
    terminal.table(Text("Product needs", "产品需求"), heads, rows)
    terminal.say(f"Without a need: {found.by_need['-']:,}", f"无明显需求：{found.by_need['-']:,}")
    _say_written(ids, terminal)


def show_lookalikes(found: "Lookalikes", terminal: Terminal, ids: Path | None) -> None:
    """Print what a lookalike audience is worth and what its customers share; no customer is named."""
    if terminal.quiet:
        plain = msgspec.to_builtins(found)
        terminal.print_json(
            {name: each for name, each in plain.items() if name not in ("customers", "scores")}
        )
        return
    method = _METHODS[found.method]
    rows = [
        (Text("seed", "种子客户"), Text(f"{found.seed:,} customers", f"{found.seed:,} 位")),
        (
            Text("audience", "相似人群"),
            Text(
                f"{found.size:,} of {found.others:,} others",
                f"{found.size:,} 位，取自其余 {found.others:,} 位",
            ),
        ),
        (
            Text("model", "模型"),
            Text(
                f"{method.en} over {len(found.features)} tags", f"{method.zh}，{len(found.features)} 个标签"
            ),
        ),
        (Text("held-back seed that is found", "留出种子的召回率"), _share(found.recall)),
        (Text("precision, at least", "精确率（下限）"), _share(found.precision)),
        (
            Text("against chance", "相对随机的提升"),
            Text(
                f"{found.lift:.2f} × ({found.lift_low:.2f} – {found.lift_high:.2f})",
                f"{found.lift:.2f} 倍（{found.lift_low:.2f} – {found.lift_high:.2f}）",
            ),
        ),
    ]
    terminal.table(Text("Lookalikes", "相似人群"), _WHAT, [tuple(map(terminal.words, row)) for row in rows])
    for trait in found.shared:
        terminal.say(f"  {trait.words.en}", f"  {trait.words.zh}")
    if found.left_out:
        said = [_left_out(tag, strength) for tag, strength in found.left_out.items()]
        terminal.say(
            f"Left out: {', '.join(each.en for each in said)}",
            f"未使用的标签：{'、'.join(each.zh for each in said)}",
        )
    _say_written(ids, terminal)


def write_lookalikes(found: "Lookalikes", path: Path) -> None:
    """Write the audience as CSV, the most alike first: customer and score (0 to 1)."""
    import polars as pl

    pl.DataFrame({"customer": found.customers, "score": found.scores}).write_csv(path)


def _show_tried(found: "ClustersFound", terminal: Terminal) -> None:
    heads = (
        Text("number", "聚类数"),
        Text("silhouette", "轮廓系数"),
        Text("found again (ARI)", "稳定性（ARI）"),
        Text("BIC", "BIC"),
        Text("", ""),
    )
    rows = [
        (
            str(each.k),
            _figure(each.silhouette, "{:.3f}"),
            _figure(each.stability, "{:.2f}"),
            _figure(each.bic, "{:,.0f}"),
            terminal.words(Text("chosen", "选用")) if each.chosen else "",
        )
        for each in found.tried
    ]
    terminal.table(Text("Numbers tried", "尝试的聚类数"), heads, rows)
    if len(found.tried) > 1 and found.tried[-1].chosen:
        terminal.say(
            "The largest number that was tried is the best: more clusters may be there (k_most).",
            "所选为尝试的最大数目，聚类可能更多（k_most）。",
        )


def _show_rules(found: "ClustersFound", terminal: Terminal) -> None:
    for each, rule in zip(found.portraits, found.rules, strict=True):
        if rule is None:
            terminal.say(
                f"# cluster {each.cluster}: no short rule finds it", f"# 聚类 {each.cluster}：没有简短规则"
            )
            continue
        code = f"{found.clusters or 'cluster'}_{each.cluster}"
        terminal.say(
            f"# {rule.precision:.0%} of whom it selects are in the cluster; it selects {rule.recall:.0%} of it",
            f"# 所选客户中 {rule.precision:.0%} 属于该聚类；覆盖其中 {rule.recall:.0%}",
        )
        name = f'{{en: "{_quoted(each.title.en)}", zh: "{_quoted(each.title.zh)}"}}'
        text = f'- segment: {code}\n  name: {name}\n  rule: "{_quoted(rule.rule)}"'
        terminal.say(text, text)


def _left_out(tag: str, strength: float | None) -> Text:
    if strength is None:
        return Text(f"{tag} (part of the seed's rule)", f"{tag}（与种子规则相关）")
    return Text(f"{tag} (gives the seed away: {strength:.2f})", f"{tag}（泄露种子身份：{strength:.2f}）")


def _share(measured: "Measured") -> Text:
    said = f"{measured.value:.1%} ({measured.low:.1%} – {measured.high:.1%}; {measured.hits:,} / {measured.rows:,})"
    return Text(said, said)


def _figure(value: float | None, form: str) -> str:
    return "–" if value is None else form.format(value)


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _say_written(ids: Path | None, terminal: Terminal) -> None:
    if ids is not None:
        terminal.say(f"Written: {ids} (personal data)", f"已写入：{ids}（含个人信息）")
