"""Identity 客户识别（OneID）: which records belong to one customer, and why we think so?

``link`` answers for any tables; ``run_identity`` keeps the answer of a bank up to date in its
store, with evidence, merges and unmerges by people, golden records and households.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vostro.portrait.identity.explaining import Explanation, FieldEvidence
    from vostro.portrait.identity.linking import link
    from vostro.portrait.identity.links import Links

__all__ = ["Explanation", "FieldEvidence", "Links", "link"]

_HOMES = {
    "explaining": ("Explanation", "FieldEvidence"),
    "linking": ("link",),
    "links": ("Links",),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for."""
    from importlib import import_module

    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"vostro.portrait.identity.{home}"), name)
    raise AttributeError(f"module 'vostro.portrait.identity' has no attribute {name!r}")
