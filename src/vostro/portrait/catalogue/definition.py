"""A tag's definition, plain and in words 标签定义: what exactly does the tag state?"""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from vostro.portrait.types import TagInfo
from vostro.words import Language, Text

if TYPE_CHECKING:
    from vostro.capture import Contract
    from vostro.portrait.aggregate.definition import Aggregate, Measure, Ratio, Window
    from vostro.portrait.rule import Rule
    from vostro.portrait.tags import Tag

__all__ = ["definition_of", "say_aggregate", "say_definition", "say_window"]

_MEASURES = {
    "count": ("number of {of}", "{of}的笔数"),
    "sum": ("sum of {column} of {of}", "{of}的{column}合计"),
    "mean": ("mean {column} of {of}", "{of}的{column}平均值"),
    "min": ("smallest {column} of {of}", "{of}的{column}最小值"),
    "max": ("largest {column} of {of}", "{of}的{column}最大值"),
    "first": ("{column} of the first of {of}", "首笔{of}的{column}"),
    "last": ("{column} of the last of {of}", "最近一笔{of}的{column}"),
    "distinct": ("number of different values of {column} of {of}", "{of}中不同{column}的个数"),
    "top": ("most frequent {column} of {of}", "{of}中最常见的{column}"),
    "days_since_first": ("days since the first of {of}", "距首笔{of}的天数"),
    "days_since_last": ("days since the last of {of}", "距最近一笔{of}的天数"),
}
_UNITS = (("day", "天", 86_400_000_000), ("hour", "小时", 3_600_000_000), ("minute", "分钟", 60_000_000))


def definition_of(tag: "Tag") -> dict[str, object]:
    """Return what decides a tag's values, as plain data: equal when and only when they are computed alike."""
    plain: dict[str, object] = {"kind": tag.kind, "type": tag.type}
    if tag.attribute is not None:
        plain["attribute"] = ".".join(tag.attribute)
    if tag.rule is not None:
        plain["rule"] = tag.rule.text
    if tag.tiers:
        plain["tiers"] = [[value, rule.text if rule else "otherwise"] for value, rule in tag.tiers]
    if tag.aggregate is not None:
        plain["aggregate"] = _plain_aggregate(tag.aggregate)
    if tag.model is not None:
        plain["model"] = msgspec.to_builtins(tag.model)
    if tag.household is not None:
        plain["household"] = msgspec.to_builtins(tag.household)
    if tag.identity is not None:
        plain["identity"] = tag.identity
    if tag.kind == "manual" and tag.values:
        plain["values"] = list(tag.values)
    if tag.expires:
        plain["expires"] = tag.expires
    return plain


def _plain_aggregate(aggregate: "Aggregate") -> dict[str, object]:
    plain: dict[str, object] = {"of": aggregate.of, "measure": aggregate.measure.text}
    plain["where"] = aggregate.where.text if aggregate.where else None
    plain["window_us"] = aggregate.window.length_us if aggregate.window else None
    if aggregate.ratio_to is not None:
        to = aggregate.ratio_to
        plain["ratio_to"] = [
            to.measure.text,
            to.where.text if to.where else None,
            to.window.length_us if to.window else None,
        ]
    plain["trend"] = aggregate.trend
    return plain


def say_definition(
    tag: "Tag", tags: "Mapping[str, Tag]", contracts: "Mapping[str, Contract]", language: Language
) -> str:
    """Return a tag's definition as a phrase, without its full stop."""
    zh = language == "zh"
    if tag.attribute is not None:
        contract = contracts[tag.attribute[0]]
        column = contract.columns[tag.attribute[1]].meaning.say(language)
        source = contract.meaning.say(language)
        said = f"“{source}”中最近的“{column}”" if zh else f"latest '{column}' of '{source}'"
    elif tag.aggregate is not None:
        said = say_aggregate(tag.aggregate, contracts[tag.aggregate.of], language)
    elif tag.model is not None:
        said = _say_model(tag, zh)
    elif tag.household is not None:
        said = _say_household(tag, tags, language)
    elif tag.identity is not None:
        said = "客户识别得出的家庭" if zh else "household that identity found"
    elif tag.kind == "manual":
        listed = "、" if zh else ", "
        values = listed.join(str(value) for value in tag.values or ())
        if zh:
            said = f"由人员设置，取值：{values}" if values else "由人员设置"
        else:
            said = f"set by a person, one of {values}" if values else "set by a person"
    elif tag.rule is not None:
        said = tag.rule.words(language)
    else:
        said = _say_tiers(tag, language)
    if tag.expires_span:
        said += (
            f"；{_say_span(_microseconds(tag.expires_span), zh)}后失效"
            if zh
            else f"; known for {_say_span(_microseconds(tag.expires_span), zh)}"
        )
    return said


