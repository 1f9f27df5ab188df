"""Faults of estimators 模型定义检查: does a definition name what exists, and may it read and say what it does?"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from vostro.capture import Contract
from vostro.engine import Located
from vostro.portrait import Tag, TagInfo, column_info, parse_rule
from vostro.words import Fault, MomentFormatError, Text, VostroError, parse_span, suggest

if TYPE_CHECKING:
    from vostro.insight.definitions import EstimatorEntry, FutureTarget
    from vostro.portrait.types import Use

__all__ = ["arm_rule", "estimator_faults", "event_fields", "uses_faults"]

MOMENTS_MOST = 120
_TAG = Text(en="tag", zh="标签")
_USE_WORDS: dict[str, tuple[str, str]] = {
    "decide": ("decide", "决策"),
    "price": ("set a price", "定价"),
    "segment": ("segment", "圈选"),
}


def event_fields(event: str, contracts: Mapping[str, Contract]) -> dict[str, TagInfo]:
    """Return the fields that events of a kind carry: the columns of every contract that gives them."""
    return {
        name: column_info(column)
        for contract in contracts.values()
        if contract.event == event
        for name, column in contract.columns.items()
    }


def estimator_faults(
    at: "Located[EstimatorEntry]",
    features: tuple[str, ...],
    tags: Mapping[str, TagInfo],
    contracts: Mapping[str, Contract],
) -> list[Fault]:
    """Return what is wrong with an entry.

    Args:
        at: the entry with its place.
        features: the tags that it reads, those of dimensions resolved.
        tags: of the bank.
        contracts: of the bank.
    """
    faults = list(_feature_faults(at, features, tags))
    faults += _context_faults(at, features)
    faults += _rule_faults(at, "population", at.value.population, tags, "segment")
    for i, tag in enumerate(at.value.protected):
        if tag not in tags:
            faults.append(_unknown(at, f"protected[{i}]", tag, set(tags), _TAG))
    faults += _treatment_faults(at, contracts)
    faults += _span_faults(at, {"refresh": at.value.refresh})
    target = at.value.target
    if isinstance(target, str):
        return [*faults, *_answer_faults(at, target, contracts)]
    return [*faults, *_future_faults(at, target, contracts)]


def uses_faults(tags: Mapping[str, Tag], uses: "Mapping[str, tuple[Use, ...]]") -> list[Fault]:
    """Return a fault for each model tag that may be used for more than its estimator allows.

    Args:
        tags: of the bank.
        uses: estimator -> what its estimates may be used for.
    """
    faults = []
    for tag in tags.values():
        allowed = uses.get(tag.model.estimator) if tag.model is not None else None
        beyond = [] if allowed is None else [use for use in tag.uses if use not in allowed]
        if beyond and tag.model is not None and allowed is not None:
            listed = ", ".join(allowed)
            en = (
                f"use '{beyond[0]}' is not allowed: estimates of '{tag.model.estimator}' may be used to {listed}; "
                f"write uses: [{listed}] at tag '{tag.tag}'"
            )
            zh = (
                f"不允许用途“{beyond[0]}”：模型“{tag.model.estimator}”只允许 {listed}；"
                f"请在标签“{tag.tag}”写明 uses: [{listed}]"
            )
            faults.append(Fault(file=tag.file, line=tag.line, message_en=en, message_zh=zh))
    return faults


def _feature_faults(
    at: "Located[EstimatorEntry]", features: tuple[str, ...], tags: Mapping[str, TagInfo]
) -> Iterator[Fault]:
    entry = at.value
    if entry.kind == "value":
        if entry.features:
            yield at.fault(
                "features", "value reads the events alone, no tags", "价值模型只读取事件，不读取标签"
            )
        return
    if not features:
        yield at.fault("features", "an estimator reads at least one tag", "模型至少须读取一个标签")
    if not isinstance(entry.features, tuple):
        for i, tag in enumerate(entry.features.but):
            if tag not in tags:
                yield _unknown(at, f"features.except[{i}]", tag, set(tags), _TAG)
        return
    needed: list[str] = [use for use in entry.uses if use in ("decide", "price")] or ["segment"]
    for i, tag in enumerate(entry.features):
        if tag not in tags:
            yield _unknown(at, f"features[{i}]", tag, set(tags), _TAG)
            continue
        for use in needed:
            if use not in tags[tag].uses:
                en, zh = _USE_WORDS[use]
                yield at.fault(
                    f"features[{i}]", f"tag '{tag}' may not be used to {en}", f"标签“{tag}”不得用于{zh}"
                )


def _context_faults(at: "Located[EstimatorEntry]", features: tuple[str, ...]) -> Iterator[Fault]:
    for i, context in enumerate(at.value.contexts):
        for tag in context:
            if tag not in features:
                yield _unknown(at, f"contexts[{i}]", tag, set(features), Text(en="feature", zh="特征"))


def _treatment_faults(at: "Located[EstimatorEntry]", contracts: Mapping[str, Contract]) -> Iterator[Fault]:
    entry, treatment = at.value, at.value.treatment
    if (entry.kind == "uplift") != (treatment is not None):
        en = "'treatment' and kind: uplift belong together"
        yield at.fault("treatment" if treatment else "kind", en, "treatment 与 kind: uplift 须同时使用")
    if entry.kind == "uplift" and isinstance(entry.target, str):
        en = "uplift needs a target that looks ahead: target: {event, where, within}"
        yield at.fault("target", en, "增量模型的 target 须面向未来：target: {event, where, within}")
    if treatment is None:
        return
    fields = event_fields(treatment.event, contracts)
    if not fields:
        yield _unknown_event(at, "treatment.event", treatment.event, contracts)
        return
    if treatment.arm not in fields:
        yield _unknown(at, "treatment.arm", treatment.arm, set(fields), Text(en="field", zh="字段"))
        return
    yield from _rule_faults(at, "treatment.treated", arm_rule(treatment.arm, treatment.treated), fields)
    yield from _rule_faults(at, "treatment.control", arm_rule(treatment.arm, treatment.control), fields)


def arm_rule(field: str, *values: str) -> str:
    """Return the rule that a field has one of the values."""
    quoted = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    return f"{field} IN ({quoted})"


def _answer_faults(
    at: "Located[EstimatorEntry]", target: str, contracts: Mapping[str, Contract]
) -> Iterator[Fault]:
    """Yield what is wrong where an event answers."""
    entry = at.value
    if entry.kind in ("churn", "value"):
        en = f"{entry.kind} needs a target that looks ahead: target: {{event, within}}"
        yield at.fault("target", en, f"{entry.kind} 的 target 须面向未来：target: {{event, within}}")
    if entry.event is None:
        en = "name the 'event' that answers, or write target: {event, where, within}"
        yield at.fault("target", en, "请写明应答的 event，或将 target 写为 {event, where, within}")
        return
    for path in ("horizon", "every"):
        if getattr(entry, path) is not None:
            en = f"'{path}' belongs to a target that looks ahead: target: {{event, where, within}}"
            yield at.fault(path, en, f"“{path}”仅用于面向未来的 target: {{event, where, within}}")
    fields = event_fields(entry.event, contracts)
    if not fields:
        yield _unknown_event(at, "event", entry.event, contracts)
        return
    yield from _rule_faults(at, "target", target, fields)
    yield from _rule_faults(at, "learn_from", entry.learn_from, fields)


def _future_faults(
    at: "Located[EstimatorEntry]", target: "FutureTarget", contracts: Mapping[str, Contract]
) -> Iterator[Fault]:
    """Yield what is wrong where something will happen."""
    entry = at.value
    if entry.event is not None:
        yield at.fault("event", "the target names its event already", "target 中已指定 event")
    if entry.learn_from.strip().upper() != "TRUE":
        yield at.fault("learn_from", "write it as 'where' of the target", "请写在 target 的 where 中")
    if target.within is not None and entry.horizon is not None:
        yield at.fault(
            "horizon",
            "'within' of the target is the horizon; write one of them",
            "within 即预测期，二者只写其一",
        )
    if target.within is None and entry.horizon is None:
        yield at.fault(
            "target", "say within which time, such as within: 90 days", "请写明时间范围，例如 within: 90 days"
        )
    yield from _span_faults(
        at, {"target.within": target.within, "horizon": entry.horizon, "every": entry.every}
    )
    if not 2 <= entry.moments <= MOMENTS_MOST:
        yield at.fault("moments", f"write 2 to {MOMENTS_MOST}", f"请写 2 至 {MOMENTS_MOST}")
    fields = event_fields(target.event, contracts)
    if not fields:
        yield _unknown_event(at, "target.event", target.event, contracts)
        return
    yield from _rule_faults(at, "target.where", target.where, fields)
    if (entry.kind == "value") != (target.sum is not None):
        en, zh = (
            "'sum' of the target and kind: value belong together",
            "target 的 sum 与 kind: value 须同时使用",
        )
        yield at.fault("target", en, zh)
    elif target.sum is not None and target.sum not in fields:
        yield _unknown(at, "target.sum", target.sum, set(fields), Text(en="field", zh="字段"))
    elif target.sum is not None and fields[target.sum].type not in ("integer", "number", "decimal"):
        yield at.fault("target.sum", f"'{target.sum}' is no number", f"“{target.sum}”不是数值")


def _span_faults(at: "Located[EstimatorEntry]", spans: Mapping[str, str | None]) -> Iterator[Fault]:
    for path, text in spans.items():
        try:
            if text is not None and not parse_span(text):
                yield at.fault(path, f"'{text}' is no time at all", f"“{text}”的时间长度为零")
        except MomentFormatError as error:
            yield at.fault(path, error.say("en"), error.say("zh"))


def _rule_faults(
    at: "Located[EstimatorEntry]",
    path: str,
    text: str,
    known: Mapping[str, TagInfo],
    use: "Use | None" = None,
) -> Iterator[Fault]:
    try:
        parse_rule(text, known, use=use)
    except VostroError as error:
        yield at.fault(path, error.say("en"), error.say("zh"))


def _unknown_event(
    at: "Located[EstimatorEntry]", path: str, event: str, contracts: Mapping[str, Contract]
) -> Fault:
    kinds = {each.event for each in contracts.values() if each.event}
    return _unknown(at, path, event, kinds, Text(en="event", zh="事件"))


def _unknown(at: "Located[EstimatorEntry]", path: str, code: str, known: Iterable[str], kind: Text) -> Fault:
    close = suggest(code, set(known))
    hint = (f"; did you mean '{close}'?", f"，是否想写“{close}”？") if close else ("", "")
    return at.fault(path, f"there is no {kind.en} '{code}'{hint[0]}", f"没有名为“{code}”的{kind.zh}{hint[1]}")
