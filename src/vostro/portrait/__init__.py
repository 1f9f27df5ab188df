"""Portrait 画像: tags, segments, the rule language and the customer view.

A rule is read once (``parse_rule``) and asked anywhere: over all customers, for one
customer, in words. Tags are facts of a customer as of a moment; ``build_portraits`` makes
them; a segment is a named rule over them.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vostro.portrait.audience import Bin, TagDistribution, audience_portrait
    from vostro.portrait.bench import bench_rules
    from vostro.portrait.build import build_portraits, select
    from vostro.portrait.columns import column_info
    from vostro.portrait.errors import AmountRangeError, PortraitColumnError, RuleError, TagMissingError
    from vostro.portrait.rule import Rule, mask_rules, parse_rule, rules_for_customer
    from vostro.portrait.segments import Segment, check_rules, read_segments
    from vostro.portrait.tags import Tag, read_tags, tag_infos
    from vostro.portrait.types import DIMENSIONS, USES, TagInfo, TagType

__all__ = [
    "DIMENSIONS",
    "USES",
    "AmountRangeError",
    "Bin",
    "PortraitColumnError",
    "Rule",
    "RuleError",
    "Segment",
    "Tag",
    "TagDistribution",
    "TagInfo",
    "TagMissingError",
    "TagType",
    "audience_portrait",
    "bench_rules",
    "build_portraits",
    "check_rules",
    "column_info",
    "mask_rules",
    "parse_rule",
    "read_segments",
    "read_tags",
    "rules_for_customer",
    "select",
    "tag_infos",
]

_HOMES = {
    "audience": ("Bin", "TagDistribution", "audience_portrait"),
    "bench": ("bench_rules",),
    "build": ("build_portraits", "select"),
    "errors": ("AmountRangeError", "PortraitColumnError", "RuleError", "TagMissingError"),
    "rule": ("Rule", "mask_rules", "parse_rule", "rules_for_customer"),
    "segments": ("Segment", "check_rules", "read_segments"),
    "columns": ("column_info",),
    "tags": ("Tag", "read_tags", "tag_infos"),
    "types": ("DIMENSIONS", "USES", "TagInfo", "TagType"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for: sqlglot and Polars take a third of a second."""
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"vostro.portrait.{home}"), name)
    raise AttributeError(f"module 'vostro.portrait' has no attribute {name!r}")
