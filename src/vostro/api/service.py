"""Service 服务: what do the routes share?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from vostro.api.indexes import IndexHolder
from vostro.api.keys import KeyRing
from vostro.api.posting import Posting
from vostro.bank import Bank
from vostro.capture import Contract
from vostro.capture.intake import GroupCommit, Writer
from vostro.engine import Workspace
from vostro.portrait.online import PastReader, PortraitReader

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
        self.group = GroupCommit(
            writer, revive=self.workspace.revive, answered=self._answered, clock=self.bank.clock
        )
        self.posting = Posting(self.group, self.ring)

    @cached_property
    def reader(self) -> PortraitReader:
        """Reads live portraits."""
        return PortraitReader(self.workspace.lake, self.bank.tags, self.bank.contracts, clock=self.bank.clock)

    @cached_property
    def past(self) -> PastReader:
        """Reads portraits of past moments."""
        return PastReader(self.workspace.lake, self.bank.tags, self.bank.contracts)

    @cached_property
    def indexes(self) -> IndexHolder:
        """Holds the audience index in force."""
        return IndexHolder(self.workspace.state)

    def close(self) -> None:
        """Let go of what was opened."""
        self.group.close()
        for name in ("reader", "past"):
            if name in self.__dict__:
                getattr(self, name).close()

    @cached_property
    def by_kind(self) -> Mapping[str, Contract]:
        """The contract of each kind of event."""
        return {each.event: each for each in self.bank.contracts.values() if each.event}

    def _answered(self) -> None:
        self.posting.answered()
