"""Segments 客群: which named rules select sets of customers, and is every rule of the bank sound?"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import polars as pl

from vostro.engine import Located, read_definitions
from vostro.portrait.aggregate.reading import bank_clock
from vostro.portrait.errors import RuleError
from vostro.portrait.rule import Rule, parse_rule
from vostro.portrait.tag_order import words_of
from vostro.portrait.tags import Tag, build_tags, read_tag_definitions, rule_fault
from vostro.words import Fault, FaultsError, Text

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vostro.capture import Contract

__all__ = ["Segment", "check_rules", "read_segments"]


class SegmentDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One entry of ``segments/*.yaml``."""

    segment: str
    name: Text
    rule: str


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A named rule over tags, and the set of customers that it selects."""

    segment: str
    name: Text
    rule: Rule
    file: str = ""
    line: int = 0

    def mask(self, portraits: pl.DataFrame) -> "NDArray[np.bool_]":
        """Return which rows of the portraits belong to the segment; shape (n_customers,)."""
        return self.rule.mask(portraits)


def read_segments(bank: Path, tags: Mapping[str, Tag]) -> dict[str, Segment]:
    """Read ``segments/*.yaml`` of a bank.

    Raises:
        FaultsError: every fault with file and line: rules that cannot be read, tags that may not be
            used for segments.
    """
    located = read_definitions(bank / "segments", "segment", SegmentDefinition)
    segments, faults = _build_segments(located, tags, frozenset())
    if faults:
        raise FaultsError(faults)
    return segments


def check_rules(bank: Path, contracts: "Mapping[str, Contract]") -> list[Fault]:
    """Return all faults of a bank's tags and segments at once, in the order of the files."""
    faults: list[Fault] = []
    tags: dict[str, Tag] = {}
    broken: set[str] = set()
    readable = True
    try:
        located = read_tag_definitions(bank)
        tags, found = build_tags(located, contracts, bank_clock(bank))
        faults += found
        broken = set(located) - set(tags)
    except FaultsError as error:
        faults += error.faults
        readable = False  # which tags there are is not known: segments cannot be told wrong
    try:
        segments = read_definitions(bank / "segments", "segment", SegmentDefinition)
        if readable:
            faults += _build_segments(segments, tags, frozenset(broken))[1]
    except FaultsError as error:
        faults += error.faults
    return faults


def _build_segments(
    located: Mapping[str, Located[SegmentDefinition]], tags: Mapping[str, Tag], broken: frozenset[str]
) -> tuple[dict[str, Segment], list[Fault]]:
    segments: dict[str, Segment] = {}
    faults: list[Fault] = []
    for code, at in located.items():
        definition = at.value
        try:
            rule = parse_rule(definition.rule, tags, use="segment")
        except RuleError as error:
            if not words_of(definition.rule) & broken:
                faults.append(rule_fault(at, "rule", error))
            continue
        segments[code] = Segment(
            segment=code, name=definition.name, rule=rule, file=at.file, line=at.line("segment")
        )
    return segments, faults
