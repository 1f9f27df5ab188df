"""View 消息契约: how does a file's contract read as the contract of a message?

Properties are named as the contract's columns, not as the file's headers, and moments and
numbers are written as JSON writes them, not as the file does. Everything else, types, ranges,
values, patterns, references, lateness, holds for messages as it does for records.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import msgspec

from vostro.capture.contracts import ROW_NUMBER, Contract, ContractColumn, EventTime
from vostro.capture.histories import has_event_key
from vostro.capture.readers import SourceFormat
from vostro.words import Text

__all__ = ["IDENTITY", "IDENTITY_CONTRACT", "MessageContract", "message_contracts"]

IDENTITY = "identity"  # the kind of an event that says: these two customers are one
# Every bank can be told who is who; a contract of its own for this kind takes the place of this one.
IDENTITY_CONTRACT = Contract(
    contract=IDENTITY,
    meaning=Text(en="Two ids that turned out to be one customer", zh="确认为同一客户的两个编号"),
    file="identity.jsonl",
    event=IDENTITY,
    customer="customer",
    event_time=EventTime(column="event_time"),
    columns={
        "customer": ContractColumn(
            type="text", meaning=Text(en="The known customer", zh="已知客户"), personal_data="identity"
        ),
        "event_time": ContractColumn(type="moment", meaning=Text(en="When it was said", zh="确认时间")),
        "previous": ContractColumn(
            type="text",
            required=True,
            meaning=Text(en="The id before, such as anon:7f3a", zh="此前的编号，例如 anon:7f3a"),
            personal_data="identity",
        ),
        "evidence": ContractColumn(type="text", meaning=Text(en="Who says so", zh="依据")),
    },
)


@dataclass(frozen=True)
class MessageContract:
    """A contract, as messages of its kind see it."""

    contract: Contract

    @property
    def kind(self) -> str:
        """Return the kind of its messages."""
        return self.contract.event or ""

    @property
    def customer(self) -> str:
        """Return the column that the message's ``customer`` goes into."""
        return self.contract.customer or ""

    @property
    def clock(self) -> str:
        """Return the column that the message's ``event_time`` goes into."""
        return self.contract.event_time.source_column if self.contract.event_time else ""

    @cached_property
    def properties(self) -> dict[str, ContractColumn]:
        """Return the columns that a message states under ``properties``."""
        said = (name for name in self.whole.headers if name not in (self.customer, self.clock))
        return {name: self.whole.columns[name] for name in said}

    @cached_property
    def key(self) -> list[str]:
        """Return the columns that name the event; without them the message's ``id`` does."""
        return list(self.contract.key) if has_event_key(self.contract) else []

    @cached_property
    def whole(self) -> Contract:
        """Return the contract that a new event or a correction is held against."""
        needed = {*self.key, self.customer, self.clock}
        return self._with({name: self._column(name, name in needed) for name in self.contract.columns})

    @cached_property
    def deletion(self) -> Contract:
        """Return what a deletion may say: whose event it is, its key and a moment."""
        said = {self.customer, self.clock, *self.key}
        columns = {name: _plain(column) for name, column in self.contract.columns.items() if name in said}
        held = self._with(columns)
        return msgspec.structs.replace(held, customer=None, references=[], lateness=None, reverses=None)

    def _column(self, name: str, needed: bool) -> ContractColumn:
        column = self.contract.columns[name]
        required = needed or (column.required and column.from_ != ROW_NUMBER and name != self.clock)
        return msgspec.structs.replace(column, from_=None, layout=None, required=required)

    def _with(self, columns: dict[str, ContractColumn]) -> Contract:
        # a repeated key is no fault: it is the same event again
        return msgspec.structs.replace(
            self.contract,
            columns=columns,
            key=[],
            format=SourceFormat(missing=self.contract.format.missing),
            ignore={},
            known=None,  # since when files are known: a message is known when it arrives
        )


def _plain(column: ContractColumn) -> ContractColumn:
    """Return a column as one that is stated, neither derived nor looked up nor needed."""
    return ContractColumn(
        type=column.type,
        meaning=column.meaning,
        decimal=column.decimal,
        zone=column.zone,
        personal_data=column.personal_data,
    )


def message_contracts(contracts: Mapping[str, Contract]) -> dict[str, MessageContract]:
    """Return ``{kind: contract}`` of the contracts that take messages.

    A contract takes messages when its records are events of one kind, each of a customer and with a
    moment of its own; months that run in order of a file's lines have none.
    """
    return {IDENTITY: MessageContract(IDENTITY_CONTRACT)} | {
        contract.event: MessageContract(contract)
        for contract in contracts.values()
        if contract.event and contract.customer and contract.event_time and contract.event_time.column
    }
