"""Expanding templates 展开模板: which tags stand behind the bank's templates, and are they sound?"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from vostro.engine import Located, read_definitions
from vostro.portrait.catalogue.templates.definition import TemplateDefinition
from vostro.portrait.catalogue.templates.household import expand_household
from vostro.portrait.catalogue.templates.lifecycle import expand_lifecycle, share
from vostro.portrait.catalogue.templates.rfm import expand_rfm
from vostro.portrait.tag_definition import TagDefinition
from vostro.words import CODE, Fault, FaultsError, MomentFormatError, parse_span

__all__ = ["expand_templates", "read_templates"]

_SHARED = {"template", "prefix", "name", "uses", "owner", "purpose"}
_FIELDS = {
    "rfm": {"of", "where", "window", "amount", "cuts"},
    "lifecycle": {"of", "where", "window", "new", "dormant", "lost", "growing", "at_risk"},
    "household": {"by", "role", "totals"},
}
_NEEDED = {"rfm": ("of", "amount"), "lifecycle": ("of",), "household": ("by",)}
_EXPAND: Mapping[str, Callable[[Located[TemplateDefinition]], list[Located[TagDefinition]]]] = {
    "rfm": expand_rfm,
    "lifecycle": expand_lifecycle,
    "household": expand_household,
}


def read_templates(bank: Path) -> dict[str, Located[TemplateDefinition]]:
    """Read the templates among ``tags/*.yaml`` by the prefix of their tags.

    Raises:
        FaultsError: every fault with file and line.
    """
    return read_definitions(bank / "tags", "code", TemplateDefinition, entry="template")


def expand_templates(
    templates: Mapping[str, Located[TemplateDefinition]], tags: Mapping[str, Located[TagDefinition]]
) -> dict[str, Located[TagDefinition]]:
    """Return the tags of all templates.

    Args:
        templates: as ``read_templates`` gives them.
        tags: those that the bank wrote itself; a template may not make one of the same code.

    Raises:
        FaultsError: fields that are missing or of another template, cut points that do not rise, codes taken.
    """
    faults: list[Fault] = []
    made: dict[str, Located[TagDefinition]] = {}
    for at in templates.values():
        found = list(_faults(at))
        faults += found
        if found:
            continue
        for tag in _EXPAND[at.value.template](at):
            taken = tags.get(tag.value.tag) or made.get(tag.value.tag)
            if taken is not None:
                faults.append(_taken(at, tag.value.tag, taken))
            made[tag.value.tag] = tag
    if faults:
        raise FaultsError(faults)
    return made


def _faults(at: Located[TemplateDefinition]) -> Iterator[Fault]:
    template = at.value
    name = template.template
    if not CODE.match(template.code):
        yield at.fault("prefix", "use a-z, 0-9 and _, a letter first", "只用 a-z、0-9 与下划线，以字母开头")
    for field in _NEEDED[name]:
        if getattr(template, field) is None:
            yield at.fault("template", f"template '{name}' needs '{field}'", f"模板“{name}”须有“{field}”")
    known = _SHARED | _FIELDS[name]
    for field in TemplateDefinition.__struct_fields__:
        if field not in known and field in at.lines:
            listed = ", ".join(sorted(_FIELDS[name]))
            yield at.fault(
                field,
                f"template '{name}' has no field '{field}'; it has {listed}",
                f"模板“{name}”没有字段“{field}”，可用字段：{listed}",
            )
    yield from _cut_faults(at)
    if name == "lifecycle":
        yield from _lifecycle_faults(at)


def _cut_faults(at: Located[TemplateDefinition]) -> Iterator[Fault]:
    cuts = at.value.cuts
    for measure in ("recency", "frequency", "monetary") if cuts else ():
        points = getattr(cuts, measure)
        if list(points) != sorted(points):
            yield at.fault(f"cuts.{measure}", "the four cut points must rise", "四个分位点须由小到大")


def _lifecycle_faults(at: Located[TemplateDefinition]) -> Iterator[Fault]:
    for field in ("new", "dormant", "lost"):
        text = getattr(at.value, field)
        try:
            if parse_span(text).days * 86_400 == parse_span(text).total_seconds() > 0:
                continue
        except MomentFormatError:
            pass
        yield at.fault(
            field,
            f"'{text}' is not a span of whole days, such as 90 days",
            f"“{text}”不是整天数，例如 90 days",
        )
    for field in ("growing", "at_risk"):
        text = getattr(at.value, field)
        try:
            share(text)
        except ValueError:
            yield at.fault(field, f"'{text}' is not a share such as 20 %", f"“{text}”不是比例，例如 20 %")


def _taken(at: Located[TemplateDefinition], code: str, other: Located[TagDefinition]) -> Fault:
    return at.fault(
        "template",
        f"it makes tag '{code}', which is already defined in {other.file}:{other.line('tag')}; give it a 'prefix'",
        f"模板生成的标签“{code}”已在 {other.file}:{other.line('tag')} 定义；请设置 prefix",
    )
