"""docs/architecture.md tells the stages, rooms and tables that the code has."""

import dataclasses
import re
import tomllib

import pages

from vostro.bank import TABLES
from vostro.engine.tables import metadata
from vostro.lap import Lap
from vostro.loop import STAGES

PAGE = pages.read("architecture.md")


def _rows(heading: str) -> list[list[str]]:
    return pages.rows(pages.section(PAGE, heading))


def test_the_stages_are_told_in_their_order() -> None:
    rows = _rows("The main path")
    assert [pages.codes(row[0])[0] for row in rows] == [stage.__name__ for stage in STAGES]
    fields = {field.name for field in dataclasses.fields(Lap)}
    assert {name for row in rows for name in pages.codes(row[2])} <= fields
    assert f"STAGES = ({', '.join(stage.__name__ for stage in STAGES)})" in PAGE


def test_the_store_holds_these_tables() -> None:
    told = {pages.codes(row[0])[0]: pages.codes(row[2]) for row in _rows("What the store holds")}
    assert told == {name: list(table.columns.keys()) for name, table in metadata.tables.items()}


def test_the_lake_holds_these_tables() -> None:
    told = {name for row in _rows("What the lake holds") for name in pages.codes(row[0])}
    assert told <= TABLES
    found = set()
    for path in (pages.ROOT / "src" / "vostro").rglob("*.py"):
        if path.stem.startswith("bench"):
            continue  # a bank of its own
        text = path.read_text(encoding="utf-8")
        constants = dict(re.findall(r'^([A-Z_]+) = "([a-z_]+)"', text, re.MULTILINE))
        for quoted, constant in re.findall(r"lake\.(?:write|stage)\(\s*(?:\"([a-z_]+)\"|([A-Z_]+))", text):
            found.add(quoted or constants[constant])
    assert told == found


def test_the_order_of_rooms_is_the_contract() -> None:
    (block,) = [each for each in pages.blocks(PAGE, "text") if each.name == "order"]
    told = [{name.strip() for name in layer.split(",")} for layer in block.text.split("<")]
    contracts = tomllib.loads((pages.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]
    (layers,) = [each["layers"] for each in contracts["contracts"] if each["type"] == "layers"]
    order = [
        {name.strip().removeprefix("vostro.") for name in layer.split("|")} for layer in reversed(layers)
    ]
    assert told == order


def test_files_that_are_named_exist() -> None:
    source = pages.ROOT / "src" / "vostro"
    named = {name for name in pages.codes(pages.prose(PAGE)) if re.fullmatch(r"[a-z/_]+\.(py|md|toml)", name)}
    assert len(named) > 5
    everywhere = {"errors.py", "__init__.py"}  # one in each room
    roots = (source, pages.ROOT, pages.DOCS)
    assert not [name for name in named - everywhere if not any((root / name).exists() for root in roots)]
