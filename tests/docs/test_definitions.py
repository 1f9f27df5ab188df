"""docs/definitions.md names every field of every definition, with its default, and its blocks are a sound bank."""

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec
import pages
import pytest
import yaml

from vostro.bank import BankHeader, read_bank
from vostro.capture import Contract, ContractColumn, CustomerVia, EventTime, Reference, SourceFormat
from vostro.capture.watch import Watch
from vostro.decide import Action, Campaign, Channel, Product, Response, SpokenReason, Suppression, Waves
from vostro.insight import ClusterDefinition
from vostro.insight.definitions import EstimatorEntry, FeatureChoice, FutureTarget, TreatmentDefinition
from vostro.portrait.aggregate.reading import AggregateDefinition, RatioDefinition
from vostro.portrait.catalogue.templates.definition import CutsDefinition, TemplateDefinition
from vostro.portrait.segments import SegmentDefinition
from vostro.portrait.tag_definition import HouseholdDefinition, ModelDefinition, TagDefinition
from vostro.reach import read_script

PAGE = pages.read("definitions.md")
SHAPES: dict[str, type[msgspec.Struct]] = {
    "bank.yaml": BankHeader,
    "Contracts": Contract,
    "columns": ContractColumn,
    "customer": CustomerVia,
    "event_time": EventTime,
    "references": Reference,
    "format": SourceFormat,
    "watch": Watch,
    "Tags": TagDefinition,
    "aggregate": AggregateDefinition,
    "ratio_to": RatioDefinition,
    "model": ModelDefinition,
    "household": HouseholdDefinition,
    "Templates": TemplateDefinition,
    "cuts": CutsDefinition,
    "Segments": SegmentDefinition,
    "Estimators": EstimatorEntry,
    "target": FutureTarget,
    "features": FeatureChoice,
    "treatment": TreatmentDefinition,
    "Clusters": ClusterDefinition,
    "Products": Product,
    "Actions": Action,
    "response": Response,
    "suppressions": Suppression,
    "reasons": SpokenReason,
    "Channels": Channel,
    "Campaigns": Campaign,
    "waves": Waves,
}
NOTHING: tuple[Any, ...] = (None, [], {}, ())
CASES = [(heading, field) for heading, shape in SHAPES.items() for field in msgspec.structs.fields(shape)]


def _table(heading: str) -> dict[str, tuple[str, str]]:
    """Return field -> (meaning, default) of a section's table."""
    found = [row for row in pages.rows(pages.section(PAGE, heading)) if len(row) == 3]
    names = [pages.codes(row[0])[0] for row in found]
    assert len(names) == len(set(names)), f"{heading}: a field stands there twice"
    return {name: (row[1], row[2]) for name, row in zip(names, found, strict=True)}


@pytest.mark.parametrize("heading", SHAPES)
def test_the_table_names_all_fields_and_no_others(heading: str) -> None:
    assert sorted(_table(heading)) == sorted(f.encode_name for f in msgspec.structs.fields(SHAPES[heading]))


@pytest.mark.parametrize(("heading", "field"), CASES, ids=[f"{h}.{f.encode_name}" for h, f in CASES])
def test_the_default_is_told(heading: str, field: msgspec.structs.FieldInfo) -> None:
    told = _table(heading)[field.encode_name][1]
    if field.required:
        assert told == "required"
        return
    default = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    plain = msgspec.to_builtins(default)
    if plain in NOTHING or isinstance(default, SourceFormat):
        # "-", or in words where the value comes from instead
        assert told != "required"
        assert told == "–" or " " in told, told
        return
    assert msgspec.convert(yaml.safe_load(pages.codes(told)[0]), type(default), strict=False) == default, told


def _choices(kind: Any) -> set[str]:
    """Return the words of every Literal inside a type."""
    if get_origin(kind) is Literal:
        return set(get_args(kind))
    return set().union(*(_choices(part) for part in get_args(kind))) if get_args(kind) else set()


@pytest.mark.parametrize(("heading", "field"), CASES, ids=[f"{h}.{f.encode_name}" for h, f in CASES])
def test_every_choice_is_told(heading: str, field: msgspec.structs.FieldInfo) -> None:
    assert _choices(field.type) <= set(pages.codes(_table(heading)[field.encode_name][0]))


def test_the_blocks_are_one_sound_bank(tmp_path: Path) -> None:
    for block in pages.blocks(PAGE):
        assert block.language in {"yaml", "markdown"}
        path = tmp_path / block.name
        path.parent.mkdir(exist_ok=True)
        path.write_text(block.text, encoding="utf-8")
    bank = read_bank(tmp_path)
    kinds = (bank.contracts, bank.tags, bank.segments, bank.estimators)
    catalogue = (
        bank.catalogue.products,
        bank.catalogue.actions,
        bank.catalogue.channels,
        bank.catalogue.campaigns,
    )
    assert all((*kinds, *catalogue)), "every kind has an example"
    assert {tag.kind for tag in bank.tags.values()} == {
        "attribute",
        "aggregate",
        "rule",
        "model",
        "manual",
        "household",
    }
    assert read_script(tmp_path / "scripts" / "deposit.md").zh


def test_every_kind_is_in_the_first_table() -> None:
    listed = [row[0] for row in pages.rows(pages.section(PAGE, "Definitions"))]
    folders = {text.split("]")[0].strip("[") for text in listed}
    assert folders == {"bank.yaml"} | {
        f"{name}/"
        for name in (
            "contracts",
            "tags",
            "segments",
            "estimators",
            "clusters",
            "products",
            "actions",
            "channels",
            "campaigns",
            "scripts",
        )
    }
