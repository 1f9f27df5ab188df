"""Template definitions 模板定义: what does a bank write to get a group of tags?"""

from typing import Literal

import msgspec

from vostro.portrait.types import Use
from vostro.words import Text

__all__ = ["CutsDefinition", "TemplateDefinition", "TemplateName"]

TemplateName = Literal["rfm", "lifecycle", "household"]


class CutsDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Four cut points a measure, rising: a value up to the first is in the first fifth."""

    recency: tuple[float, float, float, float]  # days
    frequency: tuple[float, float, float, float]  # events
    monetary: tuple[float, float, float, float]  # in the unit of the amount


class TemplateDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One template among ``tags/*.yaml``; which fields it has depends on ``template``."""

    template: TemplateName
    prefix: str | None = None  # of the tags' codes; default: the template's name
    name: Text | None = None  # said before the tags' names
    uses: tuple[Use, ...] | None = None
    owner: str | None = None
    purpose: Text | None = None
    of: str | None = None  # rfm, lifecycle: a contract or its event kind
    where: str | None = None  # rfm, lifecycle: which events count
    window: str | None = (
        None  # rfm: how far back (365 days); lifecycle: the span whose trend is taken (90 days)
    )
    amount: str | None = None  # rfm: the column of money
    cuts: CutsDefinition | None = None  # rfm: without them there are no scores
    new: str = "90 days"  # lifecycle: how long a customer is new
    dormant: str = "90 days"  # lifecycle: without events for as long
    lost: str = "365 days"  # lifecycle: without events for as long
    growing: str = "20 %"  # lifecycle: more events than in the window before
    at_risk: str = "50 %"  # lifecycle: fewer events than in the window before
    by: str | None = None  # household: contract.column whose equal values make a household, or identity
    role: str | None = None  # household: contract.column of the customer's role in it
    totals: dict[str, str] = {}  # household: code -> tag that is summed over the members

    @property
    def code(self) -> str:
        """The prefix of its tags' codes."""
        return self.prefix if self.prefix is not None else self.template
