"""Service 服务: what do the routes share?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from vostro.api.keys import KeyRing
from vostro.api.posting import Posting
from vostro.bank import Bank
from vostro.capture import Contract
from vostro.capture.intake import GroupCommit, Writer
from vostro.engine import Workspace

__all__ = ["Service"]


@dataclass
class Service:
    """A bank at work behind the API."""

    workspace: Workspace
    bank: Bank
    ring: KeyRing
    local: bool = True  # only this machine can ask, and no key is needed
    group: GroupCommit = field(init=False)
    posting: Posting = field(init=False)

    def __post_init__(self) -> None:
        writer = Writer(self.workspace.store, self.workspace.lake, self.bank.contracts)
        self.group = GroupCommit(writer, revive=self.workspace.revive, answered=self._answered)
        self.posting = Posting(self.group, self.ring)

    @cached_property
    def by_kind(self) -> Mapping[str, Contract]:
        """The contract of each kind of event."""
        return {each.event: each for each in self.bank.contracts.values() if each.event}

    def _answered(self) -> None:
        self.posting.answered()
