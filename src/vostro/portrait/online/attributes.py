"""Attributes online 在线属性: what does the latest row of a customer say in each contract?

A row counts when it is later than the one that is held: by the time that it happened, then by
the order in which it became known; of a contract whose key is the customer, by that order only.
"""

from collections.abc import Callable, MutableMapping
from datetime import timedelta
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from vostro.portrait.aggregate import Measure
from vostro.portrait.aggregate.exact import Plain, plain, value_of
from vostro.portrait.online.plan import AttributeBlock, Plan
from vostro.portrait.types import TagType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vostro.capture import Contract
    from vostro.portrait.online.tiles import SourceEvent
    from vostro.portrait.tags import Tag

__all__ = ["ORDER", "Form", "block_put", "block_read", "form_of", "held_form"]

ORDER = 4  # columns of a block before its values: since when (microseconds), and its order: time, load, place


class Form(NamedTuple):
    """How values of a column are kept in a record, and read back."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def form_of(kind: TagType, scale: int = 0) -> Form:
    """Return how values of a type are kept: whole numbers for decimals, dates and moments."""
    if kind == "number":
        return Form(lambda value: value, lambda value: float(value) if isfinite(value) else None)
    if kind not in ("decimal", "date", "moment"):
        return Form(lambda value: value, lambda value: value)
    measure = Measure("last", "", kind, scale)

    def write(value: object) -> Plain | None:
        return plain(measure, value)

    def read(form: Plain) -> object:
        return value_of(measure, form)

    return Form(write, read)


def held_form(tag: "Tag") -> Form:
    """Return how values of a model, manual or household tag are kept."""
    return form_of(tag.type, tag.scale)


def block_put(plan: Plan, number: int, contract: "Contract") -> "Callable[[list[Any], SourceEvent], None]":
    """Return the function that lets a row take the place of an older one in a record's blocks."""
    block = plan.blocks[number]
    forms = _forms(block, contract)

    def put(blocks: list[Any], event: "SourceEvent") -> None:
        order = [0 if block.by_load else event.time_us, event.load_id, event.place]
        held = blocks[number]
        if held is None or order >= held[1:ORDER]:
            blocks[number] = [event.time_us, *order] + [
                None if (value := event.row[name]) is None else form.write(value) for name, form in forms
            ]

    return put


def block_read(
    plan: Plan, tags: "Mapping[str, Tag]", contracts: "Mapping[str, Contract]"
) -> Callable[[list[Any], MutableMapping[str, object], int], None]:
    """Return the function that puts a record's attributes, as of a moment, among the tags."""
    numbers = {block.of: number for number, block in enumerate(plan.blocks)}
    places: list[tuple[str, int, int, Form, int | None]] = []
    for code, tag in tags.items():
        if tag.attribute:
            number = numbers[tag.attribute[0]]
            columns = plan.blocks[number].columns
            form = dict(_forms(plan.blocks[number], contracts[tag.attribute[0]]))[tag.attribute[1]]
            span = None if tag.expires_span is None else tag.expires_span // timedelta(microseconds=1)
            places.append((code, number, ORDER + columns.index(tag.attribute[1]), form, span))

    def read(blocks: list[Any], found: MutableMapping[str, object], as_of_us: int) -> None:
        for code, number, at, form, span in places:
            held = blocks[number]
            if held is None or held[at] is None or (span is not None and held[0] <= as_of_us - span):
                continue
            found[code] = form.read(held[at])

    return read


def _forms(block: AttributeBlock, contract: "Contract") -> list[tuple[str, Form]]:
    columns = {name: contract.columns[name] for name in block.columns}
    return [(name, form_of(column.type, column.decimal[1])) for name, column in columns.items()]