def _say_tiers(tag: "Tag", language: Language) -> str:
    parts = []
    for value, rule in tag.tiers:
        name = tag.value_names[value].say(language) if value in tag.value_names else value
        if rule is None:
            parts.append(f"否则：{name}" if language == "zh" else f"otherwise {name}")
        else:
            colon = "：" if language == "zh" else " when "
            words = rule.words(language)
            parts.append(f"{name}{colon}{words if language == 'zh' else _low(words)}")
    return ("；" if language == "zh" else "; ").join(parts)


def _say_model(tag: "Tag", zh: bool) -> str:
    assert tag.model is not None
    if tag.model.value == "tenth":
        if zh:
            return f"模型“{tag.model.estimator}”估计概率的十分位（1 为最高一成）"
        return f"tenth of the probability by estimator '{tag.model.estimator}' (1: the highest)"
    if tag.model.value == "cluster":
        return (
            f"聚类“{tag.model.estimator}”中的组号"
            if zh
            else f"number of the cluster in '{tag.model.estimator}'"
        )
    if zh:
        return f"模型“{tag.model.estimator}”估计的概率"
    return f"probability by estimator '{tag.model.estimator}'"


def _say_household(tag: "Tag", tags: "Mapping[str, TagInfo]", language: Language) -> str:
    assert tag.household is not None
    by = tags[tag.household.by].name.say(language)
    if tag.household.sum is None:
        return f"“{by}”相同的客户数" if language == "zh" else f"number of customers with the same '{by}'"
    of = tags[tag.household.sum].name.say(language)
    if language == "zh":
        return f"“{by}”相同的客户的“{of}”合计"
    return f"sum of '{of}' over customers with the same '{by}'"


def say_aggregate(aggregate: "Aggregate", contract: "Contract", language: Language) -> str:
    """Return an aggregate as a phrase: "sum of amount of card payments where ..., last 90 days".

    Args:
        aggregate: of a tag.
        contract: its source; meanings of table and columns are said as the bank wrote them.
        language: en or zh.
    """
    said = _say_part(aggregate.measure, aggregate.where, aggregate.window, contract, language)
    zh = language == "zh"
    if aggregate.trend and aggregate.window is not None:
        span = _say_span(aggregate.window.length_us, zh)
        return f"{said}，较此前{span}的增减比例" if zh else f"change of the {said}, against the {span} before"
    if aggregate.ratio_to is not None:
        to: Ratio = aggregate.ratio_to
        base = _say_part(to.measure, to.where, to.window, contract, language)
        return f"{said}，与{base}之比" if zh else f"{said}, divided by {base}"
    return said


def _say_part(
    measure: "Measure",
    where: "Rule | None",
    window: "Window | None",
    contract: "Contract",
    language: Language,
) -> str:
    zh = language == "zh"
    of = contract.meaning.say(language)
    column = contract.columns[measure.column].meaning.say(language) if measure.column else ""
    form = Text(*_MEASURES[measure.name]).say(language)
    said = form.format(of=of if zh else _low(of), column=column if zh else _low(column))
    if measure.k > 1:
        said += f"（前 {measure.k} 个）" if zh else f" (the first {measure.k})"
    if zh:
        span = say_window(window, language)
        return f"{span}{said}" + (f"（{where.words('zh')}）" if where else "")
    return said + (f" where {_low(where.words('en'))}" if where else "") + f", {say_window(window, language)}"


def say_window(window: "Window | None", language: Language) -> str:
    """Return a window in words.

    >>> from vostro.portrait.aggregate.definition import DAY_US, Window
    >>> say_window(Window(90 * DAY_US), "en"), say_window(Window(90 * DAY_US), "zh"), say_window(None, "en")
    ('last 90 days', '近90天', 'all time')
    """
    zh = language == "zh"
    if window is None:
        return "有史以来" if zh else "all time"
    span = _say_span(window.length_us, zh)
    return f"近{span}" if zh else f"last {span}"


def _say_span(length_us: int, zh: bool) -> str:
    for en, name, size in _UNITS:
        if length_us % size == 0:
            count = length_us // size
            if zh:
                return f"{count}{name}"
            return f"{count:,} {en}{'' if count == 1 else 's'}"
    return f"{length_us / 1e6:g}" + ("秒" if zh else " seconds")


def _microseconds(span: timedelta) -> int:
    return span // timedelta(microseconds=1)


def _low(text: str) -> str:
    """Return a phrase with a small first letter, unless it begins with an abbreviation."""
    return text if len(text) > 1 and text[1].isupper() else text[:1].lower() + text[1:]
