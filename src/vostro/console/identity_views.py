"""What ``vostro identity`` shows 客户识别展示: runs, people, decisions and open pairs on the terminal."""

from typing import TYPE_CHECKING, Any

import msgspec

from vostro.words import Text

if TYPE_CHECKING:
    import polars as pl

    from vostro.console.terminal import Terminal
    from vostro.portrait import Decided, IdentityRun, PersonView

__all__ = ["show_decided", "show_person", "show_review", "show_run"]

_FIELD, _VALUE = Text(en="field", zh="字段"), Text(en="value", zh="取值")
_SOURCE, _CUSTOMER = Text(en="source", zh="来源"), Text(en="customer", zh="客户")


def show_run(run: "IdentityRun", terminal: "Terminal") -> None:
    """Show what a run did."""
    if terminal.quiet:
        terminal.print_json(msgspec.to_builtins(run))
        return
    rows = [
        (Text(en="records", zh="记录"), f"{run.records:,}"),
        (Text(en="compared now (new or changed)", zh="本次比较（新增或变更）"), f"{run.compared:,}"),
        (Text(en="pairs with evidence", zh="有证据的配对"), f"{run.pairs:,}"),
        (Text(en="customers", zh="客户标识"), f"{run.customers:,}"),
        (Text(en="people", zh="自然人"), f"{run.people:,}"),
        (Text(en="customers who moved", zh="归属变更的客户"), f"{run.moved:,}"),
        (Text(en="share of matches among all pairs", zh="全部配对中的匹配占比"), f"{run.match_share:.3g}"),
    ]
    title = Text(en="Who is who", zh="客户识别")
    terminal.table(title, [_FIELD, _VALUE], [[terminal.words(name), value] for name, value in rows])
    if run.settled:
        terminal.say("The parameters were estimated anew.", "参数已重新估计。")


def show_person(view: "PersonView", terminal: "Terminal") -> None:
    """Show one person."""
    if terminal.quiet:
        terminal.print_json(msgspec.to_builtins(view))
        return
    ids = ", ".join(view.identifiers)
    terminal.say(f"Person {view.person}: {ids}", f"客户 {view.person}：{ids}")
    home = view.household or "–"
    terminal.say(
        f"Household {home}, people in it: {view.household_size}", f"家庭 {home}，{view.household_size} 人"
    )
    _golden(view, terminal)
    _records(view, terminal)
    _steps(view, terminal)


def show_decided(done: "Decided", terminal: "Terminal") -> None:
    """Show what a decision changed."""
    if terminal.quiet:
        terminal.print_json(msgspec.to_builtins(done))
        return
    heads = [_CUSTOMER, Text(en="person before", zh="原归属"), Text(en="person now", zh="现归属")]
    terminal.table(Text(en="Moved", zh="归属变更"), heads, [list(row) for row in done.moved])
    for a, b in done.lifted:
        terminal.say(f"The merge of {a} and {b} no longer holds.", f"{a} 与 {b} 的合并不再有效。")


def show_review(pairs: "pl.DataFrame", terminal: "Terminal", *, limit: int) -> None:
    """Show pairs that are open."""
    shown = pairs.head(limit)
    if terminal.quiet:
        terminal.print_json({"open": pairs.height, "pairs": shown.to_dicts()})
        return
    if pairs.is_empty():
        terminal.say("No pair is open.", "没有待复核的配对。")
        return
    fields = shown.columns[6:]
    heads = [Text(en="one", zh="一方"), Text(en="other", zh="另一方"), Text(en="chance", zh="概率")]
    heads += [Text(en=name, zh=name) for name in fields]
    rows = [_pair(row, fields, terminal) for row in shown.to_dicts()]
    terminal.table(Text(en=f"Open pairs: {pairs.height:,}", zh=f"待复核配对：{pairs.height:,}"), heads, rows)


def _golden(view: "PersonView", terminal: "Terminal") -> None:
    heads = [_FIELD, _VALUE, _SOURCE, _CUSTOMER, Text(en="rule", zh="规则")]
    rows = [[each[name] for name in ("field", "value", "source", "customer", "rule")] for each in view.golden]
    terminal.table(Text(en="Golden record", zh="黄金记录"), heads, rows)


def _records(view: "PersonView", terminal: "Terminal") -> None:
    first = view.records[0] if view.records else {}
    names = [name for name in first if name not in ("source", "customer")]
    rows = [
        [each["source"], each["customer"], *[each[name] or "–" for name in names]] for each in view.records
    ]
    heads = [_SOURCE, _CUSTOMER, *[Text(en=name, zh=name) for name in names]]
    terminal.table(Text(en="Records", zh="来源记录"), heads, rows)


def _steps(view: "PersonView", terminal: "Terminal") -> None:
    heads = [
        Text(en="when", zh="时间"),
        _CUSTOMER,
        Text(en="what", zh="事项"),
        Text(en="with", zh="对方"),
        Text(en="chance", zh="概率"),
        Text(en="why", zh="依据"),
    ]
    rows = [
        [
            each.moment,
            each.customer,
            terminal.words(each.what),
            each.other or "",
            _chance(each),
            _why(each, terminal),
        ]
        for each in view.steps
    ]
    terminal.table(Text(en="How it came to be", zh="归属过程"), heads, rows)


def _pair(row: dict[str, Any], fields: list[str], terminal: "Terminal") -> list[str]:
    from vostro.portrait import level_words

    one, other = f"{row['source_a']}/{row['id_a']}", f"{row['source_b']}/{row['id_b']}"
    levels = [terminal.words(level_words(row[name])) for name in fields]
    return [one, other, f"{100 * row['probability']:.1f} %", *levels]


def _chance(step: Any) -> str:
    return "" if step.probability is None else f"{100 * step.probability:.1f} %"


def _why(step: Any, terminal: "Terminal") -> str:
    if step.reason is not None:
        return f"{step.by}: {step.reason}"
    return "; ".join(terminal.words(each) for each in step.levels)
