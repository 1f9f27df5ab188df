"""Estimators as definitions 模型定义: what is foreseen, of whom, from which tags, and who may use it?

``estimators/*.yaml`` names what is foreseen in one of two ways. Either an event *answers* a contact:
``event`` and a rule over the event's own fields say what a success is. Or something *will happen*:
``target`` names an event, a rule over its fields and the time within which it must come (or stay
away, which is churn); the estimator then learns from customers at moments of the past.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Literal

import msgspec
import polars as pl

from vostro.capture import Contract
from vostro.engine import read_definitions
from vostro.insight.cluster_definitions import read_clusters
from vostro.insight.definition_faults import estimator_faults, event_fields, uses_faults
from vostro.portrait import Tag, TagInfo, model_faults, parse_rule
from vostro.portrait.types import Dimension, Use
from vostro.words import Fault, FaultsError, MomentFormatError, Text, VostroError, parse_span

__all__ = [
    "EstimatorDefinition",
    "EstimatorEntry",
    "FeatureChoice",
    "FutureTarget",
    "TreatmentDefinition",
    "amounts_of",
    "read_estimators",
    "tags_read",
    "target_of",
]

KindName = Literal["response", "churn", "scorecard", "uplift", "value"]
Approval = Literal["person", "automatic"]
USES: tuple[Use, ...] = ("segment", "decide", "show")
MOMENTS = 12
_HIDDEN = ("identity", "contact")
_JSON_TYPES: dict[str, pl.DataType] = {  # the other types are written as text in the body of an event
    "integer": pl.Int64(),
    "number": pl.Float64(),
    "boolean": pl.Boolean(),
}


class FutureTarget(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``target:`` of an estimator that foresees what will happen."""

    event: str  # the kind of event
    where: str = "TRUE"  # a rule over the event's fields: which of them count
    within: str | None = None  # from the moment on, such as "90 days"; else the estimator's horizon
    sum: str | None = None  # of value: the field whose sum is foreseen
    absent: bool | None = None  # true: that no such event comes; default: true for churn, else false


class TreatmentDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``treatment:`` of an estimator of uplift: which event says who got the action, and who did not."""

    event: str  # the kind of event; customers of both arms have one
    arm: str  # the field that names the arm
    treated: str  # its value where the action was done
    control: str  # its value where nothing was done


class FeatureChoice(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename={"but": "except"}
):
    """``features:`` by dimension."""

    dimensions: tuple[Dimension, ...]
    but: tuple[str, ...] = ()


class EstimatorEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One entry of ``estimators/*.yaml``, as it is written."""

    estimator: str
    name: Text
    target: str | FutureTarget
    features: tuple[str, ...] | FeatureChoice = ()  # required, but of value, which reads the events
    event: str | None = None  # the kind of event that answers, where ``target`` is a rule
    contexts: tuple[tuple[str, ...], ...] = ()  # groups of features that many customers share, such as a day
    learn_from: str = "TRUE"  # a rule over the event's fields: which answers are learnt from
    kind: KindName = "response"
    horizon: str | None = None  # how far ahead it looks, such as "90 days"
    population: str = "TRUE"  # a rule over tags at the moment: of whom it may be asked
    every: str | None = None  # time between the moments of training; default: the horizon
    moments: int = MOMENTS  # at most so many
    refresh: str | None = None  # after which time it is trained anew; default: ``every``
    uses: tuple[Use, ...] = USES  # what its estimates may be used for
    protected: tuple[str, ...] = ()  # tags by whose groups fairness is measured
    treatment: TreatmentDefinition | None = None  # of uplift: who got the action
    approval: Approval | None = None  # default: a person, where it looks ahead


class EstimatorDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an estimator foresees, and from what; every default filled in."""

    estimator: str
    name: Text
    event: str  # the kind of event that answers, or that will come
    target: str  # a rule over the event's fields; true is a success
    features: tuple[str, ...]  # tags
    contexts: tuple[tuple[str, ...], ...] = ()
    learn_from: str = "TRUE"
    kind: KindName = "response"
    horizon: timedelta | None = None  # None: the event answers a contact
    absent: bool = False  # with a horizon: foreseen is that no such event comes
    population: str = "TRUE"
    every: timedelta | None = None
    moments: int = MOMENTS
    refresh: timedelta | None = None  # None: whenever there are other rows
    uses: tuple[Use, ...] = USES
    protected: tuple[str, ...] = ()
    treatment: TreatmentDefinition | None = None
    amount: str | None = None  # of value: the field whose sum is foreseen
    approval: Approval = "automatic"

    @property
    def what(self) -> Text:
        """What is foreseen, in words."""
        rule = "" if self.target.strip().upper() == "TRUE" else self.target
        if self.horizon is None:
            return Text(f"{self.event}: {rule or 'any'}", f"{self.event}：{rule or '任意'}")
        days = f"{self.horizon / timedelta(days=1):g}"
        en = (
            f"{'no ' if self.absent else ''}{self.event}{f' where {rule}' if rule else ''} within {days} days"
        )
        zh = f"{days} 天内{'无' if self.absent else '发生'} {self.event}{f'（{rule}）' if rule else ''}"
        if self.amount is not None:
            en, zh = f"sum of {self.amount} of {en}", f"{zh} 的 {self.amount} 合计"
        if self.treatment is not None:
            arms = self.treatment
            en = f"change caused by {arms.treated} against {arms.control} in: {en}"
            zh = f"{arms.treated} 相对 {arms.control} 的增量：{zh}"
        return Text(en, zh)


def read_estimators(
    bank: Path, *, tags: Mapping[str, TagInfo], contracts: Mapping[str, Contract]
) -> dict[str, EstimatorDefinition]:
    """Read and check ``estimators/*.yaml``.

    Raises:
        FaultsError: an unknown event, tag or field, with file and line; all at once. So are model tags
            of estimators that are unknown, that read the tag themselves, or that may not be used so.
    """
    found = read_definitions(bank / "estimators", "estimator", EstimatorEntry)
    known = {code: tag for code, tag in tags.items() if isinstance(tag, Tag)}
    chosen = {code: _features(at.value, known) for code, at in found.items()}
    faults = [
        fault for code, at in found.items() for fault in estimator_faults(at, chosen[code], tags, contracts)
    ]
    clusters = read_clusters(bank, tags=tags, estimators=found)
    reads = {
        code: (*chosen[code], *_population_tags(at.value.population, tags)) for code, at in found.items()
    }
    faults += model_faults(known, reads | {code: each.features for code, each in clusters.items()})
    faults += [_value_fault(tag) for tag in known.values() if tag.model and _wrong_value(tag, set(clusters))]
    faults += uses_faults(known, {code: at.value.uses for code, at in found.items()})
    if faults:
        raise FaultsError(faults)
    return {code: _resolved(at.value, chosen[code], known) for code, at in found.items()}


def tags_read(estimator: EstimatorDefinition, tags: Mapping[str, TagInfo]) -> tuple[str, ...]:
    """Return the tags that an estimator reads: its features, and those that say of whom it is asked."""
    return (*estimator.features, *_population_tags(estimator.population, tags))


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
    fields = event_fields(estimator.event, contracts)
    dtype = pl.Struct({name: _JSON_TYPES.get(info.type, pl.String()) for name, info in fields.items()})
    bodies = events["body"].str.json_decode(dtype).struct.unnest()
    answers = bodies.select(_typed(name, info) for name, info in fields.items())
    success = parse_rule(estimator.target, fields).mask(answers)
    learnable = parse_rule(estimator.learn_from, fields).mask(answers)
    return events.select("customer", "event_time", success=pl.Series(success), learnable=pl.Series(learnable))


def amounts_of(
    estimator: EstimatorDefinition, events: pl.DataFrame, contracts: Mapping[str, Contract]
) -> pl.Series:
    """Return the amount of each event whose sum an estimator of value foresees, shape (n,); unknown is null."""
    assert estimator.amount is not None, "of value only"
    info = event_fields(estimator.event, contracts)[estimator.amount]
    dtype = pl.Struct({estimator.amount: _JSON_TYPES.get(info.type, pl.String())})
    fields = events["body"].str.json_decode(dtype).struct.unnest()
    return fields.select(_typed(estimator.amount, info).cast(pl.Float64)).to_series()


def _typed(name: str, info: TagInfo) -> pl.Expr:
    """Return a field of a body in its own type; what cannot be read is unknown."""
    if info.type == "date":
        return pl.col(name).str.to_date("%Y-%m-%d", strict=False)
    if info.type == "moment":
        return pl.col(name).str.to_datetime("%+", time_unit="us", time_zone="UTC", strict=False)
    if info.type == "decimal":
        return pl.col(name).cast(pl.Decimal(info.digits, info.scale), strict=False)
    return pl.col(name)


def _features(entry: EstimatorEntry, tags: Mapping[str, Tag]) -> tuple[str, ...]:
    """Return the tags that an entry names, or those of its dimensions that may be learnt from.

    Of a dimension are left out what estimators said and what is made of it (name such tags one by one,
    to read them), protected tags, who somebody is, and what may not be used as the estimator is.
    """
    if not isinstance(entry.features, FeatureChoice):
        return entry.features
    told: set[str] = set()
    for code, tag in tags.items():  # each stands after the tags that it reads
        if tag.model is not None or tag.depends & told:
            told.add(code)
    shut = {*entry.features.but, *told, *protected_tags(entry.protected, tags)}
    needed = [use for use in entry.uses if use != "show"]
    return tuple(
        code
        for code, tag in tags.items()
        if tag.dimension in entry.features.dimensions
        and code not in shut
        and tag.sensitivity not in _HIDDEN
        and all(use in tag.uses for use in needed)
    )


def protected_tags(named: tuple[str, ...], tags: Mapping[str, Tag]) -> tuple[str, ...]:
    """Return the tags by which fairness is measured: those that are named, and all that are sensitive."""
    marked = [code for code, tag in tags.items() if tag.sensitivity in ("sensitive", "protected")]
    return tuple(dict.fromkeys([*(code for code in named if code in tags), *marked]))


def _resolved(
    entry: EstimatorEntry, features: tuple[str, ...], tags: Mapping[str, Tag]
) -> EstimatorDefinition:
    """Fill in what an entry leaves to defaults; it has no faults."""
    future = entry.target if isinstance(entry.target, FutureTarget) else None
    horizon = _span(entry.horizon if future is None else future.within or entry.horizon)
    absent = future is not None and (entry.kind == "churn" if future.absent is None else future.absent)
    return EstimatorDefinition(
        estimator=entry.estimator,
        name=entry.name,
        event=(entry.event or "") if future is None else future.event,
        target=entry.target if isinstance(entry.target, str) else entry.target.where,
        features=features,
        contexts=entry.contexts,
        learn_from=entry.learn_from,
        kind=entry.kind,
        horizon=None if future is None else horizon,
        absent=absent,
        population=entry.population,
        every=_span(entry.every) or horizon,
        moments=entry.moments,
        refresh=_span(entry.refresh) or (None if future is None else _span(entry.every) or horizon),
        uses=entry.uses,
        protected=protected_tags(entry.protected, tags),
        treatment=entry.treatment,
        amount=None if future is None else future.sum,
        approval=entry.approval or ("automatic" if future is None else "person"),
    )


def _population_tags(rule: str, tags: Mapping[str, TagInfo]) -> frozenset[str]:
    try:
        return frozenset(parse_rule(rule, tags, use="segment").tags)
    except VostroError:  # a fault of its own
        return frozenset()


def _span(text: str | None) -> timedelta | None:
    try:
        return None if text is None else parse_span(text)
    except MomentFormatError:  # a fault of its own
        return None


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
