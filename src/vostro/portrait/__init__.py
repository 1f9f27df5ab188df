"""Portrait 画像: tags, segments, the rule language and the customer view.

A rule is read once (``parse_rule``) and asked anywhere: over all customers, for one
customer, in words. Tags are facts of a customer as of a moment; ``build_portraits`` makes
them; a segment is a named rule over them.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vostro.portrait.aggregate import Aggregate, Clock
    from vostro.portrait.aggregate.bench import bench_tags, bench_tags_spark
    from vostro.portrait.audience import Bin, TagDistribution, audience_portrait
    from vostro.portrait.audiences import audience_portraits
    from vostro.portrait.bench import bench_rules
    from vostro.portrait.build import build_portraits, select
    from vostro.portrait.catalogue.catalogue import CatalogueEntry, tag_catalogue
    from vostro.portrait.catalogue.definition import say_definition
    from vostro.portrait.catalogue.errors import (
        CustomerUnknownError,
        CutsUnknownError,
        NotBuiltError,
        TagUnknownError,
        unknown_tag,
    )
    from vostro.portrait.catalogue.estimates import keep_estimates
    from vostro.portrait.catalogue.held import held_at, held_history, held_values
    from vostro.portrait.catalogue.history import TagBuild, keep_history, tag_history
    from vostro.portrait.catalogue.households import can_look_up, with_household
    from vostro.portrait.catalogue.identity_households import keep_households
    from vostro.portrait.catalogue.identity_view import IdentityView, identity_view
    from vostro.portrait.catalogue.known import is_customer, require_customer
    from vostro.portrait.catalogue.lineage import ColumnLineage, Lineage, TagUser, lineage, trace
    from vostro.portrait.catalogue.manual import ManualSetting, ManualTags
    from vostro.portrait.catalogue.models import learning_order, model_faults, with_model_tags
    from vostro.portrait.catalogue.summary import TagSummary, ValueCount, summarise
    from vostro.portrait.catalogue.templates.expand import read_templates
    from vostro.portrait.catalogue.templates.rfm import Cuts, rfm_cuts
    from vostro.portrait.catalogue.view import CustomerView, CustomerViews
    from vostro.portrait.chance import draw, draw_bits
    from vostro.portrait.columns import column_info
    from vostro.portrait.errors import AmountRangeError, PortraitColumnError, RuleError, TagMissingError
    from vostro.portrait.identity import (
        Decided,
        IdentityDefinition,
        IdentityMissingError,
        IdentityRun,
        Links,
        PersonUnknownError,
        PersonView,
        aliases,
        bench_link,
        hear_visitors,
        households,
        identify,
        identity_map,
        level_words,
        link,
        masked_view,
        merge_people,
        person_at,
        person_history,
        person_of,
        person_view,
        read_identity,
        resolve,
        review_pairs,
        run_identity,
        unmerge_people,
    )
    from vostro.portrait.index.bench import bench_audience, bench_audience_portrait
    from vostro.portrait.index.build import build_index
    from vostro.portrait.index.describe import AudienceAnswer, Condition, describe_audience, index_folder
    from vostro.portrait.index.errors import (
        CustomerNotIndexedError,
        IndexDamagedError,
        IndexMissingError,
        IndexTagError,
        TenthError,
    )
    from vostro.portrait.index.index import AudienceIndex, Freshness, Step
    from vostro.portrait.index.keep import open_index
    from vostro.portrait.index.selection import Audience, Overlap
    from vostro.portrait.moments import portraits_at
    from vostro.portrait.rule import Rule, mask_rules, parse_rule, rules_for_customer
    from vostro.portrait.segments import Segment, check_rules, read_segments
    from vostro.portrait.tags import Tag, read_tags, tag_infos
    from vostro.portrait.types import DIMENSIONS, USES, TagInfo, TagType

__all__ = [
    "DIMENSIONS",
    "USES",
    "Aggregate",
    "AmountRangeError",
    "Audience",
    "AudienceAnswer",
    "AudienceIndex",
    "Bin",
    "CatalogueEntry",
    "Clock",
    "ColumnLineage",
    "Condition",
    "CustomerNotIndexedError",
    "CustomerUnknownError",
    "CustomerView",
    "CustomerViews",
    "Cuts",
    "CutsUnknownError",
    "Decided",
    "Freshness",
    "IdentityDefinition",
    "IdentityMissingError",
    "IdentityRun",
    "IdentityView",
    "IndexDamagedError",
    "IndexMissingError",
    "IndexTagError",
    "Lineage",
    "Links",
    "ManualSetting",
    "ManualTags",
    "NotBuiltError",
    "Overlap",
    "PersonUnknownError",
    "PersonView",
    "PortraitColumnError",
    "Rule",
    "RuleError",
    "Segment",
    "Step",
    "Tag",
    "TagBuild",
    "TagDistribution",
    "TagInfo",
    "TagMissingError",
    "TagSummary",
    "TagType",
    "TagUnknownError",
    "TagUser",
    "TenthError",
    "ValueCount",
    "aliases",
    "audience_portrait",
    "audience_portraits",
    "bench_audience",
    "bench_audience_portrait",
    "bench_link",
    "bench_rules",
    "bench_tags",
    "bench_tags_spark",
    "build_index",
    "build_portraits",
    "can_look_up",
    "check_rules",
    "column_info",
    "describe_audience",
    "draw",
    "draw_bits",
    "hear_visitors",
    "held_at",
    "held_history",
    "held_values",
    "households",
    "identify",
    "identity_map",
    "identity_view",
    "index_folder",
    "is_customer",
    "keep_estimates",
    "keep_history",
    "keep_households",
    "learning_order",
    "level_words",
    "lineage",
    "link",
    "mask_rules",
    "masked_view",
    "merge_people",
    "model_faults",
    "open_index",
    "parse_rule",
    "person_at",
    "person_history",
    "person_of",
    "person_view",
    "portraits_at",
    "read_identity",
    "read_segments",
    "read_tags",
    "read_templates",
    "require_customer",
    "resolve",
    "review_pairs",
    "rfm_cuts",
    "rules_for_customer",
    "run_identity",
    "say_definition",
    "select",
    "summarise",
    "tag_catalogue",
    "tag_history",
    "tag_infos",
    "trace",
    "unknown_tag",
    "unmerge_people",
    "with_household",
    "with_model_tags",
]

_HOMES = {
    "aggregate.definition": ("Aggregate", "Clock"),
    "aggregate.bench": ("bench_tags", "bench_tags_spark"),
    "audience": ("Bin", "TagDistribution", "audience_portrait"),
    "audiences": ("audience_portraits",),
    "bench": ("bench_rules",),
    "build": ("build_portraits", "select"),
    "chance": ("draw", "draw_bits"),
    "errors": ("AmountRangeError", "PortraitColumnError", "RuleError", "TagMissingError"),
    "identity": (
        "Decided",
        "IdentityDefinition",
        "IdentityMissingError",
        "IdentityRun",
        "Links",
        "PersonUnknownError",
        "PersonView",
        "aliases",
        "bench_link",
        "hear_visitors",
        "households",
        "identify",
        "identity_map",
        "level_words",
        "link",
        "masked_view",
        "merge_people",
        "person_at",
        "person_history",
        "person_of",
        "person_view",
        "read_identity",
        "resolve",
        "review_pairs",
        "run_identity",
        "unmerge_people",
    ),
    "index.bench": (
        "bench_audience",
        "bench_audience_portrait",
    ),
    "index.build": ("build_index",),
    "index.describe": (
        "AudienceAnswer",
        "Condition",
        "describe_audience",
        "index_folder",
    ),
    "index.errors": (
        "CustomerNotIndexedError",
        "IndexDamagedError",
        "IndexMissingError",
        "IndexTagError",
        "TenthError",
    ),
    "index.index": (
        "AudienceIndex",
        "Freshness",
        "Step",
    ),
    "index.keep": ("open_index",),
    "index.selection": (
        "Audience",
        "Overlap",
    ),
    "moments": ("portraits_at",),
    "rule": ("Rule", "mask_rules", "parse_rule", "rules_for_customer"),
    "segments": ("Segment", "check_rules", "read_segments"),
    "catalogue.catalogue": ("CatalogueEntry", "tag_catalogue"),
    "catalogue.definition": ("say_definition",),
    "catalogue.errors": (
        "CustomerUnknownError",
        "CutsUnknownError",
        "NotBuiltError",
        "TagUnknownError",
        "unknown_tag",
    ),
    "catalogue.estimates": ("keep_estimates",),
    "catalogue.held": ("held_at", "held_history", "held_values"),
    "catalogue.history": ("TagBuild", "keep_history", "tag_history"),
    "catalogue.households": ("can_look_up", "with_household"),
    "catalogue.identity_households": ("keep_households",),
    "catalogue.identity_view": ("IdentityView", "identity_view"),
    "catalogue.known": ("is_customer", "require_customer"),
    "catalogue.lineage": ("ColumnLineage", "Lineage", "TagUser", "lineage", "trace"),
    "catalogue.manual": ("ManualSetting", "ManualTags"),
    "catalogue.models": ("learning_order", "model_faults", "with_model_tags"),
    "catalogue.summary": ("TagSummary", "ValueCount", "summarise"),
    "catalogue.view": ("CustomerView", "CustomerViews"),
    "catalogue.templates.expand": ("read_templates",),
    "catalogue.templates.rfm": ("Cuts", "rfm_cuts"),
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
