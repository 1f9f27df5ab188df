"""An index comes back from its folder as it was saved; damage is told, and files never change under a reader."""

import json
from datetime import UTC, datetime

import pytest

from vostro.portrait import IndexDamagedError, IndexMissingError, build_index, open_index, parse_rule

from ..test_rule_agreement import SCHEMA, TAGS
from .test_change import frame_of
from .test_distribution import AS_OF as MOMENT
from .test_distribution import TAGS as SHOWN
from .test_distribution import frame_of as made

RULES = [
    parse_rule(text, SHOWN)
    for text in ("small > 2 AND opted", "name LIKE '%1%'", "born < '1970-01-01'", "rate = 0")
]


@pytest.fixture
def index():
    return build_index(made(500, 3, 0.2), SHOWN, MOMENT, "v7")


def test_there_and_back(index, tmp_path):
    index.change("000003", {"small": 99})
    index.insert("new", {"name": "name 1111", "opted": True})
    index.remove("000004")
    index.save(tmp_path)
    opened = open_index(tmp_path)
    assert opened.freshness == index.freshness
    assert opened.freshness.changes == 3
    assert opened.freshness.version == "v7"
    for rule in RULES:
        assert opened.select(rule).customers().to_list() == index.select(rule).customers().to_list()
    assert opened.read("new") == index.read("new")
    assert opened.portrait(opened.everybody(), SHOWN) == index.portrait(index.everybody(), SHOWN)


def test_changes_stay_in_memory_until_saved(index, tmp_path):
    index.save(tmp_path)
    opened, other = open_index(tmp_path), open_index(tmp_path)
    before = opened.count(RULES[0])
    for i in range(9):
        opened.change(f"00000{i}", {"small": 5, "opted": True})
    assert opened.count(RULES[0]) > before
    assert other.count(RULES[0]) == open_index(tmp_path).count(RULES[0]) == before
    opened.save(tmp_path)
    assert open_index(tmp_path).count(RULES[0]) == opened.count(RULES[0])
    assert other.count(RULES[0]) == before  # who has the old one open keeps it


def test_one_generation_is_kept(index, tmp_path):
    for _ in range(3):
        index.save(tmp_path)
    assert len(list(tmp_path.iterdir())) == 2  # the generation and the file that names it


def test_nothing_saved(tmp_path):
    with pytest.raises(IndexMissingError):
        open_index(tmp_path / "nowhere")


@pytest.mark.parametrize("what", ["bitmaps", "numbers", "index.json", "texts.name", "format"])
def test_damage_is_told(index, tmp_path, what):
    index.save(tmp_path)
    generation = tmp_path / (tmp_path / "current").read_text()
    path = generation / ("index.json" if what == "format" else what)
    if what == "format":
        path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))
    elif what == "texts.name":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(IndexDamagedError):
        open_index(tmp_path)


def test_wide_numbers_and_nobody(tmp_path):
    empty = build_index(frame_of({}).cast(SCHEMA), TAGS, datetime(2026, 1, 1, tzinfo=UTC), "v1")
    empty.save(tmp_path)
    opened = open_index(tmp_path)
    assert opened.size == 0
    assert opened.count(parse_rule("count > 3 OR city IS NULL", TAGS)) == 0
