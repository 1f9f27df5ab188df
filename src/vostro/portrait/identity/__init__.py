"""Identity 客户识别（OneID）: which records belong to one customer, and why we think so?

``link`` answers for any tables; ``run_identity`` keeps the answer of a bank up to date in its
store, with evidence, merges and unmerges by people, golden records and households.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vostro.portrait.identity.bench import bench_link
    from vostro.portrait.identity.book import read_book, rebuild, state_dump
    from vostro.portrait.identity.deciding import Decided, merge_people, unmerge_people
    from vostro.portrait.identity.definition import IdentityDefinition, read_identity
    from vostro.portrait.identity.errors import IdentityMissingError, PersonUnknownError
    from vostro.portrait.identity.explaining import Explanation, FieldEvidence
    from vostro.portrait.identity.golden import golden_records, household_groups
    from vostro.portrait.identity.hearing import hear_visitors
    from vostro.portrait.identity.linking import link
    from vostro.portrait.identity.links import Links
    from vostro.portrait.identity.over_time import known_people, person_at
    from vostro.portrait.identity.resolving import aliases, identity_map, person_history, person_of, resolve
    from vostro.portrait.identity.running import IdentityRun, run_identity
    from vostro.portrait.identity.sources import bank_records
    from vostro.portrait.identity.viewing import (
        IdentityStep,
        PersonView,
        households,
        level_words,
        masked_view,
        person_steps,
        person_view,
        review_pairs,
    )
    from vostro.portrait.identity.visitors import identify

__all__ = [
    "Decided",
    "Explanation",
    "FieldEvidence",
    "IdentityDefinition",
    "IdentityMissingError",
    "IdentityRun",
    "IdentityStep",
    "Links",
    "PersonUnknownError",
    "PersonView",
    "aliases",
    "bank_records",
    "bench_link",
    "golden_records",
    "hear_visitors",
    "household_groups",
    "households",
    "identify",
    "identity_map",
    "known_people",
    "level_words",
    "link",
    "masked_view",
    "merge_people",
    "person_at",
    "person_history",
    "person_of",
    "person_steps",
    "person_view",
    "read_book",
    "read_identity",
    "rebuild",
    "resolve",
    "review_pairs",
    "run_identity",
    "state_dump",
    "unmerge_people",
]

_HOMES = {
    "bench": ("bench_link",),
    "book": (
        "read_book",
        "rebuild",
        "state_dump",
    ),
    "deciding": (
        "Decided",
        "merge_people",
        "unmerge_people",
    ),
    "definition": (
        "IdentityDefinition",
        "read_identity",
    ),
    "errors": (
        "IdentityMissingError",
        "PersonUnknownError",
    ),
    "explaining": (
        "Explanation",
        "FieldEvidence",
    ),
    "golden": (
        "golden_records",
        "household_groups",
    ),
    "hearing": ("hear_visitors",),
    "linking": ("link",),
    "links": ("Links",),
    "over_time": ("known_people", "person_at"),
    "resolving": (
        "aliases",
        "identity_map",
        "person_history",
        "person_of",
        "resolve",
    ),
    "running": (
        "IdentityRun",
        "run_identity",
    ),
    "sources": ("bank_records",),
    "viewing": (
        "IdentityStep",
        "PersonView",
        "households",
        "level_words",
        "masked_view",
        "person_steps",
        "person_view",
        "review_pairs",
    ),
    "visitors": ("identify",),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"vostro.portrait.identity.{home}"), name)
    raise AttributeError(f"module 'vostro.portrait.identity' has no attribute {name!r}")
