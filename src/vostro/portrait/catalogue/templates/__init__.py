"""Templates 标签模板: which groups of tags does every bank want, and from what are they made?

A template is an entry ``- template: rfm`` among the tags. It expands to ordinary tags, so that
rules, lineage, history and both runs know nothing of templates; faults point to its line.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vostro.portrait.catalogue.templates.definition import TemplateDefinition
    from vostro.portrait.catalogue.templates.expand import expand_templates
    from vostro.portrait.catalogue.templates.rfm import Cuts, rfm_cuts

__all__ = ["Cuts", "TemplateDefinition", "expand_templates", "rfm_cuts"]

_HOME = {
    "TemplateDefinition": "definition",
    "expand_templates": "expand",
    "Cuts": "rfm",
    "rfm_cuts": "rfm",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
