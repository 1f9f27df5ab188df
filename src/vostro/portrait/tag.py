"""A tag 标签: what does the bank state, how is it made, and what may it be used for?"""

from datetime import timedelta
from typing import Literal

from vostro.portrait.aggregate.definition import Aggregate
from vostro.portrait.rule import Rule
from vostro.portrait.tag_definition import HouseholdDefinition, ModelDefinition
from vostro.portrait.types import Dimension, TagInfo
from vostro.words import Text, parse_span

__all__ = ["Tag"]


class Tag(TagInfo, frozen=True, kw_only=True):
    """A named fact about a customer as of a moment."""

    tag: str
    dimension: Dimension
    attribute: tuple[str, str] | None = None  # contract and column
    aggregate: Aggregate | None = None
    tiers: tuple[tuple[str, Rule | None], ...] = ()  # None: otherwise
    rule: Rule | None = None
    model: ModelDefinition | None = None
    household: HouseholdDefinition | None = None
    identity: Literal["household"] | None = None
    manual: bool = False
    sensitivity: str = "none"
    columns: frozenset[str] = frozenset()  # lineage: every contract.column it is made from
    owner: str | None = None
    purpose: Text | None = None
    refresh: str | None = None
    expires: str | None = None
    file: str = ""
    line: int = 0

    @property
    def kind(self) -> str:
        """``attribute``, ``aggregate``, ``model``, ``manual``, ``household``, ``identity`` or ``rule``."""
        for name in ("attribute", "aggregate", "model", "household", "identity"):
            if getattr(self, name) is not None:
                return name
        return "manual" if self.manual else "rule"

    @property
    def depends(self) -> frozenset[str]:
        """The tags that this tag reads itself."""
        rules = [self.rule, *(rule for _, rule in self.tiers)]
        read = {code for rule in rules if rule for code in rule.tags}
        if self.household is not None:
            read |= {self.household.by} | ({self.household.sum} if self.household.sum else set())
        return frozenset(read)

    @property
    def expires_span(self) -> timedelta | None:
        """How long a value is known, or None for ever: it holds in [its time, its time + span)."""
        return None if self.expires is None else parse_span(self.expires)

    @property
    def refresh_span(self) -> timedelta | None:
        """How old the tag's data may be before they are stale, or None."""
        return None if self.refresh is None else parse_span(self.refresh)
