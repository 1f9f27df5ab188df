"""Views of models 模型视图: how the terminal shows champions, challengers and cards."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from vostro.console.terminal import Terminal
from vostro.insight.card_words import FIGURES, VERDICTS, card_markdown
from vostro.words import Text

if TYPE_CHECKING:
    from vostro.insight.card import EstimatorCard
    from vostro.insight.promotion import Standing, Version
    from vostro.insight.watch import ModelWatch
    from vostro.stages.model_learning import LearntModel
    from vostro.stages.models import ModelLine

__all__ = ["say_learnt", "show_card", "show_models", "show_standing"]

STATES: dict[str, Text] = {
    "challenger": Text("challenger", "挑战者"),
    "proposed": Text("proposed", "待复核"),
    "champion": Text("champion", "冠军"),
    "former": Text("former champion", "前冠军"),
    "rejected": Text("rejected", "已驳回"),
    "withdrawn": Text("taken back", "已回退"),
}
_HEADS = (
    Text("estimator", "模型"),
    Text("champion", "冠军"),
    Text("tested", "检验"),
    Text("days", "天数"),
    Text("PSI", "PSI"),
    Text("state", "状态"),
    Text("waits", "待复核"),
)
_MORE = (Text("moved most (PSI)", "漂移最大（PSI）"), Text("AUC since (rows)", "此后AUC（行数）"))
_SHOWN = 8  # characters of a version


def show_models(lines: "Sequence[ModelLine]", terminal: Terminal) -> None:
    """Print where every estimator stands, and every version that is champion or wants to be."""
    if not lines and not terminal.quiet:
        terminal.say("This bank defines no estimators.", "本行没有定义模型。")
        return
    rows = [_cells(each, terminal) for each in lines]
    heads = _HEADS + _MORE if terminal.wide else _HEADS
    shown = [row[: len(heads)] for row in rows]
    terminal.show_rows(Text("Estimators", "模型"), heads, shown, msgspec.to_builtins(list(lines)))
    if terminal.quiet:
        return
    _show_versions(lines, terminal)
    for line in lines:
        if line.proposed is not None:
            _say_waiting(line.estimator, terminal)


def _show_versions(lines: "Sequence[ModelLine]", terminal: Terminal) -> None:
    heads = (
        Text("version", "版本"),
        Text("estimator", "模型"),
        Text("state", "状态"),
        Text("learnt as of", "学习时点"),
        Text("against the champion", "与当时冠军对比"),
        Text("proposed by", "提出人"),
        Text("decided by", "复核人"),
    )
    told = [
        (
            each.version[:_SHOWN],
            line.estimator,
            terminal.words(STATES[each.state]),
            each.as_of[:10],
            terminal.words(VERDICTS[each.verdict]) if each.verdict else "–",
            each.proposed_by or "–",
            each.decided_by or "–",
        )
        for line in lines
        for each in line.versions
    ]
    if told:
        terminal.table(Text("Versions", "版本"), heads, told)


def _cells(line: "ModelLine", terminal: Terminal) -> tuple[str, ...]:
    watch = line.watch
    return (
        line.estimator,
        _version(line.champion),
        "–" if line.figure is None else f"{terminal.words(FIGURES[line.measure])} {line.figure:.3f}",
        "–" if line.age_days is None else f"{line.age_days:,.0f}",
        _psi(watch.score if watch else None),
        terminal.words(VERDICTS[line.verdict]) if watch else "–",
        _version(line.proposed),
        _worst(watch),
        _performance(watch),
    )


def show_card(card: "EstimatorCard", terminal: Terminal) -> None:
    """Print a card as Markdown, or as one JSON object."""
    if terminal.quiet:
        terminal.print_json(msgspec.to_builtins(card))
        return
    text = card_markdown(card, terminal.language)
    terminal.say(text, text)


def show_standing(found: "Standing", terminal: Terminal) -> None:
    """Print where an estimator stands after a person's word."""
    if terminal.quiet:
        terminal.print_json(msgspec.to_builtins(found))
        return
    champion, proposed = (found.champion or "–")[:12], (found.proposed or "–")[:12]
    terminal.say(
        f"{found.estimator}: champion {champion}, proposed {proposed}. It speaks from the next 'vostro build' on.",
        f"{found.estimator}：冠军 {champion}，待复核 {proposed}。下一次“vostro build”起生效。",
    )


def say_learnt(models: "Mapping[str, LearntModel]", terminal: Terminal) -> None:
    """Say after a build what waits for a person, who does not speak and why, and what has moved."""
    for code, each in models.items():
        if each.note is not None:
            note = each.note
            terminal.say(f"Estimator {code}: {note.en}.", f"模型 {code}：{note.zh}。")
        if each.champion is None and each.tags:
            tags = ", ".join(each.tags)
            terminal.say(f"  Unknown until it is approved: {tags}", f"  批准之前为未知的标签：{tags}")
        if each.verdict:
            said = VERDICTS[each.verdict]
            terminal.say(
                f"Estimator {code}: what was learnt now is {said.en}.", f"模型 {code}：本次学习{said.zh}。"
            )
        if each.proposed is not None:
            _say_waiting(code, terminal)


def _say_waiting(code: str, terminal: Terminal) -> None:
    terminal.say(
        f"Estimator {code}: a version waits for a second person. Read it: vostro models show {code}; "
        f"then: vostro models approve {code} --as PERSON",
        f"模型 {code}：有版本待第二人复核。查看：vostro models show {code}；批准：vostro models approve {code} --as 姓名",
    )


def _version(found: "Version | None") -> str:
    return "–" if found is None else found.version[:_SHOWN]


def _psi(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _worst(watch: "ModelWatch | None") -> str:
    if watch is None or not watch.inputs:
        return "–"
    name, psi = max(watch.inputs.items(), key=lambda pair: pair[1])
    return f"{name} ({psi:.3f})"


def _performance(watch: "ModelWatch | None") -> str:
    found = watch.performance if watch else None
    return "–" if found is None else f"{found.auc.value:.3f} ({found.rows:,})"
