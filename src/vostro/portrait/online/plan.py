"""Plan 画像布局: which partial states does a record keep, so that every tag can be read from them?

Aggregates that look at the same events share their states: one *group* for each source, filter
and hop, with one *slot* for each partial state. A group with windows keeps its slots tile by
tile (a tile is one hop of time); a group of all time keeps each slot once. Windows of any
length of one group are read from the same tiles.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Literal

import msgspec

from vostro.portrait.aggregate import Aggregate, Clock, Measure, Part
from vostro.portrait.rule import Rule
from vostro.portrait.types import TagType
from vostro.words import canonical_json, digest

if TYPE_CHECKING:
    from vostro.capture import Contract
    from vostro.portrait.tags import Tag

__all__ = [
    "FORMAT",
    "AttributeBlock",
    "Group",
    "Plan",
    "Slot",
    "SlotKind",
    "SourcePlan",
    "group_of",
    "plan_records",
]

FORMAT = 1  # of the record; another number makes every record be built anew
SlotKind = Literal[
    "rows", "known", "sum", "min", "max", "first", "last", "distinct", "top", "earliest", "latest"
]
_NEEDS: dict[str, tuple[SlotKind, ...]] = {
    "count": ("rows",),
    "sum": ("sum",),
    "mean": ("sum", "known"),
    "min": ("min",),
    "max": ("max",),
    "first": ("first",),
    "last": ("last",),
    "distinct": ("distinct",),
    "top": ("top",),
    "days_since_first": ("earliest",),
    "days_since_last": ("latest",),
}
_WIDE: tuple[SlotKind, ...] = ("first", "last")  # two columns: time and value


class Slot(msgspec.Struct, frozen=True, order=True):
    """One partial state: how many, the sum, the values seen."""

    kind: SlotKind
    column: str = ""  # of the contract; empty for rows, earliest and latest

    @property
    def width(self) -> int:
        """Return how many columns of the record the slot takes."""
        return 2 if self.kind in _WIDE else 1


class Group(msgspec.Struct, frozen=True):
    """The states over the events of one source that pass one filter."""

    of: str  # contract
    where: Rule | None
    hop_us: int | None  # the length of a tile, microseconds; None: all time
    keep_us: int  # how far back any window reaches, microseconds; 0 for all time
    slots: tuple[Slot, ...]
    measures: dict[str, Measure]  # column -> a measure of it: its type and scale

    def column(self, slot: Slot) -> int:
        """Return where a slot begins among the columns of the group; tiles come first."""
        before = sum(each.width for each in self.slots[: self.slots.index(slot)])
        return before + (0 if self.hop_us is None else 1)


class AttributeBlock(msgspec.Struct, frozen=True):
    """The latest row of a customer in one contract, as far as tags read it."""

    of: str
    columns: tuple[str, ...]
    by_load: bool  # the customer is the key: the last loaded row counts, not the last that happened


class SourcePlan(msgspec.Struct, frozen=True):
    """What is kept of the rows of one contract."""

    contract: str
    kind: str | None  # of its events in the log; None: only the lake has them
    columns: dict[str, TagType]  # that filters, measures or attributes read
    groups: tuple[int, ...]  # numbers in ``Plan.groups``
    block: int | None  # number in ``Plan.blocks``


class Plan(msgspec.Struct, frozen=True):
    """The layout of a record, and of which sources it is made."""

    groups: tuple[Group, ...]
    blocks: tuple[AttributeBlock, ...]
    sources: dict[str, SourcePlan]
    clock: Clock
    version: str  # digest of all that decides what a record holds

    @property
    def kinds(self) -> dict[str, SourcePlan]:
        """Return the sources whose events come through the log, by their kind."""
        return {each.kind: each for each in self.sources.values() if each.kind}


def group_of(plan: "Plan", of: str, part: Part) -> int:
    """Return the number of the group that a part of an aggregate is read from."""
    wanted = _key(of, part)
    return next(
        i for i, each in enumerate(plan.groups) if (each.of, _text(each.where), each.hop_us) == wanted
    )


def plan_records(tags: "Mapping[str, Tag]", contracts: "Mapping[str, Contract]") -> Plan:
    """Return the layout of the records of a bank's tags."""
    aggregates = [tag.aggregate for tag in tags.values() if tag.aggregate is not None]
    groups = _groups(aggregates)
    blocks = _blocks(tags.values(), contracts)
    clock = aggregates[0].clock if aggregates else Clock()
    names = [*(group.of for group in groups), *(block.of for block in blocks)]
    sources = {name: _source(contracts[name], groups, blocks) for name in dict.fromkeys(names)}
    return Plan(groups, blocks, sources, clock, _version(groups, blocks, sources, clock))


def _groups(aggregates: Iterable[Aggregate]) -> tuple[Group, ...]:
    found: dict[tuple[str, str, int | None], Group] = {}
    for aggregate in aggregates:
        for part in aggregate.parts:
            key = _key(aggregate.of, part)
            fresh = Group(aggregate.of, part.where, key[2], 0, (), {})
            found[key] = _widened(found.get(key, fresh), part)
    return tuple(found.values())


def _widened(group: Group, part: Part) -> Group:
    """Return the group with what one more part needs of it."""
    measure = part.measure
    needs = {Slot(kind, measure.column or "") for kind in _NEEDS[measure.name]}
    keep = part.window.length_us * (1 + part.back) if part.window else 0
    column = {measure.column: measure} if measure.column else {}
    return msgspec.structs.replace(
        group,
        slots=tuple(sorted({*group.slots, *needs})),
        keep_us=max(group.keep_us, keep),
        measures=column | group.measures,
    )


def _key(of: str, part: Part) -> tuple[str, str, int | None]:
    return of, _text(part.where), part.window.hop_us if part.window else None


def _text(where: Rule | None) -> str:
    return "" if where is None else where.text.strip()


def _blocks(tags: "Iterable[Tag]", contracts: "Mapping[str, Contract]") -> tuple[AttributeBlock, ...]:
    columns: dict[str, list[str]] = {}
    for tag in tags:
        if tag.attribute:
            of = columns.setdefault(tag.attribute[0], [])
            of.extend([tag.attribute[1]] if tag.attribute[1] not in of else [])
    return tuple(
        AttributeBlock(name, tuple(of), contracts[name].key == [contracts[name].customer])
        for name, of in columns.items()
    )


def _source(
    contract: "Contract", groups: tuple[Group, ...], blocks: tuple[AttributeBlock, ...]
) -> SourcePlan:
    mine = [(i, group) for i, group in enumerate(groups) if group.of == contract.contract]
    block = next((i for i, each in enumerate(blocks) if each.of == contract.contract), None)
    read: set[str] = set(blocks[block].columns) if block is not None else set()
    for _, group in mine:
        read.update(group.measures)
        read.update(group.where.tags if group.where else ())
    types = {name: contract.columns[name].type for name in sorted(read)}
    return SourcePlan(contract.contract, contract.event, types, tuple(i for i, _ in mine), block)


def _version(
    groups: tuple[Group, ...],
    blocks: tuple[AttributeBlock, ...],
    sources: dict[str, SourcePlan],
    clock: Clock,
) -> str:
    held = [
        [each.of, _text(each.where), each.hop_us, each.keep_us, each.slots, _scales(each)] for each in groups
    ]
    return digest(canonical_json([FORMAT, held, blocks, list(sources.values()), clock.offset_us]))[:16]


def _scales(group: Group) -> dict[str, int]:
    return {name: measure.scale for name, measure in group.measures.items()}
