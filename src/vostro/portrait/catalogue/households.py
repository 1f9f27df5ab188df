"""Household tags of one customer 单客家庭标签: what do the members of his household hold together?

The customer's own record cannot say; so the other members are looked up at the same moment. The
result equals the batch build, which counts over everybody.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from vostro.engine import Lake
from vostro.portrait.catalogue.held import held_values
from vostro.portrait.catalogue.naming import named
from vostro.portrait.identity.over_time import known_people

if TYPE_CHECKING:
    from vostro.capture import Contract
    from vostro.portrait.tags import Tag

__all__ = ["can_look_up", "with_household"]

Read = Callable[[str], "Mapping[str, Any] | None"]


def can_look_up(tags: "Mapping[str, Tag]") -> bool:
    """Tell whether attributes or identity name every household, and no total is over another household's total."""
    return all(
        tags[tag.household.by].kind in ("attribute", "identity")
        and not _reads_household(tag.household.sum, tags)
        for tag in tags.values()
        if tag.household is not None
    )


def with_household(
    portrait: Mapping[str, Any],
    tags: "Mapping[str, Tag]",
    contracts: "Mapping[str, Contract]",
    lake: Lake,
    *,
    as_of: datetime,
    read: Read,
) -> dict[str, Any]:
    """Return a customer's tags with those of his household, and the rule tags that read them.

    Args:
        portrait: his tags at the moment, those of the household unknown.
        tags: of the bank, each after the tags that it reads; see ``can_look_up``.
        contracts: of the bank.
        lake: says who else has the same value.
        as_of: the moment.
        read: the tags of another customer at that moment, None when nobody knew him.
    """
    found = dict(portrait)
    touched: set[str] = set()
    members: dict[str, list[Mapping[str, Any]]] = {}
    for code, tag in tags.items():
        if tag.household is not None:
            by = tag.household.by
            if by not in members:
                members[by] = _members(tags[by], found[by], contracts, lake, as_of, read)
            found[code] = _together(tag, members[by]) if found[by] is not None else None
            touched.add(code)
        elif tag.kind == "rule" and tag.depends & touched:
            found[code] = _rule_value(tag, found)
            touched.add(code)
    return found


def _members(
    by: "Tag", value: object, contracts: "Mapping[str, Contract]", lake: Lake, as_of: datetime, read: Read
) -> list[Mapping[str, Any]]:
    """Return the portraits of all people whose value of a tag is the same at the moment."""
    from vostro.portrait.build import known_rows

    if value is None:
        return []
    if by.attribute is None:
        held = held_values(lake, {by.tag: by}, as_of=as_of)
        found = held.filter(pl.col(by.tag) == value)["customer"]
    else:
        contract = contracts[by.attribute[0]]
        assert contract.customer is not None
        rows = known_rows(lake, contract, as_of).filter(pl.col(by.attribute[1]) == value)
        found = rows.select(pl.col(contract.customer).cast(pl.String).alias("customer")).collect().to_series()
    people = named(found.drop_nulls().to_frame(), known_people(lake, as_of))["customer"]
    portraits = [read(customer) for customer in people.unique().sort()]
    return [each for each in portraits if each is not None and each[by.tag] == value]


def _together(tag: "Tag", members: list[Mapping[str, Any]]) -> Any:
    assert tag.household is not None
    if tag.household.sum is None:
        return len(members)
    known = [each[tag.household.sum] for each in members if each[tag.household.sum] is not None]
    if not known:
        return None
    if tag.type == "number":  # exact to 6 decimals, as the engine sums them
        return float(sum(Decimal(repr(value)).quantize(Decimal("1e-6")) for value in known))
    return sum(known)


def _rule_value(tag: "Tag", portrait: Mapping[str, Any]) -> bool | str | None:
    if tag.rule is not None:
        return tag.rule.for_customer()(portrait)
    held = (value for value, rule in tag.tiers if rule is None or rule.for_customer()(portrait))
    return next(held, None)


def _reads_household(code: str | None, tags: "Mapping[str, Tag]") -> bool:
    todo, seen = [code] if code is not None else [], set()
    while todo:
        each = todo.pop()
        if tags[each].household is not None:
            return True
        seen.add(each)
        todo += tags[each].depends - seen
    return False
