"""``docs/insight-recommend.md`` says what is so: its programs run, its definitions are read."""

import re
from pathlib import Path

import pytest

from vostro.insight.recommend import Knowledge
from vostro.portrait import TagInfo
from vostro.words import Text

PAGE = (Path(__file__).parents[3] / "docs" / "insight-recommend.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("program", PROGRAMS, ids=["associations", "collaborative", "knowledge", "blender"])
def test_programs_run(program):
    exec(compile(program, "insight-recommend.md", "exec"), {})


def test_definitions_are_read(tmp_path: Path):
    (block,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    events = tmp_path / "knowledge" / "life_events"
    events.mkdir(parents=True)
    (tmp_path / "knowledge" / "products.yaml").write_text(block, encoding="utf-8")
    (events / "family.yaml").write_text(
        "- {life_event: new_child, name: {en: a child was born, zh: 子女出生}, when: child_days <= 365}",
        encoding="utf-8",
    )
    tags = {
        code: TagInfo(type="integer", name=Text(en=code, zh=code))
        for code in ("balance", "risk_level", "child_days")
    }
    found = Knowledge.read(tmp_path, tags=tags)
    portrait = {"balance": 30_000, "risk_level": 3, "child_days": 20}
    fund = {each.product: each for each in found.advise(portrait, ["salary_account"])}["fund"]
    assert (fund.score, fund.proposed) == (2.5, True)
