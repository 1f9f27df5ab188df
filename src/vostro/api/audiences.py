"""Audiences 人群查询: how many customers does a rule select right now, who are they, and how do they differ?

Answered from the audience index that the last build made; every answer says of which moment it is.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, post
from litestar.datastructures import State
from litestar.params import JSONBody
from msgspec import Meta

from vostro.api.access import caller, note_shown
from vostro.api.service import Service
from vostro.portrait import (
    AudienceAnswer,
    Condition,
    Rule,
    describe_audience,
    parse_rule,
)
from vostro.words import Text

__all__ = ["ROUTES", "AudienceAsked", "AudienceCount", "AudienceExtract"]

_RULE_CHARACTERS_MAX = 10_000
_NOBODY = ""  # a list is about many customers: the event that notes it names none

RuleText = Annotated[
    str,
    Meta(min_length=1, max_length=_RULE_CHARACTERS_MAX, description="A rule over tags, such as age >= 60."),
]
Tenth = Annotated[int, Meta(ge=1, le=10, description="Only this stable tenth of the audience.")]


class AudienceAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An audience, and what to tell of it."""

    rule: RuleText
    against: RuleText | None = None  # another audience to compare with
    tenth: Tenth | None = None


class ExtractAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An audience whose customers are to be listed, and what for."""

    rule: RuleText
    tenth: Tenth | None = None
    sample: (
        Annotated[int, Meta(ge=1, description="Only so many, drawn by lot; the same ones each time.")] | None
    ) = None
    purpose: str | None = None  # why the list is needed; written to the log


class AudienceCount(msgspec.Struct, frozen=True):
    """How many customers a rule selects."""

    rule: str
    words: Text
    count: int
    customers: int  # of the bank
    as_of: datetime  # of the index
    changes: int  # of single customers, entered into the index since
    version: str  # of the definitions that the index was built by
    outdated: bool  # the definitions are others now
    conditions: list[Condition]


class AudienceExtract(msgspec.Struct, frozen=True):
    """The customers of an audience, in the order of the index."""

    rule: str
    count: int  # of the audience; the list may be a sample
    as_of: datetime
    version: str
    customers: list[str]


@post(
    "/audiences/count", summary="Count an audience", tags=["audiences"], status_code=200, sync_to_thread=True
)
def count_audience(
    request: Request[Any, Any, Any], state: State, data: JSONBody[AudienceAsked]
) -> AudienceCount:
    """Count the customers that a rule selects, exactly: all, and after each condition that must hold."""
    service: Service = state["service"]
    caller(request, service, "read")
    rule, index = _rule(service, data.rule), service.indexes.index()
    with index.lock:
        chosen, steps = index.select(rule), index.steps(rule)
        freshness, customers = index.freshness, index.size
    return AudienceCount(
        rule=rule.text,
        words=_words(rule),
        count=chosen.size,
        customers=customers,
        as_of=freshness.as_of,
        changes=freshness.changes,
        version=freshness.version,
        outdated=freshness.version != service.bank.version,
        conditions=[Condition(_words(step.rule), step.alone, step.running) for step in steps],
    )


@post(
    "/audiences/portrait",
    summary="Portrait of an audience",
    tags=["audiences"],
    status_code=200,
    sync_to_thread=True,
)
def portray_audience(
    request: Request[Any, Any, Any], state: State, data: JSONBody[AudienceAsked]
) -> AudienceAnswer:
    """Count an audience, its reach per channel, and each tag's distribution against the whole base."""
    service: Service = state["service"]
    caller(request, service, "read")
    catalogue = service.bank.catalogue
    return describe_audience(
        service.indexes.index(),
        _rule(service, data.rule),
        service.bank.tags,
        version=service.bank.version,
        channels={code: catalogue.reachable.get(code) for code in catalogue.channels},
        against=None if data.against is None else _rule(service, data.against),
        tenth=data.tenth,
    )[1]


@post(
    "/audiences/extract",
    summary="Customers of an audience",
    tags=["audiences"],
    status_code=200,
    sync_to_thread=True,
)
def extract_audience(
    request: Request[Any, Any, Any], state: State, data: JSONBody[ExtractAsked]
) -> AudienceExtract:
    """List the customers of an audience, or a stable sample. Ids are personal: it needs ``unmask`` and a purpose."""
    service: Service = state["service"]
    key = caller(request, service, "read")
    rule, index = _rule(service, data.rule), service.indexes.index()
    whole = index.select(rule)
    chosen = whole if data.tenth is None else whole.tenth(data.tenth)
    note_shown(
        service, key, _NOBODY, f"audience of {chosen.size}: {rule.text}", data.purpose, datetime.now(UTC)
    )
    customers = chosen.customers() if data.sample is None else chosen.sample(data.sample)
    freshness = index.freshness
    return AudienceExtract(rule.text, chosen.size, freshness.as_of, freshness.version, customers.to_list())


def _rule(service: Service, text: str) -> Rule:
    return parse_rule(text, service.bank.tags, use="segment")


def _words(rule: Rule) -> Text:
    return Text(en=rule.words("en"), zh=rule.words("zh"))


ROUTES = (count_audience, portray_audience, extract_audience)
