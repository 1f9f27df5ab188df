"""Made tags 模板生成的标签: a tag as a template writes it, with the template's place in the file."""

from collections.abc import Mapping
from typing import Any

from vostro.engine import Located
from vostro.portrait.catalogue.templates.definition import TemplateDefinition
from vostro.portrait.tag_definition import TagDefinition
from vostro.portrait.types import Dimension
from vostro.words import Text

__all__ = ["Maker"]


class Maker:
    """Makes tags of one template: they share its prefix, name, owner, purpose, uses and line."""

    def __init__(self, at: Located[TemplateDefinition], lines: Mapping[str, str]) -> None:
        """Make tags of the template at ``at``; ``lines`` says which of its fields a tag's field comes from."""
        self.at = at
        self.made: list[Located[TagDefinition]] = []
        self._lines = {"": at.line("template"), "tag": at.line("template")}
        self._lines |= {path: at.line(field) for path, field in lines.items()}

    def code(self, name: str) -> str:
        """Return the code of one of the template's tags; the empty name is the prefix itself."""
        return f"{self.at.value.code}_{name}" if name else self.at.value.code

    def add(self, name: str, said: Text, dimension: Dimension, **fields: Any) -> None:
        """Add a tag: its name in both languages, its dimension, and what it is."""
        template = self.at.value
        if template.name is not None:
            said = Text(en=f"{template.name.en}: {_small(said.en)}", zh=f"{template.name.zh}：{said.zh}")
        tag = TagDefinition(
            tag=self.code(name),
            name=said,
            dimension=dimension,
            uses=template.uses,
            owner=template.owner,
            purpose=template.purpose,
            **fields,
        )
        self.made.append(Located(tag, self.at.file, self._lines))


def _small(text: str) -> str:
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
