"""Tag definitions 标签定义: what does a bank write to state a fact about its customers?"""

from typing import Literal

import msgspec

from vostro.portrait.aggregate.reading import AggregateDefinition
from vostro.portrait.types import Dimension, TagType, Use
from vostro.words import Text

__all__ = ["KINDS", "HouseholdDefinition", "ModelDefinition", "TagDefinition"]

KINDS = (
    "attribute",
    "aggregate",
    "tiers",
    "rule",
    "model",
    "manual",
    "household",
    "identity",
)  # fields, one of which a tag has


class ModelDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``model:`` of a tag: what an estimator says of the customer."""

    estimator: str
    value: Literal["probability", "tenth", "cluster"] = (
        "probability"  # tenth: 1 is the tenth with the highest
    )


class HouseholdDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``household:`` of a tag: something of all customers with the same value of another tag."""

    by: str  # the tag whose equal values make a household
    sum: str | None = None  # the tag that is summed; without it, the members are counted


class TagDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of ``tags/*.yaml``; exactly one of the fields of ``KINDS``."""

    tag: str
    name: Text
    dimension: Dimension
    attribute: str | None = None  # contract.column
    aggregate: AggregateDefinition | None = None  # a measure over events
    tiers: dict[str, str] | None = None  # value -> rule, or "otherwise" as the last
    rule: str | None = None
    model: ModelDefinition | None = None  # an estimate from insight
    manual: TagType | None = None  # set by a person; the type of its values
    household: HouseholdDefinition | None = None
    identity: Literal["household"] | None = None  # what identity found: the household that a customer is in
    values: dict[str, Text] = {}  # how values are said in both languages; of manual text, the only ones
    unit: Text | None = None  # said after a number: {en: years, zh: 岁}
    owner: str | None = None  # who answers for the tag
    purpose: Text | None = None  # why the bank states it
    refresh: str | None = None  # how old its data may be
    expires: str | None = None  # how long a value is known
    sensitivity: str | None = None  # default: the personal data class of the column
    uses: tuple[Use, ...] | None = None  # default: segment, decide, show; of a rule tag, what its tags allow
