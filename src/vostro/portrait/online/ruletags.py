"""Rule tags online 在线规则标签: which conditions and tiers hold for one customer?

The rules of one level are one generated function; a level reads only what is below it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING

from vostro.portrait.rule import Rule, rules_for_customer

if TYPE_CHECKING:
    from vostro.portrait.tags import Tag

__all__ = ["rule_tags_function"]

_Ask = Callable[[Mapping[str, object]], tuple[bool | None, ...]]
_Tiers = tuple[str, list[tuple[str, int | None]]]  # tag, and of each tier its value and the rule's place


def rule_tags_function(tags: "Mapping[str, Tag]") -> Callable[[MutableMapping[str, object]], None]:
    """Return the function that computes the rule tags of a portrait that has all others."""
    levels: dict[str, int] = {}
    by_level: dict[int, list[Tag]] = defaultdict(list)
    for code, tag in tags.items():
        levels[code] = 0
        if tag.kind == "rule":
            levels[code] = 1 + max((levels[each] for each in tag.depends), default=0)
            by_level[levels[code]].append(tag)
    compiled = [_level(by_level[level]) for level in sorted(by_level)]

    def compute(found: MutableMapping[str, object]) -> None:
        for ask, plain, tiered in compiled:
            results = ask(found)
            for code, at in plain:
                found[code] = results[at]
            for code, tiers in tiered:
                found[code] = next((value for value, at in tiers if at is None or results[at]), None)

    return compute


def _level(tags: "list[Tag]") -> tuple[_Ask, list[tuple[str, int]], list[_Tiers]]:
    """Compile the tags of one level: one function for all, and where each finds its results."""
    rules: list[Rule] = []
    plain: list[tuple[str, int]] = []
    tiered: list[_Tiers] = []
    for tag in tags:
        if tag.rule is not None:
            plain.append((tag.tag, len(rules)))
            rules.append(tag.rule)
            continue
        tiers: list[tuple[str, int | None]] = []
        for value, rule in tag.tiers:
            tiers.append((value, None if rule is None else len(rules)))
            rules += [] if rule is None else [rule]
        tiered.append((tag.tag, tiers))
    return rules_for_customer({f"r{i}": rule for i, rule in enumerate(rules)}), plain, tiered
