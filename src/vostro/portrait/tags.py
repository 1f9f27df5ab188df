"""Tags 标签: which facts does the bank state about a customer, and where do they come from?

An *attribute* is a column of a captured table; an *aggregate* is a measure over a customer's
events; a *rule* tag is either one condition (yes or no) or tiers, of which the first that holds
gives the value; a *model* tag is an estimate; a *manual* tag is set by a person; a *household*
tag counts over customers. Tags may read other tags, in any order in the files, but not in a
circle. Templates stand among them and expand to ordinary tags.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from vostro.engine import Located, read_definitions
from vostro.portrait.aggregate.definition import UTC, Clock
from vostro.portrait.aggregate.reading import bank_clock
from vostro.portrait.columns import column_info
from vostro.portrait.tag import Tag
from vostro.portrait.tag_definition import TagDefinition
from vostro.portrait.tag_making import OTHERWISE, form_faults, make_tag, rule_fault
from vostro.portrait.tag_order import order_tags
from vostro.portrait.types import TagInfo
from vostro.words import Fault, FaultsError

if TYPE_CHECKING:
    from vostro.capture import Contract

__all__ = [
    "OTHERWISE",
    "Tag",
    "TagDefinition",
    "build_tags",
    "column_info",
    "read_tag_definitions",
    "read_tags",
    "rule_fault",
    "tag_infos",
]


def read_tags(bank: Path, contracts: "Mapping[str, Contract]") -> dict[str, Tag]:
    """Read ``tags/*.yaml`` of a bank, each tag after the tags that it reads.

    Raises:
        FaultsError: every fault with file and line: unknown columns and tags, rules that cannot be
            read, circles, names that SQL keeps for itself.
    """
    tags, faults = build_tags(read_tag_definitions(bank), contracts, bank_clock(bank))
    if faults:
        raise FaultsError(faults)
    return tags


def read_tag_definitions(bank: Path) -> dict[str, Located[TagDefinition]]:
    """Read the definitions in ``tags/*.yaml``, those of templates expanded, in the order of the files.

    Raises:
        FaultsError: what cannot be read, or is no definition.
    """
    from vostro.portrait.catalogue.templates.expand import expand_templates, read_templates

    own = read_definitions(bank / "tags", "tag", TagDefinition)
    templates = read_templates(bank)
    return own | expand_templates(templates, own) if templates else own


def build_tags(
    located: Mapping[str, Located[TagDefinition]],
    contracts: "Mapping[str, Contract]",
    clock: Clock = UTC,
) -> tuple[dict[str, Tag], list[Fault]]:
    """Make tags of their definitions; what cannot be made is a fault, in the order of the files.

    Args:
        located: the definitions with their places.
        contracts: what attributes and aggregates may read.
        clock: of the bank's zone: where the days of windows begin.
    """
    order, faults = order_tags(located)
    tags: dict[str, Tag] = {}
    broken: set[str] = set(located) - set(order)
    for code in order:
        at = located[code]
        found = list(form_faults(at))
        if not found:
            try:
                tags[code] = make_tag(at, tags, contracts, clock, broken)
                continue
            except FaultsError as error:
                found = error.faults
        broken.add(code)
        faults += found
    places = {at.file: i for i, at in enumerate(located.values())}
    once = {str(fault): fault for fault in faults}  # tags of one template share its faults
    return tags, sorted(once.values(), key=lambda f: (places.get(f.data["file"], 0), f.data["line"]))


def tag_infos(tags: Mapping[str, Tag]) -> Mapping[str, TagInfo]:
    """Return what rules must know about each tag: a tag is such information itself."""
    return tags
