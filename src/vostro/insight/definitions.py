"""Estimators as definitions 模型定义: what is foreseen, from which tags, learnt from which events?

``estimators/*.yaml`` names the event that answers, a rule over the event's own fields
that says what a success is, and the tags that the estimator may read.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec
import polars as pl

from vostro.capture import Contract
from vostro.engine import Located, read_definitions
from vostro.insight.cluster_definitions import read_clusters
from vostro.portrait import Tag, TagInfo, column_info, model_faults, parse_rule
from vostro.words import Fault, FaultsError, Text, VostroError, suggest

__all__ = ["EstimatorDefinition", "read_estimators", "target_of"]

_FRAME_TYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "text": pl.String,
    "integer": pl.Int64,
    "number": pl.Float64,
    "decimal": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.String,
    "moment": pl.String,
}


class EstimatorDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an estimator foresees, and from what."""

    estimator: str
    name: Text
    event: str  # the kind of event that answers
    target: str  # a rule over the event's fields; true is a success
    features: tuple[str, ...]  # tags
    contexts: tuple[tuple[str, ...], ...] = ()  # groups of features that many customers share, such as a day
    learn_from: str = "TRUE"  # a rule over the event's fields: which answers are learnt from
    kind: Literal["response"] = "response"


def read_estimators(
    bank: Path, *, tags: Mapping[str, TagInfo], contracts: Mapping[str, Contract]
) -> dict[str, EstimatorDefinition]:
    """Read and check ``estimators/*.yaml``.

    Raises:
        FaultsError: an unknown event, tag or field, with file and line; all at once. So are model tags
            of estimators that are unknown, or that read the tag themselves.
    """
    found = read_definitions(bank / "estimators", "estimator", EstimatorDefinition)
    faults = [fault for at in found.values() for fault in _faults(at, tags, contracts)]
    known = {code: tag for code, tag in tags.items() if isinstance(tag, Tag)}
    clusters = read_clusters(bank, tags=tags, estimators=found)
    reads = {code: at.value.features for code, at in found.items()}
    faults += model_faults(known, reads | {code: each.features for code, each in clusters.items()})
    faults += [_value_fault(tag) for tag in known.values() if tag.model and _wrong_value(tag, set(clusters))]
    if faults:
        raise FaultsError(faults)
    return {code: at.value for code, at in found.items()}


def target_of(
    estimator: EstimatorDefinition, events: pl.DataFrame, contracts: Mapping[str, Contract]
) -> pl.DataFrame:
    """Say of each event whether it is a success.

    Args:
        estimator: its ``target`` is a rule over the fields of ``body``.
        events: customer, event_time and body (JSON text), as ``read_events`` gives them.
        contracts: those whose ``event`` is the estimator's give the types of the fields.

    Returns:
        Columns customer, event_time, success and learnable (bool; unknown is False), in the order of
        ``events``.
    """
    fields = _fields(estimator.event, contracts)
    dtype = pl.Struct({name: _FRAME_TYPES[info.type] for name, info in fields.items()})
    bodies = events["body"].str.json_decode(dtype)
    answers = bodies.struct.unnest()
    success = parse_rule(estimator.target, fields).mask(answers)
    learnable = parse_rule(estimator.learn_from, fields).mask(answers)
    return events.select("customer", "event_time", success=pl.Series(success), learnable=pl.Series(learnable))


def _wrong_value(tag: Tag, clusters: set[str]) -> bool:
    """Tell whether a model tag asks clusters for a probability, or an estimator for a cluster."""
    return tag.model is not None and (tag.model.value == "cluster") != (tag.model.estimator in clusters)


def _value_fault(tag: Tag) -> Fault:
    return Fault(
        file=tag.file,
        line=tag.line,
        message_en=f"tag '{tag.tag}': of clusters the value is 'cluster', of estimators 'probability' or 'tenth'",
        message_zh=f"标签“{tag.tag}”：聚类的 value 为 cluster，模型的 value 为 probability 或 tenth",
    )


def _fields(event: str, contracts: Mapping[str, Contract]) -> dict[str, TagInfo]:
    """Return the fields that events of a kind carry: the columns of every contract that gives them."""
    return {
        name: column_info(column)
        for contract in contracts.values()
        if contract.event == event
        for name, column in contract.columns.items()
    }


def _faults(
    at: Located[EstimatorDefinition], tags: Mapping[str, TagInfo], contracts: Mapping[str, Contract]
) -> list[Fault]:
    estimator, faults = at.value, []
    if not estimator.features:
        message = "an estimator reads at least one tag", "模型至少须读取一个标签"
        faults.append(at.fault("features", *message))
    for i, context in enumerate(estimator.contexts):
        faults += [
            _unknown(at, f"contexts[{i}]", tag, set(estimator.features), Text(en="feature", zh="特征"))
            for tag in context
            if tag not in estimator.features
        ]
    for i, tag in enumerate(estimator.features):
        if tag not in tags:
            faults.append(_unknown(at, f"features[{i}]", tag, set(tags), Text(en="tag", zh="标签")))
        elif "decide" not in tags[tag].uses:
            message = f"tag '{tag}' may not be used to decide", f"标签“{tag}”不得用于决策"
            faults.append(at.fault(f"features[{i}]", *message))
    fields = _fields(estimator.event, contracts)
    if not fields:
        kinds = {each.event for each in contracts.values() if each.event}
        return [*faults, _unknown(at, "event", estimator.event, kinds, Text(en="event", zh="事件"))]
    for path, text in (("target", estimator.target), ("learn_from", estimator.learn_from)):
        try:
            parse_rule(text, fields)
        except VostroError as error:
            faults.append(at.fault(path, error.say("en"), error.say("zh")))
    return faults


def _unknown(at: Located[EstimatorDefinition], path: str, code: str, known: set[str], kind: Text) -> Fault:
    close = suggest(code, known)
    hint = (f"; did you mean '{close}'?", f"，是否想写“{close}”？") if close else ("", "")
    return at.fault(path, f"there is no {kind.en} '{code}'{hint[0]}", f"没有名为“{code}”的{kind.zh}{hint[1]}")
