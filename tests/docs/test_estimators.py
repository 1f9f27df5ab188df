"""docs/estimators.md: its Python runs, its YAML is sound, its events and fields are those of the code."""

import contextlib
import io
import sys
from pathlib import Path

import msgspec
import pages

from vostro.bank import read_bank
from vostro.insight.definitions import EstimatorEntry, FutureTarget
from vostro.insight.kinds import KINDS
from vostro.stages.model_log import KIND, WATCHED

sys.path.insert(0, str(Path(__file__).parents[1] / "stages"))

import models_bank

PAGE = pages.read("estimators.md")


def test_the_python_block_says_what_its_comments_promise() -> None:
    (block,) = pages.blocks(PAGE, "python")
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        exec(compile(block.text, "estimators.md", "exec"), {})
    promised = [line.partition("# ")[2].split(":")[0] for line in block.text.splitlines() if "# " in line]
    assert told.getvalue().split() == promised


def test_the_estimators_of_the_page_are_sound(tmp_path: Path) -> None:
    text = "".join(block.text for block in pages.blocks(PAGE, "yaml"))
    folder = models_bank.write_bank(tmp_path, estimator=text)
    (folder / "contracts" / "contacts.yaml").write_text(models_bank.CONTACTS, encoding="utf-8")
    bank = read_bank(folder)
    assert set(bank.estimators) == {"buys_soon", "leaves_soon", "call_uplift", "value_60d"}
    assert bank.estimators["leaves_soon"].absent


def test_every_event_of_the_log_is_told() -> None:
    told = {pages.codes(row[2])[0] for row in pages.rows(pages.section(PAGE, "Two people"))}
    assert told == {*KIND.values(), WATCHED}


def test_fields_and_kinds_are_those_of_the_code() -> None:
    rows = pages.rows(pages.section(PAGE, "What is foreseen"))
    told = {name for row in rows for name in pages.codes(row[0])}
    fields = {field.encode_name for field in msgspec.structs.fields(EstimatorEntry)}
    assert told <= fields
    assert fields - told == {"estimator", "name", "event", "contexts", "learn_from"}, "told in definitions.md"
    (target,) = [row[1] for row in rows if pages.codes(row[0]) == ["target"]]
    for field in msgspec.structs.fields(FutureTarget):
        assert f"`{field.encode_name}" in target
    (kind,) = [row[1] for row in rows if pages.codes(row[0]) == ["kind"]]
    assert set(pages.codes(kind)) == set(KINDS)
