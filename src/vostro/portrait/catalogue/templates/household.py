"""Household 家庭: who lives together, and what do they hold together?

Customers with the same value of a column are one household, or those whom identity finds to live
together. Its size and totals are counted over all members, so they are known of a build, not of
one customer's events.
"""

from vostro.engine import Located
from vostro.portrait.catalogue.templates.definition import TemplateDefinition
from vostro.portrait.catalogue.templates.made import Maker
from vostro.portrait.tag_definition import HouseholdDefinition, TagDefinition
from vostro.words import Text

__all__ = ["IDENTITY", "expand_household"]

IDENTITY = "identity"  # instead of a column: the households that identity finds


def expand_household(at: Located[TemplateDefinition]) -> list[Located[TagDefinition]]:
    """Return the tags of a household template: id, size, role where there is one, and totals."""
    template = at.value
    maker = Maker(at, {"attribute": "by", "household.sum": "totals"})
    of = {"identity": "household"} if template.by == IDENTITY else {"attribute": template.by}
    maker.add("id", Text("Household", "家庭编号"), "social", **of)
    by = maker.code("id")
    people = Text("customers", "人")
    maker.add(
        "size",
        Text("Household size", "家庭人数"),
        "social",
        household=HouseholdDefinition(by=by),
        unit=people,
    )
    if template.role is not None:
        role = Maker(at, {"attribute": "role"})
        role.add("role", Text("Role in the household", "家庭角色"), "social", attribute=template.role)
        maker.made += role.made
    for name, tag in template.totals.items():
        said = Text(f"Household total of {tag}", f"家庭合计：{tag}")
        maker.add(name, said, "social", household=HouseholdDefinition(by=by, sum=tag))
    return maker.made
