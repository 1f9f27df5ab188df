"""docs/insight-uplift.md: its Python runs as it stands, and it names every learner."""

import re
from pathlib import Path

from vostro.insight.uplift import LEARNERS
from vostro.insight.uplift.treatments import APART_SHARE_MOST, CHANCE_LEAST

PAGE = (Path(__file__).parents[3] / "docs" / "insight-uplift.md").read_text(encoding="utf-8")


def test_the_python_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        exec(compile(block, "insight-uplift.md", "exec"), {})


def test_it_names_every_learner_and_the_bounds_of_overlap() -> None:
    assert all(f"`{name}`" in PAGE for name in [*LEARNERS, "mean"])
    assert f"more than {APART_SHARE_MOST:.0%}".replace("%", " %") in PAGE
    assert f"below {CHANCE_LEAST} or above {1 - CHANCE_LEAST}" in PAGE
